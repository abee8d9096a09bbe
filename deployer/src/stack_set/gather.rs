//! What an operation did: its results and the instances that it touched, read to the end and held against what was
//! expected. CloudFormation shows both only eventually, so that what does not add up is read again for a while.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{TryStreamExt as _, pin_mut, try_join};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::intern::Interner;
use super::ledger::{Ledger, Place};
use super::model::{Operation, ResultStatus};
use super::read::Sets;
use crate::observe::Read;

/// For how long rows that are late are waited for.
pub(crate) const LATEST: Duration = Duration::from_mins(1);
/// The pause before the first re-read, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// Where an operation should have told an end: in each of the Regions for each of the accounts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    pub(crate) accounts: Vec<Arc<str>>,
    pub(crate) regions: Vec<String>,
    /// Whether the operation makes the instances; else there may be none.
    pub(crate) makes_them: bool,
    /// Whether instances are there afterwards.
    pub(crate) keeps_them: bool,
    /// Places where an end has to be told although the operation makes no instances.
    pub(crate) known: Vec<Place>,
}

/// What CloudFormation did not tell in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Incomplete {
    /// Accounts and Regions without an end.
    pub unfinished: usize,
    /// Failures that were counted and not told.
    pub untold_failures: usize,
}

impl Incomplete {
    fn is_complete(self) -> bool {
        self == Self::default()
    }

    /// Adds what is missing elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        self.unfinished += other.unfinished;
        self.untold_failures += other.untold_failures;
    }
}

/// Reads what operations on one StackSet did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gatherer<'a> {
    pub(crate) sets: &'a Sets,
    pub(crate) set: &'a str,
    pub(crate) seen: &'a RefCell<Interner>,
    /// For how long rows that are late are waited for.
    pub(crate) latest: Duration,
}

impl Gatherer<'_> {
    /// Reads what an operation did into the ledger, as the operation of this number. What is still missing after a while
    /// is told.
    pub(crate) async fn gather(
        &self,
        operation: &Operation,
        told_by: u32,
        expected: &Expected,
        ledger: &RefCell<Ledger>,
    ) -> Read<Incomplete> {
        let places = self.places(expected);
        let due = if expected.makes_them { &places } else { &expected.known };
        let (began, mut pause, mut round) = (Instant::now(), PAUSES.0, 0_u32);
        loop {
            let (failed, ()) = try_join!(
                self.read_results(&operation.id, told_by, ledger),
                self.read_instances(&operation.id, told_by, expected, ledger)
            )?;
            if round > 0 && expected.keeps_them && !without_end(&places, told_by, ledger).is_empty() {
                self.read_untouched(told_by, expected, ledger).await?;
            }
            let missing = without_end(due, told_by, ledger);
            let counts = ledger.borrow().counts_of(told_by);
            let unfinished = missing.len().max(counts.unfinished);
            let told = failed.max(counts.failed + counts.cancelled + counts.skipped);
            let untold_failures = operation.failed_count.unwrap_or_default().saturating_sub(told);
            let incomplete = Incomplete { unfinished, untold_failures };
            if incomplete.is_complete() || began.elapsed() + pause > self.latest {
                for place in &missing {
                    ledger.borrow_mut().expect(place, told_by);
                }
                return Ok(incomplete);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
            round += 1;
        }
    }

    fn places(&self, expected: &Expected) -> Vec<Place> {
        let seen = &mut *self.seen.borrow_mut();
        let regions: Vec<Arc<str>> = expected.regions.iter().map(|region| seen.name(region)).collect();
        let in_each = |account: &Arc<str>| {
            let account = Arc::clone(account);
            regions.iter().map(move |region| (Arc::clone(&account), Arc::clone(region)))
        };
        expected.accounts.iter().flat_map(in_each).collect()
    }

    /// Gives back how many failures were told.
    async fn read_results(&self, id: &str, told_by: u32, ledger: &RefCell<Ledger>) -> Read<usize> {
        let pages = self.sets.results(self.set, id, self.seen);
        pin_mut!(pages);
        let mut failed = 0;
        while let Some(page) = pages.try_next().await? {
            let ledger = &mut *ledger.borrow_mut();
            for row in &page {
                ledger.result(row, told_by);
                failed += usize::from(row.status == ResultStatus::Failed);
            }
        }
        Ok(failed)
    }

    async fn read_instances(&self, id: &str, told_by: u32, expected: &Expected, ledger: &RefCell<Ledger>) -> Read<()> {
        if !expected.keeps_them {
            return Ok(());
        }
        // An update of some also touches the others, if only to call them outdated.
        let wanted: HashSet<&Arc<str>> = expected.accounts.iter().collect();
        let pages = self.sets.instances(self.set, &expected.regions, Some(id), self.seen);
        pin_mut!(pages);
        while let Some(page) = pages.try_next().await? {
            let ledger = &mut *ledger.borrow_mut();
            page.iter().filter(|row| wanted.contains(&row.account)).for_each(|row| ledger.instance(row, told_by));
        }
        Ok(())
    }

    /// Instances that are as they should be are not always part of an operation.
    async fn read_untouched(&self, told_by: u32, expected: &Expected, ledger: &RefCell<Ledger>) -> Read<()> {
        let wanted: HashSet<&Arc<str>> = expected.accounts.iter().collect();
        let pages = self.sets.instances(self.set, &expected.regions, None, self.seen);
        pin_mut!(pages);
        while let Some(page) = pages.try_next().await? {
            let ledger = &mut *ledger.borrow_mut();
            page.iter().filter(|row| wanted.contains(&row.account)).for_each(|row| ledger.untouched(row, told_by));
        }
        Ok(())
    }
}

fn without_end(places: &[Place], told_by: u32, ledger: &RefCell<Ledger>) -> Vec<Place> {
    let ledger = ledger.borrow();
    places.iter().filter(|place| !ledger.has_end(place, told_by)).cloned().collect()
}
