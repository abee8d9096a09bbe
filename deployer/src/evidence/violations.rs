//! From changes of compliance to the times in which something was violated.

use std::collections::BTreeMap;

use super::Moment;
use super::export::timeline::Period;
use super::rows::{Compliance, Event, RemediationRow, TimelineRow};

/// A violation that lasts.
#[derive(Debug, Clone, Copy)]
struct Since {
    /// When it was first `NON_COMPLIANT`.
    from: Moment,
    /// Whether it may have been before.
    earlier: bool,
}

/// Follows one rule's results for one resource, in the order of time.
fn follow(
    open: &mut Option<Since>,
    at: Moment,
    to: Compliance,
    may_be_earlier: impl FnOnce() -> bool,
) -> Option<Since> {
    if to == Compliance::NonCompliant {
        open.get_or_insert_with(|| Since { from: at, earlier: may_be_earlier() });
        return None;
    }
    open.take()
}

/// The violations in the timeline of one resource, which is in the order of time and has the gaps of its account ×
/// Region in it. Those that last are counted to the end of the period. `created` is when the resource was created.
pub(crate) fn of_resource(timeline: &[TimelineRow], created: Option<Moment>, period: Period) -> Vec<RemediationRow> {
    let mut open: BTreeMap<&str, (Option<Since>, &TimelineRow)> = BTreeMap::new();
    let mut found = Vec::new();
    let known = Known { timeline, begun: created.filter(|created| *created >= period.from) };
    for row in timeline {
        let Event::Compliance { rule, from, to: became, .. } = &row.event else { continue };
        let (since, _) = open.entry(rule).or_insert((None, row));
        if let Some(since) = follow(since, row.at, *became, || known.may_be_earlier(row.at, *from)) {
            found.extend(violation(row, since, Some((row.at, *became)), (timeline, period.to)));
        }
    }
    let lasting = open.into_values().filter_map(|(since, row)| since.map(|since| (since, row)));
    found.extend(lasting.filter_map(|(since, row)| violation(row, since, None, (timeline, period.to))));
    found.sort_by(|one, other| (one.from, &one.rule).cmp(&(other.from, &other.rule)));
    found
}

/// What is known of the time before a violation.
struct Known<'a> {
    timeline: &'a [TimelineRow],
    /// When the resource began to be, if that is in the period.
    begun: Option<Moment>,
}

impl Known<'_> {
    /// Whether a violation whose first result is of `at` may have begun before: something is not known of the time
    /// from the result before it, or from when the resource began to be.
    fn may_be_earlier(&self, at: Moment, from: Option<Compliance>) -> bool {
        // A result that was recorded tells of all rules, also of those whose result is as it was.
        let recorded = self.timeline.iter().rev().find(|row| row.at < at && is_result(row)).map(|row| row.at);
        let before = if from.is_some() { recorded } else { self.begun };
        before.is_none_or(|before| self.timeline.iter().any(|row| overlaps(row, before, at)))
    }
}

fn is_result(row: &TimelineRow) -> bool {
    matches!(row.event, Event::Compliance { .. })
}

fn violation(
    row: &TimelineRow,
    since: Since,
    ended: Option<(Moment, Compliance)>,
    (timeline, to): (&[TimelineRow], Moment),
) -> Option<RemediationRow> {
    let Event::Compliance { check, rule, .. } = &row.event else { return None };
    let until = ended.map(|(at, _)| at);
    let end = until.unwrap_or(to);
    Some(RemediationRow {
        account: row.account.clone(),
        region: row.region.clone(),
        resource_type: row.resource_type.clone()?,
        resource_id: row.resource_id.clone()?,
        check: check.clone(),
        rule: rule.clone(),
        from: since.from,
        earlier: since.earlier,
        until,
        became: ended.map(|(_, became)| became),
        seconds: seconds(since.from, end),
        gap: timeline.iter().any(|gap| overlaps(gap, since.from, end)),
    })
}

/// The seconds between two times; none if the second is before the first.
pub(crate) fn seconds(from: Moment, until: Moment) -> u64 {
    u64::try_from((until.time() - from.time()).whole_seconds()).unwrap_or_default()
}

fn overlaps(row: &TimelineRow, from: Moment, end: Moment) -> bool {
    let Event::Gap { until, .. } = &row.event else { return false };
    row.at < end && until.is_none_or(|until| until > from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::rows::GapReason;

    fn at(day: u8) -> Moment {
        format!("2026-10-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn row(day: u8, event: Event) -> TimelineRow {
        let (account, region) = ("111122223333".to_owned(), "eu-west-1".to_owned());
        let (resource_type, resource_id) = (Some("T".to_owned()), Some("nb".to_owned()));
        TimelineRow { account, region, resource_type, resource_id, at: at(day), event }
    }

    fn period() -> Period {
        Period { from: at(1), to: at(10) }
    }

    fn change(day: u8, rule: &str, from: Option<Compliance>, to: Compliance) -> TimelineRow {
        let (check, rule) = ("root-access".to_owned(), rule.to_owned());
        row(day, Event::Compliance { check, rule, from, to, annotation: None })
    }

    #[test]
    fn a_violation_lasts_until_it_is_mended_borne_or_gone() {
        use Compliance::{Compliant, InsufficientData, NonCompliant, NotApplicable};
        let timeline = [
            change(1, "a", None, NonCompliant),
            change(2, "b", Some(Compliant), NonCompliant),
            change(3, "a", Some(NonCompliant), Compliant),
            change(4, "a", Some(Compliant), NonCompliant),
            row(5, Event::Gap { until: Some(at(6)), reason: GapReason::RecorderStopped, detail: None }),
            change(7, "a", Some(NonCompliant), NotApplicable),
            change(8, "a", Some(NotApplicable), InsufficientData),
        ];
        let found = of_resource(&timeline, None, period());
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.rule.as_str(), one.from, one.until, one.became, one.earlier, one.gap))
            .collect();
        assert_eq!(
            told,
            [
                ("a", at(1), Some(at(3)), Some(Compliant), true, false),
                ("b", at(2), None, None, false, true),
                ("a", at(4), Some(at(7)), Some(NotApplicable), false, true),
            ]
        );
        assert_eq!(found.iter().map(|one| one.seconds / 86_400).collect::<Vec<_>>(), [2, 8, 3]);
    }

    #[test]
    fn when_a_violation_began_is_known_where_nothing_lacks_before_it() {
        use Compliance::{Compliant, NonCompliant};
        let gap = |day, until| {
            row(day, Event::Gap { until: Some(at(until)), reason: GapReason::RecorderStopped, detail: None })
        };
        let earlier = |timeline: &[TimelineRow], created: Option<u8>| {
            of_resource(timeline, created.map(at), Period { from: at(2), to: at(20) })
                .iter()
                .map(|one| one.earlier)
                .collect::<Vec<_>>()
        };
        let first = change(8, "a", None, NonCompliant);
        assert_eq!(earlier(std::slice::from_ref(&first), None), [true]);
        assert_eq!(earlier(std::slice::from_ref(&first), Some(1)), [true], "it was there before the period");
        assert_eq!(earlier(std::slice::from_ref(&first), Some(3)), [false]);
        assert_eq!(earlier(&[gap(4, 5), first.clone()], Some(3)), [true]);
        assert_eq!(earlier(&[gap(2, 3), first], Some(3)), [false], "a gap that was over");
        let (good, bad) = (change(3, "a", None, Compliant), change(8, "a", Some(Compliant), NonCompliant));
        assert_eq!(earlier(&[good.clone(), bad.clone()], None), [false]);
        assert_eq!(earlier(&[good.clone(), gap(4, 5), bad.clone()], None), [true]);
        let other = change(6, "b", Some(NonCompliant), Compliant);
        assert_eq!(earlier(&[good, gap(4, 5), other, bad], None), [false], "what was recorded tells of all rules");
    }
}
