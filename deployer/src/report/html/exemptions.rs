//! Exemptions as the results tell of them, by the day on which they end.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::rows::{EvaluationRow, Exempt};

/// As many are kept; the rest ends later and is counted.
const MOST: usize = 100;
/// As many notebooks are named of each.
const NAMED: usize = 3;

/// An exemption with what it is used for.
#[derive(Debug)]
pub(super) struct Use {
    /// The exemption.
    pub(super) exempt: Exempt,
    /// The checks.
    pub(super) checks: BTreeSet<String>,
    /// The first notebooks.
    pub(super) notebooks: BTreeSet<String>,
    /// How many results.
    pub(super) results: u64,
}

/// What makes two results ones of the same exemption. Expired ones come first.
type Key = (bool, String, String, String);

/// The exemptions that end first.
#[derive(Debug, Default)]
pub(super) struct Exemptions {
    kept: BTreeMap<Key, Use>,
    left_out: u64,
}

impl Exemptions {
    pub(super) fn evaluation(&mut self, row: &EvaluationRow) {
        let Some(exempt) = &row.exempt else { return };
        let key = (!exempt.expired, exempt.expires.clone(), exempt.ticket.clone(), exempt.reason.clone());
        let held = self.kept.entry(key).or_insert_with(|| Use {
            exempt: exempt.clone(),
            checks: BTreeSet::new(),
            notebooks: BTreeSet::new(),
            results: 0,
        });
        held.results += 1;
        held.checks.insert(row.check.clone());
        if held.notebooks.len() < NAMED {
            held.notebooks.insert(row.notebook.clone().unwrap_or_else(|| row.resource_id.clone()));
        }
        if self.kept.len() > MOST
            && let Some((_, last)) = self.kept.pop_last()
        {
            self.left_out += last.results;
        }
    }

    /// The exemptions, those that expired first, and how many results are of others.
    pub(super) fn into_parts(self) -> (Vec<Use>, u64) {
        (self.kept.into_values().collect(), self.left_out)
    }
}
