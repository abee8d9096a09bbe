//! The timeline speaks of the population alone.

use std::collections::HashSet;
use std::io;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{Event, POPULATION, PopulationRow, TIMELINE, TimelineRow, resource_key};

/// Every line is of a place and a resource of the population, and no gap ends before it begins.
#[derive(Debug)]
pub(super) struct Timeline;

impl ContentCheck for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn promise(&self) -> &'static str {
        "the timeline is of the population"
    }

    fn about(&self) -> &'static [&'static str] {
        &[TIMELINE]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[TIMELINE, POPULATION]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let (mut places, mut resources) = (HashSet::new(), HashSet::new());
        // Lines that cannot be read are told by the reconciliation.
        content.rows(POPULATION, &mut Inconsistencies::default(), |row, _| match row {
            PopulationRow::Place(place) => {
                places.insert((place.account, place.region));
            }
            PopulationRow::Resource(one) => {
                let id = (one.resource_type.as_str(), one.resource_id.as_str());
                resources.insert(resource_key(&one.account, &one.region, id));
            }
        })?;
        content.rows(TIMELINE, told, |row: TimelineRow, told| {
            let TimelineRow { account, region, resource_type, resource_id, at, event } = row;
            let key = match (&resource_type, &resource_id) {
                (Some(kind), Some(id)) => Some(resource_key(&account, &region, (kind, id))),
                _ => None,
            };
            if let (Some(key), Some(id)) = (key, &resource_id)
                && !resources.contains(&key)
            {
                told.tell(TIMELINE, format!("tells of `{id}`, which is not in the population"));
            } else if !places.contains(&(account.clone(), region.clone())) {
                told.tell(TIMELINE, format!("tells of account {account} in {region}, which is not in the population"));
            }
            if let Event::Gap { until: Some(until), .. } = event
                && until < at
            {
                told.tell(TIMELINE, format!("has a gap from {at} to {until}"));
            }
        })
    }
}
