//! Resources that exist and are taken into a stack by `ImportExistingResources`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::symbolic;
use super::stack::{Stack, Target};
use super::yaml::text;
use super::{provider, schema};
use crate::sandbox::state::{Place, State};

/// A resource that exists: its physical id, and the property that says so.
pub(super) struct Existing {
    physical: String,
    property: String,
}

/// The resources of a target that are there under the names that its template gives them, and in no stack.
pub(super) fn existing(state: &State, place: &Place, stack: &Stack, target: &Target) -> BTreeMap<String, Existing> {
    let stacks = state.regions.get(place).into_iter().flat_map(|region| region.cloudformation.stacks.values());
    let owned: Vec<(&str, &str)> = stacks
        .filter(|other| other.lives())
        .flat_map(|other| other.resources.values().filter(|resource| resource.exists()))
        .map(|resource| (resource.kind.as_str(), resource.physical.as_str()))
        .collect();
    let wanted = symbolic(place, stack, target).into_iter();
    let new = wanted.filter(|(logical, _)| stack.resources.get(logical).is_none_or(|known| !known.exists()));
    new.filter_map(|(logical, resource)| {
        let kind = resource.get("Type")?.as_str()?;
        let properties = resource.get("Properties")?;
        let property = schema::find(kind)?.name_property()?;
        // A name that is not known before something else is made is not looked for.
        text(properties.get(&property)?)?;
        let found = provider::find(state, place, kind, properties)?;
        let free = !owned.contains(&(kind, found.physical.as_str()));
        free.then_some((logical, Existing { physical: found.physical, property }))
    })
    .collect()
}

/// Why the resources cannot be taken, if so.
pub(super) fn obstacle(target: &Target, existing: &BTreeMap<String, Existing>) -> Option<String> {
    let kept = |logical: &String| {
        let policy = target.template.resources().get(logical)?.get("DeletionPolicy")?.as_str()?;
        Some(policy == "Retain" || policy == "RetainExceptOnCreate")
    };
    let affected: Vec<String> = existing
        .iter()
        .filter(|(logical, _)| kept(logical) != Some(true))
        .map(|(logical, found)| format!("{logical} ({{{}={}}})", found.property, found.physical))
        .collect();
    (!affected.is_empty()).then(|| {
        format!(
            "CloudFormation is attempting to import some resources because they already exist in your account. The \
             resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template \
             for successful import. The affected resources are {}",
            affected.join(", ")
        )
    })
}

/// Says in the changes which resources are taken and not made.
pub(super) fn mark(changes: &mut [Value], existing: &BTreeMap<String, Existing>) {
    for change in changes.iter_mut().filter_map(|change| change.get_mut("ResourceChange")) {
        let logical = change.get("LogicalResourceId").and_then(Value::as_str).unwrap_or_default();
        if let Some(found) = existing.get(logical)
            && let Value::Object(members) = change
        {
            members.insert("Action".to_owned(), json!("Import"));
            members.insert("PhysicalResourceId".to_owned(), found.physical.as_str().into());
        }
    }
}
