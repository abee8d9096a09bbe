//! One StackSet: its steps in their order, and what they did.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{TryStreamExt as _, pin_mut};
use tokio::time::sleep;

use super::super::plan::{Chunk, Filter, SetDeploy, SetPlan, SetStep};
use super::{OperationEnd, Phase, PhaseEnd, SetApplied, SetEnd, SetEvent, SetWhat, Work};
use crate::names::SETTINGS_TAG;
use crate::observe::Read;
use crate::stack_set::create::Wanted;
use crate::stack_set::gather::{Expected, Gatherer, LATEST};
use crate::stack_set::identity::Subject;
use crate::stack_set::ledger::Place;
use crate::stack_set::operation::Beginner;
use crate::stack_set::read::Of;
use crate::stack_set::task::{Task, Where};
use crate::stack_set::{Counts, Incomplete, Interner, Ledger, OperationStatus, SetFailure, StackSet};

/// Before the first count of what has ended; the next ones wait twice as long each.
const COUNT: Duration = Duration::from_secs(15);

/// Works one StackSet off.
pub(super) struct Worker<'a> {
    work: Work<'a>,
    plan: &'a SetPlan,
    seen: &'a RefCell<Interner>,
    pub(super) ledger: RefCell<Ledger>,
    operations: Cell<u32>,
    phases: RefCell<Vec<PhaseEnd>>,
    incomplete: Cell<Incomplete>,
    end: RefCell<SetEnd>,
    /// What is being done, for the one who leaves, and the operation that goes on then.
    doing: RefCell<String>,
    goes_on: RefCell<Option<String>>,
}

/// What the steps of a set have in common.
struct Settled<'a> {
    deploy: Option<&'a SetDeploy>,
    observed: Option<StackSet>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(work: Work<'a>, plan: &'a SetPlan, seen: &'a RefCell<Interner>) -> Self {
        Self {
            work,
            plan,
            seen,
            ledger: RefCell::default(),
            operations: Cell::new(0),
            phases: RefCell::default(),
            incomplete: Cell::default(),
            end: RefCell::new(SetEnd::Unchanged),
            doing: RefCell::default(),
            goes_on: RefCell::default(),
        }
    }

    /// Does these steps, unless something before them went wrong or the interrupt comes first.
    pub(super) async fn run(&self, steps: &[SetStep], interrupt: impl Future<Output = ()>) {
        if steps.is_empty() || !matches!(*self.end.borrow(), SetEnd::Unchanged | SetEnd::Done) {
            return;
        }
        let end = match select(pin!(interrupt), pin!(self.steps(steps))).await {
            Either::Left(((), _)) => SetEnd::Detached { doing: self.doing.take(), operation: self.goes_on.take() },
            Either::Right((Ok(end), _)) => end,
            Either::Right((Err(failure), _)) => SetEnd::Failed(failure),
        };
        if let Some(told) = trouble(&end) {
            self.tell(SetWhat::Failed(told));
        }
        self.end.replace(end);
    }

    async fn steps(&self, steps: &[SetStep]) -> Result<SetEnd, SetFailure> {
        let observed = self.work.sets.find(&self.plan.name).await?;
        let deploy = self.plan.steps.iter().rev().find_map(|step| match step {
            SetStep::Create(deploy) | SetStep::Update { deploy, .. } => Some(deploy),
            SetStep::AddInstances { .. } | SetStep::AutoDeployment { .. } => None,
        });
        let settled = Settled { deploy, observed };
        for step in steps {
            let phase = Phase::of(step);
            self.doing.replace(phase.to_string());
            self.tell(SetWhat::Began(phase));
            if phase == Phase::AutoDeploymentOn && is_hopeless(self.ledger.borrow().counts()) {
                return Ok(SetEnd::NothingWell);
            }
            let (first, untold) = (self.operations.get() + 1, self.incomplete.get());
            let (operations, problem) = self.step(step, &settled).await?;
            let mut counts = Counts::default();
            (first..=self.operations.get()).for_each(|told| counts.add(self.ledger.borrow().counts_of(told)));
            self.phases.borrow_mut().push(PhaseEnd { phase, operations, counts });
            self.tell(SetWhat::Finished { phase, counts });
            // Where nothing was told, nothing is known to be well either.
            let is_told = self.incomplete.get() == untold;
            if phase.is_canary() && !is_well(counts, is_told) {
                return Ok(SetEnd::CanaryFailed);
            }
            if let Some(problem) = problem {
                return Ok(problem);
            }
        }
        Ok(SetEnd::Done)
    }

    /// Does one step: its operations, and why nothing may follow.
    async fn step(
        &self,
        step: &SetStep,
        settled: &Settled<'_>,
    ) -> Result<(Vec<OperationEnd>, Option<SetEnd>), SetFailure> {
        let none = || Expected::default();
        match step {
            SetStep::Create(deploy) => {
                let (parameters, tags) = (&deploy.parameters, &deploy.tags);
                let wanted = Wanted { name: &self.plan.name, template: deploy.template.text(), parameters, tags };
                self.work.sets.create(wanted).await?;
                Ok((Vec::new(), None))
            }
            SetStep::Update { deploy, canary, .. } => {
                let regions = self.regions_there(settled);
                let on = canary.as_ref().map(|chunk| Where { chunk, regions: &regions });
                let (parameters, tags) = (&deploy.parameters, &deploy.tags);
                let is_unmanaged = settled.observed.as_ref().is_some_and(|set| !set.is_managed_execution);
                let task = Task::Update {
                    template: deploy.template.text(),
                    parameters,
                    tags,
                    on,
                    switches_managed_execution_on: is_unmanaged,
                };
                let mut expected = Expected { makes_them: false, ..self.expected(canary.as_ref(), &regions) };
                if canary.is_some() {
                    expected.known = self.known(&expected).await?;
                }
                self.each(&[(task, expected)], settled).await
            }
            SetStep::AddInstances { regions, chunks, .. } => {
                let task = |chunk| (Task::Add(Where { chunk, regions }), self.expected(Some(chunk), regions));
                self.each(&chunks.iter().map(task).collect::<Vec<_>>(), settled).await
            }
            SetStep::AutoDeployment { on } => {
                let empty = std::collections::BTreeMap::new();
                let observed = settled.observed.as_ref().map(|set| &set.parameters);
                let parameters = settled.deploy.map(|deploy| &deploy.parameters).or(observed).unwrap_or(&empty);
                self.each(&[(Task::AutoDeployment { on: *on, parameters }, none())], settled).await
            }
        }
    }

    /// One operation after the other; the first that was stopped or gave up is the last.
    async fn each(
        &self,
        tasks: &[(Task<'_>, Expected)],
        settled: &Settled<'_>,
    ) -> Result<(Vec<OperationEnd>, Option<SetEnd>), SetFailure> {
        let mut ended = Vec::with_capacity(tasks.len());
        for (index, (task, expected)) in tasks.iter().enumerate() {
            let operation = self.operation(task, expected, settled, (index + 1, tasks.len())).await?;
            let problem = match &operation.status {
                OperationStatus::Stopped => Some(SetEnd::Stopped { operation: operation.id.clone() }),
                OperationStatus::Failed => {
                    Some(SetEnd::GaveUp { operation: operation.id.clone(), reason: operation.reason.clone() })
                }
                OperationStatus::Succeeded
                | OperationStatus::Queued
                | OperationStatus::Running
                | OperationStatus::Stopping
                | OperationStatus::Unknown(_) => None,
            };
            ended.push(operation);
            if problem.is_some() {
                return Ok((ended, problem));
            }
        }
        Ok((ended, None))
    }

    /// Begins an operation, follows it to its end, and reads what it did.
    async fn operation(
        &self,
        task: &Task<'_>,
        expected: &Expected,
        settled: &Settled<'_>,
        (part, parts): (usize, usize),
    ) -> Result<OperationEnd, SetFailure> {
        let (set, sets) = (self.plan.name.as_str(), self.work.sets);
        let from_plan = settled.deploy.and_then(|deploy| deploy.tags.get(SETTINGS_TAG).map(String::as_str));
        let settings = from_plan.or_else(|| settled.observed.as_ref().and_then(StackSet::settings)).unwrap_or_default();
        let subject = Subject { administrator: self.work.administrator, set, settings };
        let beginner = Beginner { sets, subject, pace: self.work.pace, limit: self.work.patience };
        let waiting = |other: &crate::stack_set::Operation| {
            self.tell(SetWhat::Waiting { operation: other.id.clone(), is_ours: other.is_ours() });
        };
        let (id, begun) = beginner.begin(task, &waiting).await?;
        self.goes_on.replace(Some(id.clone()));
        if begun == crate::stack_set::Begun::Attached {
            self.tell(SetWhat::Attached { operation: id.clone() });
        }
        let (now, ended) = (RefCell::new(String::new()), Cell::new(None));
        let tell = || {
            self.tell(SetWhat::Progress { status: now.borrow().clone(), part, parts, ended: ended.get() });
        };
        let on = |status: &OperationStatus| {
            now.replace(status.to_string());
            tell();
        };
        let all = expected.accounts.len() * expected.regions.len();
        let following = sets.follow_queued(set, &id, self.work.patience, &on);
        let told = |count| {
            ended.set(Some((count, all)));
            tell();
        };
        let operation = match select(pin!(following), pin!(self.count(&id, all, told))).await {
            Either::Left((operation, _)) => operation?,
            Either::Right((never, _)) => match never {},
        };
        self.goes_on.take();
        self.tell(SetWhat::Reading);
        let told_by = self.operations.get() + 1;
        self.operations.set(told_by);
        let gatherer = Gatherer { sets, set, seen: self.seen, latest: LATEST };
        let incomplete = gatherer.gather(&operation, told_by, expected, &self.ledger).await?;
        let mut all = self.incomplete.get();
        all.add(incomplete);
        self.incomplete.set(all);
        Ok(OperationEnd::new(&operation, begun))
    }

    /// Counts now and then where an operation has come to its end. That reads all of its results, a page for a hundred:
    /// each count waits twice as long as the one before, so that there are few, however long the operation takes.
    async fn count(&self, id: &str, all: usize, told: impl Fn(usize)) -> Infallible {
        let mut pause = COUNT;
        if all == 0 {
            return std::future::pending().await;
        }
        loop {
            sleep(pause).await;
            pause *= 2;
            // What cannot be read now is read at the end.
            let Ok(ended) = self.work.sets.ended(&self.plan.name, id, self.seen).await else { break };
            told(ended.min(all));
        }
        std::future::pending().await
    }

    /// The Regions that the set has already: an update names no others.
    fn regions_there(&self, settled: &Settled<'_>) -> Vec<String> {
        let there = settled.observed.as_ref().map(|set| &set.regions).filter(|regions| !regions.is_empty());
        let is_there = |region: &&String| there.is_none_or(|there| there.contains(region));
        self.plan.regions.iter().filter(is_there).cloned().collect()
    }

    /// Where a call should tell an end: the active accounts of its targets, in its Regions.
    fn expected(&self, chunk: Option<&Chunk>, regions: &[String]) -> Expected {
        let seen = &mut *self.seen.borrow_mut();
        let units: HashSet<&String> = chunk.map(|chunk| chunk.units.iter().collect()).unwrap_or_default();
        let named: HashSet<&String> = chunk.map(|chunk| chunk.accounts.iter().collect()).unwrap_or_default();
        let is_meant = |account: &String, unit: &String| match chunk.map(|chunk| chunk.filter) {
            None => true,
            Some(Filter::None) => units.contains(unit),
            Some(Filter::Intersection) => named.contains(account),
            Some(Filter::Difference) => units.contains(unit) && !named.contains(account),
        };
        let covered = self.work.covered.iter().filter(|(account, unit)| is_meant(account, unit));
        let accounts: Vec<Arc<str>> = covered.map(|(account, _)| seen.name(account)).collect();
        Expected { accounts, regions: regions.to_vec(), makes_them: true, keeps_them: true, known: Vec::new() }
    }

    /// Where these accounts have instances before an update of them. Canary accounts are few: each is asked for.
    async fn known(&self, expected: &Expected) -> Read<Vec<Place>> {
        let mut known = Vec::new();
        for account in &expected.accounts {
            let of = Of { account: Some(account), ..Of::default() };
            let pages = self.work.sets.instances_of(&self.plan.name, of, self.seen);
            pin_mut!(pages);
            while let Some(page) = pages.try_next().await? {
                let here = page.into_iter().filter(|row| expected.regions.iter().any(|region| **region == *row.region));
                known.extend(here.map(|row| (row.account, row.region)));
            }
        }
        Ok(known)
    }

    /// Whether nothing may follow, because what goes first did not come to a good end.
    pub(super) fn is_ill(&self) -> bool {
        !matches!(*self.end.borrow(), SetEnd::Unchanged | SetEnd::Done)
    }

    /// Leaves the rest undone, because of another set.
    pub(super) fn hold_back(&self, rest: &[SetStep]) {
        let was_well = matches!(*self.end.borrow(), SetEnd::Unchanged | SetEnd::Done);
        if was_well && !rest.is_empty() {
            self.end.replace(SetEnd::HeldBack);
        }
    }

    pub(super) fn finish(self) -> SetApplied {
        let incomplete = self.incomplete.get();
        let end = self.end.into_inner();
        let bad = self.ledger.borrow().counts().bad();
        if matches!(end, SetEnd::Unchanged | SetEnd::Done) {
            let told = || SetWhat::Failed(format!("{bad} stack instances are not as they should be"));
            let what = if bad == 0 { SetWhat::Done } else { told() };
            (self.work.on)(SetEvent { set: self.plan.name.clone(), what });
        }
        SetApplied {
            name: self.plan.name.clone(),
            phases: self.phases.into_inner(),
            counts: self.ledger.borrow().counts(),
            incomplete: (incomplete != Incomplete::default()).then_some(incomplete),
            end,
        }
    }

    fn tell(&self, what: SetWhat) {
        (self.work.on)(SetEvent { set: self.plan.name.clone(), what });
    }
}

/// Whether the accounts that went first speak for the others: some are well, none is not, and all of it was told.
fn is_well(counts: Counts, is_told: bool) -> bool {
    counts.good > 0 && counts.bad() == 0 && is_told
}

/// Whether whoever joins would only fail, too: some failed, and none is well.
fn is_hopeless(counts: Counts) -> bool {
    counts.good == 0 && counts.bad() > 0
}

/// What is wrong with an end, in a few words.
fn trouble(end: &SetEnd) -> Option<String> {
    match end {
        SetEnd::Unchanged | SetEnd::Done | SetEnd::HeldBack => None,
        SetEnd::CanaryFailed => Some("a canary account is not known to be well".to_owned()),
        SetEnd::NothingWell => Some("not one stack instance is well".to_owned()),
        SetEnd::Stopped { operation } => Some(format!("operation {operation} was stopped")),
        SetEnd::GaveUp { operation, .. } => Some(format!("operation {operation} had more failures than tolerated")),
        SetEnd::Failed(failure) => Some(failure.to_string()),
        SetEnd::Detached { .. } => Some("interrupted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_has_to_be_seen_to_be_well() {
        let counts = |good, failed, skipped| Counts { good, failed, skipped, ..Counts::default() };
        for (counts, is_told, expected) in [
            (counts(2, 0, 0), true, true),
            (counts(2, 0, 1), true, true),
            (counts(2, 0, 0), false, false),
            (counts(2, 1, 0), true, false),
            (counts(0, 0, 0), true, false),
            (counts(0, 0, 2), true, false),
        ] {
            assert_eq!(is_well(counts, is_told), expected, "{counts:?} {is_told}");
        }
    }
}
