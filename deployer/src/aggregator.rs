//! An aggregator of AWS Config for the whole organization, as a stack of its own: observed, planned, made, removed.
//!
//! It shows what AWS Config holds, and keeps nothing from being found or judged: it comes after the StackSets, and what
//! stands in its way keeps nothing else back once the run has begun. All Regions are in it, so that a Region more of the
//! installation needs no change. <https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html>

mod apply;
mod observe;
mod plan;
mod problem;

pub use apply::{Removed, apply, remove};
pub use observe::{AggregatorState, AggregatorStatus, PRINCIPAL, observe, read_status};
pub use plan::{Wanted, plan};
pub use problem::AggregatorProblem;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::plan::{Deploy, Detail, deploy_text};
use crate::scp::guardrail::RemoveFirst;

/// The most aggregators of an account in a Region.
/// <https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>
pub const MOST: usize = 50;

/// What will be done for the aggregator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use = "a step changes nothing until it is applied"]
pub struct AggregatorStep {
    /// The Region of the stack.
    pub region: String,
    /// A stack of ours that is of no use and goes first.
    pub remove: Option<RemoveFirst>,
    /// The stack.
    pub deploy: Deploy,
}

impl AggregatorStep {
    /// The step as people read it: some lines, indented like the steps of a Region, with a line feed at the end.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        if let Some(remove) = &self.remove {
            let _ = writeln!(out, "  - stack {}: {}", remove.stack, remove.why);
        }
        out.push_str(&deploy_text(&self.deploy, Detail::Full));
        out
    }

    /// Whether this step does what a later one does.
    #[must_use]
    pub fn covers(&self, later: &Self) -> bool {
        let deploys = |step: &Self| (step.region.clone(), step.deploy.parameters.clone(), step.deploy.tags.clone());
        (later.remove.is_none() || self.remove == later.remove) && deploys(self) == deploys(later)
    }
}
