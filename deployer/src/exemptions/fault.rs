//! What is wrong with a file of exemptions, and where.

use std::fmt;

use super::yaml::At;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// Which exemption of the file it is in, from 1.
    pub entry: Option<usize>,
    /// The field.
    pub field: Option<String>,
    /// What is wrong, to be read after the field, if there is one.
    pub problem: String,
    /// What would be allowed there.
    pub allowed: String,
}

impl Fault {
    pub(super) fn at(at: At, problem: impl Into<String>, allowed: impl Into<String>) -> Self {
        let (problem, allowed) = (problem.into(), allowed.into());
        Self { line: at.line, column: at.column, entry: None, field: None, problem, allowed }
    }

    /// The exemption, the field and what is wrong, without the place and without what is allowed.
    #[must_use]
    pub fn what(&self) -> String {
        let entry = self.entry.map(|number| format!("exemption {number}: ")).unwrap_or_default();
        let field = self.field.as_ref().map(|field| format!("`{field}` ")).unwrap_or_default();
        format!("{entry}{field}{}", self.problem)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, allowed, .. } = self;
        write!(f, "line {line}, column {column}: {}; allowed: {allowed}", self.what())
    }
}

impl std::error::Error for Fault {}
