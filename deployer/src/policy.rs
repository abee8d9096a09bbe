//! IAM policies as documents, for whoever reviews them or hands them to another tool.

mod operator;
mod role;
mod template;

pub use operator::operator;
pub use role::role;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most characters of a managed policy. IAM does not count white space
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub const LARGEST_MANAGED: usize = 6_144;
/// The most characters of a role's inline policies together, from the same page.
pub const LARGEST_INLINE: usize = 10_240;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Document {
    version: String,
    statement: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    sid: String,
    effect: String,
    action: Texts,
    resource: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<BTreeMap<String, BTreeMap<String, String>>>,
}

/// What IAM writes as a text if it is one, and as a list if it is many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn new(mut texts: Vec<String>) -> Self {
        match (texts.len(), texts.pop()) {
            (1, Some(only)) => Self::One(only),
            (_, last) => {
                texts.extend(last);
                Self::Many(texts)
            }
        }
    }
}

impl Document {
    fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17".to_owned(), statement }
    }

    /// The policy as JSON, on many lines or on one, with a line feed at its end.
    ///
    /// # Errors
    /// None that a policy of this program can cause.
    pub fn to_json(&self, is_pretty: bool) -> serde_json::Result<String> {
        let text = if is_pretty { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        text.map(|text| text + "\n")
    }

    /// Its size as IAM counts: characters without white space.
    #[must_use]
    pub fn size(&self) -> usize {
        let text = self.to_json(false).unwrap_or_default();
        text.chars().filter(|letter| !letter.is_whitespace()).count()
    }

    /// The same in several policies of at most `limit` characters, as few as their order allows. A statement stays
    /// whole: none of ours comes near the limits.
    #[must_use]
    pub fn parts(&self, limit: usize) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for statement in &self.statement {
            let grown = parts.last().map(|last| {
                let more = last.statement.iter().chain([statement]).cloned();
                Self::new(more.collect())
            });
            match (grown, parts.last_mut()) {
                (Some(grown), Some(last)) if grown.size() <= limit => *last = grown,
                _ => parts.push(Self::new(vec![statement.clone()])),
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests;
