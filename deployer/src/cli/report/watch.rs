//! What went by, and what it means for the exit code.

use std::collections::BTreeSet;

use rule::check::Check;

use super::FailOn;
use crate::aws::Denied;
use crate::compliance::{Beside, Sink};
use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow, Tally, Totals};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Ending, ReportSink};

/// Counts the rows on their way to the report.
pub(super) struct Watched<'a> {
    report: Box<dyn ReportSink + 'a>,
    tally: Tally,
    failed: u64,
    refused: u64,
    /// The checks that have a rule or a result, by id.
    checks: BTreeSet<String>,
    beside: Beside,
    ending: Option<Ending>,
    /// Calls that were not allowed.
    denied: Denied,
}

/// What was counted.
pub(super) struct Seen {
    totals: Totals,
    /// Accounts × Regions with a call that failed.
    pub(super) failed: u64,
    /// Those of them with a call that was not answered at all.
    refused: u64,
    /// What the report comes to, if nobody sees it.
    pub(super) sentence: Option<String>,
    denied: Denied,
    checks: BTreeSet<String>,
    beside: Beside,
}

impl<'a> Watched<'a> {
    /// With an ending where nobody sees the report.
    pub(super) fn new(report: Box<dyn ReportSink + 'a>, ending: Option<Ending>) -> Self {
        Self {
            report,
            tally: Tally::default(),
            failed: 0,
            refused: 0,
            checks: BTreeSet::new(),
            beside: Beside::default(),
            ending,
            denied: Denied::default(),
        }
    }

    /// Ends the report.
    pub(super) fn finish(self) -> Result<Seen, Failure> {
        let totals = self.tally.totals();
        self.report.finish(&totals)?;
        let sentence = self.ending.map(|ending| ending.sentence(&totals));
        Ok(Seen {
            totals,
            failed: self.failed,
            refused: self.refused,
            sentence,
            checks: self.checks,
            beside: self.beside,
            denied: self.denied,
        })
    }
}

impl Watched<'_> {
    fn check(&mut self, id: &str) {
        if !self.checks.contains(id) {
            self.checks.insert(id.to_owned());
        }
    }
}

impl Sink for Watched<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        self.tally.resource(resource);
        self.report.resource(resource)
    }

    fn beside(&mut self, beside: &Beside) {
        self.beside.add(beside);
        self.report.beside(beside);
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.check(&rule.check);
        self.report.rule(rule)
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.tally.evaluation(row);
        self.check(&row.check);
        if let Some(ending) = &mut self.ending {
            ending.evaluation(row);
        }
        self.report.evaluation(row)
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        self.tally.place(place);
        self.failed += u64::from(place.has_failed());
        self.refused += u64::from(place.was_refused());
        place.errors().for_each(|error| self.denied.hear(error));
        if let Some(ending) = &mut self.ending {
            ending.place(place);
        }
        self.report.place(place)
    }
}

impl Seen {
    /// What to do about calls that were not allowed.
    pub(super) fn advice(&self) -> Option<String> {
        self.denied.advice("report")
    }

    /// What is wrong with the filters of checks and with the prefix: which of the checks that were asked for by name
    /// have neither rule nor result, and what there is instead.
    pub(super) fn missing(&self, asked: &[&'static Check], prefix: &str, sees_all: bool) -> Vec<String> {
        let seen_how = if sees_all { "was seen" } else { "has a result in the aggregator" };
        let ids = |checks: &[&'static Check]| checks.iter().map(|check| check.id).collect::<Vec<_>>().join(", ");
        let absent = |check: &&&'static Check| !self.checks.contains(check.id);
        let absent: Vec<&'static Check> = asked.iter().filter(absent).copied().collect();
        let other = self.beside.checks();
        let mut seen: Vec<&'static Check> =
            asked.iter().copied().filter(|check| self.checks.contains(check.id)).collect();
        seen.extend(&other);
        match (self.beside.prefixes().filter(|_| self.checks.is_empty()), absent.is_empty()) {
            (Some(others), _) => vec![format!("no rule of {prefix} {seen_how}; {others}")],
            (None, true) => Vec::new(),
            // What failed is told already, and may hide the rules.
            (None, false) if seen.is_empty() && self.failed > 0 => Vec::new(),
            (None, false) if seen.is_empty() => vec![format!("no rule of {prefix} {seen_how}")],
            (None, false) => {
                vec![format!("--check {}: no such rule {seen_how}; there are: {}", ids(&absent), ids(&seen))]
            }
        }
    }

    /// The exit code; `has_missed` says whether a filter matched nothing.
    pub(super) fn exit(&self, fail_on: &[FailOn], has_missed: bool) -> Exit {
        let Totals { places, resources, check_resources, evaluations, .. } = &self.totals;
        let unjudged: u64 = check_resources.values().map(|check| check.listed_not_evaluated).sum();
        let is_found = fail_on.iter().any(|what| match what {
            FailOn::NonCompliant => evaluations.violations() > 0,
            FailOn::NoData => places.unread + places.incomplete + resources.listed_not_evaluated + unjudged > 0,
        });
        if places.read + places.incomplete == 0 && places.unread > 0 && self.refused == places.unread {
            Exit::AwsFailed
        } else if self.failed > 0 || is_found || has_missed || self.judged_nothing() {
            Exit::Partial
        } else {
            Exit::Done
        }
    }

    /// Whether there is no result at all, and it is not known either that there is nothing to judge.
    fn judged_nothing(&self) -> bool {
        let Totals { places, resources, evaluations, .. } = &self.totals;
        let gaps = places.unread + places.incomplete + resources.listed_not_evaluated;
        let is_out_of_scope = places.read + places.incomplete + places.unread == 0;
        evaluations.total() == 0 && (gaps > 0 || is_out_of_scope)
    }
}
