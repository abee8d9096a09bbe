//! The steps of an operation: one resource made, changed, removed, or put back.

use super::engine::{Operation, Phase};
use super::plan;
use super::provider::{self, Made, Site};
use super::stack::{Resource, Stack};
use crate::sandbox::clock::Instant;
use crate::sandbox::state::{Place, State};

/// A step.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Whatever brings a resource to what the template says.
    Make(String),
    Create(Box<Resource>),
    Update(Box<Resource>, Box<Resource>),
    Replace(Box<Resource>, Box<Resource>),
    /// Delete it, unless it is to be kept.
    Remove(Box<Resource>, bool),
    Undo(Undo),
    /// Update it back.
    Revert(Box<Resource>),
}

/// What takes a step back.
#[derive(Debug, Clone)]
pub(crate) enum Undo {
    Created(String),
    Updated(Box<Resource>),
    Replaced(Box<Resource>),
}

impl Undo {
    pub(super) fn logical(&self) -> &str {
        match self {
            Self::Created(logical) => logical,
            Self::Updated(resource) | Self::Replaced(resource) => &resource.logical,
        }
    }
}

/// Gives a resource a status, and tells of it.
fn mark(state: &mut State, stack: &mut Stack, resource: &mut Resource, status: &str, reason: Option<&str>) {
    status.clone_into(&mut resource.status);
    resource.reason = reason.map(ToOwned::to_owned);
    let random = state.ambient.random.uuid();
    stack.record(resource, &random);
}

/// Keeps a resource in the stack, unless another has taken its name.
fn keep(stack: &mut Stack, resource: &Resource) {
    let other = stack.resources.get(&resource.logical).is_some_and(|known| known.physical != resource.physical);
    if !other {
        stack.resources.insert(resource.logical.clone(), resource.clone());
    }
}

/// Begins a step; what needs no time is done at once.
pub(super) fn begin(
    state: &mut State,
    place: &Place,
    stack: &mut Stack,
    operation: &mut Operation,
    job: Job,
    time: Instant,
) {
    match job {
        Job::Make(logical) => match plan::make(state, place, stack, &logical, time) {
            Ok(None) => {}
            Ok(Some(job)) => begin(state, place, stack, operation, job, time),
            Err((mut resource, reason)) => {
                let creating = resource.physical.is_empty();
                let status = if creating { "CREATE_FAILED" } else { "UPDATE_FAILED" };
                mark(state, stack, &mut resource, status, Some(&reason));
                operation.failed.push((logical.clone(), creating));
                if creating {
                    stack.resources.insert(logical, *resource);
                }
            }
        },
        Job::Create(mut resource) => {
            let status = if is_import(stack, &resource) { "IMPORT_IN_PROGRESS" } else { "CREATE_IN_PROGRESS" };
            mark(state, stack, &mut resource, status, None);
            stack.resources.insert(resource.logical.clone(), (*resource).clone());
            operation.undo.push(Undo::Created(resource.logical.clone()));
            operation.running.push(Job::Create(resource));
        }
        Job::Update(old, mut new) => {
            mark(state, stack, &mut new, "UPDATE_IN_PROGRESS", None);
            stack.resources.insert(new.logical.clone(), (*new).clone());
            operation.undo.push(Undo::Updated(old.clone()));
            operation.running.push(Job::Update(old, new));
        }
        Job::Replace(old, mut new) => {
            let reason = "Requested update requires the creation of a new physical resource; hence creating one.";
            mark(state, stack, &mut new, "UPDATE_IN_PROGRESS", Some(reason));
            operation.undo.push(Undo::Replaced(old.clone()));
            operation.running.push(Job::Replace(old, new));
        }
        Job::Remove(mut resource, kept) => {
            resource.changed = time;
            if kept && resource.exists() {
                mark(state, stack, &mut resource, "DELETE_SKIPPED", None);
                keep(stack, &resource);
            } else if resource.exists() {
                mark(state, stack, &mut resource, "DELETE_IN_PROGRESS", None);
                keep(stack, &resource);
                operation.running.push(Job::Remove(resource, kept));
            } else if resource.status != "DELETE_SKIPPED" {
                mark(state, stack, &mut resource, "DELETE_COMPLETE", None);
                keep(stack, &resource);
            }
        }
        Job::Undo(undo) => take_back(state, stack, operation, undo, time),
        Job::Revert(mut to) => {
            to.changed = time;
            mark(state, stack, &mut to, "UPDATE_IN_PROGRESS", None);
            operation.running.push(Job::Revert(to));
        }
    }
}

fn take_back(state: &mut State, stack: &mut Stack, operation: &mut Operation, undo: Undo, time: Instant) {
    match undo {
        Undo::Created(logical) => {
            if let Some(made) = stack.resources.remove(&logical)
                && made.exists()
            {
                let kept = made.deletion_policy == "Retain" || made.is_imported();
                operation.garbage.push(Job::Remove(Box::new(made), kept));
            }
            operation.undo.pop();
        }
        Undo::Updated(mut old) => {
            old.changed = time;
            mark(state, stack, &mut old, "UPDATE_IN_PROGRESS", None);
            operation.running.push(Job::Revert(old));
        }
        Undo::Replaced(mut old) => {
            let made = stack.resources.get(&old.logical).cloned();
            if let Some(made) = made.filter(|made| made.exists() && made.physical != old.physical) {
                operation.garbage.push(Job::Remove(Box::new(made), false));
            }
            old.changed = time;
            mark(state, stack, &mut old, "UPDATE_COMPLETE", None);
            stack.resources.insert(old.logical.clone(), *old);
            operation.undo.pop();
        }
    }
}

/// Whether a resource is taken into the stack instead of being made.
fn is_import(stack: &Stack, resource: &Resource) -> bool {
    stack.target.as_ref().is_some_and(|target| target.imports.contains(&resource.logical))
}

/// Ends a step that has begun.
pub(super) fn finish(
    state: &mut State,
    place: &Place,
    stack: &mut Stack,
    operation: &mut Operation,
    job: Job,
    time: Instant,
) {
    // When one resource fails, those that are being made with it are given up.
    let forward = matches!(operation.phase, Phase::Create | Phase::Update);
    let cancelled = forward && !operation.failed.is_empty();
    match job {
        Job::Create(mut resource) => {
            resource.changed = time;
            let outcome = if cancelled {
                Err("Resource creation cancelled".to_owned())
            } else {
                created(state, place, stack, &mut resource)
            };
            let ends = if is_import(stack, &resource) {
                ["IMPORT_COMPLETE", "IMPORT_FAILED"]
            } else {
                ["CREATE_COMPLETE", "CREATE_FAILED"]
            };
            settle(state, stack, operation, *resource, outcome, ends);
        }
        Job::Update(old, mut new) => {
            new.changed = time;
            let outcome = if cancelled {
                Err("Resource update cancelled".to_owned())
            } else {
                updated(state, place, stack, &old, &mut new)
            };
            if outcome.is_err() {
                let (status, changed) = (new.status.clone(), new.changed);
                *new = *old;
                new.status = status;
                new.changed = changed;
            }
            settle(state, stack, operation, *new, outcome, ["UPDATE_COMPLETE", "UPDATE_FAILED"]);
        }
        Job::Replace(old, mut new) => {
            new.changed = time;
            let outcome = if cancelled {
                Err("Resource update cancelled".to_owned())
            } else {
                created(state, place, stack, &mut new)
            };
            if outcome.is_ok() {
                let kept = old.replace_policy != "Delete";
                operation.garbage.push(Job::Remove(old, kept));
            }
            settle(state, stack, operation, *new, outcome, ["UPDATE_COMPLETE", "UPDATE_FAILED"]);
        }
        Job::Revert(mut to) => {
            to.changed = time;
            let now = stack.resources.get(&to.logical).cloned().unwrap_or_else(|| (*to).clone());
            let outcome = updated(state, place, stack, &now, &mut to);
            if outcome.is_ok() {
                operation.undo.pop();
            }
            settle(state, stack, operation, *to, outcome, ["UPDATE_COMPLETE", "UPDATE_FAILED"]);
        }
        Job::Remove(resource, _) => removed(state, place, stack, operation, *resource, time),
        Job::Make(_) | Job::Undo(_) => {}
    }
}

/// Records the outcome of a step.
fn settle(
    state: &mut State,
    stack: &mut Stack,
    operation: &mut Operation,
    mut resource: Resource,
    outcome: Result<(), String>,
    [good, bad]: [&str; 2],
) {
    match outcome {
        Ok(()) => mark(state, stack, &mut resource, good, None),
        Err(reason) => {
            mark(state, stack, &mut resource, bad, Some(&reason));
            operation.failed.push((resource.logical.clone(), bad != "UPDATE_FAILED"));
        }
    }
    stack.resources.insert(resource.logical.clone(), resource);
}

fn site<'a>(place: &'a Place, stack: &'a Stack, logical: &'a str) -> Site<'a> {
    Site { place, stack: &stack.name, stack_id: &stack.id, logical, role: stack.role.as_deref() }
}

fn created(state: &mut State, place: &Place, stack: &mut Stack, resource: &mut Resource) -> Result<(), String> {
    let faulty = provider::scripted(state, place, resource, "create");
    let Made { physical, reference, attributes } = match faulty {
        Some(reason) => return Err(reason),
        None if is_import(stack, resource) => {
            let found = provider::find(state, place, &resource.kind, &resource.properties);
            found.ok_or_else(|| "The resource to import does not exist.".to_owned())?
        }
        None => provider::create(state, &site(place, stack, &resource.logical), &resource.kind, &resource.properties)?,
    };
    resource.reference = reference.unwrap_or_else(|| physical.clone());
    resource.physical = physical;
    resource.attributes = attributes;
    if resource.status == "CREATE_IN_PROGRESS" {
        mark(state, stack, resource, "CREATE_IN_PROGRESS", Some("Resource creation Initiated"));
    }
    Ok(())
}

fn updated(state: &mut State, place: &Place, stack: &Stack, old: &Resource, new: &mut Resource) -> Result<(), String> {
    if let Some(reason) = provider::scripted(state, place, new, "update") {
        return Err(reason);
    }
    let made = provider::update(state, &site(place, stack, &new.logical), old, &new.properties)?;
    if let Some(Made { physical, reference, attributes }) = made {
        new.reference = reference.unwrap_or_else(|| physical.clone());
        new.physical = physical;
        new.attributes = attributes;
    }
    Ok(())
}

fn removed(
    state: &mut State,
    place: &Place,
    stack: &mut Stack,
    operation: &mut Operation,
    mut resource: Resource,
    time: Instant,
) {
    resource.changed = time;
    let outcome = match provider::scripted(state, place, &resource, "delete") {
        Some(reason) => Err(reason),
        None => provider::delete(state, &site(place, stack, &resource.logical), &resource),
    };
    let whole = matches!(operation.phase, Phase::Delete | Phase::Rollback);
    match outcome {
        Ok(()) => {
            mark(state, stack, &mut resource, "DELETE_COMPLETE", None);
            if whole {
                keep(stack, &resource);
            } else if stack.resources.get(&resource.logical).is_some_and(|known| known.physical == resource.physical) {
                stack.resources.remove(&resource.logical);
            }
        }
        Err(reason) => {
            mark(state, stack, &mut resource, "DELETE_FAILED", Some(&reason));
            keep(stack, &resource);
            operation.failed.push((resource.logical.clone(), false));
            // What it stands on cannot be taken away either.
            let needed = plan::needed_by(stack, &resource.logical);
            for wave in &mut operation.waves {
                wave.retain(|job| !matches!(job, Job::Remove(other, _) if needed.contains(&other.logical)));
            }
        }
    }
}
