//! The classic mistakes of service control policies on notebooks, each with a request that proves it where there is one.

mod facts;
mod locate;
mod proof;
mod render;
mod resource;
mod shape;
mod values;
mod who;

pub use proof::Proof;
pub use render::{json, text};

use super::language::Policy;
use super::quotas::{QUOTAS, size};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a thought.
    Warning,
    /// AWS refuses it, or it does not do what it looks like.
    Error,
}

impl Severity {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind: stable, in lower case with hyphens.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where: `Statement[0].Condition.StringEquals`; empty for the whole text.
    pub path: String,
    /// The line in the text, from 1; none if the text is no JSON.
    pub line: Option<usize>,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What to do.
    pub fix: &'static str,
    /// The request that shows it.
    pub proof: Option<Proof>,
}

impl Finding {
    fn new(rule: &'static str, severity: Severity, path: String, message: String, fix: &'static str) -> Self {
        Self { rule, severity, path, line: None, message, fix, proof: None }
    }

    fn proved(mut self, proof: Proof) -> Self {
        self.proof = Some(proof);
        self
    }
}

/// Looks at the text of a policy. All findings at once, in the order of the text.
#[must_use]
pub fn lint(text: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = over_size(text).into_iter().collect();
    match Policy::parse(text) {
        Ok(policy) => {
            findings.extend(shape::findings(&policy));
            findings.extend(who::findings(&policy));
            findings.extend(resource::findings(&policy));
            findings.extend(values::findings(&policy));
            findings.extend(proof::findings(&policy));
        }
        Err(errors) => findings.extend(errors.into_iter().map(|error| {
            let (rule, fix) = if error.is_principal {
                (
                    "principal",
                    "take it out: an SCP is about whoever it is attached to; except roles with aws:PrincipalArn",
                )
            } else {
                ("malformed", "mend it: AWS Organizations refuses the policy as it is")
            };
            Finding::new(rule, Severity::Error, error.path, error.problem, fix)
        })),
    }
    let places = locate::Places::new(text);
    for finding in &mut findings {
        finding.line = places.line(&finding.path);
    }
    findings.sort_by_key(|finding| finding.line.unwrap_or_default());
    findings
}

fn over_size(text: &str) -> Option<Finding> {
    let size = size(text);
    if size <= QUOTAS.characters {
        return None;
    }
    let minified =
        serde_json::from_str::<super::language::Json>(text).ok().map(|json| super::quotas::size(&json.minified()));
    let fits = match minified {
        Some(least) if least <= QUOTAS.characters => format!("; without white space it has {least}, which fits"),
        Some(least) => format!("; without white space it still has {least}"),
        None => String::new(),
    };
    let message = format!(
        "the policy has {size} characters, and AWS takes {} with white space (as of {}){fits}",
        QUOTAS.characters, QUOTAS.read_on
    );
    let fix = "take the white space out, or split it into several policies";
    Some(Finding::new("over-size", Severity::Error, String::new(), message, fix))
}

#[cfg(test)]
mod tests;
