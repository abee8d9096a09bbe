//! What was asked of AWS, over all accounts × Regions.

use std::collections::BTreeMap;

use crate::evidence::rows::Place;

/// What came of one call wherever it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    /// In how many accounts × Regions.
    pub(super) places: u64,
    /// How many pages came.
    pub(super) pages: u64,
    /// How many things were on them.
    pub(super) items: u64,
    /// How often it ended early.
    pub(super) failed: u64,
}

/// The calls by their names.
#[derive(Debug, Default)]
pub(super) struct Calls(BTreeMap<String, Sum>);

impl Calls {
    pub(super) fn place(&mut self, place: &Place) {
        for asked in &place.asked {
            if !self.0.contains_key(&asked.call) {
                self.0.insert(asked.call.clone(), Sum::default());
            }
            if let Some(sum) = self.0.get_mut(&asked.call) {
                sum.places += 1;
                sum.pages += asked.pages;
                sum.items += asked.items;
                sum.failed += u64::from(asked.error.is_some());
            }
        }
    }

    /// The calls with what came of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Sum)> {
        self.0.iter().map(|(call, sum)| (call.as_str(), *sum))
    }
}
