//! As much of IAM as it takes to ask a policy whether it allows something.

use std::collections::BTreeSet;

use serde_json::Value;

/// A policy that only allows.
#[derive(Debug)]
pub(crate) struct Policy {
    statements: Vec<(Vec<String>, Vec<String>)>,
}

impl Policy {
    pub(crate) fn of(document: &Value) -> Self {
        let statement = |one: &Value| {
            assert_eq!(one["Effect"], "Allow");
            (texts(&one["Action"]), texts(&one["Resource"]))
        };
        Self { statements: document["Statement"].as_array().unwrap().iter().map(statement).collect() }
    }

    pub(crate) fn allows(&self, action: &str, resource: &str) -> bool {
        self.statements.iter().any(|(actions, resources)| {
            actions.iter().any(|allowed| allowed == action) && resources.iter().any(|pattern| like(pattern, resource))
        })
    }

    pub(crate) fn actions(&self) -> BTreeSet<String> {
        self.statements.iter().flat_map(|(actions, _)| actions.iter().cloned()).collect()
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value.as_array() {
        Some(many) => many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        None => vec![value.as_str().unwrap().to_owned()],
    }
}

fn like(pattern: &str, text: &str) -> bool {
    let pattern = regex::escape(pattern).replace(r"\*", ".*");
    regex::Regex::new(&format!("^{pattern}$")).unwrap().is_match(text)
}
