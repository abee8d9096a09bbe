//! What is told of compliance as it was read: a table, JSON, CSV and more, each written while the rows go by.
//!
//! A report is a [`Sink`]: no call and no clock, so a bundle of evidence makes the same report of the same rows. None of
//! them keeps an evaluation longer than its account × Region lasts; what a summary shows of single resources is bounded.

mod accounts;
mod asff;
mod beyond;
mod by_check;
mod calls;
mod csv;
mod ending;
mod findings;
mod html;
mod json;
mod meta;
mod ocsf;
mod reasons;
mod standing;
mod summary;
mod table;
mod verdict;
mod worst;

use std::fmt::Debug;
use std::io::{self, Write};

pub(crate) use ending::Ending;
pub use meta::{Format, Layout, Meta};

use crate::compliance::Sink;
use crate::evidence::rows::Totals;
use crate::failure::Failure;

/// A report that is being written.
pub trait ReportSink: Sink + Debug {
    /// Ends the report. The totals are those of all rows that went by; [`crate::evidence::rows::Tally`] counts them.
    ///
    /// # Errors
    /// It cannot be written.
    fn finish(self: Box<Self>, totals: &Totals) -> Result<(), Failure>;
}

/// The report in a format. It is written to `out` as it comes, in many small pieces.
#[must_use]
pub fn writer<'a>(format: Format, meta: Meta, layout: Layout, out: &'a mut dyn Write) -> Box<dyn ReportSink + 'a> {
    match format {
        Format::Table => Box::new(table::Table::new(meta, layout, out)),
        Format::Json => Box::new(json::Json::new(meta, out)),
        Format::Csv => Box::new(csv::Csv::new(out)),
        Format::Html => Box::new(html::Html::new(meta, out)),
        Format::Ocsf => Box::new(ocsf::Ocsf::new(meta, out)),
        Format::Asff => Box::new(asff::Asff::new(meta, out)),
    }
}

/// Why a report ends early. Where it goes to is known by whoever opened that.
fn unwritten(error: &io::Error) -> Failure {
    Failure::internal(&format!("the report cannot be written: {error}"))
}
