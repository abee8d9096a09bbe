//! Creating, updating and deleting stacks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::{self, Difference};
use super::engine::{OnFailure, Operation, Phase};
use super::jobs::Job;
use super::plan::{self, wanted};
use super::request;
use super::resolve::Scope;
use super::stack::{Stack, Target};
use super::{no_stack, stack_of};
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// A new stack, which has not begun to be anything.
pub(super) fn fresh(state: &mut State, place: &Place, name: &str) -> Stack {
    let id = place.arn("cloudformation", &format!("stack/{name}/{}", state.ambient.random.uuid()));
    let State { regions, ambient, .. } = state;
    if let Some(region) = regions.get_mut(place) {
        lag::note(region, ambient, Lagging::StackEvents, &id, false);
    }
    Stack {
        name: name.to_owned(),
        id,
        status: String::new(),
        reason: None,
        description: None,
        target: None,
        resources: BTreeMap::new(),
        outputs: Vec::new(),
        events: Vec::new(),
        operation: None,
        stuck: None,
        created: state.ambient.clock.now(),
        updated: None,
        deleted: None,
        protected: false,
        disable_rollback: false,
        token: None,
        change_set: None,
        drift: None,
        role: None,
        hidden: state.ambient.settings.late_stacks,
    }
}

/// Changes a stack, and lets its operation run.
pub(super) fn run<T>(
    state: &mut State,
    place: &Place,
    id: &str,
    start: impl FnOnce(&mut State, &mut Stack) -> T,
) -> Result<T, Refusal> {
    let taken = state.regions.get_mut(place).and_then(|region| region.cloudformation.stacks.remove(id));
    let mut stack = taken.ok_or_else(|| no_stack(id))?;
    let outcome = start(state, &mut stack);
    if stack.is_busy() {
        state.moving.insert((place.clone(), id.to_owned()));
    }
    if let Some(region) = state.regions.get_mut(place) {
        region.cloudformation.stacks.insert(id.to_owned(), stack);
    }
    Ok(outcome)
}

/// The resources that a stack's target wants. Whether its conditions can be told was checked before.
fn wants(place: &Place, stack: &Stack, target: &Target) -> std::collections::BTreeSet<String> {
    let exports = BTreeMap::new();
    let scope = Scope::of(place, (stack, target), None, &exports);
    wanted(&scope).unwrap_or_default()
}

/// Begins to make a stack.
pub(super) fn begin_create(state: &mut State, place: &Place, stack: &mut Stack, target: Target, failing: OnFailure) {
    let now = state.ambient.clock.now();
    let waves = plan::making(&target, &wants(place, stack, &target));
    let description = target.template.body.get("Description").and_then(Value::as_str);
    stack.description = description.map(ToOwned::to_owned);
    stack.target = Some(target);
    let id = state.ambient.random.uuid();
    stack.enter("CREATE_IN_PROGRESS", Some("User Initiated"), id, now);
    let next = now.plus(state.ambient.settings.stack_delay);
    stack.operation = Some(Operation::new(Phase::Create, waves, failing, next));
}

/// Begins to change a stack.
pub(super) fn begin_update(state: &mut State, place: &Place, stack: &mut Stack, target: Target, failing: OnFailure) {
    let now = state.ambient.clock.now();
    let wanted = wants(place, stack, &target);
    let waves = plan::making(&target, &wanted);
    let description = target.template.body.get("Description").and_then(Value::as_str);
    stack.description = description.map(ToOwned::to_owned);
    let next = now.plus(state.ambient.settings.stack_delay);
    let mut operation = Operation::new(Phase::Update, waves, failing, next);
    // Dependents go first: the cleanup works this list off from its end.
    for job in plan::removal(stack, |resource| resource.deletion_policy != "Delete").into_iter().rev().flatten() {
        if let Job::Remove(resource, _) = &job
            && !wanted.contains(&resource.logical)
            && resource.exists()
        {
            operation.garbage.push(job);
        }
    }
    operation.previous = stack.target.replace(target);
    stack.updated = Some(now);
    let id = state.ambient.random.uuid();
    stack.enter("UPDATE_IN_PROGRESS", Some("User Initiated"), id, now);
    stack.operation = Some(operation);
}

fn on_failure(call: &Call<'_>) -> Result<OnFailure, Refusal> {
    match (call.text("OnFailure"), call.flag("DisableRollback")) {
        (Some(_), true) => {
            Err(Refusal::validation_error("You can specify either DisableRollback or OnFailure, but not both."))
        }
        (Some("DELETE"), _) => Ok(OnFailure::Delete),
        (Some("DO_NOTHING"), _) | (None, true) => Ok(OnFailure::DoNothing),
        _ => Ok(OnFailure::Rollback),
    }
}

/// What the sandbox does not do with stacks.
pub(super) fn check_absent(call: &Call<'_>) -> Result<(), Refusal> {
    let absent = [
        "StackPolicyBody",
        "StackPolicyURL",
        "StackPolicyDuringUpdateBody",
        "ResourceTypes",
        "RollbackConfiguration",
        "ResourcesToImport",
    ];
    match absent
        .iter()
        .find(|member| call.input.get(**member).is_some_and(|value| value != &json!([]) && value != &json!({})))
    {
        Some(member) => Err(Refusal::validation_error(format!("the sandbox does not have the parameter {member}"))),
        None => Ok(()),
    }
}

/// Checks a name for a new stack.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if first && plain && name.len() <= 128 {
        return Ok(());
    }
    Err(Refusal::validation_error(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    check_absent(call)?;
    let name = call.required("StackName");
    check_name(name)?;
    let failing = on_failure(call)?;
    let target = request::target(state, call, None)?;
    let (region, _) = state.here(call)?;
    if let Some(known) = region.cloudformation.find(name) {
        let token = call.text("ClientRequestToken");
        if token.is_some() && known.token.as_deref() == token {
            return Ok(json!({"StackId": known.id}));
        }
        return Err(Refusal::new("AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    region.cloudformation.check_room()?;
    let place = Place::new(call.account, call.region);
    let mut stack = fresh(state, &place, name);
    stack.token = call.text("ClientRequestToken").map(ToOwned::to_owned);
    stack.protected = call.flag("EnableTerminationProtection");
    stack.disable_rollback = failing == OnFailure::DoNothing;
    let id = stack.id.clone();
    let (region, _) = state.here(call)?;
    region.cloudformation.stacks.insert(id.clone(), stack);
    run(state, &place, &id, |state, stack| begin_create(state, &place, stack, target, failing))?;
    Ok(json!({"StackId": id}))
}

/// Whether a stack in that status can be updated.
pub(super) fn updatable(stack: &Stack) -> Result<(), Refusal> {
    const GOOD: [&str; 6] = [
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    ];
    if GOOD.contains(&stack.status.as_str()) {
        return Ok(());
    }
    let message = format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status);
    Err(Refusal::validation_error(message))
}

pub(super) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    check_absent(call)?;
    let (name, token) = (call.required("StackName"), call.text("ClientRequestToken"));
    let (region, _) = state.here(call)?;
    let missing = || Refusal::validation_error(format!("Stack [{name}] does not exist"));
    let known = region.cloudformation.find(name).filter(|stack| stack.lives()).ok_or_else(missing)?;
    let id = known.id.clone();
    if token.is_some() && known.token.as_deref() == token {
        return Ok(json!({"StackId": id}));
    }
    updatable(known)?;
    let place = Place::new(call.account, call.region);
    let region = state.regions.get(&place).ok_or_else(missing)?;
    let known = region.cloudformation.find(&id).ok_or_else(missing)?;
    let target = request::target(state, call, Some(known))?;
    if compare::differences(&place, known, &target) == Difference::None {
        return Err(Refusal::validation_error("No updates are to be performed."));
    }
    let failing = if call.flag("DisableRollback") { OnFailure::DoNothing } else { OnFailure::Rollback };
    run(state, &place, &id, |state, stack| {
        stack.token = token.map(ToOwned::to_owned);
        begin_update(state, &place, stack, target, failing);
    })?;
    Ok(json!({"StackId": id}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    // Deleting what is not there is no error.
    let Ok(stack) = stack_of(state, call) else { return Ok(Value::Null) };
    let id = stack.id.clone();
    let removal = Removal {
        retain: call.texts("RetainResources"),
        force: call.text("DeletionMode") == Some("FORCE_DELETE_STACK"),
        token: call.text("ClientRequestToken").map(ToOwned::to_owned),
    };
    begin_delete(state, &place, &id, removal)?;
    Ok(Value::Null)
}

/// How a stack is to be deleted.
#[derive(Debug, Default)]
pub(super) struct Removal<'a> {
    /// The logical ids of what is to stay.
    pub(super) retain: Vec<&'a str>,
    /// Whether what cannot be deleted is to stay.
    pub(super) force: bool,
    pub(super) token: Option<String>,
}

/// Begins to delete a stack. One that is deleted, or being deleted, is left alone.
///
/// # Errors
/// `ValidationError`.
pub(super) fn begin_delete(state: &mut State, place: &Place, id: &str, removal: Removal<'_>) -> Result<(), Refusal> {
    let Removal { retain, force, token } = removal;
    let stack = state.regions.get(place).and_then(|region| region.cloudformation.stacks.get(id));
    let stack = stack.ok_or_else(|| no_stack(id))?;
    let name = stack.name.clone();
    if !stack.lives() || stack.status == "DELETE_IN_PROGRESS" {
        return Ok(());
    }
    if stack.protected {
        return Err(Refusal::validation_error(format!(
            "Stack [{name}] cannot be deleted while TerminationProtection is enabled"
        )));
    }
    if stack.is_busy() && stack.status != "CREATE_IN_PROGRESS" {
        return Err(Refusal::validation_error(format!(
            "Stack [{name}] cannot be deleted while in status {}",
            stack.status
        )));
    }
    if !retain.is_empty() && stack.status != "DELETE_FAILED" {
        return Err(Refusal::validation_error(format!(
            "Invalid operation on stack [{id}]. The following resource(s) can only be retained when the stack is in \
             DELETE_FAILED state: [{}]",
            retain.join(", ")
        )));
    }
    state.regions.get_mut(place).into_iter().for_each(|region| {
        region.cloudformation.change_sets.retain(|_, change_set| change_set.stack != id);
    });
    run(state, place, id, |state, stack| {
        let now = state.ambient.clock.now();
        stack.token = token;
        stack.stuck = None;
        let review = stack.status == "REVIEW_IN_PROGRESS";
        let event = state.ambient.random.uuid();
        stack.enter("DELETE_IN_PROGRESS", Some("User Initiated"), event, now);
        if review {
            let event = state.ambient.random.uuid();
            stack.enter("DELETE_COMPLETE", None, event, now);
            stack.deleted = Some(now);
            return;
        }
        let failed = |status: &str| force && status == "DELETE_FAILED";
        let waves = plan::removal(stack, |resource| {
            resource.deletion_policy != "Delete"
                || retain.contains(&resource.logical.as_str())
                || failed(&resource.status)
        });
        let next = now.plus(state.ambient.settings.stack_delay);
        stack.operation = Some(Operation::new(Phase::Delete, waves, OnFailure::DoNothing, next));
    })?;
    Ok(())
}
