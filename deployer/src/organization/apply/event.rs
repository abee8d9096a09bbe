//! What happens while StackSets are worked on, for whoever shows it.

use super::phase::Phase;
use crate::stack_set::Counts;

/// Something happened to a StackSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetEvent {
    /// The StackSet.
    pub set: String,
    /// What.
    pub what: SetWhat,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetWhat {
    /// A phase began.
    Began(Phase),
    /// An operation of an earlier run does it already, and is followed.
    Attached {
        /// The operation.
        operation: String,
    },
    /// Another operation is in the way, and is waited for.
    Waiting {
        /// The operation.
        operation: String,
        /// Whether `deployer` began it.
        is_ours: bool,
    },
    /// CloudFormation is at it.
    Progress {
        /// Its word for how far the operation is.
        status: String,
        /// Which call of the phase it is, from 1.
        part: usize,
        /// Of how many.
        parts: usize,
    },
    /// An operation has ended, and its results are read.
    Reading,
    /// A phase is done.
    Finished {
        /// Which.
        phase: Phase,
        /// How it went in the accounts and Regions.
        counts: Counts,
    },
    /// The set is done.
    Done,
    /// The set did not get to its end.
    Failed(String),
}
