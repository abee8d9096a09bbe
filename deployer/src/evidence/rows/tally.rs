//! Counts rows as they go by.

use std::collections::HashMap;

use rule::check::Check;

use super::keys::Keys;
use super::standing::{Order, Standing, Standings};
use super::{ACCOUNT_TYPE, CheckResources, EvaluationRow, Known, Place, Reading, Resource, Totals};

/// Of the types of resources that are judged there are two.
const DOMAIN: &str = "AWS::SageMaker::Domain";

/// Counts the rows of a bundle, in any order. It keeps about 30 bytes for each resource, and nothing else of a row.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Totals,
    keys: Keys,
    /// The checks that have evaluations or are to judge somewhere.
    checks: Order,
    resources: HashMap<u64, Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    known: Option<Known>,
    is_evaluated: bool,
    is_domain: bool,
    /// No check that is installed applies to it.
    is_beyond: bool,
    standings: Standings,
}

impl Seen {
    fn is_listed(self) -> bool {
        self.known == Some(Known::Listed)
    }

    /// Whether it should have an evaluation.
    fn is_due(self) -> bool {
        self.is_listed() && !self.is_beyond
    }
}

/// What is known of the resource of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evaluated {
    /// Its key.
    pub(crate) key: u64,
    /// Whether a line of the population told of it before.
    pub(crate) is_known: bool,
    /// Whether that line says that no check judges it.
    pub(crate) is_beyond: bool,
}

impl Tally {
    /// Counts an account × Region.
    pub fn place(&mut self, place: &Place) {
        let places = &mut self.totals.places;
        let count = match place.reading {
            Reading::Read => &mut places.read,
            Reading::Incomplete { .. } => &mut places.incomplete,
            Reading::Unread { .. } => &mut places.unread,
            Reading::Excluded { .. } => &mut places.excluded,
        };
        *count += 1;
        for check in &place.checks {
            self.checks.index(check);
        }
    }

    /// Counts a resource, and tells whether it is the first line about it.
    pub fn resource(&mut self, resource: &Resource) -> bool {
        let id = (resource.resource_type.as_str(), resource.resource_id.as_str());
        let seen = self.resources.entry(self.keys.resource(&resource.account, &resource.region, id)).or_default();
        let is_first = seen.known.is_none();
        seen.is_domain = resource.resource_type == DOMAIN;
        seen.is_beyond |= resource.not_judged.is_some();
        if is_first || resource.known == Known::Listed {
            seen.known = Some(resource.known);
        }
        is_first
    }

    /// Counts an evaluation. That of an account without notebooks is an evaluation, and of no resource.
    pub fn evaluation<T: AsRef<str>>(&mut self, row: &EvaluationRow<T>) {
        self.evaluated(row);
    }

    pub(crate) fn evaluated<T: AsRef<str>>(&mut self, row: &EvaluationRow<T>) -> Evaluated {
        self.totals.evaluations.add(row);
        // An entry would want a new text for each row.
        let all = [(&mut self.totals.checks, row.check.as_ref()), (&mut self.totals.accounts, row.account.as_ref())];
        for (all, key) in all {
            match all.get_mut(key) {
                Some(counts) => counts.add(row),
                None => all.entry(key.to_owned()).or_default().add(row),
            }
        }
        let check = self.checks.index(row.check.as_ref());
        let (kind, id) = (row.resource_type.as_ref(), row.resource_id.as_ref());
        let key = self.keys.resource(row.account.as_ref(), row.region.as_ref(), (kind, id));
        if kind == ACCOUNT_TYPE {
            return Evaluated { key, is_known: false, is_beyond: false };
        }
        let seen = self.resources.entry(key).or_default();
        seen.is_evaluated = true;
        if let Some(check) = check {
            seen.standings.add(check, Standing::of(row));
        }
        Evaluated { key, is_known: seen.known.is_some(), is_beyond: seen.is_beyond }
    }

    /// What it comes to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.totals.clone();
        totals.resources.listed = self.count(Seen::is_listed);
        totals.resources.evaluated = self.count(|seen| seen.is_evaluated);
        totals.resources.listed_not_evaluated = self.count(|seen| seen.is_due() && !seen.is_evaluated);
        totals.resources.evaluated_not_listed = self.count(|seen| seen.is_evaluated && !seen.is_listed());
        totals.resources.not_judged = self.count(|seen| seen.is_listed() && seen.is_beyond && !seen.is_evaluated);
        for (index, check) in self.checks.iter().enumerate() {
            totals.check_resources.insert(check.clone(), self.check_resources(index, check));
        }
        totals
    }

    fn check_resources(&self, index: usize, check: &str) -> CheckResources {
        let mut counts = CheckResources::default();
        // What a check judges that this version does not know is not known.
        let judges = Check::find(check).map(|check| check.resource_type().as_str() == DOMAIN);
        for seen in self.resources.values() {
            let count = match seen.standings.of(index) {
                Some(Standing::Violating) => &mut counts.violating,
                Some(Standing::Undecided) => &mut counts.insufficient_data,
                Some(Standing::Exempt) => &mut counts.exempt,
                Some(Standing::Compliant) => &mut counts.compliant,
                Some(Standing::NotApplicable) => &mut counts.not_applicable,
                None if seen.is_due() && judges == Some(seen.is_domain) => &mut counts.listed_not_evaluated,
                None => continue,
            };
            *count += 1;
        }
        counts
    }

    /// How many resources are in the population because of their evaluations, and have none.
    pub(crate) fn without_reason(&self) -> u64 {
        self.count(|seen| seen.known == Some(Known::EvaluatedOnly) && !seen.is_evaluated)
    }

    fn count(&self, wanted: impl Fn(Seen) -> bool) -> u64 {
        self.resources.values().filter(|seen| wanted(**seen)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::rows::Totals;

    const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";

    fn listed(kind: &str, id: &str) -> Resource {
        let one = serde_json::json!({"account": "1", "region": "r", "resourceType": kind, "resourceId": id,
            "known": "listed"});
        serde_json::from_value(one).unwrap()
    }

    fn result(check: &str, rule: &str, (kind, id): (&str, &str), word: &str) -> EvaluationRow {
        let row = serde_json::json!({"account": "1", "region": "r", "check": check, "rule": rule, "resourceType": kind,
            "resourceId": id, "complianceType": word});
        serde_json::from_value(row).unwrap()
    }

    fn totals(rows: &[EvaluationRow]) -> Totals {
        let mut tally = Tally::default();
        for (kind, id) in [(NOTEBOOK, "one"), (NOTEBOOK, "two"), (DOMAIN, "d-1")] {
            assert!(tally.resource(&listed(kind, id)));
        }
        for row in rows {
            tally.evaluation(row);
        }
        tally.totals()
    }

    #[test]
    fn what_one_check_judged_no_other_did() {
        let account = |check| result(check, check, (ACCOUNT_TYPE, "1"), "NOT_APPLICABLE");
        let totals = totals(&[
            result("root-access", "root", (NOTEBOOK, "one"), "COMPLIANT"),
            result("root-access", "root", (NOTEBOOK, "TWO"), "COMPLIANT"),
            result("inside-vpc", "vpc", (NOTEBOOK, "two"), "COMPLIANT"),
            account("imds-v2"),
        ]);
        assert_eq!(totals.resources.listed_not_evaluated, 1, "the domain");
        let lacks = |check: &str| totals.check_resources.get(check).map(|counts| counts.listed_not_evaluated);
        let expected =
            [("root-access", Some(0)), ("inside-vpc", Some(1)), ("imds-v2", Some(2)), ("open-ingress", None)];
        assert_eq!(expected.map(|(check, _)| (check, lacks(check))), expected);
    }

    #[test]
    fn what_no_installed_check_applies_to_lacks_nothing() {
        let place = |checks: &[&str]| -> Place {
            let place = serde_json::json!({"account": "1", "region": "r", "state": "read", "resources": 2,
                "checks": checks});
            serde_json::from_value(place).unwrap()
        };
        let mut tally = Tally::default();
        tally.resource(&listed(NOTEBOOK, "one"));
        tally.resource(&Resource { not_judged: Some("none applies".to_owned()), ..listed(DOMAIN, "d-1") });
        tally.place(&place(&["root-access", "imds-v2"]));
        // It is installed in another account × Region.
        tally.place(&place(&["studio-vpc-only"]));
        tally.evaluation(&result("root-access", "root", (NOTEBOOK, "one"), "COMPLIANT"));
        let totals = tally.totals();
        let resources = totals.resources;
        assert_eq!((resources.listed, resources.not_judged, resources.listed_not_evaluated), (2, 1, 0));
        let lacks = |check: &str| totals.check_resources[check].listed_not_evaluated;
        assert_eq!([lacks("root-access"), lacks("imds-v2"), lacks("studio-vpc-only")], [0, 1, 0]);
    }

    #[test]
    fn rules_of_one_check_count_a_resource_once_by_the_worst() {
        let one = (NOTEBOOK, "one");
        let totals = totals(&[
            result("root-access", "root", one, "NON_COMPLIANT"),
            result("root-access", "root-conformance-pack-1", one, "COMPLIANT"),
            result("root-access", "root", (NOTEBOOK, "two"), "NOT_APPLICABLE"),
            result("root-access", "root-conformance-pack-1", (NOTEBOOK, "two"), "COMPLIANT"),
        ]);
        let expected = CheckResources { violating: 1, compliant: 1, ..CheckResources::default() };
        assert_eq!(totals.check_resources.get("root-access"), Some(&expected));
        assert_eq!(totals.evaluations.compliant, 2);
    }
}
