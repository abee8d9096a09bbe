//! One line for each evaluation, one for each resource that no check judges, and one for each account × Region of which
//! not all was read.

use std::io::Write;

use rule::check::Check;

use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::evidence::Moment;
use crate::evidence::rows::{EvaluationRow, Exempt, Known, Place, Reading, Resource, Totals};
use crate::failure::Failure;
use crate::spreadsheet::harmless;

/// Columns of a line.
const COLUMNS: usize = 18;

const HEADER: [&str; COLUMNS] = [
    "state",
    "account",
    "region",
    "resourceType",
    "resourceId",
    "notebook",
    "check",
    "severity",
    "rule",
    "complianceType",
    "annotation",
    "exemptTicket",
    "exemptOwner",
    "exemptUntil",
    "exemptExpired",
    "orderingTimestamp",
    "resultRecordedTime",
    "violation",
];

/// The report as CSV.
pub(super) struct Csv<'a> {
    rows: ::csv::Writer<&'a mut dyn Write>,
    has_header: bool,
}

impl std::fmt::Debug for Csv<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").finish_non_exhaustive()
    }
}

impl<'a> Csv<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { rows: ::csv::Writer::from_writer(out), has_header: false }
    }

    fn row(&mut self, row: &[&str; COLUMNS]) -> Result<(), Failure> {
        if !self.has_header {
            self.has_header = true;
            self.rows.write_record(HEADER).map_err(told)?;
        }
        self.rows.write_record(row.map(harmless)).map_err(told)
    }

    /// A line with some columns.
    fn told(&mut self, cells: &[(usize, &str)]) -> Result<(), Failure> {
        let mut row = [""; COLUMNS];
        for (column, text) in cells {
            if let Some(cell) = row.get_mut(*column) {
                *cell = text;
            }
        }
        self.row(&row)
    }
}

fn told(error: ::csv::Error) -> Failure {
    unwritten(&error.into())
}

impl Sink for Csv<'_> {
    /// What no check judges has no other line.
    fn resource(&mut self, one: &Resource) -> Result<(), Failure> {
        let Some(why) = one.not_judged.as_ref().filter(|_| one.known == Known::Listed) else { return Ok(()) };
        let name = one.name.as_deref().unwrap_or_default();
        self.told(&[
            (0, "not judged"),
            (1, &one.account),
            (2, &one.region),
            (3, &one.resource_type),
            (4, &one.resource_id),
            (5, name),
            (10, why),
        ])
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        let exempt = |field: fn(&Exempt) -> &str| row.exempt.as_ref().map(field).unwrap_or_default();
        let time = |moment: Option<Moment>| moment.map(|at| at.to_string()).unwrap_or_default();
        let (seen, recorded) = (time(row.ordering_timestamp), time(row.result_recorded_time));
        self.row(&[
            "evaluated",
            &row.account,
            &row.region,
            &row.resource_type,
            &row.resource_id,
            row.notebook.as_deref().unwrap_or_default(),
            &row.check,
            Check::find(&row.check).map(|check| check.severity.as_str()).unwrap_or_default(),
            &row.rule,
            row.compliance_type.as_str(),
            row.annotation.as_deref().unwrap_or_default(),
            exempt(|exempt| &exempt.ticket),
            exempt(|exempt| &exempt.owner),
            exempt(|exempt| &exempt.expires),
            exempt(|exempt| if exempt.expired { "yes" } else { "no" }),
            &seen,
            &recorded,
            if row.is_violation() { "yes" } else { "no" },
        ])
    }

    /// An account × Region without data is a line of its own: that there are no others must not look like no violation.
    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let (state, why) = match &place.reading {
            Reading::Read => return Ok(()),
            Reading::Incomplete { why } => ("incomplete", why),
            Reading::Unread { why } => ("no data", why),
            Reading::Excluded { why } => ("out of scope", why),
        };
        self.told(&[(0, state), (1, &place.account), (2, &place.region), (10, why)])
    }
}

impl ReportSink for Csv<'_> {
    fn finish(mut self: Box<Self>, _: &Totals) -> Result<(), Failure> {
        if !self.has_header {
            self.rows.write_record(HEADER).map_err(told)?;
        }
        self.rows.flush().map_err(|error| unwritten(&error))
    }
}
