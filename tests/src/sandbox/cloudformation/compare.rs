//! What an update would change: the changes of a change set.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::plan::{changed, graph, wanted};
use super::references::{mentions, waves};
use super::resolve::Scope;
use super::schema;
use super::stack::{Stack, Target};
use crate::sandbox::state::Place;

/// How a target differs from what a stack is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    None,
    /// Only in what is no resource, such as outputs.
    Aside,
    /// The changes by resource, as `DescribeChangeSet` shows them.
    Changes(Vec<Value>),
}

/// The properties of the resources that a target wants; what is only known once they are made stays a function.
pub(super) fn symbolic(place: &Place, stack: &Stack, target: &Target) -> BTreeMap<String, Value> {
    let exports = BTreeMap::new();
    let scope = Scope::of(place, (stack, target), None, &exports);
    let wanted = wanted(&scope).unwrap_or_default();
    let resolved = |name: &String| {
        let resource = target.template.resources().get(name)?;
        let properties = resource.get("Properties").cloned().unwrap_or_else(|| json!({}));
        let properties = scope.resolve(&properties).ok().flatten().unwrap_or(properties);
        let mut whole = resource.clone();
        if let Value::Object(members) = &mut whole {
            members.insert("Properties".to_owned(), properties);
        }
        Some((name.clone(), whole))
    };
    wanted.iter().filter_map(resolved).collect()
}

/// Compares a stack with a target.
pub(super) fn differences(place: &Place, stack: &Stack, target: &Target) -> Difference {
    let old = stack.target.as_ref().map(|old| (old, symbolic(place, stack, old)));
    let new = symbolic(place, stack, target);
    let names: BTreeSet<String> = new.keys().cloned().collect();
    let order = waves(&graph(target, &names)).unwrap_or_default();
    let before = |name: &str| old.as_ref().and_then(|(_, resources)| resources.get(name));
    let retagged = old.as_ref().is_some_and(|(old, _)| old.tags != target.tags);
    let mut changes = Vec::new();
    // What is replaced changes what refers to it.
    let mut replaced = BTreeSet::new();
    for name in order.iter().flatten() {
        let Some(resource) = new.get(name) else { continue };
        let Some(known) = before(name) else {
            changes.push(change("Add", stack, name, resource, Map::new()));
            continue;
        };
        let compared = compared(target, name, known, resource, retagged, &replaced);
        if let Some(more) = compared {
            if more.get("Replacement").and_then(Value::as_str) == Some("True") {
                replaced.insert(name.clone());
            }
            changes.push(change("Modify", stack, name, resource, more));
        }
    }
    for (name, resource) in old.iter().flat_map(|(_, resources)| resources) {
        if !new.contains_key(name) {
            changes.push(change("Remove", stack, name, resource, Map::new()));
        }
    }
    if !changes.is_empty() {
        return Difference::Changes(changes);
    }
    let aside = |target: &Target| target.template.body.get("Outputs").cloned();
    let outputs = old.as_ref().map(|(old, _)| aside(old)) != Some(aside(target));
    if outputs { Difference::Aside } else { Difference::None }
}

fn change(action: &str, stack: &Stack, name: &str, resource: &Value, more: Map<String, Value>) -> Value {
    let known = stack.resources.get(name).filter(|resource| resource.exists());
    let mut shown = json!({
        "Action": action, "LogicalResourceId": name, "ResourceType": resource.get("Type"), "Scope": [], "Details": [],
    });
    if let Value::Object(members) = &mut shown {
        members.extend(known.map(|known| ("PhysicalResourceId".to_owned(), known.physical.as_str().into())));
        let policy = resource.get("DeletionPolicy").and_then(Value::as_str).unwrap_or("Delete");
        if action == "Remove" {
            let action = if policy == "Delete" { "Delete" } else { "Retain" };
            members.insert("PolicyAction".to_owned(), action.into());
        }
        members.extend(more);
    }
    json!({"Type": "Resource", "ResourceChange": shown})
}

/// How one resource changes: `Replacement`, `Scope` and `Details`; nothing if it does not.
fn compared(
    target: &Target,
    name: &str,
    old: &Value,
    new: &Value,
    retagged: bool,
    replaced: &BTreeSet<String>,
) -> Option<Map<String, Value>> {
    let kind = new.get("Type").and_then(Value::as_str).unwrap_or_default();
    let schema = schema::find(kind);
    let empty = json!({});
    let properties = |resource: &'_ Value| resource.get("Properties").cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (properties(old), properties(new));
    let given = target.template.resources().get(name).and_then(|resource| resource.get("Properties"));
    let (mut scope, mut details) = (BTreeSet::new(), Vec::new());
    let (mut replacement, mut conditional) = (old.get("Type") != new.get("Type"), false);
    for property in changed(&before, &after) {
        let renews = schema.is_some_and(|schema| schema.replaces(&property));
        replacement |= renews;
        let mentioned = given.and_then(|given| given.get(&property)).map(mentions).unwrap_or_default();
        let parameter = mentioned.iter().find(|mention| target.parameters.contains_key(&mention.name));
        scope.insert(if property == "Tags" { "Tags" } else { "Properties" });
        details.push(detail(&property, renews, "Static", parameter.map(|mention| mention.name.as_str())));
    }
    for (property, value) in given.and_then(Value::as_object).into_iter().flatten() {
        for mention in mentions(value).into_iter().filter(|mention| replaced.contains(&mention.name)) {
            let renews = schema.is_some_and(|schema| schema.replaces(property));
            conditional |= renews;
            scope.insert("Properties");
            let mut detail = detail(property, false, "Dynamic", None);
            if let Value::Object(members) = &mut detail {
                let (source, entity) = match &mention.attribute {
                    Some(attribute) => ("ResourceAttribute", format!("{}.{attribute}", mention.name)),
                    None => ("ResourceReference", mention.name.clone()),
                };
                members.insert("ChangeSource".to_owned(), source.into());
                members.insert("CausingEntity".to_owned(), entity.into());
                if renews && let Some(Value::Object(target)) = members.get_mut("Target") {
                    target.insert("RequiresRecreation".to_owned(), "Conditionally".into());
                }
            }
            details.push(detail);
        }
    }
    for attribute in ["DeletionPolicy", "UpdateReplacePolicy", "Metadata"] {
        if old.get(attribute) != new.get(attribute) {
            scope.insert(attribute);
            details.push(json!({
                "Target": {"Attribute": attribute, "RequiresRecreation": "Never"}, "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }));
        }
    }
    if retagged && schema.is_some_and(|schema| schema.tagging) {
        scope.insert("Tags");
        details.push(json!({
            "Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}, "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }));
    }
    if details.is_empty() && !replacement {
        return None;
    }
    let replacement = if replacement {
        "True"
    } else if conditional {
        "Conditional"
    } else {
        "False"
    };
    let shown = json!({"Replacement": replacement, "Scope": scope, "Details": details});
    shown.as_object().cloned()
}

fn detail(property: &str, replaces: bool, evaluation: &str, parameter: Option<&str>) -> Value {
    let recreation = if replaces { "Always" } else { "Never" };
    let attribute = if property == "Tags" { "Tags" } else { "Properties" };
    let mut detail = json!({
        "Target": {"Attribute": attribute, "Name": property, "RequiresRecreation": recreation},
        "Evaluation": evaluation,
        "ChangeSource": if parameter.is_some() { "ParameterReference" } else { "DirectModification" },
    });
    if let (Value::Object(members), Some(parameter)) = (&mut detail, parameter) {
        members.insert("CausingEntity".to_owned(), parameter.into());
    }
    detail
}
