//! What happens while StackSets are worked on, for whoever shows it.

use std::fmt;

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
        /// In how many accounts and Regions it has come to an end, and of how many, when that was last counted.
        ended: Option<(usize, usize)>,
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
    /// The set is done, and all of it is well.
    Done,
    /// The set did not get to its end, or not all of it is well.
    Failed(String),
}

impl fmt::Display for SetWhat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(phase) => phase.fmt(f),
            Self::Attached { operation } => write!(f, "follows operation {operation} of an earlier run"),
            Self::Waiting { operation, is_ours: true } => {
                write!(f, "waits for operation {operation} of an earlier run")
            }
            Self::Waiting { operation, is_ours: false } => {
                write!(f, "waits for operation {operation} of somebody else")
            }
            Self::Progress { status, part, parts, ended } => {
                f.write_str(status)?;
                if *parts > 1 {
                    write!(f, ", operation {part} of {parts}")?;
                }
                ended.map_or(Ok(()), |(ended, all)| write!(f, ", {ended} of {all} stack instances ended"))
            }
            Self::Reading => f.write_str("reading what was done"),
            Self::Finished { phase, counts } if counts.total() == 0 => write!(f, "{phase} done"),
            Self::Finished { phase, counts } => {
                write!(f, "{phase} done: {} of {} well", counts.good, counts.total() - counts.skipped)
            }
            Self::Done => f.write_str("done"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}
