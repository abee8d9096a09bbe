//! A story, for people and for programs.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::{Map, Value, json as value};
use time::Duration;

use super::settings::{changes, shown};
use super::{Span, Story};
use crate::evidence::Moment;
use crate::evidence::plain::plain;
use crate::evidence::rows::{Bounds, Compliance, EvaluationRow, Event, Known, TimelineRow};
use crate::evidence::verify::{SignatureState, Verification};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, layout};

/// The version of the JSON document's form.
const FORMAT: u32 = 1;

/// The story as text, at most `width` columns wide but for words that are longer.
#[must_use]
pub fn text(story: &Story, verification: &Verification, width: usize) -> String {
    let mut out = String::new();
    head(&mut out, story, verification, width);
    let _ = writeln!(out, "\n{STRONG}Results in AWS Config{STRONG:#}");
    if story.evaluations.is_empty() {
        let why = story.resource.not_judged.as_deref().map_or_else(|| none(story), |why| format!("none: {why}"));
        paragraph(&mut out, ("?", UNSURE), &plain(&why), width);
    }
    for row in &story.evaluations {
        evaluation(&mut out, row, story.period, width);
    }
    let _ = writeln!(out, "\n{STRONG}Timeline{STRONG:#}");
    if !story.has_timeline {
        let _ = writeln!(out, "  {FAINT}the bundle has none: it was exported for a moment, not a period{FAINT:#}");
    } else if story.timeline.is_empty() {
        let _ = writeln!(out, "  {FAINT}nothing is known of it in the period{FAINT:#}");
    }
    timeline(&mut out, &story.timeline, story.period, width);
    if !story.violations.is_empty() {
        let _ = writeln!(out, "\n{STRONG}NON_COMPLIANT{STRONG:#}");
    }
    for span in &story.violations {
        violation(&mut out, span, width);
    }
    out
}

fn none(story: &Story) -> String {
    match story.place.as_ref().and_then(|place| place.reading.why()) {
        Some(_) => "none was read",
        None => "none: it was never evaluated",
    }
    .to_owned()
}

fn paragraph(out: &mut String, (mark, style): (&str, Style), text: &str, width: usize) {
    let wrapped = textwrap::fill(text, layout(width, "    "));
    let _ = writeln!(out, "  {style}{mark}{style:#} {}", wrapped.trim_start());
}

fn head(out: &mut String, story: &Story, verification: &Verification, width: usize) {
    let resource = &story.resource;
    let name = resource.name.as_deref().unwrap_or(&resource.resource_id);
    let _ = writeln!(out, "{STRONG}{}{STRONG:#}", plain(name));
    // It is longer than a line beside a label, and is copied from here.
    let _ = writeln!(out, "  {}", plain(&resource.resource_id));
    let mut row = |name: &str, text: &str| {
        let options = layout(width, "             ");
        let _ = writeln!(out, "  {name:<9}  {}", textwrap::fill(&plain(text), options).trim_start());
    };
    let account = story.place.as_ref().and_then(|place| place.account_name.as_ref());
    let account = account.map_or_else(String::new, |name| format!(" ({name})"));
    row("account", &format!("{}{account} in {}", resource.account, resource.region));
    let status = resource.status.as_deref().map_or_else(String::new, |status| format!(", {status}"));
    match resource.known {
        Known::Listed => row("listed", &format!("yes{status}")),
        Known::EvaluatedOnly if story.place.as_ref().is_some_and(|place| place.reading.why().is_some()) => {
            row("listed", "not known: AWS Config has results of it, and not all was read there");
        }
        Known::EvaluatedOnly => row("listed", "no: only AWS Config still has results of it"),
        Known::Deleted => row("listed", "no: it was deleted since the period began"),
    }
    if let Some(created) = resource.created {
        row("created", &created.to_seconds().to_string());
    }
    if let Some(Bounds { from, to }) = story.period {
        row("period", &format!("from {} to {}", from.to_seconds(), to.to_seconds()));
    }
    if let Some(why) = story.place.as_ref().and_then(|place| place.reading.why()) {
        row("limits", &format!("its account and Region were not read to the end: {why}"));
    }
    row("evidence", &format!("of {}, {}", story.created, signed(&verification.signature)));
}

fn signed(signature: &SignatureState) -> String {
    match signature {
        SignatureState::Checked(key) => format!("signed by {key}, which is the key that you gave"),
        SignatureState::Unchecked(key) => format!("signed by {key}, not checked against a key of yours"),
        SignatureState::Unsigned => "not signed".to_owned(),
        SignatureState::Unknown | SignatureState::Bad => "its signature does not hold".to_owned(),
    }
}

fn mark(compliance: Compliance) -> (&'static str, Style) {
    match compliance {
        Compliance::Compliant => ("✓", GOOD),
        Compliance::NonCompliant => ("✗", BAD),
        Compliance::NotApplicable => ("-", FAINT),
        Compliance::InsufficientData => ("?", UNSURE),
    }
}

/// Where a time is beside the period, if it is not in it.
fn beside(at: Moment, period: Option<Bounds>) -> &'static str {
    match period {
        Some(period) if at < period.from => " (before the period)",
        Some(period) if at > period.to => " (after the period)",
        Some(_) | None => "",
    }
}

fn evaluation(out: &mut String, row: &EvaluationRow, period: Option<Bounds>, width: usize) {
    let recorded = row
        .result_recorded_time
        .map_or_else(String::new, |at| format!(", recorded {}{}", at.to_seconds(), beside(at, period)));
    let text = format!("{}: {}{recorded}", plain(&row.check), row.compliance_type.as_str());
    paragraph(out, mark(row.compliance_type), &text, width);
    let mut more = |text: &str| {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&plain(text), layout(width, "      ")));
    };
    if let Some(annotation) = &row.annotation {
        more(annotation);
    }
    if let Some(exempt) = &row.exempt {
        let is = if exempt.expired { "exemption expired after" } else { "exempt until" };
        // The annotation of an exemption that holds says the same.
        if !row.annotation.as_ref().is_some_and(|annotation| annotation.contains(&exempt.ticket)) {
            more(&format!("{is} {} ({}): {}", exempt.expires, exempt.ticket, exempt.reason));
        }
        more(&format!("owner {}, approved by {}", exempt.owner, exempt.approved_by));
    }
}

fn timeline(out: &mut String, rows: &[TimelineRow], period: Option<Bounds>, width: usize) {
    let mut before: Option<&Map<String, Value>> = None;
    for row in rows {
        let (mark, text, details) = match &row.event {
            Event::ConfigurationItem { status, configuration } => {
                let details = before.map_or_else(Vec::new, |before| differences(before, configuration));
                before = Some(configuration);
                (("•", FAINT), format!("recorded: {}", plain(status)), details)
            }
            Event::Compliance { check, from, to, annotation, .. } => {
                let from = from.map_or_else(String::new, |from| format!("{} -> ", from.as_str()));
                let text = format!("{}: {from}{}", plain(check), to.as_str());
                (mark(*to), text, annotation.iter().map(|one| plain(one)).collect())
            }
            Event::Gap { until, reason, detail } => {
                let until =
                    until.map_or_else(|| "the end of the period".to_owned(), |until| until.to_seconds().to_string());
                let text = format!("gap until {until}: {}", reason.as_str());
                (("?", UNSURE), text, detail.iter().map(|one| plain(one)).collect())
            }
        };
        paragraph(out, mark, &format!("{}  {text}{}", row.at.to_seconds(), beside(row.at, period)), width);
        for detail in details {
            let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&detail, layout(width, "      ")));
        }
    }
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let told = changes(before, after).into_iter().map(|changed| {
        let name = plain(&changed.name);
        format!("{name}: {} -> {}", shown(changed.from.as_ref()), shown(changed.to.as_ref()))
    });
    told.collect()
}

fn violation(out: &mut String, span: &Span, width: usize) {
    let lasted = span.until.map(|until| lasting(span.from, until));
    let until = span
        .until
        .map_or_else(|| "to the end of the period".to_owned(), |until| format!("until {}", until.to_seconds()));
    let lasted = lasted.map_or_else(String::new, |lasted| format!(": {lasted}"));
    let gap = if span.has_gap { "; something is not known of that time" } else { "" };
    let text = format!("{}: since {} {until}{lasted}{gap}", plain(&span.check), span.from.to_seconds());
    paragraph(out, ("✗", BAD), &text, width);
}

/// How long something lasted: days and hours, or hours and minutes, or seconds.
fn lasting(from: Moment, until: Moment) -> String {
    let lasted: Duration = until.time() - from.time();
    let (days, hours, minutes) = (lasted.whole_days(), lasted.whole_hours() % 24, lasted.whole_minutes() % 60);
    match (days, lasted.whole_minutes()) {
        (1.., _) => format!("{days} d {hours} h"),
        (_, 1..) => format!("{hours} h {minutes} min"),
        _ => format!("{} s", lasted.whole_seconds()),
    }
}

/// The story as one JSON document.
#[must_use]
pub fn json(story: &Story, verification: &Verification) -> String {
    let violations: Vec<Value> = story
        .violations
        .iter()
        .map(|span| {
            let seconds = span.until.map(|until| (until.time() - span.from.time()).whole_seconds());
            value!({
                "check": span.check, "rule": span.rule, "from": span.from, "until": span.until,
                "seconds": seconds, "hasGap": span.has_gap,
            })
        })
        .collect();
    let digest = verification.manifest.as_ref().map(|manifest| &manifest.bundle.sha256);
    let document = value!({
        "format": FORMAT,
        "deployer": env!("CARGO_PKG_VERSION"),
        "bundle": {"created": story.created, "sha256": digest, "signature": verification.signature.as_str()},
        "resource": story.resource,
        "place": story.place,
        "period": story.period,
        "evaluations": story.evaluations,
        "timeline": story.has_timeline.then_some(&story.timeline),
        "violations": violations,
    });
    format!("{document:#}\n")
}
