//! How long violations lasted is what the timeline says, and what the report adds up.

use std::collections::HashMap;
use std::io;

use serde::Deserialize;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::Moment;
use crate::evidence::rows::{
    Compliance, Event, Keys, REMEDIATION, REPORT, RemediationRow, RemediationTotals, TIMELINE, TimelineRow,
};
use crate::evidence::violations::{Since, Step, follow, seconds};

/// Each line of `remediation.jsonl` follows from the timeline, none is missing, and the report's numbers are theirs.
#[derive(Debug)]
pub(super) struct Remediations;

/// What a violation is told by: resource and rule as one key, begin, end, what it became.
type Violation = (u64, Moment, Option<(Moment, Compliance)>);

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    remediation: RemediationTotals,
    period: Option<Period>,
}

#[derive(Deserialize)]
struct Period {
    to: Moment,
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
        &[REMEDIATION, TIMELINE, REPORT]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let keys = Keys::default();
        let mut due = violations(content, &keys)?;
        let report: Option<Report> = content.json(REPORT, told)?;
        let end = report.as_ref().and_then(|report| report.period.as_ref()).map(|period| period.to);
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
            if let Some(end) = row.until.or(end)
                && seconds(row.from, end) != row.seconds
            {
                told.tell(
                    REMEDIATION,
                    format!("says {} seconds of {begin}, which are {}", row.seconds, seconds(row.from, end)),
                );
            }
        })?;
        let lacking: u64 = due.values().sum();
        if lacking > 0 {
            told.tell(REMEDIATION, format!("lacks {lacking} violations of the timeline"));
        }
        if report.is_some_and(|report| report.remediation != totals) {
            told.tell(REPORT, "says another time to remediate than the lines come to".to_owned());
        }
        Ok(())
    }
}

fn violation(row: &RemediationRow, keys: &Keys) -> Violation {
    let resource = keys.resource(&row.account, &row.region, (&row.resource_type, &row.resource_id));
    (keys.result(resource, &row.rule), row.from, row.until.zip(row.became))
}

/// The violations that the timeline tells. The lines of one resource are in the order of time.
fn violations(content: &Content<'_>, keys: &Keys) -> io::Result<HashMap<Violation, u64>> {
    let (mut open, mut due) = (HashMap::<u64, Option<Since>>::new(), HashMap::<Violation, u64>::new());
    // Lines that cannot be read are told by the check of the timeline.
    content.rows(TIMELINE, &mut Inconsistencies::default(), |row: TimelineRow, _| {
        let Event::Compliance { rule, from, to, .. } = &row.event else { return };
        let (Some(kind), Some(id)) = (&row.resource_type, &row.resource_id) else { return };
        let key = keys.result(keys.resource(&row.account, &row.region, (kind, id)), rule);
        if let Step::Ended(since) = follow(open.entry(key).or_default(), row.at, (*from, *to)) {
            *due.entry((key, since.from, Some((row.at, *to)))).or_default() += 1;
        }
    })?;
    for (key, since) in open {
        if let Some(since) = since {
            *due.entry((key, since.from, None)).or_default() += 1;
        }
    }
    Ok(due)
}
