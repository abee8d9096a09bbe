//! Writes what is read of compliance into the bundle, and counts it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rule::exemption::{Exemption, Exemptions};

use super::desk::Desk;
use super::summary::Unread;
use crate::compliance::{Sink, ledger_entry};
use crate::evidence::rows::{
    EVALUATIONS, EvaluationRow, POPULATION, Place, PopulationRow, RULES, Reading, Resource, RuleRow, Tally,
};
use crate::failure::Failure;

/// How many evaluations name each exemption of the ledger.
pub(super) type Borne = BTreeMap<Exemption, u64>;

/// The rows of compliance, on their way into the bundle.
#[derive(Debug)]
pub(super) struct BundleSink {
    desk: Arc<Desk>,
    pub(super) tally: Tally,
    /// The ledger, as far as it is known.
    ledger: Exemptions,
    pub(super) borne: Borne,
    /// How many accounts × Regions were not read to the end because something failed.
    pub(super) failed: u64,
    /// Those of them with a call that was not answered at all.
    pub(super) refused: u64,
    /// Those that were not read to the end, whatever the reason.
    pub(super) unread: Unread,
}

impl BundleSink {
    /// Begins the three files.
    pub(super) fn begin(desk: &Arc<Desk>, ledger: Exemptions) -> Result<Self, Failure> {
        [POPULATION, RULES, EVALUATIONS].into_iter().try_for_each(|path| desk.begin(path))?;
        Ok(Self {
            desk: desk.clone(),
            tally: Tally::default(),
            ledger,
            borne: Borne::new(),
            failed: 0,
            refused: 0,
            unread: Unread::default(),
        })
    }

    /// Ends them.
    pub(super) fn end(&self) -> Result<(), Failure> {
        [POPULATION, RULES, EVALUATIONS].into_iter().try_for_each(|path| self.desk.end(path))
    }
}

impl Sink for BundleSink {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        self.tally.resource(resource);
        self.desk.line(POPULATION, &PopulationRow::Resource(resource.clone()))
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.desk.line(RULES, rule)
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.tally.evaluation(row);
        if let Some(entry) = ledger_entry(row, &self.ledger) {
            *self.borne.entry(entry.clone()).or_default() += 1;
        }
        self.desk.line(EVALUATIONS, row)
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        self.tally.place(place);
        let is_whole = matches!(place.reading, Reading::Read | Reading::Excluded { .. });
        self.failed += u64::from(!is_whole && place.has_failed());
        self.refused += u64::from(!is_whole && place.was_refused());
        place.errors().for_each(|error| self.unread.hear(error));
        let at = || format!("account {} in {}", place.account, place.region);
        match &place.reading {
            Reading::Read | Reading::Excluded { .. } => {}
            Reading::Incomplete { why } => self.unread.push(format!("{} was read in part: {why}", at())),
            Reading::Unread { why } => self.unread.push(format!("{} was not read: {why}", at())),
        }
        self.desk.line(POPULATION, &PopulationRow::Place(place.clone()))
    }
}
