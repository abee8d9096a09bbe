//! Counts rows as they go by.

use std::collections::HashMap;

use super::keys::Keys;
use super::{ACCOUNT_TYPE, EvaluationRow, Known, Place, Reading, Resource, Totals};

/// Counts the rows of a bundle, in any order. It keeps about 20 bytes for each resource, and nothing else of a row.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Totals,
    keys: Keys,
    resources: HashMap<u64, Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    known: Option<Known>,
    is_evaluated: bool,
}

impl Seen {
    fn is_listed(self) -> bool {
        self.known == Some(Known::Listed)
    }
}

/// What is known of the resource of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evaluated {
    /// Its key.
    pub(crate) key: u64,
    /// Whether a line of the population told of it before.
    pub(crate) is_known: bool,
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
    }

    /// Counts a resource, and tells whether it is the first line about it.
    pub fn resource(&mut self, resource: &Resource) -> bool {
        let id = (resource.resource_type.as_str(), resource.resource_id.as_str());
        let seen = self.resources.entry(self.keys.resource(&resource.account, &resource.region, id)).or_default();
        let is_first = seen.known.is_none();
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
        let (kind, id) = (row.resource_type.as_ref(), row.resource_id.as_ref());
        let key = self.keys.resource(row.account.as_ref(), row.region.as_ref(), (kind, id));
        if kind == ACCOUNT_TYPE {
            return Evaluated { key, is_known: false };
        }
        let seen = self.resources.entry(key).or_default();
        seen.is_evaluated = true;
        Evaluated { key, is_known: seen.known.is_some() }
    }

    /// What it comes to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.totals.clone();
        totals.resources.listed = self.count(Seen::is_listed);
        totals.resources.evaluated = self.count(|seen| seen.is_evaluated);
        totals.resources.listed_not_evaluated = self.count(|seen| seen.is_listed() && !seen.is_evaluated);
        totals.resources.evaluated_not_listed = self.count(|seen| seen.is_evaluated && !seen.is_listed());
        totals
    }

    /// How many resources are in the population because of their evaluations, and have none.
    pub(crate) fn without_reason(&self) -> u64 {
        self.count(|seen| seen.known == Some(Known::EvaluatedOnly) && !seen.is_evaluated)
    }

    fn count(&self, wanted: impl Fn(Seen) -> bool) -> u64 {
        self.resources.values().filter(|seen| wanted(**seen)).count() as u64
    }
}
