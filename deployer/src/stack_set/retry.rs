//! What is to be done again: exactly the instances where the last attempt failed, and nothing else.
//!
//! What is only outdated is none of it: an update of canary accounts makes all others outdated, and to repeat those would
//! go around what the canary is for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ledger::{Place, Standing, of_instance};
use super::model::{DetailedStatus, Instance, InstanceStatus};
use crate::organization::plan::{Chunk, Filter, Reach, SetStep, UNITS_IN_A_CALL};

/// Accounts that one call names at most. CloudFormation documents no limit; a call of this length is far from any.
const ACCOUNTS_IN_A_CALL: usize = 500;

/// What can be done again, and what cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retry {
    /// The calls: in each of its Regions, an intersection with the accounts that need it there.
    pub steps: Vec<SetStep>,
    /// How many instances that is.
    pub instances: usize,
    /// The accounts that it is about, each with the unit that it is covered through.
    pub accounts: BTreeMap<String, String>,
    /// What no operation reaches any more, because a deletion failed there: it has to be released
    /// (`DeleteStackInstances` with `RetainStacks`) and deleted by hand first.
    pub inoperable: Vec<Place>,
    /// What is in accounts where nothing can be done.
    pub skipped: Vec<Place>,
    /// How many instances are outdated although nothing failed there: they are for an installation, with its canary.
    pub outdated: usize,
}

/// Works out what is to be done again. `can_be_reached` says whether an account is active. No operation may be running:
/// what is under way is not as it should be either.
///
/// Creation is the call for all of them: with a new id it repeats what is outdated, a stack that failed to be made as
/// well as one that failed to be updated, and leaves alone what is as it should be (see `task`).
#[must_use]
pub fn retry<'a>(instances: impl Iterator<Item = &'a Instance>, can_be_reached: impl Fn(&str) -> bool) -> Retry {
    let mut found = Retry::default();
    let mut by_region: BTreeMap<Arc<str>, Accounts> = BTreeMap::new();
    for instance in instances {
        let place = (Arc::clone(&instance.account), Arc::clone(&instance.region));
        if !can_be_reached(&instance.account) {
            found.skipped.push(place);
        } else if instance.status == InstanceStatus::Inoperable {
            found.inoperable.push(place);
        } else if of_instance(instance) == Standing::Good {
            // Nothing to do.
        } else if !has_failed(instance) {
            found.outdated += 1;
        } else {
            found.instances += 1;
            let unit = Arc::clone(&instance.unit);
            by_region.entry(place.1).or_default().insert((place.0, unit));
        }
    }
    found.inoperable.sort();
    found.skipped.sort();
    for (account, unit) in by_region.values().flatten() {
        found.accounts.insert(account.as_ref().to_owned(), unit.as_ref().to_owned());
    }
    found.steps = calls(by_region).into_iter().map(step).collect();
    found
}

/// Whether an operation tried and did not succeed. An account that was suspended then and is active again counts: no
/// other command repeats it.
pub(crate) fn has_failed(instance: &Instance) -> bool {
    match &instance.detailed {
        DetailedStatus::Failed
        | DetailedStatus::Cancelled
        | DetailedStatus::FailedImport
        | DetailedStatus::SkippedSuspendedAccount => true,
        DetailedStatus::Pending
        | DetailedStatus::Running
        | DetailedStatus::Succeeded
        | DetailedStatus::Inoperable
        | DetailedStatus::Unknown(_) => false,
    }
}

/// Accounts, each with its unit.
pub(super) type Accounts = BTreeSet<(Arc<str>, Arc<str>)>;

/// Regions with the chunks of accounts in them. Regions with the same accounts go together: the targets of a call are
/// every one of its accounts in every one of its Regions.
pub(super) fn calls(by_region: BTreeMap<Arc<str>, Accounts>) -> Vec<(Vec<String>, Vec<Chunk>)> {
    let mut regions_of: BTreeMap<Accounts, Vec<String>> = BTreeMap::new();
    for (region, accounts) in by_region {
        regions_of.entry(accounts).or_default().push(region.as_ref().to_owned());
    }
    let mut calls: Vec<_> = regions_of.into_iter().map(|(accounts, regions)| (regions, chunks(&accounts))).collect();
    calls.sort();
    calls
}

fn step((regions, chunks): (Vec<String>, Vec<Chunk>)) -> SetStep {
    SetStep::AddInstances { on: Reach::Everything, regions, chunks }
}

/// Calls with so many accounts and units as fit into one.
fn chunks(accounts: &Accounts) -> Vec<Chunk> {
    let mut by_unit: Vec<&(Arc<str>, Arc<str>)> = accounts.iter().collect();
    by_unit.sort_by(|(one, of_one), (other, of_other)| (of_one, one).cmp(&(of_other, other)));
    let mut chunks: Vec<Chunk> = Vec::new();
    for (account, unit) in by_unit {
        let fits = |chunk: &&mut Chunk| {
            let knows_unit = chunk.units.last().is_some_and(|last| **last == **unit);
            chunk.accounts.len() < ACCOUNTS_IN_A_CALL && (knows_unit || chunk.units.len() < UNITS_IN_A_CALL)
        };
        let (account, unit) = (account.as_ref().to_owned(), unit.as_ref().to_owned());
        match chunks.last_mut().filter(fits) {
            Some(chunk) => {
                if chunk.units.last() != Some(&unit) {
                    chunk.units.push(unit);
                }
                chunk.accounts.push(account);
            }
            None => chunks.push(Chunk { units: vec![unit], accounts: vec![account], filter: Filter::Intersection }),
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::super::intern::Interner;
    use super::*;

    fn instance(account: &str, region: &str, unit: &str, status: &str, detailed: &str) -> Instance {
        let mut seen = Interner::default();
        Instance {
            account: seen.name(account),
            region: seen.name(region),
            unit: seen.name(unit),
            status: InstanceStatus::of(status),
            detailed: DetailedStatus::of(detailed),
            reason: None,
            last_operation: None,
            has_stack: true,
        }
    }

    fn targets(step: &SetStep) -> Vec<(String, String)> {
        let SetStep::AddInstances { regions, chunks, .. } = step else { panic!("{step:?}") };
        let accounts = chunks.iter().flat_map(|chunk| &chunk.accounts);
        let each = accounts.flat_map(|account| regions.iter().map(move |region| (account.clone(), region.clone())));
        each.collect()
    }

    #[test]
    fn exactly_what_failed_is_done_again() {
        let some = [
            instance("1", "eu-west-1", "ou-a", "CURRENT", "SUCCEEDED"),
            instance("2", "eu-west-1", "ou-a", "OUTDATED", "FAILED"),
            instance("2", "us-east-1", "ou-a", "OUTDATED", "FAILED"),
            instance("3", "eu-west-1", "ou-b", "OUTDATED", "CANCELLED"),
            instance("4", "eu-west-1", "ou-b", "INOPERABLE", "INOPERABLE"),
            instance("5", "eu-west-1", "ou-b", "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"),
            instance("6", "us-east-1", "ou-b", "OUTDATED", "PENDING"),
            instance("7", "us-east-1", "ou-b", "OUTDATED", "SUCCEEDED"),
            instance("8", "us-east-1", "ou-b", "OUTDATED", "FAILED_IMPORT"),
        ];
        let again = retry(some.iter(), |account| account != "5");
        let mut all: Vec<(String, String)> = again.steps.iter().flat_map(targets).collect();
        all.sort();
        let pairs = [("2", "eu-west-1"), ("2", "us-east-1"), ("3", "eu-west-1"), ("8", "us-east-1")];
        assert_eq!(all, pairs.map(|(account, region)| (account.to_owned(), region.to_owned())));
        assert_eq!((again.instances, again.outdated), (4, 2));
        assert_eq!(again.inoperable, [("4".into(), "eu-west-1".into())]);
        assert_eq!(again.skipped, [("5".into(), "eu-west-1".into())]);
        assert_eq!(again.accounts.get("3").map(String::as_str), Some("ou-b"));
    }

    #[test]
    fn an_account_that_is_active_again_is_done_too() {
        let some = [instance("5", "eu-west-1", "ou-b", "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT")];
        assert_eq!(retry(some.iter(), |_| true).instances, 1);
    }

    #[test]
    fn regions_with_the_same_accounts_share_a_call() {
        let some: Vec<Instance> = ["eu-west-1", "us-east-1", "us-west-2"]
            .iter()
            .map(|region| instance("1", region, "ou-a", "OUTDATED", "FAILED"))
            .collect();
        let again = retry(some.iter(), |_| true);
        assert_eq!(again.steps.len(), 1);
        assert_eq!(again.steps.iter().map(|step| targets(step).len()).sum::<usize>(), 3);
    }

    #[test]
    fn calls_stay_below_their_limits_and_name_nobody_twice() {
        let some: Vec<Instance> = (0..1_300)
            .map(|n| instance(&format!("{n:012}"), "eu-west-1", &format!("ou-{}", n % 120), "OUTDATED", "FAILED"))
            .collect();
        let again = retry(some.iter(), |_| true);
        let [SetStep::AddInstances { chunks, .. }] = again.steps.as_slice() else { panic!("{:?}", again.steps) };
        assert!(chunks.iter().all(|chunk| chunk.units.len() <= 50 && chunk.accounts.len() <= 500));
        let named: BTreeSet<&String> = chunks.iter().flat_map(|chunk| &chunk.accounts).collect();
        assert_eq!((named.len(), chunks.iter().map(|chunk| chunk.accounts.len()).sum::<usize>()), (1_300, 1_300));
    }

    #[test]
    fn all_well_is_nothing_to_do() {
        let some = [instance("1", "eu-west-1", "ou-a", "CURRENT", "SUCCEEDED")];
        assert_eq!(retry(some.iter(), |_| true), Retry::default());
    }
}
