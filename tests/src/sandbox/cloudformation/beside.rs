//! Resources that are made, changed and deleted beside their stacks, as by a person in the console.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::provider::{self, Site};
use super::stack::Resource;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

const NOBODY: &str = "";

fn refused(reason: String) -> Refusal {
    Refusal::new("InvalidRequest", reason)
}

/// Makes a resource as a stack would, in no stack; gives its physical id.
///
/// # Errors
/// The reason that a stack's events would tell.
pub(crate) fn create(state: &mut State, place: &Place, kind: &str, properties: &Value) -> Result<String, Refusal> {
    let site = Site { place, stack: NOBODY, stack_id: NOBODY, logical: "Beside", role: None };
    provider::create(state, &site, kind, properties).map(|made| made.physical).map_err(refused)
}

/// The resource of a stack with that physical id, with the stack's name and id; else one that is in no stack.
fn owned(state: &State, place: &Place, kind: &str, physical: &str) -> (Resource, String, String) {
    let stacks = state.regions.get(place).into_iter().flat_map(|region| region.cloudformation.stacks.values());
    let mut resources = stacks.filter(|stack| stack.lives()).flat_map(|stack| {
        stack.resources.values().map(move |resource| (resource, stack.name.as_str(), stack.id.as_str()))
    });
    let found = resources.find(|(resource, ..)| resource.kind == kind && resource.physical == physical);
    if let Some((resource, name, id)) = found {
        return (resource.clone(), name.to_owned(), id.to_owned());
    }
    let resource = Resource {
        logical: "Beside".to_owned(),
        kind: kind.to_owned(),
        physical: physical.to_owned(),
        reference: physical.to_owned(),
        attributes: Map::new(),
        properties: Value::Object(Map::new()),
        deletion_policy: "Delete".to_owned(),
        replace_policy: "Delete".to_owned(),
        needs: BTreeSet::new(),
        status: String::new(),
        reason: None,
        changed: state.ambient.clock.now(),
    };
    (resource, NOBODY.to_owned(), NOBODY.to_owned())
}

fn missing(kind: &str, physical: &str) -> Refusal {
    refused(format!("there is no {kind} with the id {physical}"))
}

/// Changes properties of a resource that is there. A stack that has it does not learn of it.
///
/// # Errors
/// There is none, or the reason that a stack's events would tell.
pub(crate) fn change(
    state: &mut State,
    place: &Place,
    (kind, physical): (&str, &str),
    changes: &Value,
) -> Result<(), Refusal> {
    let (mut resource, stack, stack_id) = owned(state, place, kind, physical);
    let mut properties = provider::read(state, place, &resource).ok_or_else(|| missing(kind, physical))?;
    resource.properties = properties.clone();
    if let (Value::Object(properties), Some(changes)) = (&mut properties, changes.as_object()) {
        properties.extend(changes.clone());
        properties.retain(|_, value| !value.is_null());
    }
    let logical = resource.logical.clone();
    let site = Site { place, stack: &stack, stack_id: &stack_id, logical: &logical, role: None };
    provider::change(state, &site, &resource, &properties).map_err(refused)
}

/// Deletes a resource that is there. A stack that has it does not learn of it.
///
/// # Errors
/// There is none, or the reason that a stack's events would tell.
pub(crate) fn remove(state: &mut State, place: &Place, kind: &str, physical: &str) -> Result<(), Refusal> {
    let (resource, stack, stack_id) = owned(state, place, kind, physical);
    if provider::read(state, place, &resource).is_none() {
        return Err(missing(kind, physical));
    }
    let site = Site { place, stack: &stack, stack_id: &stack_id, logical: &resource.logical, role: None };
    provider::delete(state, &site, &resource).map_err(refused)
}
