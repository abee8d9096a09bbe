//! What a report comes to, for whoever wrote it into a file and sees none of it.

use super::Meta;
use super::summary::{Room, Summary};
use super::verdict::conclude;
use crate::evidence::rows::{EvaluationRow, Place, Totals};

/// Follows the rows of a report.
#[derive(Debug)]
pub(crate) struct Ending {
    meta: Meta,
    summary: Summary,
}

impl Ending {
    pub(crate) fn new(meta: Meta) -> Self {
        Self { meta, summary: Summary::new(Room { worst: 0, accounts: 0 }) }
    }

    pub(crate) fn evaluation(&mut self, row: &EvaluationRow) {
        self.summary.evaluation(row);
    }

    pub(crate) fn place(&mut self, place: &Place) {
        self.summary.place(place);
    }

    /// The verdict, and what limits it.
    pub(crate) fn sentence(&self, totals: &Totals) -> String {
        let Summary { standings, expired, .. } = &self.summary;
        let conclusion = conclude(*standings, totals, *expired, &self.meta);
        std::iter::once(conclusion.sentence).chain(conclusion.but).collect::<Vec<_>>().join(" ")
    }
}
