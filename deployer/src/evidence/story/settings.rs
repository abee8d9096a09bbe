//! What changed from one configuration item to the next.

use serde_json::{Map, Value};

use crate::evidence::plain::short;

/// A setting that is another than before. Nothing stands for a setting that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) name: String,
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
}

/// What differs between two configurations, by name.
pub(super) fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Changed> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let changed = names.into_iter().filter_map(|name| {
        let (from, to) = (before.get(name), after.get(name));
        (from != to).then(|| Changed { name: name.clone(), from: from.cloned(), to: to.cloned() })
    });
    changed.collect()
}

/// A value in one line, and no longer than a line.
pub(super) fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 60;
    match value {
        None => "(not set)".to_owned(),
        Some(Value::String(text)) => short(text, LONGEST),
        Some(other) => short(&other.to_string(), LONGEST),
    }
}
