//! The page: what the template shows.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::exemptions::Exemptions;
use super::matrix::Matrix;
use super::picture::Picture;
use super::sections::{CallRow, CheckRow, ControlRow, ExemptionRow, Figure, Gap, Notebook, Unjudged};
use super::{sections, words};
use crate::controls::{Mapping, mapping};
use crate::evidence::rows::Totals;
use crate::report::meta::Meta;
use crate::report::summary::Summary;
use crate::report::verdict::{Verdict, conclude};

const STYLE: &str = include_str!("templates/style.css");
/// As many of the worst are told in full, the others in a line each.
const IN_FULL: usize = 10;

/// Everything on the page. Texts of AWS are in it as they are: the template escapes them.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    policy: String,
    style: &'static str,
    scope: String,
    when: String,
    class: &'static str,
    mark: &'static str,
    state: &'static str,
    sentence: String,
    but: Vec<String>,
    figures: Vec<Figure>,
    picture: Picture,
    checks: Vec<CheckRow>,
    about_checks: Vec<String>,
    absent_what: &'static str,
    absent: Vec<&'static str>,
    in_full: Vec<Notebook>,
    in_brief: Vec<Notebook>,
    violating: u64,
    not_shown: String,
    exemptions: Vec<ExemptionRow>,
    exempt_left_out: String,
    sees_exempt: bool,
    gaps: Vec<Gap>,
    unjudged: Vec<Unjudged>,
    controls: Vec<ControlRow>,
    mapping: &'static Mapping,
    source: String,
    caller: String,
    version: String,
    asked: Vec<String>,
    limits: Vec<String>,
    calls: Vec<CallRow>,
}

impl Page {
    pub(super) fn new(meta: &Meta, totals: &Totals, summary: Summary, matrix: Matrix, exemptions: Exemptions) -> Self {
        let Summary { worst, reasons, standings, expired, calls, beyond, checks, .. } = summary;
        let conclusion = conclude(standings, totals, expired, meta.sees_exempt);
        let (class, mark, state) = signs(conclusion.verdict);
        let (worst, violating) = worst.into_sorted();
        let not_shown = words::number(violating.saturating_sub(worst.len() as u64));
        let mut in_full: Vec<Notebook> = worst.iter().map(|bad| Notebook::of(bad, meta.started)).collect();
        let in_brief = in_full.split_off(in_full.len().min(IN_FULL));
        let (exemptions, exempt_left_out) = exemptions.into_parts();
        let rows = sections::checks(&checks, totals, meta);
        let hidden = (!meta.sees_exempt)
            .then(|| "? is what an aggregator does not show: what is exempt or not applicable.".to_owned());
        let (absent_what, absent) = checks.absent(totals, meta).unwrap_or_default();
        let about_checks =
            [hidden, checks.repeated(totals)].into_iter().flatten().map(|text| words::plain(&text)).collect();
        let plain = |texts: &[String]| texts.iter().map(|text| words::plain(text)).collect();
        Self {
            policy: policy(),
            style: STYLE,
            scope: words::plain(&meta.scope),
            when: words::moment(meta.started),
            class,
            mark,
            state,
            sentence: conclusion.sentence,
            but: conclusion.but,
            figures: sections::figures(standings, totals, rows.len(), meta),
            picture: Picture::of(matrix),
            about_checks,
            absent_what,
            absent,
            checks: rows,
            in_full,
            in_brief,
            violating,
            not_shown,
            exemptions: exemptions.iter().map(|one| ExemptionRow::of(one, meta.started)).collect(),
            sees_exempt: meta.sees_exempt,
            exempt_left_out: words::number(exempt_left_out),
            gaps: reasons.into_groups().iter().map(Gap::of).collect(),
            unjudged: beyond.into_groups().iter().map(Unjudged::of).collect(),
            controls: sections::controls(),
            mapping: mapping(),
            source: words::plain(&meta.source),
            caller: words::plain(&meta.caller),
            version: words::plain(&meta.version),
            asked: plain(&meta.asked),
            limits: meta.reservations().collect(),
            calls: calls.iter().map(CallRow::of).collect(),
        }
    }
}

/// A verdict as a class, a mark and words: colour alone tells nobody enough. The mark is drawn, because not every font
/// has it.
fn signs(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Bad => ("bad", "M2 2l8 8M10 2l-8 8", "Violations found"),
        Verdict::Unsure => ("unknown", "M3 4a3 3 0 1 1 4 2.8c-.7.3-1 .7-1 1.4M6 10.5v1", "Not everything is known"),
        Verdict::Good => ("fine", "M1 6l4 4 6-8", "No violation"),
    }
}

/// What a browser may do with the page: show it with this very style, and nothing else. There is no script in it, and
/// none could be brought in by a name.
fn policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'")
}
