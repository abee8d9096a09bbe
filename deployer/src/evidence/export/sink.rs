//! Writes what is read of compliance into the bundle, and counts it.

use std::collections::HashMap;
use std::sync::Arc;

use super::desk::Desk;
use crate::compliance::Sink;
use crate::evidence::rows::{
    EVALUATIONS, EvaluationRow, POPULATION, Place, PopulationRow, RULES, Reading, Resource, RuleRow, Tally,
};
use crate::failure::Failure;

/// What evaluations name an exemption by: account, Region, check, ticket.
pub(super) type Borne = HashMap<(String, String, String, String), u64>;

/// The rows of compliance, on their way into the bundle.
#[derive(Debug)]
pub(super) struct BundleSink {
    desk: Arc<Desk>,
    pub(super) tally: Tally,
    /// How many evaluations name each exemption.
    pub(super) borne: Borne,
    /// How many accounts × Regions were not read to the end because something failed.
    pub(super) failed: u64,
}

impl BundleSink {
    /// Begins the three files.
    pub(super) fn begin(desk: &Arc<Desk>) -> Result<Self, Failure> {
        [POPULATION, RULES, EVALUATIONS].into_iter().try_for_each(|path| desk.begin(path))?;
        Ok(Self { desk: desk.clone(), tally: Tally::default(), borne: Borne::new(), failed: 0 })
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
        if let Some(exempt) = &row.exempt {
            let by = (row.account.clone(), row.region.clone(), row.check.clone(), exempt.ticket.clone());
            *self.borne.entry(by).or_default() += 1;
        }
        self.desk.line(EVALUATIONS, row)
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        self.tally.place(place);
        let is_whole = matches!(place.reading, Reading::Read | Reading::Excluded { .. });
        self.failed += u64::from(!is_whole && place.has_failed());
        self.desk.line(POPULATION, &PopulationRow::Place(place.clone()))
    }
}
