//! `CreateStackInstances`, `UpdateStackInstances`, `DeleteStackInstances`: checking them, and beginning an operation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::access;
use super::model::{Key, StackSet};
use super::operation::{Operation, State as Progress, Work};
use super::preferences::Preferences;
use super::run;
use super::targets::{Filter, Selection};
use crate::sandbox::cloudformation::parameters::Parameters;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_INSTANCES: usize = 100_000;

/// Refuses a `StackSet` in which an operation runs or waits.
///
/// # Errors
/// `OperationInProgressException`.
pub(super) fn check_idle(set: &StackSet) -> Result<(), Refusal> {
    match set.operations.iter().find(|operation| operation.is_active()) {
        None => Ok(()),
        Some(operation) => {
            let (arn, id) = (&set.arn, &operation.id);
            let message = format!("Another Operation on StackSet {arn} is in progress: {id}");
            Err(Refusal::new("OperationInProgressException", message).with_status(409))
        }
    }
}

/// Refuses an operation id that was used before, and an operation beside another unless they are managed.
///
/// # Errors
/// `OperationIdAlreadyExistsException`, `OperationInProgressException`.
pub(super) fn check_begin(set: &StackSet, call: &Call<'_>) -> Result<(), Refusal> {
    if let Some(id) = call.text("OperationId").filter(|id| set.operation(id).is_some()) {
        let message = format!("Operation {id} already exists");
        return Err(Refusal::new("OperationIdAlreadyExistsException", message).with_status(409));
    }
    if set.managed { Ok(()) } else { check_idle(set) }
}

/// Puts an operation into the queue of its `StackSet`, and starts it if it need not wait; gives its id.
pub(super) fn enqueue(
    state: &mut State,
    key: &(String, String),
    id: Option<&str>,
    (work, preferences, targets): (Work, Preferences, Option<Value>),
) -> String {
    let id = id.map_or_else(|| state.ambient.random.uuid(), ToOwned::to_owned);
    let now = state.ambient.clock.now();
    if let Some(set) = state.stack_sets.sets.get_mut(key) {
        set.operations.push(Operation {
            id: id.as_str().into(),
            state: Progress::Queued,
            work,
            preferences,
            targets,
            created: now,
            ended: None,
            results: BTreeMap::new(),
            failed: 0,
            lanes: Vec::new(),
            next: now,
        });
    }
    run::schedule(state, key);
    id
}

/// The values that instances have instead of those of their `StackSet`.
fn overrides(set: &StackSet, call: &Call<'_>) -> Result<Option<Parameters>, Refusal> {
    if call.input.get("ParameterOverrides").is_none() {
        return Ok(None);
    }
    let mut values = Parameters::new();
    for parameter in call.list("ParameterOverrides") {
        let text = |member: &str| parameter.get(member).and_then(Value::as_str).unwrap_or_default();
        let key = text("ParameterKey");
        if parameter.get("UsePreviousValue").and_then(Value::as_bool).unwrap_or_default() {
            return Err(Refusal::validation_error("the sandbox has no UsePreviousValue in ParameterOverrides"));
        }
        if !set.definition.parameters.contains_key(key) {
            let message = format!("Parameters: [{key}] do not exist in the template");
            return Err(Refusal::validation_error(message));
        }
        values.insert(key.to_owned(), text("ParameterValue").to_owned());
    }
    Ok(Some(values))
}

type Checked = ((String, String), Selection, Preferences, Option<Parameters>);

/// What the three operations check alike.
fn checked(state: &State, call: &Call<'_>, creates: bool) -> Result<Checked, Refusal> {
    let key = access::changed(state, call)?;
    let set = state.stack_sets.sets.get(&key).ok_or_else(|| access::missing(call.required("StackSetName")))?;
    check_begin(set, call)?;
    let selection = Selection::read(call, creates)?;
    let organization = access::trusted(state, call)?;
    if creates {
        selection.check_exists(organization)?;
    } else {
        selection.check_known(organization, set)?;
    }
    Ok((key.clone(), selection, Preferences::read(call)?, overrides(set, call)?))
}

fn started(id: &str) -> Value {
    json!({"OperationId": id})
}

pub(crate) fn create_instances(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (key, selection, preferences, overrides) = checked(state, call, true)?;
    let accounts = selection.accounts(access::trusted(state, call)?);
    if let Some(set) = state.stack_sets.sets.get_mut(&key) {
        let new = accounts.keys().flat_map(|account| selection.regions.iter().map(|region| Key::new(account, region)));
        let new = new.filter(|key| !set.instances.contains_key(key)).count();
        if set.instances.len() + new > MOST_INSTANCES {
            let message =
                format!("The maximum number of stack instances in a stack set ({MOST_INSTANCES}) would be exceeded");
            return Err(Refusal::new("LimitExceededException", message));
        }
        for unit in &selection.units {
            set.targets.entry(unit.clone()).or_default().extend(selection.regions.iter().cloned());
        }
    }
    let targets = call.input.get("DeploymentTargets").cloned();
    let work = (Work::Create { selection, overrides }, preferences, targets);
    Ok(started(&enqueue(state, &key, call.text("OperationId"), work)))
}

/// Refuses instances that are not there: an update cannot add any.
///
/// # Errors
/// `StackInstanceNotFoundException`.
pub(super) fn check_instances(state: &State, call: &Call<'_>, selection: &Selection) -> Result<(), Refusal> {
    let set = access::find(state, call)?;
    let regions = set.regions();
    let missing = |account: &str, region: &str| {
        let message = format!("StackInstance not found for account [{account}] and region [{region}]");
        Refusal::new("StackInstanceNotFoundException", message).with_status(404)
    };
    if let Some(region) = selection.regions.iter().find(|region| !regions.contains(region.as_str())) {
        // A StackSet without any instance, as of an empty unit, has nothing that could be missing.
        return if set.instances.is_empty() { Ok(()) } else { Err(missing("", region)) };
    }
    if selection.filter != Filter::Intersection {
        return Ok(());
    }
    for account in &selection.accounts {
        for region in &selection.regions {
            if !set.instances.contains_key(&Key::new(account, region)) {
                return Err(missing(account, region));
            }
        }
    }
    Ok(())
}

pub(crate) fn update_instances(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (key, selection, preferences, overrides) = checked(state, call, false)?;
    check_instances(state, call, &selection)?;
    let targets = call.input.get("DeploymentTargets").cloned();
    let work = (Work::UpdateInstances { selection, overrides }, preferences, targets);
    Ok(started(&enqueue(state, &key, call.text("OperationId"), work)))
}

pub(crate) fn delete_instances(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (key, selection, preferences, _) = checked(state, call, false)?;
    let targets = call.input.get("DeploymentTargets").cloned();
    let work = (Work::Delete { selection, retain: call.flag("RetainStacks") }, preferences, targets);
    Ok(started(&enqueue(state, &key, call.text("OperationId"), work)))
}
