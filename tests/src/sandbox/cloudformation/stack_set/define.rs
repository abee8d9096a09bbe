//! `CreateStackSet`, and what it has in common with `UpdateStackSet`: the definition.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::access;
use super::model::{AutoDeployment, Definition, StackSet};
use crate::sandbox::cloudformation::template::Template;
use crate::sandbox::cloudformation::{operations, parameters, request, yaml};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_SETS: usize = 1000;

fn refused<T>(message: &str) -> Result<T, Refusal> {
    Err(Refusal::validation_error(message))
}

/// What a request wants to be deployed.
///
/// # Errors
/// `ValidationError`. Capabilities that are missing are found by the instances:
/// <https://github.com/aws-cloudformation/rain/issues/455>.
pub(super) fn definition(state: &State, call: &Call<'_>, previous: Option<&Definition>) -> Result<Definition, Refusal> {
    let text = request::template_text(state, call)?;
    let template = match (text, call.flag("UsePreviousTemplate"), previous) {
        (Some(_), true, _) => {
            return refused("You cannot specify both usePreviousTemplate and Template Body/Template URL.");
        }
        (Some(text), false, _) => parsed(&text)?,
        (None, true, Some(previous)) => previous.template.clone(),
        (None, ..) => return refused("Either Template URL or Template Body must be specified."),
    };
    let before = previous.map(|previous| &previous.parameters);
    let parameters = parameters::effective(&template, call.list("Parameters"), before)?;
    let capabilities: Vec<String> = call.texts("Capabilities").into_iter().map(ToOwned::to_owned).collect();
    let tags = match (call.input.get("Tags"), previous) {
        (None, Some(previous)) => previous.tags.clone(),
        _ => request::tags(call.list("Tags"))?,
    };
    Ok(Definition { template, parameters, tags, capabilities })
}

/// Service-managed permissions do without nested stacks and transforms:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html>.
fn parsed(text: &str) -> Result<Template, Refusal> {
    let body = yaml::parse(text).map_err(Refusal::validation_error)?;
    let resources = body.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let mut kinds = resources.filter_map(|(_, resource)| resource.get("Type")?.as_str());
    if body.get("Transform").is_some() {
        return refused(
            "Stack sets with service-managed permissions do not support templates with transforms or macros",
        );
    }
    if kinds.any(|kind| kind == "AWS::CloudFormation::Stack") {
        return refused("Stack sets with service-managed permissions do not support templates with nested stacks");
    }
    Template::parse(text)
}

/// What a request says of automatic deployment.
///
/// # Errors
/// `ValidationError`.
pub(super) fn auto_deployment(call: &Call<'_>) -> Result<Option<AutoDeployment>, Refusal> {
    let Some(given) = call.input.get("AutoDeployment") else { return Ok(None) };
    let flag = |member: &str| given.get(member).and_then(Value::as_bool);
    let retain = flag("RetainStacksOnAccountRemoval");
    let depends_on = given.get("DependsOn").and_then(Value::as_array).into_iter().flatten();
    let depends_on = depends_on.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    match (flag("Enabled"), retain) {
        (None, _) => refused("Enabled is required in AutoDeployment"),
        (Some(true), None) => {
            refused("RetainStacksOnAccountRemoval should be specified when automatic deployment is enabled")
        }
        (Some(false), Some(_)) => {
            refused("RetainStacksOnAccountRemoval should only be specified when automatic deployment is enabled")
        }
        (Some(enabled), retain) => Ok(Some(AutoDeployment { enabled, retain, depends_on })),
    }
}

/// Whether operations are queued, if the request says so.
pub(super) fn managed(call: &Call<'_>) -> Option<bool> {
    call.input.pointer("/ManagedExecution/Active").and_then(Value::as_bool)
}

/// Refuses what is for self-managed permissions.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_model(call: &Call<'_>, wanted: Option<&str>) -> Result<(), Refusal> {
    if wanted != Some("SERVICE_MANAGED") {
        return refused(
            "the sandbox has no StackSets with self-managed permissions: say PermissionModel=SERVICE_MANAGED",
        );
    }
    if call.text("AdministrationRoleARN").or(call.text("ExecutionRoleName")).is_some() {
        return refused(
            "AdministrationRoleARN and ExecutionRoleName are for StackSets with SELF_MANAGED permission model",
        );
    }
    if call.text("StackId").is_some() {
        return refused("the sandbox does not have the parameter StackId");
    }
    Ok(())
}

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.required("StackSetName");
    check_model(call, call.text("PermissionModel"))?;
    let management = access::trusted(state, call)?.management.clone();
    operations::check_name(name)
        .map_err(|refusal| Refusal { message: refusal.message.replace("'stackName'", "'stackSetName'"), ..refusal })?;
    let auto = auto_deployment(call)?;
    let Some(auto) = auto else {
        return refused("AutoDeployment should be specified for StackSets with SERVICE_MANAGED permission model");
    };
    let definition = definition(state, call, None)?;
    let token = call.text("ClientRequestToken").map(ToOwned::to_owned);
    let here = || state.stack_sets.sets.values().filter(|set| set.region == call.region && !set.deleted);
    if let Some(known) = here().find(|set| set.name == name) {
        return twin(known, token.as_deref());
    }
    let most = state.stack_sets.most.unwrap_or(MOST_SETS);
    if here().count() >= most {
        let message = format!("The maximum number of stack sets ({most}) has been reached");
        return Err(Refusal::new("LimitExceededException", message));
    }
    let id = format!("{name}:{}", state.ambient.random.uuid());
    let set = StackSet {
        name: name.to_owned(),
        arn: Place::new(&management, call.region).arn("cloudformation", &format!("stackset/{id}")),
        id: id.clone(),
        region: call.region.to_owned(),
        description: call.text("Description").map(ToOwned::to_owned),
        definition,
        version: 1,
        auto,
        managed: managed(call).unwrap_or_default(),
        deleted: false,
        token,
        targets: BTreeMap::new(),
        instances: BTreeMap::new(),
        operations: Vec::new(),
    };
    state.stack_sets.sets.insert((call.region.to_owned(), id.clone()), set);
    Ok(json!({"StackSetId": id}))
}

/// The answer to a second creation of the same name.
fn twin(known: &StackSet, token: Option<&str>) -> Result<Value, Refusal> {
    let name = &known.name;
    if token.is_none() || known.token.as_deref() != token {
        let message = format!("StackSet {name} already exists");
        return Err(Refusal::new("NameAlreadyExistsException", message).with_status(409));
    }
    if known.version > 1 {
        let message = format!("StackSet {name} already exists and has been changed");
        return Err(Refusal::new("CreatedButModifiedException", message).with_status(409));
    }
    Ok(json!({"StackSetId": known.id}))
}
