//! Operations of `StackSets` as values.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::model::Key;
use super::preferences::Preferences;
use super::targets::Selection;
use crate::sandbox::clock::Instant;
use crate::sandbox::cloudformation::parameters::Parameters;

/// `StackSetOperationAction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// `StackSetOperationStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    Running,
    Stopping,
    Succeeded,
    Failed,
    Stopped,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// `StackSetOperationResultStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl Outcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// The result of an operation in one account and Region.
#[derive(Debug, Clone)]
pub(crate) struct OperationResult {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<Arc<str>>,
    pub(crate) unit: Arc<str>,
}

/// What an operation is for.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Instances that are there are retried.
    Create {
        selection: Selection,
        overrides: Option<Parameters>,
    },
    UpdateInstances {
        selection: Selection,
        overrides: Option<Parameters>,
    },
    /// All instances, or those that are selected.
    UpdateSet(Option<Selection>),
    Delete {
        selection: Selection,
        retain: bool,
    },
    /// Somebody else's, which runs until it is told to end.
    Foreign,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: Arc<str>,
    pub(crate) state: State,
    pub(super) work: Work,
    pub(super) preferences: Preferences,
    /// `DeploymentTargets` as they were given.
    pub(super) targets: Option<Value>,
    pub(super) created: Instant,
    pub(super) ended: Option<Instant>,
    pub(crate) results: BTreeMap<Key, OperationResult>,
    pub(crate) failed: usize,
    pub(super) lanes: Vec<Lane>,
    /// When its next step is due.
    pub(super) next: Instant,
}

impl Operation {
    pub(crate) fn action(&self) -> Action {
        match self.work {
            Work::Create { .. } => Action::Create,
            Work::UpdateInstances { .. } | Work::UpdateSet(_) | Work::Foreign => Action::Update,
            Work::Delete { .. } => Action::Delete,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.state, State::Queued | State::Running | State::Stopping)
    }

    /// Whether its steps are taken.
    pub(super) fn is_moving(&self) -> bool {
        matches!(self.state, State::Running | State::Stopping)
    }

    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.work, Work::Foreign)
    }
}

/// An operation in one Region.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) region: Arc<str>,
    /// Accounts that it has not come to.
    pub(super) waiting: VecDeque<Arc<str>>,
    pub(super) running: Vec<Running>,
    /// How many accounts there were at the beginning.
    pub(super) total: usize,
    pub(super) failed: usize,
    /// Whether more have failed than may.
    pub(super) exceeded: bool,
}

impl Lane {
    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }
}

/// An account that an operation is at.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) account: Arc<str>,
    /// The version of the definition that is deployed.
    pub(super) version: u32,
    pub(super) step: Step,
}

/// What is waited for.
#[derive(Debug)]
pub(super) enum Step {
    /// A stack; its events before this number are of earlier operations.
    Stack { id: Box<str>, events: usize, deletes: bool },
    /// The next step of the operation, which has this end.
    Until(Ended),
}

/// How an operation ended in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It went well, perhaps with something to say.
    Good(Option<Arc<str>>),
    Bad(Arc<str>),
    /// A stack that can be neither used nor deleted is left.
    Wreck(Arc<str>),
    /// The account is not active.
    Suspended,
}
