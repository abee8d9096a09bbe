//! Whether a bundle has all that it is about: it can be as it was written, and something could not be read for it.

use std::io;

use serde::{Deserialize, Serialize};

use crate::evidence::content::{Content, Inconsistencies};
use crate::evidence::rows::{POPULATION, Place, PlaceTotals, REPORT, Reading, ResourceTotals};

/// So many accounts × Regions and sentences are named.
const MOST_NAMED: usize = 5;

/// What a bundle lacks of what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wholeness {
    /// Whether it lacks nothing.
    pub is_whole: bool,
    /// How far the accounts × Regions were read.
    pub places: PlaceTotals,
    /// The first that were not read to the end.
    pub first_places: Vec<Lacking>,
    /// How much else could not be read, or is not certain.
    pub others: u64,
    /// The first of it, one sentence each.
    pub first_others: Vec<String>,
    /// How many notebooks and domains were listed and have no evaluation. Why is told by their account × Region.
    pub not_evaluated: u64,
}

/// An account × Region that was not read to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lacking {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// Whether some of it was read.
    pub in_part: bool,
    /// Why it is not all.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
enum Row {
    Place(Place),
    Resource,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Report {
    totals: Totals,
    unread: Vec<String>,
    unread_count: u64,
    unread_places: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Totals {
    resources: ResourceTotals,
}

impl Wholeness {
    /// What a bundle lacks; nothing where its population does not tell, or was changed.
    pub(super) fn of(content: &Content<'_>) -> Option<Self> {
        if !content.has(POPULATION) {
            return None;
        }
        let mut whole = Self::default();
        whole.read(content).ok()?;
        let PlaceTotals { incomplete, unread, .. } = whole.places;
        let lacking = incomplete + unread + whole.others;
        whole.is_whole = lacking == 0;
        // Without the report nobody knows what else is lacking.
        (lacking > 0 || content.has(REPORT)).then_some(whole)
    }

    /// Lines that cannot be read are told by the reconciliation.
    fn read(&mut self, content: &Content<'_>) -> io::Result<()> {
        let told = &mut Inconsistencies::default();
        content.rows(POPULATION, told, |row: Row, _| match row {
            Row::Place(place) => self.place(place),
            Row::Resource => {}
        })?;
        if !content.has(REPORT) {
            return Ok(());
        }
        let report = content.json::<Report>(REPORT, told)?.unwrap_or_default();
        self.others = report.unread_count.saturating_sub(report.unread_places);
        let others = usize::try_from(self.others).unwrap_or(usize::MAX).min(MOST_NAMED);
        self.first_others = report.unread.into_iter().take(others).collect();
        self.not_evaluated = report.totals.resources.listed_not_evaluated;
        Ok(())
    }

    fn place(&mut self, place: Place) {
        let (count, why) = match place.reading {
            Reading::Read => (&mut self.places.read, None),
            Reading::Incomplete { why } => (&mut self.places.incomplete, Some((true, why))),
            Reading::Unread { why } => (&mut self.places.unread, Some((false, why))),
            Reading::Excluded { .. } => (&mut self.places.excluded, None),
        };
        *count += 1;
        if let Some((in_part, why)) = why
            && self.first_places.len() < MOST_NAMED
        {
            let Place { account, region, .. } = place;
            self.first_places.push(Lacking { account, region, in_part, why });
        }
    }
}
