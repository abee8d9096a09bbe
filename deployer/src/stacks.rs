//! Operations on stacks: begun by a token, followed by their events to the end, told apart by what CloudFormation says.

mod alone;
mod change;
mod delete;
mod diagnosis;
mod events;
mod recover;
mod validation;

pub(crate) use alone::{Base, base};
pub use alone::{RemoveFirst, StackProblem};
pub(crate) use change::{Changed, CloudFormationChange, Wanted, propose};
pub(crate) use delete::delete;
pub use diagnosis::{Trouble, diagnose};
pub(crate) use events::settled;
pub(crate) use recover::continue_rollback;

use std::fmt;

use crate::aws::AwsRefusal;

/// Told while an operation runs: CloudFormation's word for the stack, and how many of its resources are done.
pub(crate) type OnProgress<'a> = &'a dyn Fn(&str, usize);

/// A resource that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedResource {
    /// The logical id in the template.
    pub logical: String,
    /// The type, such as `AWS::Lambda::Function`.
    pub kind: String,
    /// The resource's name or ARN, if it got one.
    pub physical: String,
    /// What the service said.
    pub reason: String,
}

/// An operation that came to no good end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackFailure {
    /// A call failed.
    Refused(AwsRefusal),
    /// The operation ended in a state that is none of success.
    Ended {
        /// The stack.
        stack: String,
        /// The Region.
        region: String,
        /// CloudFormation's word for its state.
        status: String,
        /// CloudFormation's words about it.
        reason: String,
        /// The resources that failed first, oldest first; those that were only cancelled are left out.
        resources: Vec<FailedResource>,
    },
}

impl From<AwsRefusal> for StackFailure {
    fn from(refusal: AwsRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl StackFailure {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.advice(),
            Self::Ended { resources, reason, .. } => {
                let first = resources.first().map_or(reason.as_str(), |resource| resource.reason.as_str());
                diagnose(first).advice().to_owned()
            }
        }
    }
}

impl fmt::Display for StackFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Ended { stack, region, status, reason, resources } => {
                write!(f, "stack {stack} in {region} {}", ended(status))?;
                match resources.first() {
                    Some(first) => write!(f, ": {} ({}): {}", first.logical, first.kind, first.reason)?,
                    None if reason.is_empty() => {}
                    None => write!(f, ": {reason}")?,
                }
                match resources.len().saturating_sub(1) {
                    0 => Ok(()),
                    1 => f.write_str("; one more resource failed"),
                    more => write!(f, "; {more} more resources failed"),
                }
            }
        }
    }
}

impl std::error::Error for StackFailure {}

/// What a state means for the one who asked for something else.
fn ended(status: &str) -> String {
    match status {
        // New stacks are made so that CloudFormation removes them when they fail.
        "DELETE_COMPLETE" => "could not be made, and was removed again".to_owned(),
        "UPDATE_ROLLBACK_COMPLETE" => "could not be updated, and was rolled back".to_owned(),
        other => format!("ended in {other}"),
    }
}
