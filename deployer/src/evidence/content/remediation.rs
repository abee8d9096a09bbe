//! How long violations lasted is what the timeline says, and what the report adds up.

use std::collections::HashMap;
use std::io;

use serde::Deserialize;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::Moment;
use crate::evidence::export::timeline::Period;
use crate::evidence::rows::{
    Bounds, Compliance, Event, Keys, POPULATION, PopulationRow, REMEDIATION, REPORT, RemediationRow, RemediationTotals,
    TIMELINE, TimelineRow,
};
use crate::evidence::violations::{of_resource, seconds};

/// Each line of `remediation.jsonl` follows from the timeline, none is missing, and the report's numbers are theirs.
#[derive(Debug)]
pub(super) struct Remediations;

/// What a violation is told by: resource, rule and check as one key, begin, end and what it became, whether it may have
/// begun before and whether something is not known of it.
type Violation = (u64, Moment, Option<(Moment, Compliance)>, (bool, bool));

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    remediation: RemediationTotals,
    period: Option<Bounds>,
}

impl ContentCheck for Remediations {
    fn name(&self) -> &'static str {
        "remediation"
    }

    fn promise(&self) -> &'static str {
        "the times to remediate are those of the timeline, and the report adds them up"
    }

    fn about(&self) -> &'static [&'static str] {
        &[REMEDIATION]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[REMEDIATION, TIMELINE, POPULATION, REPORT]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let keys = Keys::default();
        let report: Option<Report> = content.json(REPORT, told)?;
        let Some(report) = report else { return Ok(()) };
        let Some(Bounds { from, to }) = report.period else {
            told.tell(REPORT, "has no period, and there is a timeline".to_owned());
            return Ok(());
        };
        let mut due = violations(content, &keys, Period { from, to })?;
        let mut totals = RemediationTotals::new();
        content.rows(REMEDIATION, told, |row: RemediationRow, told| {
            totals.entry(row.check.clone()).or_default().add(&row);
            let begin = format!("`{}` of `{}` at {}", row.rule, row.resource_id, row.from);
            match due.get_mut(&violation(&row, &keys)) {
                Some(count) if *count > 0 => *count -= 1,
                Some(_) | None => {
                    told.tell(REMEDIATION, format!("has a violation of {begin} that the timeline has not"));
                }
            }
            let are = seconds(row.from, row.until.unwrap_or(to));
            if are != row.seconds {
                told.tell(REMEDIATION, format!("says {} seconds of {begin}, which are {are}", row.seconds));
            }
        })?;
        let lacking: u64 = due.values().sum();
        if lacking > 0 {
            told.tell(REMEDIATION, format!("lacks {lacking} violations of the timeline"));
        }
        if report.remediation != totals {
            told.tell(REPORT, "says another time to remediate than the lines come to".to_owned());
        }
        Ok(())
    }
}

fn violation(row: &RemediationRow, keys: &Keys) -> Violation {
    let resource = keys.resource(&row.account, &row.region, (&row.resource_type, &row.resource_id));
    let told = keys.result(keys.result(resource, &row.rule), &row.check);
    (told, row.from, row.until.zip(row.became), (row.earlier, row.gap))
}

/// The violations that the timeline tells. The lines of one resource follow each other in the order of time.
fn violations(content: &Content<'_>, keys: &Keys, period: Period) -> io::Result<HashMap<Violation, u64>> {
    let mut due = HashMap::<Violation, u64>::new();
    let created = created(content, keys)?;
    let gaps = gaps(content)?;
    let mut count = |key: u64, own: &mut Vec<TimelineRow>| {
        let Some(first) = own.first() else { return };
        let of_place = gaps.get(&(first.account.clone(), first.region.clone())).map(Vec::as_slice).unwrap_or_default();
        let is_about = |gap: &&TimelineRow| gap.resource_type.is_none() || gap.resource_type == first.resource_type;
        let of_place: Vec<TimelineRow> = of_place.iter().filter(is_about).cloned().collect();
        own.extend(of_place);
        own.sort_by_key(|row| row.at);
        for row in of_resource(own, created.get(&key).copied(), period) {
            *due.entry(violation(&row, keys)).or_default() += 1;
        }
        own.clear();
    };
    let (mut current, mut own) = (0, Vec::new());
    each(content, |row| {
        let (Some(kind), Some(id)) = (&row.resource_type, &row.resource_id) else { return };
        let key = keys.resource(&row.account, &row.region, (kind, id));
        if key != current {
            count(current, &mut own);
            current = key;
        }
        own.push(row);
    })?;
    count(current, &mut own);
    Ok(due)
}

/// When resources were created, by key.
fn created(content: &Content<'_>, keys: &Keys) -> io::Result<HashMap<u64, Moment>> {
    let mut created = HashMap::new();
    content.rows(POPULATION, &mut Inconsistencies::default(), |row: PopulationRow, _| {
        let PopulationRow::Resource(one) = row else { return };
        if let Some(at) = one.created {
            created.insert(keys.resource(&one.account, &one.region, (&one.resource_type, &one.resource_id)), at);
        }
    })?;
    Ok(created)
}

/// The gaps of whole accounts × Regions, or of a type there.
fn gaps(content: &Content<'_>) -> io::Result<HashMap<(String, String), Vec<TimelineRow>>> {
    let mut gaps = HashMap::<_, Vec<TimelineRow>>::new();
    each(content, |row| {
        if row.resource_id.is_none() && matches!(row.event, Event::Gap { .. }) {
            gaps.entry((row.account.clone(), row.region.clone())).or_default().push(row);
        }
    })?;
    Ok(gaps)
}

/// Gives the lines of the timeline that tell of results and gaps. Lines that cannot be read are told by the check of
/// the timeline.
fn each(content: &Content<'_>, mut with: impl FnMut(TimelineRow)) -> io::Result<()> {
    content.rows(TIMELINE, &mut Inconsistencies::default(), |row: TimelineRow, _| match row.event {
        Event::Compliance { .. } | Event::Gap { .. } => with(row),
        Event::ConfigurationItem { .. } => {}
    })
}
