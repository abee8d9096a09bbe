//! What can be wrong with rule parameters, each fault by name.

use std::fmt;

use crate::check::{ALL, Check};

/// One fault in the parameters of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterFault {
    /// The whole is not a JSON object.
    #[error("ruleParameters is not a JSON object: `{text}`")]
    NotAnObject {
        /// What was passed.
        text: String,
    },
    /// `check` names no check.
    #[error("there is no check `{id}`; the checks are {}", ids())]
    UnknownCheck {
        /// The name that was passed.
        id: String,
    },
    /// The check takes no parameter of this name.
    #[error("the check {check} has no parameter `{name}`; it takes {takes}")]
    Unknown {
        /// The name that was passed.
        name: String,
        /// The check.
        check: &'static str,
        /// What it takes.
        takes: String,
    },
    /// The value is no text.
    #[error("`{name}` is {json}, but a text is expected")]
    NotText {
        /// The parameter.
        name: String,
        /// The value, as JSON.
        json: String,
    },
    /// An item of a list is empty or malformed.
    #[error("`{name}` has the item `{item}`, which is not {}", form(name))]
    BadItem {
        /// The parameter.
        name: String,
        /// The item.
        item: String,
    },
}

impl ParameterFault {
    pub(super) fn unknown(name: &str, check: &'static Check) -> Self {
        let takes: Vec<&str> =
            std::iter::once("check").chain(check.parameters.iter().map(|parameter| parameter.name)).collect();
        Self::Unknown { name: name.to_owned(), check: check.id, takes: takes.join(", ") }
    }
}

fn ids() -> String {
    ALL.map(|check| check.id).join(", ")
}

fn form(name: &str) -> &'static str {
    match name {
        "SubnetIds" => "a subnet id such as `subnet-0abc`",
        "kmsKeyArns" => "the ARN of a KMS key such as `arn:aws:kms:eu-west-1:111122223333:key/…`",
        _ => "a platform such as `notebook-al2023-v1`",
    }
}

/// All faults in the parameters of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParametersError {
    faults: Vec<ParameterFault>,
}

impl ParametersError {
    pub(super) fn new(faults: Vec<ParameterFault>) -> Self {
        Self { faults }
    }

    /// The faults; at least one.
    #[must_use]
    pub fn faults(&self) -> &[ParameterFault] {
        &self.faults
    }
}

impl fmt::Display for ParametersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for ParametersError {}
