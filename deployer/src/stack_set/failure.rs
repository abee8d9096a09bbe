//! Why an operation on a StackSet could not be begun or followed.

use std::fmt;
use std::time::Duration;

use crate::aws::AwsRefusal;

/// Why an operation could not be begun or followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetFailure {
    /// A call failed, and nothing of ours runs.
    Refused(AwsRefusal),
    /// An operation runs, and could no longer be followed.
    Lost {
        /// The StackSet.
        set: String,
        /// The operation.
        operation: String,
        /// Why.
        refusal: Box<AwsRefusal>,
    },
    /// Another operation runs for longer than we would wait.
    Busy {
        /// The StackSet.
        set: String,
        /// The operation that runs, if CloudFormation names one.
        operation: Option<String>,
        /// For how long we waited.
        waited: Duration,
    },
    /// Our operation waits in the queue for longer than we would wait.
    Queued {
        /// The StackSet.
        set: String,
        /// Our operation.
        operation: String,
        /// For how long we waited.
        waited: Duration,
    },
    /// The StackSet has to be there, and is not.
    Missing {
        /// The StackSet.
        set: String,
        /// The Region.
        region: String,
    },
    /// There is a StackSet of that name that is another than was planned.
    Other {
        /// The StackSet.
        set: String,
        /// What is different.
        why: String,
    },
}

impl From<AwsRefusal> for SetFailure {
    fn from(refusal: AwsRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl SetFailure {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Refused(refusal) => advice_on(refusal),
            Self::Lost { refusal, .. } if refusal.is_expired() => refusal.advice(),
            Self::Lost { .. } => {
                "the operation goes on: run the same command again later, it follows where this one stopped".to_owned()
            }
            Self::Busy { operation: Some(id), set, .. } => format!(
                "run the same command again when it has ended, or stop it: aws cloudformation \
                 stop-stack-set-operation --stack-set-name {set} --operation-id {id}"
            ),
            Self::Queued { set, .. } => format!(
                "it begins when those before it have ended (aws cloudformation list-stack-set-operations \
                 --stack-set-name {set} shows them): run the same command again later, it follows it"
            ),
            Self::Busy { operation: None, .. } => "run the same command again later".to_owned(),
            Self::Missing { .. } => {
                "somebody deleted it meanwhile, or it is in another Region: run the same command again, with \
                 --home-region if need be"
                    .to_owned()
            }
            Self::Other { .. } => {
                "somebody changes it at the same time: run the same command again and read the plan".to_owned()
            }
        }
    }
}

/// What StackSets mean by codes that other calls do not have.
fn advice_on(refusal: &AwsRefusal) -> String {
    let is = |words: &str| refusal.message.contains(words);
    if refusal.code.as_deref() == Some("LimitExceededException") {
        "a quota of StackSets is used up: wait until other operations have ended, or ask for more in Service Quotas"
            .to_owned()
    } else if is("delegated admin") || is("management account") {
        "run it with credentials of the management account or of an account that is registered for StackSets \
         (deployer doctor --org tells which)"
            .to_owned()
    } else {
        refusal.advice()
    }
}

impl fmt::Display for SetFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Lost { set, operation, refusal } => {
                write!(f, "operation {operation} on StackSet {set} could not be followed to its end: {refusal}")
            }
            Self::Busy { set, operation, waited } => {
                let minutes = waited.as_secs().div_ceil(60);
                match operation {
                    Some(id) => write!(f, "operation {id} still runs on StackSet {set} after {minutes} min"),
                    None => write!(f, "another operation runs on StackSet {set} after {minutes} min"),
                }
            }
            Self::Queued { set, operation, waited } => {
                let minutes = waited.as_secs().div_ceil(60);
                write!(f, "operation {operation} on StackSet {set} has not begun after {minutes} min in the queue")
            }
            Self::Missing { set, region } => write!(f, "there is no StackSet {set} in {region}"),
            Self::Other { set, why } => write!(f, "StackSet {set} is not as planned: {why}"),
        }
    }
}

impl std::error::Error for SetFailure {}
