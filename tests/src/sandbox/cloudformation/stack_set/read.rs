//! Reading `StackSets`.

use serde_json::{Value, json};

use super::model::{AutoDeployment, StackSet};
use super::{access, page};
use crate::sandbox::cloudformation::change_set::shown_tags;
use crate::sandbox::cloudformation::{Template, parameters};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

fn auto(auto: &AutoDeployment) -> Value {
    let mut shown = json!({"Enabled": auto.enabled, "RetainStacksOnAccountRemoval": auto.retain});
    if let (Value::Object(members), false) = (&mut shown, auto.depends_on.is_empty()) {
        members.insert("DependsOn".to_owned(), json!(auto.depends_on));
    }
    shown
}

fn status(set: &StackSet) -> &'static str {
    if set.deleted { "DELETED" } else { "ACTIVE" }
}

pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let set = access::find(state, call)?;
    let definition = &set.definition;
    Ok(json!({"StackSet": {
        "StackSetName": set.name, "StackSetId": set.id, "StackSetARN": set.arn, "Description": set.description,
        "Status": status(set), "TemplateBody": definition.template.text,
        "Parameters": parameters::shown(&definition.template, &definition.parameters),
        "Capabilities": definition.capabilities, "Tags": shown_tags(&definition.tags),
        "StackSetDriftDetectionDetails": {"DriftStatus": "NOT_CHECKED"},
        "AutoDeployment": auto(&set.auto), "PermissionModel": "SERVICE_MANAGED",
        "OrganizationalUnitIds": set.targets.keys().collect::<Vec<_>>(),
        "ManagedExecution": {"Active": set.managed}, "Regions": set.regions(),
    }}))
}

/// The template of the `StackSet` that a call names.
///
/// # Errors
/// `StackSetNotFoundException`, `ValidationError`.
pub(crate) fn template(state: &State, call: &Call<'_>) -> Result<Template, Refusal> {
    Ok(access::find(state, call)?.definition.template.clone())
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = page::asked(call)?;
    // An account that has no organization to act for has no StackSets of its own here either.
    let nobody = call.text("CallAs") != Some("DELEGATED_ADMIN") && access::organization(state, call).is_err();
    if !nobody {
        access::organization(state, call)?;
    }
    let wanted = call.text("Status");
    let sets = state.stack_sets.sets.values().filter(|set| !nobody && set.region == call.region);
    let sets = sets.filter(|set| wanted.is_none_or(|wanted| wanted == status(set)));
    let page = listing.numbered(sets, |set| {
        json!({
            "StackSetName": set.name, "StackSetId": set.id, "Description": set.description, "Status": status(set),
            "AutoDeployment": auto(&set.auto), "PermissionModel": "SERVICE_MANAGED", "DriftStatus": "NOT_CHECKED",
            "ManagedExecution": {"Active": set.managed},
        })
    });
    Ok(json!({"Summaries": page.items, "NextToken": page.next}))
}

/// `ListStackSetAutoDeploymentTargets`.
pub(crate) fn targets(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = page::asked(call)?;
    let set = access::find(state, call)?;
    let page = listing
        .numbered(set.targets.iter(), |(unit, regions)| json!({"OrganizationalUnitId": unit, "Regions": regions}));
    Ok(json!({"Summaries": page.items, "NextToken": page.next}))
}
