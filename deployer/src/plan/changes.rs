//! What will be different in a stack, resource by resource and parameter by parameter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::templates::Resource;

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It is made.
    Add,
    /// It is changed.
    Change,
    /// It is removed.
    Remove,
}

impl Sign {
    /// The sign in front of a line.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Change => "~",
            Self::Remove => "-",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// What happens.
    pub sign: Sign,
    /// To what kind of thing: `rule`, `alarm`, `parameter`, `tag`, …
    pub kind: String,
    /// Its name; for a resource, the real one.
    pub name: String,
    /// The resource's logical id, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logical: Option<String>,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Everything that a new stack holds.
pub(crate) fn added(resources: Vec<Resource>) -> Vec<Change> {
    resources.into_iter().map(|resource| of_resource(Sign::Add, resource)).collect()
}

/// What comes and goes between two sets of resources.
pub(crate) fn resources(before: &[Resource], after: &[Resource]) -> Vec<Change> {
    let missing = |from: &Resource, list: &[Resource]| list.iter().all(|other| other.logical != from.logical);
    let gone = before.iter().filter(|resource| missing(resource, after)).cloned();
    let new = after.iter().filter(|resource| missing(resource, before)).cloned();
    gone.map(|resource| of_resource(Sign::Remove, resource))
        .chain(new.map(|resource| of_resource(Sign::Add, resource)))
        .collect()
}

/// What differs between two maps of parameters or tags.
pub(crate) fn values(kind: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Change> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differing
        .map(|name| {
            let (from, to) = (before.get(name).cloned(), after.get(name).cloned());
            let sign = match (&from, &to) {
                (None, _) => Sign::Add,
                (_, None) => Sign::Remove,
                _ => Sign::Change,
            };
            Change { sign, kind: kind.to_owned(), name: name.clone(), logical: None, from, to }
        })
        .collect()
}

/// What a role may do more, or no longer.
pub(super) fn permissions(before: &[&str], after: &[&str]) -> Vec<Change> {
    let change = |sign: Sign, action: &&str| {
        let (kind, name) = ("permission of the role".to_owned(), (*action).to_owned());
        Change { sign, kind, name, logical: None, from: None, to: None }
    };
    let gone = before.iter().filter(|action| !after.contains(action)).map(|action| change(Sign::Remove, action));
    let new = after.iter().filter(|action| !before.contains(action)).map(|action| change(Sign::Add, action));
    gone.chain(new).collect()
}

fn of_resource(sign: Sign, resource: Resource) -> Change {
    Change {
        sign,
        kind: resource.kind.to_owned(),
        name: resource.name,
        logical: Some(resource.logical),
        from: None,
        to: None,
    }
}
