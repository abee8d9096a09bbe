//! Failures that mean the same, together: how many there are, in how many accounts and Regions, one of them, one fix.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use super::reason::{Cause, Explained, Reason};

/// Failures that mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// What is behind them.
    pub cause: Cause,
    /// The type of the resource that failed, if a resource did.
    pub resource: Option<String>,
    /// The reason of the first, in CloudFormation's words.
    pub reason: String,
    /// How many stacks it is.
    pub instances: usize,
    /// In how many accounts.
    pub accounts: usize,
    /// In how many Regions.
    pub regions: usize,
    /// The account of one of them, the first in order.
    pub account: String,
    /// The Region of the same one.
    pub region: String,
    /// What to do about it.
    pub fix: String,
}

/// Collects failures into groups. Memory grows with the groups and the accounts, not with the failures.
#[derive(Debug, Default)]
pub struct Groups {
    found: BTreeMap<Reason, Found>,
}

#[derive(Debug, Default)]
struct Found {
    instances: usize,
    accounts: HashSet<Arc<str>>,
    regions: HashSet<Arc<str>>,
    first: Option<(Arc<str>, Arc<str>)>,
}

impl Groups {
    /// Adds a failure.
    pub fn add(&mut self, account: &Arc<str>, region: &Arc<str>, reason: &Reason) {
        let found = self.found.entry(Arc::clone(reason)).or_default();
        found.instances += 1;
        found.accounts.insert(Arc::clone(account));
        found.regions.insert(Arc::clone(region));
        let here = (Arc::clone(account), Arc::clone(region));
        found.first = Some(found.first.take().map_or(here.clone(), |first| first.min(here)));
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The groups, the largest first; what is only a consequence of others comes last.
    #[must_use]
    pub fn finish(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.found.into_iter().map(|(reason, found)| group(&reason, found)).collect();
        groups.sort_by(|one, other| {
            let key = |group: &Group| (group.cause.is_consequence(), usize::MAX - group.instances, group.cause);
            key(one).cmp(&key(other)).then_with(|| one.reason.cmp(&other.reason))
        });
        groups
    }
}

fn group(reason: &Explained, found: Found) -> Group {
    let (account, region) = found.first.unwrap_or_else(|| ("".into(), "".into()));
    Group {
        cause: reason.cause,
        resource: reason.resource.as_ref().map(|resource| resource.kind.clone()),
        reason: reason.sample.clone(),
        instances: found.instances,
        accounts: found.accounts.len(),
        regions: found.regions.len(),
        account: account.as_ref().to_owned(),
        region: region.as_ref().to_owned(),
        fix: reason.cause.fix().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reason::Reasons;
    use super::*;

    fn grouped(failures: &[(&str, &str, &str)]) -> Vec<Group> {
        let (mut reasons, mut groups) = (Reasons::default(), Groups::default());
        for (account, region, reason) in failures {
            groups.add(&(*account).into(), &(*region).into(), &reasons.intern(reason));
        }
        groups.finish()
    }

    #[test]
    fn accounts_and_regions_are_counted_once() {
        let told = "NoAvailableConfigurationRecorderException";
        let groups = grouped(&[
            ("2", "eu-west-1", told),
            ("1", "us-east-1", told),
            ("1", "eu-west-1", told),
            ("3", "eu-west-1", "Cancelled since failure tolerance has exceeded"),
        ]);
        let [first, last] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!((first.instances, first.accounts, first.regions), (3, 2, 2));
        assert_eq!((first.account.as_str(), first.region.as_str()), ("1", "eu-west-1"));
        assert_eq!((first.cause, last.cause), (Cause::NoRecorder, Cause::ToleranceExceeded));
    }

    #[test]
    fn a_consequence_comes_last_although_there_are_more_of_it() {
        let cancelled = "Cancelled since failure tolerance has exceeded";
        let groups = grouped(&[("1", "r", cancelled), ("2", "r", cancelled), ("3", "r", "boom")]);
        assert_eq!(groups.iter().map(|group| group.instances).collect::<Vec<_>>(), [1, 2]);
    }
}
