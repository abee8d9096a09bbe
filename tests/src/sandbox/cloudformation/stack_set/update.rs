//! `UpdateStackSet`: another definition, for all instances or for some first.

use serde_json::{Value, json};

use super::model::{AutoDeployment, Status};
use super::operation::Work;
use super::preferences::Preferences;
use super::targets::Selection;
use super::{access, begin, define};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// The instances that an update is for, if not for all.
fn selected(state: &State, call: &Call<'_>, key: &(String, String)) -> Result<Option<Selection>, Refusal> {
    let targeted = call.input.get("DeploymentTargets").is_some() || !call.list("Accounts").is_empty();
    match (targeted, !call.list("Regions").is_empty()) {
        (false, false) => Ok(None),
        (true, true) => {
            let selection = Selection::read(call, false)?;
            let set = state.stack_sets.sets.get(key).ok_or_else(|| access::missing(call.required("StackSetName")))?;
            selection.check_known(access::trusted(state, call)?, set)?;
            begin::check_instances(state, call, &selection)?;
            Ok(Some(selection))
        }
        _ => Err(Refusal::validation_error("You must specify both DeploymentTargets and Regions, or neither")),
    }
}

/// Refuses what cannot be changed with something else.
fn check_auto(call: &Call<'_>, auto: Option<&AutoDeployment>, selection: Option<&Selection>) -> Result<(), Refusal> {
    if auto.is_some() && selection.is_some() {
        let message = "AutoDeployment cannot be changed together with DeploymentTargets and Regions";
        return Err(Refusal::validation_error(message));
    }
    define::check_model(call, Some(call.text("PermissionModel").unwrap_or("SERVICE_MANAGED")))
}

pub(crate) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = access::changed(state, call)?;
    let missing = || access::missing(call.required("StackSetName"));
    let set = state.stack_sets.sets.get(&key).ok_or_else(missing)?;
    begin::check_begin(set, call)?;
    let managed = define::managed(call).filter(|managed| *managed != set.managed);
    if managed.is_some() && set.is_busy() {
        let message = "ManagedExecution cannot be changed while operations are running or queued";
        return Err(Refusal::new("InvalidOperationException", message));
    }
    let auto = define::auto_deployment(call)?;
    let selection = selected(state, call, &key)?;
    check_auto(call, auto.as_ref(), selection.as_ref())?;
    let definition = define::definition(state, call, Some(&set.definition))?;
    let preferences = Preferences::read(call)?;
    let set = state.stack_sets.sets.get_mut(&key).ok_or_else(missing)?;
    let (old, new) = (&set.definition, &definition);
    let same = (&old.template.text, &old.parameters, &old.tags) == (&new.template.text, &new.parameters, &new.tags);
    if !same {
        set.version += 1;
        let usable = set.instances.values_mut().filter(|instance| instance.status != Status::Inoperable);
        usable.for_each(|instance| instance.status = Status::Outdated);
    }
    set.definition = definition;
    set.auto = auto.unwrap_or_else(|| set.auto.clone());
    set.managed = managed.unwrap_or(set.managed);
    set.description = call.text("Description").map(ToOwned::to_owned).or_else(|| set.description.take());
    let targets = call.input.get("DeploymentTargets").cloned();
    let work = (Work::UpdateSet(selection), preferences, targets);
    Ok(json!({"OperationId": begin::enqueue(state, &key, call.text("OperationId"), work)}))
}
