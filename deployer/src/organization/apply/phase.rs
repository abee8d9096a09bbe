//! The phases of work on a StackSet, and what came of them.

use std::fmt;

use serde::Serialize;

use super::super::plan::{Reach, SetStep};
use crate::stack_set::{Begun, Counts, Operation, OperationStatus};

/// One step of a plan, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The StackSet is made.
    Create,
    /// The canary accounts are updated.
    CanaryUpdate,
    /// All are updated.
    Update,
    /// The canary accounts get their stack instances.
    CanaryAdd,
    /// All get their stack instances.
    Add,
    /// Accounts that join later will be covered.
    AutoDeploymentOn,
    /// Accounts that join later will not be covered.
    AutoDeploymentOff,
}

impl Phase {
    /// The phase that a step is.
    #[must_use]
    pub fn of(step: &SetStep) -> Self {
        match step {
            SetStep::Create(_) => Self::Create,
            SetStep::Update { on: Reach::Canary, .. } => Self::CanaryUpdate,
            SetStep::Update { on: Reach::Everything, .. } => Self::Update,
            SetStep::AddInstances { on: Reach::Canary, .. } => Self::CanaryAdd,
            SetStep::AddInstances { on: Reach::Everything, .. } => Self::Add,
            SetStep::AutoDeployment { on: true } => Self::AutoDeploymentOn,
            SetStep::AutoDeployment { on: false } => Self::AutoDeploymentOff,
        }
    }

    /// Whether it is about the accounts that go first.
    #[must_use]
    pub fn is_canary(self) -> bool {
        matches!(self, Self::CanaryUpdate | Self::CanaryAdd)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "creation of the StackSet",
            Self::CanaryUpdate => "update of the canary accounts",
            Self::Update => "update of all accounts",
            Self::CanaryAdd => "stack instances of the canary accounts",
            Self::Add => "stack instances of all accounts",
            Self::AutoDeploymentOn => "automatic deployment on",
            Self::AutoDeploymentOff => "automatic deployment off",
        })
    }
}

/// A phase that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseEnd {
    /// Which.
    pub phase: Phase,
    /// Its operations, one for each call.
    pub operations: Vec<OperationEnd>,
    /// How it went in the accounts and Regions that its operations told of.
    pub counts: Counts,
}

/// An operation that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationEnd {
    /// Its id.
    pub id: String,
    /// Whether this run began it.
    pub begun: Begun,
    /// How it ended.
    pub status: OperationStatus,
    /// What CloudFormation says about that.
    pub reason: Option<String>,
}

impl OperationEnd {
    pub(super) fn new(operation: &Operation, begun: Begun) -> Self {
        Self { id: operation.id.clone(), begun, status: operation.status.clone(), reason: operation.reason.clone() }
    }
}
