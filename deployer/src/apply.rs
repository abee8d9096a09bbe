//! Carrying a plan out: every Region beside the others, step by step, without a choice of its own.

mod deploy;
mod event;
mod region;
mod upload;
mod verify;

use std::fmt;
use std::future::Future;

use aws_config::SdkConfig;
use futures_util::stream::{self, StreamExt as _};

use crate::aws::AwsRefusal;
use crate::plan::Plan;
use crate::stacks::StackFailure;

pub(crate) use deploy::deploy as deploy_stack;
pub use event::{Event, What};

/// Regions worked on at the same time: more than any partition has enabled by default.
const REGIONS_AT_ONCE: usize = 24;

/// How an installation went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Every Region of the plan, in its order.
    pub regions: Vec<RegionApplied>,
}

/// How it went in one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionApplied {
    /// The Region.
    pub region: String,
    /// How it ended.
    pub end: End,
}

/// How a Region ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// There was nothing to do.
    Unchanged,
    /// All was done and looked at afterwards.
    Done,
    /// It failed.
    Failed(Problem),
    /// The run was interrupted.
    Detached {
        /// At what; empty if the Region was not begun.
        doing: String,
        /// Whether CloudFormation goes on with it.
        goes_on: bool,
    },
}

/// Why a Region failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A call failed.
    Refused(AwsRefusal),
    /// An operation on a stack failed.
    Stack(StackFailure),
    /// CloudFormation would do what the plan does not say; nothing was executed.
    Unplanned {
        /// The stack.
        stack: String,
        /// What it would do.
        changes: Vec<String>,
    },
    /// All was done, and yet it is not as it should be.
    Unverified(Vec<String>),
}

impl Problem {
    /// Whether nothing was done because it was not what the plan says.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Unplanned { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.advice(),
            Self::Stack(failure) => failure.advice(),
            Self::Unplanned { .. } => {
                "somebody changes the stack at the same time, or by hand: run the same command again and read the plan"
                    .to_owned()
            }
            Self::Unverified(_) => {
                "somebody removed or changed it outside CloudFormation: run the same command again with --repair"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Stack(failure) => failure.fmt(f),
            Self::Unplanned { stack, changes } => {
                write!(
                    f,
                    "CloudFormation would change more in stack {stack} than the plan says: {}",
                    changes.join(", ")
                )
            }
            Self::Unverified(problems) => f.write_str(&problems.join(", ")),
        }
    }
}

impl From<AwsRefusal> for Problem {
    fn from(refusal: AwsRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StackFailure> for Problem {
    fn from(failure: StackFailure) -> Self {
        match failure {
            StackFailure::Refused(refusal) => Self::Refused(refusal),
            ended @ StackFailure::Ended { .. } => Self::Stack(ended),
        }
    }
}

/// Carries a plan out. `interrupt` ends when the user wants to leave: no further step is begun then, and what
/// CloudFormation does goes on without us.
pub(crate) async fn apply<I>(plan: &Plan, zip: &[u8], sdk: &SdkConfig, on: &dyn Fn(Event), interrupt: I) -> Applied
where
    I: Future<Output = ()> + Clone,
{
    let turns = &upload::turns();
    let work = plan.regions.iter().map(|region| {
        let interrupt = interrupt.clone();
        async move {
            let worker = region::Worker::new(sdk, plan, region, (zip, turns), on);
            RegionApplied { region: region.region.clone(), end: worker.run(interrupt).await }
        }
    });
    let mut regions: Vec<RegionApplied> =
        stream::iter(work).boxed_local().buffer_unordered(REGIONS_AT_ONCE).collect().await;
    regions.sort_by(|one, other| one.region.cmp(&other.region));
    Applied { regions }
}
