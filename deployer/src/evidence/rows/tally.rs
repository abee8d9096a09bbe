//! Counts rows as they go by.

use std::collections::HashMap;

use super::{ACCOUNT_TYPE, EvaluationRow, Known, Place, Reading, Resource, Totals};
use crate::evidence::Digest;

/// Counts the rows of a bundle, in any order. It keeps about 40 bytes for each resource, and nothing else of a row.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Totals,
    resources: HashMap<u128, Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    is_listed: bool,
    is_evaluated: bool,
}

/// What tells a resource from all others. Ids that differ in letter case alone are one resource.
pub(crate) fn resource_key(account: &str, region: &str, (kind, id): (&str, &str)) -> u128 {
    Digest::of(format!("{account}\0{region}\0{kind}\0{}", id.to_lowercase()).as_bytes()).short()
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

    /// Counts a resource.
    pub fn resource(&mut self, resource: &Resource) {
        let id = (resource.resource_type.as_str(), resource.resource_id.as_str());
        let seen = self.resources.entry(resource_key(&resource.account, &resource.region, id)).or_default();
        seen.is_listed |= resource.known == Known::Listed;
    }

    /// Counts an evaluation. That of an account without notebooks is an evaluation, and no resource.
    pub fn evaluation(&mut self, row: &EvaluationRow) {
        if row.resource_type != ACCOUNT_TYPE {
            let id = (row.resource_type.as_str(), row.resource_id.as_str());
            self.resources.entry(resource_key(&row.account, &row.region, id)).or_default().is_evaluated = true;
        }
        self.totals.evaluations.add(row);
        // An entry would want a new text for each row.
        for (all, key) in [(&mut self.totals.checks, &row.check), (&mut self.totals.accounts, &row.account)] {
            match all.get_mut(key) {
                Some(counts) => counts.add(row),
                None => all.entry(key.clone()).or_default().add(row),
            }
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.totals.clone();
        let count = |wanted: fn(&Seen) -> bool| self.resources.values().filter(|seen| wanted(seen)).count() as u64;
        totals.resources.listed = count(|seen| seen.is_listed);
        totals.resources.evaluated = count(|seen| seen.is_evaluated);
        totals.resources.listed_not_evaluated = count(|seen| seen.is_listed && !seen.is_evaluated);
        totals.resources.evaluated_not_listed = count(|seen| seen.is_evaluated && !seen.is_listed);
        totals
    }
}
