//! Whatever is expected and whatever is found, in whatever order.

use proptest::prelude::*;

use super::{member, regions, why};
use crate::status::organization::{Class, Coverage, Expectation, Found, Why};

fn expectation() -> impl Strategy<Value = Expectation> {
    prop_oneof![
        3 => Just(Expectation::Covered),
        1 => Just(Expectation::Skipped(Why::new("not-active", "SUSPENDED"))),
        1 => Just(Expectation::OutOfScope(Why::new("not-targeted", "in no target"))),
    ]
}

fn found() -> impl Strategy<Value = Found> {
    prop_oneof![
        Just(Found::Current),
        Just(Found::Outdated(why("outdated", "older"))),
        (0..3_usize).prop_map(|number| Found::Failed(why("other", &format!("reason {number}")))),
        Just(Found::Skipped(why("region-disabled", "off"))),
    ]
}

prop_compose! {
    /// Accounts, Regions, and what is found in them: also in accounts and Regions that nobody knows, and twice.
    fn world()(
        members in prop::collection::vec((0..20_usize, expectation()), 0..15),
        places in 0..6_usize,
        found in prop::collection::vec((0..25_usize, 1..9_usize, found()), 0..150),
    ) -> (Vec<(usize, Expectation)>, usize, Vec<(usize, usize, Found)>) {
        (members, places, found)
    }
}

fn coverage(members: &[(usize, Expectation)], places: usize, found: &[(usize, usize, Found)]) -> Coverage {
    let members = members.iter().map(|(number, expectation)| member(*number, expectation.clone())).collect();
    let mut coverage = Coverage::expecting(regions(places), members);
    for (number, place, found) in found {
        coverage.record(&format!("{number:012}"), &format!("eu-west-{place}"), found);
    }
    coverage
}

proptest! {
    #[test]
    fn the_totals_are_accounts_times_regions((members, places, found) in world()) {
        let coverage = coverage(&members, places, &found);
        let all = coverage.members().len() * coverage.regions().len();
        let totals = coverage.totals();
        prop_assert_eq!(totals.all(), all);
        prop_assert_eq!(coverage.rows().count(), all);
        prop_assert!(totals.outdated <= totals.installed);
        let regions: usize = coverage.by_region().iter().map(|(_, totals)| totals.all()).sum();
        prop_assert_eq!(regions, all);
    }

    #[test]
    fn every_place_is_in_one_group((members, places, found) in world()) {
        let coverage = coverage(&members, places, &found);
        let groups = coverage.groups();
        for class in Class::ALL {
            let cells: usize = groups.iter().filter(|group| group.class == class).map(|group| group.cells).sum();
            prop_assert_eq!(cells, coverage.totals().of(class));
        }
        for group in &groups {
            let of_group = |row: &crate::status::organization::Row<'_>| row.class == group.class && row.why == group.why;
            let accounts: std::collections::BTreeSet<&str> =
                coverage.rows().filter(of_group).map(|row| row.account.id.as_str()).collect();
            prop_assert_eq!(group.accounts, accounts.len());
        }
    }

    /// Late and repeated answers change nothing but the better.
    #[test]
    fn the_order_of_answers_makes_no_difference((members, places, found) in world()) {
        let forward = coverage(&members, places, &found);
        let mut turned = found;
        turned.reverse();
        let backward = coverage(&members, places, &turned);
        prop_assert_eq!(forward.totals(), backward.totals());
    }

    /// What is found outside is neither lost nor counted inside.
    #[test]
    fn nothing_that_was_found_is_lost((members, places, found) in world()) {
        let coverage = coverage(&members, places, &found);
        let is_known = |number: usize, place: usize| {
            let id = format!("{number:012}");
            coverage.members().iter().any(|member| member.id == id) && place <= places
        };
        let outside = found.iter().filter(|(number, place, _)| !is_known(*number, *place)).count();
        prop_assert_eq!(coverage.strays().map(|stray| stray.count).sum::<usize>(), outside);
    }

    #[test]
    fn an_account_that_is_not_active_is_never_counted_as_installed((members, places, found) in world()) {
        let coverage = coverage(&members, places, &found);
        for row in coverage.rows().filter(|row| !row.account.is_active) {
            prop_assert_eq!(row.class, Class::Skipped);
        }
    }
}
