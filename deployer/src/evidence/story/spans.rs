//! How long a notebook violated a check.

use std::collections::BTreeMap;

use crate::evidence::Moment;
use crate::evidence::rows::{Compliance, Event, TimelineRow};

/// A time in which a notebook violated a check, as far as AWS Config noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The check.
    pub check: String,
    /// The Config rule.
    pub rule: String,
    /// When it was first `NON_COMPLIANT`.
    pub from: Moment,
    /// When it no longer was; nothing if it still is.
    pub until: Option<Moment>,
    /// Whether something is not known of that time.
    pub has_gap: bool,
}

/// The violations in a timeline that is in order.
pub(super) fn violations(timeline: &[TimelineRow]) -> Vec<Span> {
    let mut open: BTreeMap<&str, Span> = BTreeMap::new();
    let mut spans = Vec::new();
    for row in timeline {
        let Event::Compliance { check, rule, to, .. } = &row.event else { continue };
        if *to == Compliance::NonCompliant {
            let span = || Span { check: check.clone(), rule: rule.clone(), from: row.at, until: None, has_gap: false };
            open.entry(rule).or_insert_with(span);
        } else if let Some(span) = open.remove(rule.as_str()) {
            spans.push(Span { until: Some(row.at), ..span });
        }
    }
    spans.extend(open.into_values());
    for span in &mut spans {
        span.has_gap = timeline.iter().any(|row| overlaps(row, span));
    }
    spans.sort_by(|one, other| (one.from, &one.check).cmp(&(other.from, &other.check)));
    spans
}

fn overlaps(row: &TimelineRow, span: &Span) -> bool {
    let Event::Gap { until, .. } = &row.event else { return false };
    let begins_before_end = span.until.is_none_or(|end| row.at < end);
    let ends_after_begin = until.is_none_or(|end| end > span.from);
    begins_before_end && ends_after_begin
}
