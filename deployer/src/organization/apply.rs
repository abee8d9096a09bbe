//! Carrying the StackSet steps of a plan out: several sets side by side, step by step, without a choice of its own.
//!
//! The canary accounts of all sets come first. If anything is wrong with one of them, no set goes further.

mod event;
mod phase;
mod stop;
mod worker;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::future::join_all;

use super::plan::{Reach, SetPlan, SetStep};
use super::settings::Pace;
use crate::stack_set::{Counts, Group, Groups, Incomplete, Interner, SetFailure, Sets};

pub use event::{SetEvent, SetWhat};
pub use phase::{OperationEnd, Phase, PhaseEnd};
pub use stop::offer_to_stop;
use worker::Worker;

/// For how long operations of others are waited for, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_hours(1);

/// What is to be carried out.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The StackSets.
    pub sets: &'a Sets,
    /// What to do with each.
    pub plans: &'a [SetPlan],
    /// The administrator account.
    pub administrator: &'a str,
    /// How fast.
    pub pace: Pace,
    /// The active accounts, each with the unit that it is covered through.
    pub covered: &'a BTreeMap<String, String>,
    /// For how long operations of others are waited for.
    pub patience: Duration,
    /// Told of everything that happens.
    pub on: &'a dyn Fn(SetEvent),
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("sets", &self.sets).field("plans", &self.plans).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetsApplied {
    /// Every set of the plan, in its order.
    pub sets: Vec<SetApplied>,
    /// How it stands in all accounts and Regions that were worked on.
    pub counts: Counts,
    /// What failed there, over all sets.
    pub groups: Vec<Group>,
    /// What CloudFormation did not tell in time.
    pub incomplete: Option<Incomplete>,
    /// Stack instances that are skipped because their accounts have not enabled the Region.
    pub not_enabled: usize,
}

/// What came of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetApplied {
    /// Its name.
    pub name: String,
    /// What was done, in order.
    pub phases: Vec<PhaseEnd>,
    /// How it stands in the accounts and Regions that were worked on.
    pub counts: Counts,
    /// What CloudFormation did not tell in time.
    pub incomplete: Option<Incomplete>,
    /// How it ended.
    pub end: SetEnd,
}

/// How a set ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetEnd {
    /// There was nothing to do.
    Unchanged,
    /// All steps were done; what failed in single accounts is in the counts.
    Done,
    /// A canary account is not well, so that nothing followed.
    CanaryFailed,
    /// What goes first in another set did not come to a good end, so that nothing followed.
    HeldBack,
    /// Not one stack instance is well, so that automatic deployment was not switched on.
    NothingWell,
    /// Somebody stopped an operation, so that nothing followed.
    Stopped {
        /// The operation.
        operation: String,
    },
    /// More failed than was to be tolerated, so that nothing followed.
    GaveUp {
        /// The operation.
        operation: String,
        /// What CloudFormation says about it.
        reason: Option<String>,
    },
    /// Something could not be begun, followed or read.
    Failed(SetFailure),
    /// The run was interrupted.
    Detached {
        /// At what; empty if the set was not begun.
        doing: String,
        /// The operation that goes on without us.
        operation: Option<String>,
    },
}

impl SetsApplied {
    /// The operations that go on without us: set and id.
    #[must_use]
    pub fn going_on<'a>(&'a self) -> Vec<(&'a str, &'a str)> {
        let of = |set: &'a SetApplied| {
            let SetEnd::Detached { operation, .. } = &set.end else { return None };
            Some((set.name.as_str(), operation.as_deref()?))
        };
        self.sets.iter().filter_map(of).collect()
    }

    /// Whether every set did all of its steps. Single accounts may have failed all the same.
    #[must_use]
    pub fn is_through(&self) -> bool {
        self.sets.iter().all(|set| matches!(set.end, SetEnd::Unchanged | SetEnd::Done))
    }

    /// Whether the run was interrupted.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.sets.iter().any(|set| matches!(set.end, SetEnd::Detached { .. }))
    }
}

/// Carries the steps of all sets out. `interrupt` ends when the user wants to leave: no further step is begun then, and
/// operations go on without us.
pub async fn apply<I>(work: Work<'_>, interrupt: I) -> SetsApplied
where
    I: Future<Output = ()> + Clone,
{
    let seen = RefCell::new(Interner::default());
    let workers: Vec<Worker<'_>> = work.plans.iter().map(|plan| Worker::new(work, plan, &seen)).collect();
    let parts: Vec<(&[SetStep], &[SetStep])> = work.plans.iter().map(|plan| at_the_gate(&plan.steps)).collect();
    let first = workers.iter().zip(&parts).map(|(worker, (canary, _))| worker.run(canary, interrupt.clone()));
    join_all(first).await;
    if workers.iter().any(Worker::is_ill) {
        workers.iter().zip(&parts).for_each(|(worker, (_, rest))| worker.hold_back(rest));
    } else {
        let rest = workers.iter().zip(&parts).map(|(worker, (_, rest))| worker.run(rest, interrupt.clone()));
        join_all(rest).await;
    }
    finish(workers, &seen)
}

/// The steps up to the last canary, and those after it.
fn at_the_gate(steps: &[SetStep]) -> (&[SetStep], &[SetStep]) {
    let is_canary = |step: &SetStep| match step {
        SetStep::Update { on, .. } | SetStep::AddInstances { on, .. } => *on == Reach::Canary,
        SetStep::Create(_) | SetStep::AutoDeployment { .. } => false,
    };
    let gate = steps.iter().rposition(is_canary).map_or(0, |last| last + 1);
    steps.split_at_checked(gate).unwrap_or((steps, &[]))
}

fn finish(workers: Vec<Worker<'_>>, seen: &RefCell<Interner>) -> SetsApplied {
    let unsaid = seen.borrow_mut().reasons.intern("CloudFormation gives no reason");
    let (mut groups, mut counts, mut incomplete) = (Groups::default(), Counts::default(), Incomplete::default());
    let mut not_enabled = 0;
    let mut sets = Vec::with_capacity(workers.len());
    for worker in workers {
        worker.ledger.borrow().group(&mut groups, &unsaid);
        not_enabled += worker.ledger.borrow().not_enabled();
        let set = worker.finish();
        counts.add(set.counts);
        incomplete.add(set.incomplete.unwrap_or_default());
        sets.push(set);
    }
    let incomplete = (incomplete != Incomplete::default()).then_some(incomplete);
    SetsApplied { sets, counts, groups: groups.finish(), incomplete, not_enabled }
}
