//! Taking a StackSet away: its instances with their stacks, what cannot be removed released, then the StackSet itself.
//!
//! Every step can be done again: a run that was interrupted is finished by the next.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{TryStreamExt as _, pin_mut};
use tokio::time::{Instant, sleep};

use super::failure::SetFailure;
use super::gather::LATEST;
use super::identity::Subject;
use super::intern::Interner;
use super::model::{Instance, InstanceStatus, Operation, OperationStatus, StackSet};
use super::operation::Beginner;
use super::read::{Of, Sets};
use super::reason::{Cause, Reason};
use super::retry::{Accounts, calls};
use super::task::{Task, Where};
use crate::aws::refused;
use crate::observe::Read;
use crate::organization::plan::{Chunk, Filter, UNITS_IN_A_CALL};
use crate::organization::settings::Pace;

/// The pause between two looks at what is left, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// What happens meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removing {
    /// A step began.
    Began(String),
    /// An operation was begun or found, and goes on also without us.
    Follows {
        /// Its id.
        operation: String,
    },
    /// Another operation is in the way.
    Waiting {
        /// Its id.
        operation: String,
    },
    /// CloudFormation's word for how far the operation is.
    Progress(String),
    /// So many instances are left.
    Left(usize),
}

/// An instance whose stack is still in its account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// The account.
    pub account: Arc<str>,
    /// The Region.
    pub region: Arc<str>,
    /// Why, if CloudFormation said so.
    pub reason: Option<Reason>,
    /// Whether the StackSet has let go of it: then the stack can only be deleted in the account.
    pub is_released: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// How many instances went: with their stacks, or because they never had one.
    pub removed: usize,
    /// Those of them that had to be let go of, because StackSets cannot get into their account or Region. They never had
    /// a stack, so that nothing is left of them.
    pub empty: Vec<Leftover>,
    /// What is left, in order.
    pub leftovers: Vec<Leftover>,
    /// Whether the StackSet is gone.
    pub is_gone: bool,
}

/// Takes one StackSet away.
#[derive(Clone, Copy)]
pub struct Remover<'a> {
    /// The StackSets.
    pub sets: &'a Sets,
    /// The administrator account.
    pub administrator: &'a str,
    /// Only in these Regions; none for everywhere. A StackSet that has others stays.
    pub regions: Option<&'a [String]>,
    /// How fast.
    pub pace: Pace,
    /// Whether stacks are let go of, too, that a deletion left in a state that no operation gets them out of, or that are
    /// in a Region that was disabled. They stay in accounts that run, and are paid for.
    pub releases_stuck: bool,
    /// For how long operations of others are waited for.
    pub patience: Duration,
    /// Told of everything that happens.
    pub on: &'a dyn Fn(Removing),
}

impl std::fmt::Debug for Remover<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remover").field("sets", &self.sets).finish_non_exhaustive()
    }
}

type Instances = BTreeMap<(Arc<str>, Arc<str>), Instance>;

impl Remover<'_> {
    /// Takes a StackSet away as far as possible. A stack that can be removed once something is put right keeps the
    /// StackSet, and gets one more attempt; one in an account that StackSets cannot reach is released and told, and so is
    /// an instance that never got a stack, because its Region is not enabled.
    ///
    /// # Errors
    /// Something could not be begun, followed or read; the same again goes on from there.
    pub async fn remove(&self, set: &StackSet) -> Result<Removed, SetFailure> {
        let seen = RefCell::new(Interner::default());
        let before = self.instances(set, &seen).await?;
        let mut left = before.clone();
        let is_whole = set.regions.iter().all(|region| self.is_meant(region));
        // A Region without instances is none of the StackSet's any more: accounts that join get nothing there.
        if set.auto_deployment.is_on && is_whole {
            (self.on)(Removing::Began("automatic deployment off".to_owned()));
            let task = Task::AutoDeployment { on: false, parameters: &set.parameters };
            self.operation(set, &task).await?;
        }
        let regions = regions(&left);
        let units: BTreeSet<&str> =
            set.units.iter().map(String::as_str).chain(left.values().map(|i| &*i.unit)).collect();
        let units: Vec<String> = units.into_iter().filter(|unit| !unit.is_empty()).map(str::to_owned).collect();
        for units in units.chunks(UNITS_IN_A_CALL).filter(|_| !left.is_empty()) {
            let chunk = Chunk { units: units.to_vec(), accounts: Vec::new(), filter: Filter::None };
            (self.on)(Removing::Began("removal of stacks".to_owned()));
            let from = Where { chunk: &chunk, regions: &regions };
            self.operation(set, &Task::Remove { from, retains_stacks: false }).await?;
        }
        if !before.is_empty() {
            left = self.settled(set, &seen).await?;
        }
        let again: Instances =
            left.iter().filter(|(_, one)| !is_out_of_reach(one)).map(|(at, one)| (at.clone(), one.clone())).collect();
        if !again.is_empty() {
            self.each(set, &again, "second attempt to remove stacks", false).await?;
            left = self.settled(set, &seen).await?;
        }
        let removed = before.len().saturating_sub(left.len());
        let (hopeless, others): (Instances, Instances) = left.into_iter().partition(|(_, one)| self.is_hopeless(one));
        let mut leftovers = self.release(set, hopeless, &seen).await?;
        leftovers.extend(others.into_values().map(|one| leftover(one, false)));
        leftovers.sort();
        let (empty, leftovers): (Vec<Leftover>, Vec<Leftover>) = leftovers
            .into_iter()
            .partition(|one| one.is_released && before.get(&place(one)).is_some_and(|own| !own.has_stack));
        let is_gone = is_whole && leftovers.iter().all(|one| one.is_released) && self.delete(set).await?;
        Ok(Removed { removed: removed + empty.len(), empty, leftovers, is_gone })
    }

    /// Lets go of instances whose stacks stay.
    async fn release(
        &self,
        set: &StackSet,
        hopeless: Instances,
        seen: &RefCell<Interner>,
    ) -> Result<Vec<Leftover>, SetFailure> {
        self.each(set, &hopeless, "release of stacks that cannot be removed", true).await?;
        if hopeless.is_empty() {
            return Ok(Vec::new());
        }
        let still = self.settled(set, seen).await?;
        Ok(hopeless.into_iter().map(|(place, one)| leftover(one, !still.contains_key(&place))).collect())
    }

    /// Removes exactly these instances, with their stacks or without.
    async fn each(
        &self,
        set: &StackSet,
        these: &Instances,
        what: &str,
        retains_stacks: bool,
    ) -> Result<(), SetFailure> {
        let mut by_region: BTreeMap<Arc<str>, Accounts> = BTreeMap::new();
        for one in these.values() {
            let accounts = by_region.entry(Arc::clone(&one.region)).or_default();
            accounts.insert((Arc::clone(&one.account), Arc::clone(&one.unit)));
        }
        for (regions, chunks) in calls(by_region) {
            for chunk in &chunks {
                (self.on)(Removing::Began(what.to_owned()));
                let from = Where { chunk, regions: &regions };
                self.operation(set, &Task::Remove { from, retains_stacks }).await?;
            }
        }
        Ok(())
    }

    /// Whether the stack is to be let go of.
    fn is_hopeless(&self, one: &Instance) -> bool {
        let is_stuck = one.status == InstanceStatus::Inoperable || is_in_closed_region(one);
        is_out_of_reach(one) || (self.releases_stuck && is_stuck)
    }

    /// Deletes the StackSet. False if CloudFormation still says that it has instances.
    async fn delete(&self, set: &StackSet) -> Result<bool, SetFailure> {
        (self.on)(Removing::Began("removal of the StackSet".to_owned()));
        let (began, mut pause) = (Instant::now(), PAUSES.0);
        loop {
            let call = self.sets.client.delete_stack_set().stack_set_name(&set.name);
            let Err(error) = call.call_as(self.sets.call_as.into()).send().await else { return Ok(true) };
            let refusal = refused("cloudformation:DeleteStackSet", &self.sets.region, &error);
            let limit = match refusal.code.as_deref() {
                Some("StackSetNotFoundException") => return Ok(true),
                // Instances that are gone may be counted for a while.
                Some("StackSetNotEmptyException") => LATEST,
                Some("OperationInProgressException") => self.patience,
                _ => return Err(refusal.into()),
            };
            if began.elapsed() + pause > limit {
                return if refusal.code.as_deref() == Some("StackSetNotEmptyException") {
                    Ok(false)
                } else {
                    Err(SetFailure::Busy { set: set.name.clone(), operation: None, waited: began.elapsed() })
                };
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn operation(&self, set: &StackSet, task: &Task<'_>) -> Result<Operation, SetFailure> {
        let settings = set.settings().unwrap_or_default();
        let subject = Subject { administrator: self.administrator, set: &set.name, settings };
        let beginner = Beginner { sets: self.sets, subject, pace: self.pace, limit: self.patience };
        let waiting = |other: &Operation| (self.on)(Removing::Waiting { operation: other.id.clone() });
        let (id, _) = beginner.begin(task, &waiting).await?;
        (self.on)(Removing::Follows { operation: id.clone() });
        let on = |status: &OperationStatus| (self.on)(Removing::Progress(status.to_string()));
        self.sets.follow(&set.name, &id, &on).await
    }

    /// What is left once nothing goes on any more: read until two looks agree, since removals show only eventually.
    async fn settled(&self, set: &StackSet, seen: &RefCell<Interner>) -> Read<Instances> {
        let (began, mut pause) = (Instant::now(), PAUSES.0);
        let mut last = self.instances(set, seen).await?;
        loop {
            (self.on)(Removing::Left(last.len()));
            if last.is_empty() || began.elapsed() + pause > LATEST {
                return Ok(last);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
            let now = self.instances(set, seen).await?;
            if now == last && !now.values().any(is_unsettled) {
                return Ok(now);
            }
            last = now;
        }
    }

    async fn instances(&self, set: &StackSet, seen: &RefCell<Interner>) -> Read<Instances> {
        let pages = self.sets.instances_of(&set.name, Of::default(), seen);
        pin_mut!(pages);
        let mut found = Instances::new();
        while let Some(page) = pages.try_next().await? {
            let page = page.into_iter().filter(|one| self.is_meant(&one.region));
            found.extend(page.map(|one| ((Arc::clone(&one.account), Arc::clone(&one.region)), one)));
        }
        Ok(found)
    }

    fn is_meant(&self, region: &str) -> bool {
        self.regions.is_none_or(|regions| regions.iter().any(|meant| meant == region))
    }
}

fn regions(instances: &Instances) -> Vec<String> {
    let regions: BTreeSet<&str> = instances.values().map(|one| &*one.region).collect();
    regions.into_iter().map(str::to_owned).collect()
}

fn place(one: &Leftover) -> (Arc<str>, Arc<str>) {
    (Arc::clone(&one.account), Arc::clone(&one.region))
}

fn leftover(one: Instance, is_released: bool) -> Leftover {
    Leftover { account: one.account, region: one.region, reason: one.reason, is_released }
}

/// Whether StackSets cannot get into the account.
fn is_unreachable(one: &Instance) -> bool {
    let cause = one.reason.as_ref().map(|reason| reason.cause);
    one.is_suspended() || matches!(cause, Some(Cause::SkippedSuspended | Cause::NoRole))
}

/// Whether the account or the administrator account has not enabled the Region. A removal fails there for the same reason
/// as the creation did (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-opt-in-regions.html>).
fn is_in_closed_region(one: &Instance) -> bool {
    one.reason.as_ref().is_some_and(|reason| reason.cause == Cause::RegionDisabled)
}

/// Whether no operation can take it away, and letting go of it is all that can be done. A stack in a Region that was
/// disabled is still there, and can be removed once somebody enables the Region.
fn is_out_of_reach(one: &Instance) -> bool {
    is_unreachable(one) || (!one.has_stack && is_in_closed_region(one))
}

/// Whether it still looks as if an operation were at it.
fn is_unsettled(one: &Instance) -> bool {
    super::ledger::of_instance(one) == super::ledger::Standing::Unfinished
        || (one.is_current() && one.detailed == super::model::DetailedStatus::Succeeded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack_set::Reasons;
    use crate::stack_set::model::DetailedStatus;

    #[test]
    fn only_what_never_had_a_stack_is_let_go_of_where_a_region_is_closed() {
        let instance = |reason: &str, has_stack| Instance {
            account: "111122223333".into(),
            region: "eu-south-2".into(),
            unit: "ou-abcd-12345678".into(),
            status: InstanceStatus::Outdated,
            detailed: DetailedStatus::Failed,
            reason: Some(Reasons::default().intern(reason)),
            last_operation: None,
            has_stack,
        };
        let closed = "STS is not activated in this region for account:111122223333.";
        assert!(is_out_of_reach(&instance(closed, false)));
        assert!(!is_out_of_reach(&instance(closed, true)), "somebody can enable the Region again");
        assert!(!is_out_of_reach(&instance("Rate exceeded", false)), "the next attempt may remove it");
        assert!(is_out_of_reach(&instance("This account is suspended.", true)));
    }
}
