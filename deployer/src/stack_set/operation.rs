//! Beginning an operation, or attaching to the one that does the same already; waiting while another is in the way.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use tokio::time::{Instant, sleep};

use super::failure::SetFailure;
use super::follow::OnStatus;
use super::identity::{Subject, id, what};
use super::model::Operation;
use super::patience::{Patience, patiently};
use super::read::{Sets, last_ended};
use super::task::Task;
use crate::organization::settings::Pace;

/// How an operation of ours was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// We began it.
    Started,
    /// An earlier run began it.
    Attached,
}

/// What is told while an operation cannot be begun yet.
pub(crate) type OnWait<'a> = &'a dyn Fn(&Operation);

/// The pause between two attempts if CloudFormation does not say what is in the way.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// Seconds that our clock may be ahead of CloudFormation's.
const SKEW: i64 = 5;
/// How often a StackSet may have been changed between two attempts.
const STALE: u32 = 5;

/// Begins operations on one StackSet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginner<'a> {
    pub(crate) sets: &'a Sets,
    pub(crate) subject: Subject<'a>,
    pub(crate) pace: Pace,
    /// For how long other operations are waited for.
    pub(crate) limit: Duration,
}

/// Whether an operation was begun before a moment of this run. One that ended already may also be our own: the call was
/// answered, and the answer lost.
fn began_before(operation: &Operation, now: DateTime) -> bool {
    operation.created.is_none_or(|created| created.secs() + SKEW < now.secs())
}

impl Beginner<'_> {
    /// Begins a task. The id says what it does and what had ended before, so that the same run, repeated, attaches to
    /// its operation; so does one that finds an operation running that does the same.
    pub(crate) async fn begin(&self, task: &Task<'_>, on: OnWait<'_>) -> Result<(String, Begun), SetFailure> {
        let (set, what) = (self.subject.set, what(self.subject, task));
        let (began, mut pause, mut stale) = (Instant::now(), PAUSES.0, 0);
        let now = DateTime::from(SystemTime::now());
        let known = self.sets.operations(set).await?;
        let runs = |operation: &&Operation| !operation.status.is_final() && operation.id.starts_with(&what);
        if let Some(running) = known.iter().find(runs) {
            return Ok((running.id.clone(), Begun::Attached));
        }
        let mut since = last_ended(&known).map(|operation| operation.id.clone());
        loop {
            let id = id(&what, since.as_deref());
            let refusal = match self.sets.call(set, task, self.pace, &id).await {
                Ok(told) => return Ok((told.unwrap_or(id), Begun::Started)),
                Err(refusal) => refusal,
            };
            let waited = began.elapsed();
            match refusal.code.as_deref() {
                Some("OperationIdAlreadyExistsException") => {
                    let known = patiently(Patience::OF_FOLLOWERS, || self.sets.operation(set, &id)).await?;
                    let is_old = |known: &Operation| known.status.is_final() && began_before(known, now);
                    if !known.as_ref().is_some_and(is_old) {
                        return Ok((id, Begun::Attached));
                    }
                    // It was not listed yet among those that ended: what is wanted is a new attempt.
                    since = Some(id);
                }
                Some("OperationInProgressException") => {
                    let left = self.limit.checked_sub(waited);
                    let Some(left) = left else { return Err(self.busy(None, waited)) };
                    self.wait(left, &mut pause, on).await?;
                }
                Some("StaleRequestException") if stale < STALE => {
                    stale += 1;
                    sleep(pause).await;
                }
                _ if refusal.may_pass() && waited < self.limit => {
                    // The call may have arrived: the same id finds out.
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
                _ => return Err(refusal.into()),
            }
        }
    }

    /// Waits until the operation that is in the way has ended.
    async fn wait(&self, left: Duration, pause: &mut Duration, on: OnWait<'_>) -> Result<(), SetFailure> {
        let set = self.subject.set;
        let began = Instant::now();
        let known = self.sets.operations(set).await?;
        let Some(other) = known.into_iter().find(|operation| !operation.status.is_final()) else {
            // It is not listed yet, or has just ended.
            sleep(*pause).await;
            *pause = (*pause * 2).min(PAUSES.1);
            return Ok(());
        };
        on(&other);
        let follow: OnStatus<'_> = &|_| {};
        match tokio::time::timeout(left, self.sets.follow(set, &other.id, follow)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(self.busy(Some(other.id), began.elapsed())),
        }
    }

    fn busy(&self, operation: Option<String>, waited: Duration) -> SetFailure {
        SetFailure::Busy { set: self.subject.set.to_owned(), operation, waited: waited.max(self.limit) }
    }
}
