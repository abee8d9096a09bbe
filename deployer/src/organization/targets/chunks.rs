//! The calls that cover targets: a call takes at most 50 units, and one kind of filter.

use std::collections::{BTreeMap, BTreeSet};

use super::Targets;
use crate::organization::model::Organization;
use crate::organization::plan::{Chunk, Filter, UNITS_IN_A_CALL};

/// Which of the targets are to be covered.
#[derive(Debug, Clone, Copy)]
pub enum Need<'a> {
    /// All of them.
    All,
    /// These units of the targets, and these single accounts of them.
    Only {
        /// Units or the root.
        units: &'a BTreeSet<&'a str>,
        /// Single accounts.
        accounts: &'a BTreeSet<&'a str>,
    },
}

/// The calls for targets. Units go with the accounts that are left out in them; single accounts go through their
/// parents, because `UNION` is not for the creation of instances
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html>).
#[must_use]
pub fn chunks(targets: &Targets, organization: &Organization, need: Need<'_>) -> Vec<Chunk> {
    let (is_unit, is_account) = wanted(need);
    let mut without: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for id in &targets.excluded {
        if let Some(unit) = targets.unit_of(organization, id) {
            without.entry(unit).or_default().push(id);
        }
    }
    let units: Vec<&String> = targets.units.iter().filter(|unit| is_unit(unit)).collect();
    let (some, all): (Vec<&String>, Vec<&String>) =
        units.into_iter().partition(|unit| without.contains_key(unit.as_str()));
    let mut made: Vec<Chunk> = Vec::new();
    for units in all.chunks(UNITS_IN_A_CALL) {
        made.push(chunk(units, Vec::new(), Filter::None));
    }
    for units in some.chunks(UNITS_IN_A_CALL) {
        let left_out = units.iter().filter_map(|unit| without.get(unit.as_str())).flatten();
        made.push(chunk(units, left_out.map(|id| (*id).clone()).collect(), Filter::Difference));
    }
    let single = targets.accounts.iter().filter(|account| is_account(account));
    made.extend(through(single.filter_map(|id| Some((targets.unit_of(organization, id)?, id.as_str())))));
    made
}

type Test<'a> = Box<dyn Fn(&str) -> bool + 'a>;

fn wanted(need: Need<'_>) -> (Test<'_>, Test<'_>) {
    match need {
        Need::All => (Box::new(|_| true), Box::new(|_| true)),
        Need::Only { units, accounts } => {
            (Box::new(|unit| units.contains(unit)), Box::new(|account| accounts.contains(account)))
        }
    }
}

/// The calls for single accounts, each with the unit that it is reached through.
pub(in crate::organization) fn through<'a>(accounts: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Chunk> {
    let mut by_unit: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (unit, account) in accounts {
        by_unit.entry(unit).or_default().insert(account);
    }
    let by_unit: Vec<(&str, BTreeSet<&str>)> = by_unit.into_iter().collect();
    let made = by_unit.chunks(UNITS_IN_A_CALL).map(|part| Chunk {
        units: part.iter().map(|(unit, _)| (*unit).to_owned()).collect(),
        accounts: part.iter().flat_map(|(_, accounts)| accounts.iter().map(|id| (*id).to_owned())).collect(),
        filter: Filter::Intersection,
    });
    made.collect()
}

fn chunk(units: &[&String], accounts: Vec<String>, filter: Filter) -> Chunk {
    Chunk { units: units.iter().map(|unit| (*unit).clone()).collect(), accounts, filter }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::model::Unit;
    use crate::organization::model::tests::sample;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn a_hundred_and_twenty_units_are_three_calls_and_each_is_in_one() {
        let mut organization = sample();
        let ids: Vec<String> = (0..120).map(|number| format!("ou-abcd-{number:08}")).collect();
        for id in &ids {
            let unit = Unit { id: id.clone(), name: id.clone(), parent: "r-abcd".to_owned() };
            organization.units.insert(id.clone(), unit);
        }
        let targets = Targets { units: ids.clone(), ..Targets::default() };
        let calls = chunks(&targets, &organization, Need::All);
        assert_eq!(calls.iter().map(|call| call.units.len()).collect::<Vec<_>>(), [50, 50, 20]);
        assert!(calls.iter().all(|call| call.filter == Filter::None && call.accounts.is_empty()));
        assert_eq!(calls.into_iter().flat_map(|call| call.units).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn units_with_and_without_exclusions_and_single_accounts_are_calls_of_their_own() {
        let targets = Targets {
            units: list(&["ou-abcd-pay00000", "ou-abcd-search00"]),
            accounts: list(&["555555555555"]),
            excluded: list(&["333333333333"]),
        };
        let calls = chunks(&targets, &sample(), Need::All);
        let of =
            |units: &[&str], accounts: &[&str], filter| Chunk { units: list(units), accounts: list(accounts), filter };
        assert_eq!(
            calls,
            [
                of(&["ou-abcd-pay00000"], &[], Filter::None),
                of(&["ou-abcd-search00"], &["333333333333"], Filter::Difference),
                of(&["ou-abcd-test0000"], &["555555555555"], Filter::Intersection),
            ]
        );
    }

    #[test]
    fn only_what_is_missing() {
        let targets = Targets {
            units: list(&["ou-abcd-pay00000", "ou-abcd-test0000"]),
            accounts: list(&["333333333333"]),
            ..Targets::default()
        };
        let (units, accounts) = (BTreeSet::from(["ou-abcd-test0000"]), BTreeSet::new());
        let calls = chunks(&targets, &sample(), Need::Only { units: &units, accounts: &accounts });
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].units, ["ou-abcd-test0000"]);
    }
}
