//! The timeline speaks of the population alone.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::Moment;
use crate::evidence::rows::{Compliance, GapReason, Keys, POPULATION, PopulationRow, TIMELINE, Text};

/// Every line is of a place and a resource of the population, and no gap ends before it begins.
#[derive(Debug)]
pub(super) struct Timeline;

/// A [`crate::evidence::rows::TimelineRow`] whose settings are passed over: they are most of the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "some members are read for their form alone")]
struct Line<'line> {
    #[serde(borrow)]
    account: Text<'line>,
    region: Text<'line>,
    resource_type: Option<Text<'line>>,
    resource_id: Option<Text<'line>>,
    at: Moment,
    event: Kind,
    status: Option<Text<'line>>,
    configuration: Option<Settings>,
    check: Option<Text<'line>>,
    rule: Option<Text<'line>>,
    from: Option<Compliance>,
    to: Option<Compliance>,
    annotation: Option<Text<'line>>,
    until: Option<Moment>,
    reason: Option<GapReason>,
    detail: Option<Text<'line>>,
}

/// An object, whatever is in it.
struct Settings;

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Settings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Settings, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Settings)
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    ConfigurationItem,
    Compliance,
    Gap,
}

impl Line<'_> {
    /// Whether it has what its event needs.
    fn is_whole(&self) -> bool {
        match self.event {
            Kind::ConfigurationItem => self.status.is_some(),
            Kind::Compliance => self.check.is_some() && self.rule.is_some() && self.to.is_some(),
            Kind::Gap => self.reason.is_some(),
        }
    }
}

impl ContentCheck for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn promise(&self) -> &'static str {
        "every line of the timeline is about the population"
    }

    fn about(&self) -> &'static [&'static str] {
        &[TIMELINE]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[TIMELINE, POPULATION]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let mut population = Population::default();
        // Lines that cannot be read are told by the reconciliation.
        content.rows(POPULATION, &mut Inconsistencies::default(), |row, _| population.take(row))?;
        content.lines(TIMELINE, told, |line, told| {
            population.compare(&serde_json::from_slice(line)?, told);
            Ok(())
        })
    }
}

#[derive(Default)]
struct Population {
    places: HashMap<String, HashSet<String>>,
    resources: HashSet<u64>,
    keys: Keys,
}

impl Population {
    fn take(&mut self, row: PopulationRow) {
        match row {
            PopulationRow::Place(place) => {
                self.places.entry(place.account).or_default().insert(place.region);
            }
            PopulationRow::Resource(one) => {
                let id = (one.resource_type.as_str(), one.resource_id.as_str());
                self.resources.insert(self.keys.resource(&one.account, &one.region, id));
            }
        }
    }

    fn compare(&self, line: &Line<'_>, told: &mut Inconsistencies) {
        let (account, region) = (line.account.as_ref(), line.region.as_ref());
        if !line.is_whole() {
            told.tell(TIMELINE, format!("lacks what happened at {} in account {account} in {region}", line.at));
        }
        if !self.places.get(account).is_some_and(|regions| regions.contains(region)) {
            told.tell(TIMELINE, format!("tells of account {account} in {region}, which is not in the population"));
        } else if let (Some(kind), Some(id)) = (&line.resource_type, &line.resource_id)
            && !self.resources.contains(&self.keys.resource(account, region, (kind.as_ref(), id.as_ref())))
        {
            told.tell(TIMELINE, format!("tells of `{}`, which is not in the population", id.as_ref()));
        }
        if let Some(until) = line.until
            && until < line.at
        {
            told.tell(TIMELINE, format!("has a gap from {} to {until}", line.at));
        }
    }
}
