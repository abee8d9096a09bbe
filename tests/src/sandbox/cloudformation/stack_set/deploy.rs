//! One instance: its stack in the member account.

use std::sync::Arc;

use super::exec_role;
use super::light;
use super::model::{Deployed, Instance, Key, StackSet};
use super::operation::{Ended, Running, Step, Work};
use crate::sandbox::cloudformation::compare::{Difference, differences};
use crate::sandbox::cloudformation::engine::OnFailure;
use crate::sandbox::cloudformation::stack::{Stack, Target};
use crate::sandbox::cloudformation::{operations, request};
use crate::sandbox::ec2;
use crate::sandbox::organizations::AccountState;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

pub(super) const UNCHANGED: &str = "No updates are to be performed.";

fn now(ended: Ended) -> Step {
    Step::Until(ended)
}

fn bad(reason: impl Into<Arc<str>>) -> Step {
    now(Ended::Bad(reason.into()))
}

/// Begins what an operation does with an instance.
pub(super) fn begin(state: &mut State, set: &StackSet, work: &Work, key: &Key) -> Step {
    let Some(instance) = set.instances.get(key) else { return now(Ended::Good(None)) };
    if matches!(work, Work::Delete { retain: true, .. }) {
        return now(Ended::Good(None));
    }
    let member = state.organization.as_ref().and_then(|organization| organization.members.get(&*key.account));
    match member.map(|member| member.state) {
        None => return bad(format!("Account {} is not a member of your organization", key.account)),
        Some(AccountState::Active) => {}
        Some(
            AccountState::PendingActivation
            | AccountState::Suspended
            | AccountState::PendingClosure
            | AccountState::Closed,
        ) => return now(Ended::Suspended),
    }
    let deletes = matches!(work, Work::Delete { .. });
    if let Some(light) = &state.stack_sets.light {
        return now(light::ended(light, key, instance, deletes));
    }
    let place = Place::new(&key.account, &key.region);
    if let Some(account) = closed_region(state, &place) {
        return bad(format!(
            "STS is not activated in this region for account:{account}. Your account administrator can activate STS in \
             this region using the IAM Console."
        ));
    }
    let living = match &instance.deployed {
        Deployed::Stack(id) => living(state, &place, id).map(|stack| stack.id.clone()),
        Deployed::Nothing | Deployed::Light => None,
    };
    match (living, deletes) {
        (None, true) => now(Ended::Good(None)),
        (Some(id), true) => delete(state, &place, &id),
        (None, false) => create(state, set, instance, &place),
        (Some(id), false) => update(state, set, instance, &place, &id),
    }
}

/// The account that has to enable the Region first: the member, or for Regions to opt in to also the organization's
/// management account. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs.html>
fn closed_region(state: &State, place: &Place) -> Option<String> {
    let closed = |account: &str| !state.regions.contains_key(&Place::new(account, &place.region));
    let management = state.organization.as_ref().map(|organization| organization.management.as_str());
    let management = management.filter(|account| ec2::is_opt_in(&place.region) && closed(account));
    Some(place.account.as_str()).filter(|account| closed(account)).or(management).map(ToOwned::to_owned)
}

fn living<'a>(state: &'a State, place: &Place, id: &str) -> Option<&'a Stack> {
    state.regions.get(place)?.cloudformation.stacks.get(id).filter(|stack| stack.lives())
}

/// What the stack of an instance is to be.
fn target(set: &StackSet, instance: &Instance) -> Target {
    let definition = &set.definition;
    let mut parameters = definition.parameters.clone();
    parameters.extend(instance.overrides.iter().flat_map(|overrides| (**overrides).clone()));
    Target {
        template: definition.template.clone(),
        parameters,
        tags: definition.tags.clone(),
        capabilities: definition.capabilities.clone(),
        imports: std::collections::BTreeSet::new(),
    }
}

/// What CloudFormation looks at in a call that makes or changes a stack.
fn check(place: &Place, name: &str, target: &Target) -> Result<(), Refusal> {
    request::check_capabilities(&target.template, &target.capabilities)?;
    request::check_rules(place, name, target)
}

fn create(state: &mut State, set: &StackSet, instance: &Instance, place: &Place) -> Step {
    let name = set.stack_name(&state.ambient.random.uuid());
    exec_role::ensure(state, place);
    if let Some(reason) = exec_role::denial(state, place, &name, "cloudformation:CreateStack") {
        return bad(reason);
    }
    let target = target(set, instance);
    let room = state.regions.get(place).map_or(Ok(()), |region| region.cloudformation.check_room());
    if let Err(refusal) = room.and_then(|()| check(place, &name, &target)) {
        return bad(refusal.message);
    }
    let mut stack = operations::fresh(state, place, &name);
    stack.hidden = 0;
    stack.role = Some(exec_role::session(state, place));
    let id = stack.id.clone();
    if let Some(region) = state.regions.get_mut(place) {
        region.cloudformation.stacks.insert(id.clone(), stack);
    }
    let begun = operations::run(state, place, &id, |state, stack| {
        operations::begin_create(state, place, stack, target, OnFailure::Delete);
    });
    match begun {
        Ok(()) => Step::Stack { id: id.into(), events: 0, deletes: false },
        Err(refusal) => bad(refusal.message),
    }
}

fn update(state: &mut State, set: &StackSet, instance: &Instance, place: &Place, id: &str) -> Step {
    let target = target(set, instance);
    let Some(stack) = living(state, place, id) else { return bad("Failed to get stack status") };
    let (name, events) = (stack.name.clone(), stack.events.len());
    if differences(place, stack, &target) == Difference::None {
        return now(Ended::Good(Some(UNCHANGED.into())));
    }
    let able = operations::updatable(stack).and_then(|()| check(place, &name, &target));
    if let Err(refusal) = able {
        return bad(refusal.message);
    }
    if let Some(reason) = exec_role::denial(state, place, &name, "cloudformation:UpdateStack") {
        return bad(reason);
    }
    let begun = operations::run(state, place, id, |state, stack| {
        operations::begin_update(state, place, stack, target, OnFailure::Rollback);
    });
    match begun {
        Ok(()) => Step::Stack { id: id.into(), events, deletes: false },
        Err(refusal) => bad(refusal.message),
    }
}

fn delete(state: &mut State, place: &Place, id: &str) -> Step {
    let Some(stack) = living(state, place, id) else { return now(Ended::Good(None)) };
    let (name, events) = (stack.name.clone(), stack.events.len());
    if let Some(reason) = exec_role::denial(state, place, &name, "cloudformation:DeleteStack") {
        return bad(reason);
    }
    match operations::begin_delete(state, place, id, operations::Removal::default()) {
        Ok(()) => Step::Stack { id: id.into(), events, deletes: true },
        Err(refusal) => bad(refusal.message),
    }
}

/// How it ended, if it has.
pub(super) fn poll(state: &State, region: &str, running: &Running) -> Option<Ended> {
    let (id, events, deletes) = match &running.step {
        Step::Until(ended) => return Some(ended.clone()),
        Step::Stack { id, events, deletes } => (id, *events, *deletes),
    };
    let region = state.regions.get(&Place::new(&running.account, region));
    let Some(stack) = region.and_then(|region| region.cloudformation.stacks.get(&**id)) else {
        return Some(Ended::Bad("Failed to get stack status".into()));
    };
    if stack.is_busy() {
        return None;
    }
    Some(match stack.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" if !deletes => Ended::Good(None),
        "DELETE_COMPLETE" if deletes => Ended::Good(None),
        "DELETE_FAILED" => Ended::Wreck(reason(stack, events)),
        _ => Ended::Bad(reason(stack, events)),
    })
}

/// Why a stack failed: its first resource that did, and not those that were given up with it.
fn reason(stack: &Stack, events: usize) -> Arc<str> {
    let given_up = |reason: &str| reason == "Resource creation cancelled" || reason == "Resource update cancelled";
    let mut failed = stack
        .events
        .iter()
        .skip(events)
        .filter(|event| event.status.ends_with("_FAILED") && event.kind != "AWS::CloudFormation::Stack");
    let first = failed.find(|event| event.reason.as_deref().is_some_and(|reason| !given_up(reason)));
    match first {
        Some(event) => {
            let (logical, kind, reason) = (&event.logical, &event.kind, event.reason.as_deref().unwrap_or_default());
            format!("ResourceLogicalId:{logical}, ResourceType:{kind}, ResourceStatusReason:{reason}.").into()
        }
        None => stack.reason.as_deref().unwrap_or(&stack.status).into(),
    }
}

/// Notes the stack of an instance whose operation has ended.
pub(super) fn settle(instance: &mut Instance, running: &Running, failed: bool) {
    match &running.step {
        Step::Stack { id, .. } => instance.deployed = Deployed::Stack(id.clone()),
        Step::Until(_) if instance.deployed == Deployed::Light || failed => {}
        Step::Until(Ended::Good(_)) if instance.deployed == Deployed::Nothing => instance.deployed = Deployed::Light,
        Step::Until(_) => {}
    }
}
