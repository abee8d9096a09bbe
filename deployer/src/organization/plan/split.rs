//! Which StackSet has which Regions: a set takes 100,000 instances, so that a large organization needs several.

use std::collections::{BTreeMap, BTreeSet};

/// Instances of one StackSet
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub(super) const MOST_INSTANCES: usize = 100_000;
/// Room is left for accounts that join: a tenth more than there are.
const GROWTH: (usize, usize) = (11, 10);

/// From here on a set is nearly full.
const NEARLY: usize = MOST_INSTANCES / 100 * 95;

/// Whether the instances of a set are nearly as many as it takes.
pub(super) fn is_crowded(instances: usize) -> bool {
    instances >= NEARLY
}

/// How many Regions a set takes with so many accounts: one at least, if only with less room for growth.
pub(super) fn regions_of_a_set(accounts: usize) -> usize {
    let (more, than) = GROWTH;
    ((MOST_INSTANCES * than) / accounts.max(1).saturating_mul(more)).max(1)
}

/// Gives each Region a set, by the sets' numbers from 1. A Region stays in the set that has it; a new one goes to the
/// first set with room. Every set is in the answer, also one that has none of these Regions.
pub(super) fn split(
    existing: &BTreeMap<usize, BTreeSet<String>>,
    regions: &[String],
    room: usize,
) -> BTreeMap<usize, BTreeSet<String>> {
    let mut sets = existing.clone();
    for region in regions {
        if sets.values().any(|own| own.contains(region)) {
            continue;
        }
        let mut number = 1;
        while sets.get(&number).is_some_and(|own| own.len() >= room) {
            number += 1;
        }
        sets.entry(number).or_default().insert(region.clone());
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("region-{number:02}")).collect()
    }

    #[test]
    fn ten_thousand_accounts_in_seventeen_regions_are_two_sets() {
        assert_eq!(regions_of_a_set(10_000), 9);
        let sets = split(&BTreeMap::new(), &regions(17), 9);
        assert_eq!(sets.values().map(BTreeSet::len).collect::<Vec<_>>(), [9, 8]);
    }

    #[test]
    fn few_accounts_are_one_set() {
        assert_eq!(regions_of_a_set(0), 90_909);
        assert_eq!(split(&BTreeMap::new(), &regions(17), regions_of_a_set(1_000)).len(), 1);
    }

    #[test]
    fn a_set_is_crowded_before_it_is_full() {
        assert_eq!((is_crowded(94_999), is_crowded(95_000), is_crowded(100_000)), (false, true, true));
    }

    #[test]
    fn a_region_is_never_split() {
        assert_eq!((regions_of_a_set(45_000), regions_of_a_set(90_910)), (2, 1));
    }

    #[test]
    fn a_region_stays_where_it_is_and_a_new_one_goes_where_there_is_room() {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let existing = BTreeMap::from([(1, of(&["region-07", "region-08"])), (2, of(&["region-00"]))]);
        let sets = split(&existing, &regions(3), 2);
        assert_eq!(sets[&1], of(&["region-07", "region-08"]));
        assert_eq!(sets[&2], of(&["region-00", "region-01"]));
        assert_eq!(sets[&3], of(&["region-02"]));
    }
}
