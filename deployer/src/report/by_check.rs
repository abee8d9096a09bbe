//! The checks that a report tells of, with the notebooks and domains of each.

use std::collections::{BTreeMap, BTreeSet};

use rule::check::{ALL, Check};

use super::meta::Meta;
use crate::evidence::rows::{ACCOUNT_TYPE, CheckResources, EvaluationRow, Place, RuleRow, Totals};

/// What the rows tell of checks.
#[derive(Debug, Default)]
pub(super) struct ByCheck {
    /// Those that are to judge somewhere, or did.
    here: BTreeSet<String>,
    /// How many results of notebooks and domains each has.
    results: BTreeMap<String, u64>,
}

/// A check with its notebooks and domains.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    /// The check, unless this version does not know it.
    pub(super) check: Option<&'static Check>,
    /// Each notebook and domain once, by the worst of its results.
    pub(super) resources: CheckResources,
}

impl ByCheck {
    pub(super) fn rule(&mut self, rule: &RuleRow) {
        self.add(&rule.check);
    }

    pub(super) fn place(&mut self, place: &Place) {
        for check in &place.checks {
            self.add(check);
        }
    }

    pub(super) fn evaluation(&mut self, row: &EvaluationRow) {
        self.add(&row.check);
        if row.resource_type == ACCOUNT_TYPE {
            return;
        }
        // An entry would want a new text for each row.
        match self.results.get_mut(&row.check) {
            Some(count) => *count += 1,
            None => {
                self.results.insert(row.check.clone(), 1);
            }
        }
    }

    fn add(&mut self, check: &str) {
        if !self.here.contains(check) {
            self.here.insert(check.to_owned());
        }
    }

    /// The checks that are installed or were asked for, in the order of the registry, then those that it has not.
    pub(super) fn rows(&self, totals: &Totals, meta: &Meta) -> Vec<Row<'_>> {
        let is_shown = |id: &str| self.here.contains(id) || meta.checks.iter().any(|asked| asked == id);
        let row = |id, check| Row { id, check, resources: totals.check_resources.get(id).copied().unwrap_or_default() };
        let known = ALL.into_iter().filter(|check| is_shown(check.id)).map(|check| row(check.id, Some(check)));
        let others = self.here.iter().filter(|id| Check::find(id).is_none());
        known.chain(others.map(|id| row(id.as_str(), None))).collect()
    }

    /// The other checks of this program, which have no row, with what is to be said of them. None if only some were
    /// asked for.
    pub(super) fn absent(&self, totals: &Totals, meta: &Meta) -> Option<(&'static str, Vec<&'static str>)> {
        if !meta.checks.is_empty() || self.here.is_empty() {
            return None;
        }
        let absent: Vec<&str> = ALL.into_iter().map(|check| check.id).filter(|id| !self.here.contains(*id)).collect();
        let what = match (meta.sees_exempt, totals.places.unread + totals.places.incomplete) {
            (true, 0) => "Not installed",
            (true, _) => "Not installed where that was seen",
            (false, _) => "Not installed, or without a result that an aggregator shows",
        };
        (!absent.is_empty()).then_some((what, absent))
    }

    /// Checks with more results than notebooks and domains, in a sentence.
    pub(super) fn repeated(&self, totals: &Totals) -> Option<String> {
        let more = |(id, results): (&String, &u64)| {
            let resources = totals.check_resources.get(id)?.with_result();
            (*results > resources).then(|| format!("{id} has {results} results of {resources}"))
        };
        let told: Vec<String> = self.results.iter().filter_map(more).collect();
        let sentence =
            || format!("Several rules judge by one check, and each notebook counts once: {}.", told.join(", "));
        (!told.is_empty()).then(sentence)
    }
}
