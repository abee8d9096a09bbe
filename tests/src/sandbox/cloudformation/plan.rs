//! What is to be done to bring a stack to what its template says, and in which order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::jobs::Job;
use super::references::{Graph, waves};
use super::resolve::Scope;
use super::schema;
use super::stack::{Output, Resource, Stack, Target};
use super::yaml::text;
use crate::sandbox::clock::Instant;
use crate::sandbox::state::{Place, State};

/// The exports of all stacks of a Region.
pub(super) fn exports(state: &State, place: &Place) -> BTreeMap<String, String> {
    let stacks = state.regions.get(place).into_iter().flat_map(|region| region.cloudformation.stacks.values());
    let outputs = stacks.filter(|stack| stack.lives()).flat_map(|stack| &stack.outputs);
    outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone()))).collect()
}

/// The resources whose conditions hold.
///
/// # Errors
/// A condition cannot be told.
pub(super) fn wanted(scope: &Scope<'_>) -> Result<BTreeSet<String>, String> {
    let mut wanted = BTreeSet::new();
    for (name, resource) in scope.template.resources() {
        let condition = resource.get("Condition").and_then(Value::as_str);
        if condition.map_or(Ok(true), |condition| scope.condition(condition))? {
            wanted.insert(name.clone());
        }
    }
    Ok(wanted)
}

/// What each wanted resource waits for.
pub(super) fn graph(target: &Target, wanted: &BTreeSet<String>) -> Graph {
    let mut graph = target.template.graph();
    graph.retain(|name, _| wanted.contains(name));
    for needs in graph.values_mut() {
        needs.retain(|name| wanted.contains(name));
    }
    graph
}

/// Steps that make all wanted resources.
pub(super) fn making(target: &Target, wanted: &BTreeSet<String>) -> VecDeque<Vec<Job>> {
    let waves = waves(&graph(target, wanted)).unwrap_or_default();
    waves.into_iter().map(|wave| wave.into_iter().map(Job::Make).collect()).collect()
}

/// Steps that remove everything that a stack has, dependents first.
pub(super) fn removal(stack: &Stack, keep: impl Fn(&Resource) -> bool) -> VecDeque<Vec<Job>> {
    let graph: Graph = stack.resources.iter().map(|(name, resource)| (name.clone(), resource.needs.clone())).collect();
    let job = |name: String| {
        let resource = stack.resources.get(&name)?;
        Some(Job::Remove(Box::new(resource.clone()), keep(resource)))
    };
    let waves = waves(&graph).unwrap_or_default();
    waves.into_iter().rev().map(|wave| wave.into_iter().filter_map(job).collect()).collect()
}

/// Everything that a resource stands on, directly or not.
pub(super) fn needed_by(stack: &Stack, logical: &str) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let mut todo = vec![logical.to_owned()];
    while let Some(name) = todo.pop() {
        for need in stack.resources.get(&name).into_iter().flat_map(|resource| &resource.needs) {
            if needed.insert(need.clone()) {
                todo.push(need.clone());
            }
        }
    }
    needed
}

/// The step that a resource needs, if any.
///
/// # Errors
/// The resource as far as it is known, and why it cannot be made.
pub(super) fn make(
    state: &State,
    place: &Place,
    stack: &Stack,
    logical: &str,
    time: Instant,
) -> Result<Option<Job>, (Box<Resource>, String)> {
    let Some(target) = &stack.target else { return Ok(None) };
    let exports = exports(state, place);
    let scope = Scope::of(place, (stack, target), Some(&stack.resources), &exports);
    let known = stack.resources.get(logical).filter(|resource| resource.exists());
    let mut resource = described(target, logical, time);
    if let Some(known) = known {
        resource.physical.clone_from(&known.physical);
        resource.reference.clone_from(&known.reference);
        resource.attributes.clone_from(&known.attributes);
        resource.status.clone_from(&known.status);
    }
    let given = target.template.resources().get(logical).and_then(|resource| resource.get("Properties"));
    match scope.resolve(given.unwrap_or(&Value::Null)) {
        Ok(Some(properties @ Value::Object(_))) => resource.properties = properties,
        Ok(_) => {}
        Err(reason) => return Err((Box::new(resource), reason)),
    }
    tagged(target, &mut resource);
    let resource = Box::new(resource);
    let Some(known) = known.filter(|known| known.kind == resource.kind) else {
        return Ok(Some(match known {
            Some(known) => Job::Replace(Box::new(known.clone()), unmade(resource)),
            None => Job::Create(unmade(resource)),
        }));
    };
    if known.properties == resource.properties {
        let same = known.deletion_policy == resource.deletion_policy && known.replace_policy == resource.replace_policy;
        return Ok((!same).then(|| Job::Update(Box::new(known.clone()), resource)));
    }
    let schema = schema::find(&resource.kind);
    let changed = changed(&known.properties, &resource.properties);
    let replaces = schema.is_some_and(|schema| changed.iter().any(|name| schema.replaces(name)));
    if !replaces {
        return Ok(Some(Job::Update(Box::new(known.clone()), resource)));
    }
    let name = schema.and_then(schema::Schema::name_property).filter(|name| !changed.contains(name));
    if let Some(name) = name.and_then(|name| resource.properties.get(&name)).and_then(text) {
        let reason = format!(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and \
             update the stack again."
        );
        return Err((resource, reason));
    }
    Ok(Some(Job::Replace(Box::new(known.clone()), unmade(resource))))
}

fn unmade(mut resource: Box<Resource>) -> Box<Resource> {
    resource.physical.clear();
    resource.reference.clear();
    resource.attributes.clear();
    resource
}

/// A resource as the template has it, before its properties are known.
fn described(target: &Target, logical: &str, time: Instant) -> Resource {
    let given = target.template.resources().get(logical);
    let text = |member: &str| given.and_then(|given| given.get(member)?.as_str()).map(ToOwned::to_owned);
    Resource {
        logical: logical.to_owned(),
        kind: text("Type").unwrap_or_default(),
        physical: String::new(),
        reference: String::new(),
        attributes: Map::new(),
        properties: Value::Object(Map::new()),
        deletion_policy: text("DeletionPolicy").unwrap_or_else(|| "Delete".to_owned()),
        replace_policy: text("UpdateReplacePolicy").unwrap_or_else(|| "Delete".to_owned()),
        needs: target.template.graph().remove(logical).unwrap_or_default(),
        status: String::new(),
        reason: None,
        changed: time,
    }
}

/// Adds the stack's tags to what can be tagged, the resource's own first.
fn tagged(target: &Target, resource: &mut Resource) {
    let taggable = schema::find(&resource.kind).is_some_and(|schema| schema.tagging);
    let Some(members) = resource.properties.as_object_mut().filter(|_| taggable && !target.tags.is_empty()) else {
        return;
    };
    let tags = members.entry("Tags").or_insert_with(|| Value::Array(Vec::new()));
    let Some(tags) = tags.as_array_mut() else { return };
    for (key, value) in &target.tags {
        if !tags.iter().any(|tag| tag.get("Key").and_then(Value::as_str) == Some(key)) {
            tags.push(serde_json::json!({"Key": key, "Value": value}));
        }
    }
}

/// The properties that differ.
pub(super) fn changed(old: &Value, new: &Value) -> BTreeSet<String> {
    let names = [old, new].into_iter().filter_map(Value::as_object).flat_map(Map::keys);
    names.filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

/// The outputs of a stack whose resources are there.
///
/// # Errors
/// One cannot be resolved, or its export is taken.
pub(super) fn outputs(state: &State, place: &Place, stack: &Stack) -> Result<Vec<Output>, String> {
    let Some(target) = &stack.target else { return Ok(Vec::new()) };
    let exports = exports(state, place);
    let scope = Scope::of(place, (stack, target), Some(&stack.resources), &exports);
    let mut outputs = Vec::new();
    for (key, output) in target.template.section("Outputs") {
        let condition = output.get("Condition").and_then(Value::as_str);
        if !condition.map_or(Ok(true), |condition| scope.condition(condition))? {
            continue;
        }
        let resolved = |value: Option<&Value>| -> Result<Option<String>, String> {
            let Some(value) = value else { return Ok(None) };
            Ok(scope.resolve(value)?.as_ref().and_then(text))
        };
        let value = resolved(output.get("Value"))?.ok_or_else(|| {
            format!("Template format error: Output {key} is malformed. The Value field of every Outputs member must evaluate to a String")
        })?;
        let export = resolved(output.pointer("/Export/Name"))?;
        if let Some(export) = export.as_ref().filter(|export| exports.contains_key(*export)) {
            return Err(format!("Export with name {export} is already exported by another stack"));
        }
        let description = output.get("Description").and_then(text);
        outputs.push(Output { key: key.clone(), value, description, export });
    }
    Ok(outputs)
}
