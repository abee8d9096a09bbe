//! Operations of stacks: steps that take time, and what follows when one fails.

use std::collections::VecDeque;

use super::jobs::{Job, Undo, begin, finish};
use super::plan;
use super::stack::{Resource, Stack, Target};
use crate::sandbox::clock::Instant;
use crate::sandbox::state::{Place, State};

/// What happens when an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Rollback,
    Delete,
    DoNothing,
}

/// Where an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Create,
    Update,
    Cleanup,
    Undo,
    UndoCleanup,
    Rollback,
    Delete,
}

/// An operation that runs.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(super) phase: Phase,
    /// What the stack was before.
    pub(super) previous: Option<Target>,
    pub(super) waves: VecDeque<Vec<Job>>,
    pub(super) running: Vec<Job>,
    /// What has to be taken back on failure, newest last.
    pub(super) undo: Vec<Undo>,
    /// What is deleted at the end.
    pub(super) garbage: Vec<Job>,
    pub(super) on_failure: OnFailure,
    /// What failed in this phase, and whether it was being created.
    pub(super) failed: Vec<(String, bool)>,
    pub(super) next: Instant,
}

/// What is left of an update's rollback that failed.
#[derive(Debug)]
pub(crate) struct Stuck {
    pub(super) previous: Option<Target>,
    pub(super) undo: Vec<Undo>,
    pub(super) garbage: Vec<Job>,
}

impl Operation {
    pub(super) fn new(phase: Phase, waves: VecDeque<Vec<Job>>, on_failure: OnFailure, next: Instant) -> Self {
        let (running, undo, garbage, failed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { phase, previous: None, waves, running, undo, garbage, on_failure, failed, next }
    }
}

/// Lets every operation do the steps that are due.
pub(crate) fn advance(state: &mut State) {
    let now = state.ambient.clock.now();
    for (place, id) in state.moving.clone() {
        let taken = state.regions.get_mut(&place).and_then(|region| region.cloudformation.stacks.remove(&id));
        let Some(mut stack) = taken else {
            state.moving.remove(&(place, id));
            continue;
        };
        while stack.operation.as_ref().is_some_and(|operation| operation.next <= now) {
            tick(state, &place, &mut stack);
        }
        if !stack.is_busy() {
            state.moving.remove(&(place.clone(), id.clone()));
        }
        if let Some(region) = state.regions.get_mut(&place) {
            region.cloudformation.stacks.insert(id, stack);
        }
    }
}

/// One step: begins the next wave, or ends the one that runs.
fn tick(state: &mut State, place: &Place, stack: &mut Stack) {
    let Some(mut operation) = stack.operation.take() else { return };
    let time = operation.next;
    operation.next = time.plus(state.ambient.settings.stack_delay);
    let running = std::mem::take(&mut operation.running);
    let ended = running.is_empty();
    for job in running {
        finish(state, place, stack, &mut operation, job, time);
    }
    let forward = matches!(operation.phase, Phase::Create | Phase::Update);
    if !operation.failed.is_empty() && (forward || operation.phase == Phase::Undo) {
        return fail(state, stack, operation, time);
    }
    if ended {
        // Waves in which nothing is to be done take no time.
        while operation.running.is_empty() {
            let Some(wave) = operation.waves.pop_front() else {
                return complete(state, place, stack, operation, time);
            };
            for job in wave {
                begin(state, place, stack, &mut operation, job, time);
            }
            if !operation.failed.is_empty() && forward && operation.running.is_empty() {
                return fail(state, stack, operation, time);
            }
        }
    }
    stack.operation = Some(operation);
}

fn enter(state: &mut State, stack: &mut Stack, status: &str, reason: Option<&str>, time: Instant) {
    let id = state.ambient.random.uuid();
    stack.enter(status, reason, id, time);
}

/// A phase has come to its end.
fn complete(state: &mut State, place: &Place, stack: &mut Stack, mut operation: Operation, time: Instant) {
    match operation.phase {
        Phase::Create | Phase::Update => match plan::outputs(state, place, stack) {
            Err(reason) => {
                operation.failed.push((reason, operation.phase == Phase::Create));
                fail(state, stack, operation, time);
            }
            Ok(outputs) => {
                stack.outputs = outputs;
                if operation.phase == Phase::Create {
                    enter(state, stack, "CREATE_COMPLETE", None, time);
                } else {
                    enter(state, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None, time);
                    cleanup(stack, operation, Phase::Cleanup);
                }
            }
        },
        Phase::Cleanup => enter(state, stack, "UPDATE_COMPLETE", None, time),
        Phase::Undo => {
            if let Some(previous) = operation.previous.take() {
                stack.target = Some(previous);
            }
            enter(state, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None, time);
            cleanup(stack, operation, Phase::UndoCleanup);
        }
        Phase::UndoCleanup => enter(state, stack, "UPDATE_ROLLBACK_COMPLETE", None, time),
        Phase::Rollback | Phase::Delete if !operation.failed.is_empty() => {
            let status = if operation.phase == Phase::Delete { "DELETE_FAILED" } else { "ROLLBACK_FAILED" };
            let reason = format!("The following resource(s) failed to delete: [{}]. ", names(&operation, false));
            enter(state, stack, status, Some(&reason), time);
        }
        Phase::Rollback => enter(state, stack, "ROLLBACK_COMPLETE", None, time),
        Phase::Delete => {
            enter(state, stack, "DELETE_COMPLETE", None, time);
            stack.deleted = Some(time);
        }
    }
}

fn cleanup(stack: &mut Stack, mut operation: Operation, phase: Phase) {
    operation.phase = phase;
    operation.failed.clear();
    operation.waves = operation.garbage.drain(..).rev().map(|job| vec![job]).collect();
    stack.operation = Some(operation);
}

/// The logical ids that failed, those that were being created or the others.
fn names(operation: &Operation, created: bool) -> String {
    let names = operation.failed.iter().filter(|(_, creating)| *creating == created).map(|(name, _)| name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// A phase has failed.
fn fail(state: &mut State, stack: &mut Stack, operation: Operation, time: Instant) {
    let part = |verb: &str, names: String| {
        if names.is_empty() {
            String::new()
        } else {
            format!("The following resource(s) failed to {verb}: [{names}]. ")
        }
    };
    let reason = part("create", names(&operation, true)) + &part("update", names(&operation, false));
    match (operation.phase, operation.on_failure) {
        (Phase::Undo, _) => {
            enter(state, stack, "UPDATE_ROLLBACK_FAILED", Some(&reason), time);
            let Operation { previous, undo, garbage, .. } = operation;
            stack.stuck = Some(Stuck { previous, undo, garbage });
        }
        (Phase::Create, OnFailure::DoNothing) => enter(state, stack, "CREATE_FAILED", Some(&reason), time),
        (_, OnFailure::DoNothing) => enter(state, stack, "UPDATE_FAILED", Some(&reason), time),
        (Phase::Create, on_failure) => {
            let (status, phase, word) = if on_failure == OnFailure::Delete {
                ("DELETE_IN_PROGRESS", Phase::Delete, "Delete")
            } else {
                ("ROLLBACK_IN_PROGRESS", Phase::Rollback, "Rollback")
            };
            enter(state, stack, status, Some(&format!("{reason}{word} requested by user.")), time);
            let keep = |resource: &Resource| resource.deletion_policy == "Retain" || resource.is_imported();
            let waves = plan::removal(stack, keep);
            stack.operation = Some(Operation::new(phase, waves, OnFailure::DoNothing, operation.next));
        }
        _ => {
            enter(state, stack, "UPDATE_ROLLBACK_IN_PROGRESS", Some(&reason), time);
            undo(stack, operation);
        }
    }
}

/// Takes back what an update has done so far.
pub(super) fn undo(stack: &mut Stack, mut operation: Operation) {
    operation.phase = Phase::Undo;
    operation.failed.clear();
    operation.running.clear();
    operation.garbage.clear();
    // Each step leaves `undo` when it is done, so that a rollback that fails knows where to go on.
    operation.waves = operation.undo.iter().rev().map(|undo| vec![Job::Undo(undo.clone())]).collect();
    stack.operation = Some(operation);
}

/// Goes on with a rollback that failed, without some resources.
pub(super) fn resume(stack: &mut Stack, skip: &[&str], next: Instant) {
    let Some(Stuck { previous, undo, garbage }) = stack.stuck.take() else { return };
    let undo: Vec<Undo> = undo.into_iter().filter(|undo| !skip.contains(&undo.logical())).collect();
    for name in skip {
        if let Some(resource) = stack.resources.get_mut(*name) {
            "UPDATE_COMPLETE".clone_into(&mut resource.status);
            resource.reason = None;
        }
    }
    let waves = undo.iter().rev().map(|undo| vec![Job::Undo(undo.clone())]).collect();
    let mut operation = Operation::new(Phase::Undo, waves, OnFailure::Rollback, next);
    operation.previous = previous;
    operation.undo = undo;
    operation.garbage = garbage;
    stack.operation = Some(operation);
}
