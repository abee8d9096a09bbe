//! What went by, and what it means for the exit code.

use super::FailOn;
use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow, Tally, Totals};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::ReportSink;

/// Counts the rows on their way to the report.
pub(super) struct Watched<'a> {
    report: Box<dyn ReportSink + 'a>,
    tally: Tally,
    failed: u64,
}

/// What was counted.
pub(super) struct Seen {
    totals: Totals,
    /// Accounts × Regions with a call that failed.
    pub(super) failed: u64,
}

impl<'a> Watched<'a> {
    pub(super) fn new(report: Box<dyn ReportSink + 'a>) -> Self {
        Self { report, tally: Tally::default(), failed: 0 }
    }

    /// Ends the report.
    pub(super) fn finish(self) -> Result<Seen, Failure> {
        let totals = self.tally.totals();
        self.report.finish(&totals)?;
        Ok(Seen { totals, failed: self.failed })
    }
}

impl Sink for Watched<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        self.tally.resource(resource);
        self.report.resource(resource)
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.report.rule(rule)
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.tally.evaluation(row);
        self.report.evaluation(row)
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        self.tally.place(place);
        self.failed += u64::from(place.has_failed());
        self.report.place(place)
    }
}

impl Seen {
    pub(super) fn exit(&self, fail_on: &[FailOn]) -> Exit {
        let Totals { places, resources, check_resources, evaluations, .. } = &self.totals;
        let unjudged: u64 = check_resources.values().map(|check| check.listed_not_evaluated).sum();
        let is_found = fail_on.iter().any(|what| match what {
            FailOn::NonCompliant => evaluations.violations() > 0,
            FailOn::NoData => places.unread + places.incomplete + resources.listed_not_evaluated + unjudged > 0,
        });
        if places.read + places.incomplete == 0 && places.unread > 0 && self.failed == places.unread {
            Exit::AwsFailed
        } else if self.failed > 0 || is_found {
            Exit::Partial
        } else {
            Exit::Done
        }
    }
}
