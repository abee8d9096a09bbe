//! The report as one HTML file: no script, no network, readable on paper and on a phone.
//!
//! Everything that it shows of single things is bounded, so it stays small with any number of accounts; what is left
//! out is summed up. Text of AWS is shown by the template alone, which escapes it.

mod exemptions;
mod group;
mod matrix;
mod page;
mod picture;
mod sections;
mod words;

use std::io::Write;

use askama::Template as _;

use super::meta::Meta;
use super::summary::{Room, Summary};
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow, Totals};
use crate::failure::Failure;
use exemptions::Exemptions;
use matrix::Matrix;

/// Single things that are shown: resources, and accounts without data for each reason.
const ROOM: Room = Room { worst: 50, accounts: 25 };

/// The report as HTML.
pub(super) struct Html<'a> {
    meta: Meta,
    summary: Summary,
    matrix: Matrix,
    exemptions: Exemptions,
    out: &'a mut dyn Write,
}

impl std::fmt::Debug for Html<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Html").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Html<'a> {
    pub(super) fn new(meta: Meta, out: &'a mut dyn Write) -> Self {
        let (matrix, exemptions) = (Matrix::default(), Exemptions::default());
        Self { meta, summary: Summary::new(ROOM), matrix, exemptions, out }
    }
}

impl Sink for Html<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        self.summary.resource(resource);
        Ok(())
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.summary.rule(rule);
        Ok(())
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.summary.evaluation(row);
        self.exemptions.evaluation(row);
        Ok(())
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let (standings, _) = self.summary.place(place);
        self.matrix.place(place, standings);
        Ok(())
    }
}

impl ReportSink for Html<'_> {
    fn finish(self: Box<Self>, totals: &Totals) -> Result<(), Failure> {
        let Self { meta, summary, matrix, exemptions, out } = *self;
        let page = page::Page::new(&meta, totals, summary, matrix, exemptions);
        page.write_into(out).map_err(|error| unwritten(&error))?;
        out.flush().map_err(|error| unwritten(&error))
    }
}
