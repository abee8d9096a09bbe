//! A policy as a value.

use super::condition::Operator;

/// The version of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, and when nothing is said: `${...}` is plain text.
    Of2008,
    /// `2012-10-17`: policy variables.
    Of2012,
}

/// What a statement does to the requests that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows them, as far as nothing denies them.
    Allow,
    /// Denies them.
    Deny,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The version of the language.
    pub version: Version,
    /// The statements, in the order of the text.
    pub statements: Vec<Statement>,
    /// Whether the text has its one statement without a list around it.
    pub is_single: bool,
}

impl Policy {
    /// The place of a statement in the text: `Statement[0]`.
    #[must_use]
    pub fn place(&self, statement: usize) -> String {
        if self.is_single { "Statement".to_owned() } else { format!("Statement[{statement}]") }
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its name, if it has one.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Which actions it is about.
    pub actions: Actions,
    /// Which resources it is about.
    pub resources: Resources,
    /// What has to hold besides: all of it.
    pub conditions: Vec<Condition>,
}

/// `Action` or `NotAction`: patterns of `service:Action`, in which letter case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actions {
    /// These.
    Only(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

impl Actions {
    /// The patterns.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Only(patterns) | Self::Except(patterns) => patterns,
        }
    }
}

/// `Resource` or `NotResource`: patterns of ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// These.
    Only(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

/// One key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator as it is written.
    pub written: String,
    /// The operator, if it is one that we know.
    pub operator: Option<Operator>,
    /// The key as it is written.
    pub key: String,
    /// The values; one is enough, or for a negated operator none may match.
    pub values: Vec<String>,
}
