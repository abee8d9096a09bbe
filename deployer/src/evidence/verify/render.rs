//! A verification, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json as value};

use super::subject;
use super::{Lacking, SignatureState, Verification, Wholeness};
use crate::evidence::content::State;
use crate::evidence::finding::{Finding, Kind};
use crate::evidence::manifest::Manifest;
use crate::evidence::plain::{plain, short};
use crate::evidence::rows::PlaceTotals;
use crate::evidence::words::{by, places, resources};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, bytes, counted, layout};

/// The version of the JSON document's form.
const FORMAT: u32 = 1;
/// So much of what a bundle is about is shown.
const MOST_SUBJECT: usize = 12;
/// So much of a reason.
const LONGEST: usize = 300;

/// The verification of the bundle at `place` as text, at most `width` columns wide but for words that are longer.
#[must_use]
pub fn text(verification: &Verification, place: &str, width: usize) -> String {
    let (style, verdict) = verdict(verification);
    let verdict = textwrap::fill(&format!("{place} {verdict}"), layout(width, ""));
    let mut out = format!("{style}{verdict}{style:#}\n");
    if let Some(whole) = &verification.wholeness {
        write_wholeness(&mut out, whole, width);
    }
    if let Some(manifest) = &verification.manifest {
        out.push('\n');
        write_manifest(&mut out, verification, manifest, width);
        write_content(&mut out, verification, width);
        write_signature(&mut out, verification, width);
    }
    if !verification.findings.is_empty() {
        out.push('\n');
    }
    for finding in &verification.findings {
        let wrapped = textwrap::fill(&sentence(finding), layout(width, "    "));
        let _ = writeln!(out, "  {BAD}✗{BAD:#} {}", wrapped.trim_start());
    }
    for note in &verification.notes {
        let _ = writeln!(out, "\n{FAINT}{}{FAINT:#}", textwrap::fill(&format!("note: {note}"), layout(width, "")));
    }
    out
}

fn verdict(verification: &Verification) -> (anstyle::Style, String) {
    match verification.findings.len() {
        0 if verification.is_verified() => (GOOD, "verifies: its files are as they were written".to_owned()),
        some => (BAD, format!("does not verify: {}", counted(some, "finding"))),
    }
}

/// A finding as a sentence.
#[must_use]
pub(crate) fn sentence(finding: &Finding) -> String {
    match &finding.path {
        Some(path) => format!("`{path}` {}", finding.message),
        None => finding.message.clone(),
    }
}

fn row(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  {name:<9}  {text}");
}

fn write_manifest(out: &mut String, verification: &Verification, manifest: &Manifest, width: usize) {
    let is_verified = verification.is_verified();
    // What the manifest says of itself is worth something only if it is as it was written.
    let says = if is_verified { "" } else { " (as the manifest says)" };
    let (name, version) = (short(&manifest.tool.name, 40), short(&manifest.tool.version, 40));
    row(out, "created", &format!("{} by {name} {version}{says}", manifest.created));
    let files = counted(manifest.files.len(), "file");
    row(out, "files", &format!("{files}, {}{says}", bytes(manifest.bundle.size)));
    if is_verified {
        row(out, "digest", &manifest.bundle.sha256);
    }
    let lines = subject::lines(&manifest.subject);
    for (at, line) in lines.iter().take(MOST_SUBJECT).enumerate() {
        let wrapped = textwrap::fill(line, layout(width, "             "));
        row(out, if at == 0 { "subject" } else { "" }, wrapped.trim_start());
    }
    if lines.len() > MOST_SUBJECT {
        row(out, "", &format!("and {} more in the manifest", lines.len() - MOST_SUBJECT));
    }
}

/// What the bundle lacks although it is as it was written.
fn write_wholeness(out: &mut String, whole: &Wholeness, width: usize) {
    let mut paragraph = |style: anstyle::Style, text: &str, indent: &'static str| {
        let wrapped = textwrap::fill(&plain(text), layout(width, indent));
        let _ = writeln!(out, "{style}{wrapped}{style:#}");
    };
    let PlaceTotals { read, incomplete, unread, .. } = whole.places;
    let scope = places(read + incomplete + unread);
    if whole.is_whole {
        paragraph(GOOD, &format!("whole: {scope} in scope, all of it was read"), "");
    } else {
        let was = |count: u64, how: &str| format!("{count} {} {how}", by(count, "was", "were"));
        let read =
            [(unread, "not read at all"), (incomplete, "read in part")].into_iter().filter(|(count, _)| *count > 0);
        let read = read.map(|(count, how)| was(count, how)).collect::<Vec<_>>().join(", ");
        let of = if read.is_empty() { format!("{scope} in scope") } else { format!("of {scope} in scope {read}") };
        let others = match whole.others {
            0 => String::new(),
            1 => "; 1 other thing could not be read, or is not certain".to_owned(),
            many => format!("; {many} other things could not be read, or are not certain"),
        };
        paragraph(UNSURE, &format!("not whole: {of}{others}"), "");
    }
    for Lacking { account, region, in_part, why } in &whole.first_places {
        let part = if *in_part { ", in part" } else { "" };
        paragraph(FAINT, &format!("account {account} in {region}{part}: {}", short(why, LONGEST)), "    ");
    }
    let more = (unread + incomplete).saturating_sub(whole.first_places.len() as u64);
    if more > 0 {
        paragraph(FAINT, &format!("and {}: see population.jsonl", places(more)), "    ");
    }
    for other in &whole.first_others {
        paragraph(FAINT, &short(other, LONGEST), "    ");
    }
    let more = whole.others.saturating_sub(whole.first_others.len() as u64);
    if more > 0 {
        paragraph(FAINT, &format!("and {more} more: see report.json"), "    ");
    }
    if whole.not_evaluated > 0 {
        let count = whole.not_evaluated;
        paragraph(UNSURE, &format!("{} {} no evaluation", resources(count), by(count, "has", "have")), "");
    }
}

fn write_content(out: &mut String, verification: &Verification, width: usize) {
    for outcome in &verification.content {
        let (style, mark, text) = match outcome.state {
            State::Agreed => (GOOD, "✓", outcome.promise.to_owned()),
            State::Disagreed => (BAD, "✗", format!("not so: {}", outcome.promise)),
            State::Skipped => {
                let why = outcome.why.as_deref().unwrap_or("it could not be asked");
                (UNSURE, "?", format!("not known whether {}: {why}", outcome.promise))
            }
            State::Absent => continue,
        };
        let wrapped = textwrap::fill(&text, layout(width, "    "));
        let _ = writeln!(out, "  {style}{mark}{style:#} {}", wrapped.trim_start());
    }
    if verification.content.iter().all(|outcome| outcome.state == State::Absent) {
        let _ = writeln!(out, "  {UNSURE}?{UNSURE:#} nothing in it can be held against each other");
    }
}

fn write_signature(out: &mut String, verification: &Verification, width: usize) {
    let (style, mark, text) = match &verification.signature {
        SignatureState::Checked(key) => (GOOD, "✓", format!("signed by {key}, which is the key that you gave")),
        SignatureState::Unchecked(key) => (
            UNSURE,
            "?",
            format!("signed by {key}, not checked against a key of yours: give the public key of whoever exported it with --key"),
        ),
        SignatureState::Unsigned if verification.findings.iter().any(|found| found.kind == Kind::Signature) => {
            (BAD, "✗", "not signed, and it has to be".to_owned())
        }
        SignatureState::Unsigned => (
            UNSURE,
            "?",
            "not signed: whoever changes a file can write a new manifest; compare the digest with one that reached you \
             by another way"
                .to_owned(),
        ),
        SignatureState::Bad => (BAD, "✗", "the signature does not hold".to_owned()),
        SignatureState::Unknown => return,
    };
    let wrapped = textwrap::fill(&text, layout(width, "    "));
    let _ = writeln!(out, "  {style}{mark}{style:#} {STRONG}{}{STRONG:#}", wrapped.trim_start());
}

/// The verification of the bundle at `place` as one JSON document.
#[must_use]
pub fn json(verification: &Verification, place: &str) -> String {
    let key = match &verification.signature {
        SignatureState::Checked(key) | SignatureState::Unchecked(key) => Some(key),
        SignatureState::Unknown | SignatureState::Unsigned | SignatureState::Bad => None,
    };
    let manifest = verification.manifest.as_ref().map(|manifest| {
        value!({
            "created": manifest.created, "tool": manifest.tool, "subject": manifest.subject,
            "files": manifest.bundle.files, "size": manifest.bundle.size, "sha256": manifest.bundle.sha256,
        })
    });
    let document: Value = value!({
        "format": FORMAT,
        "deployer": env!("CARGO_PKG_VERSION"),
        "bundle": place,
        "form": verification.form.as_str(),
        "verified": verification.is_verified(),
        "manifest": manifest,
        "signature": {"state": verification.signature.as_str(), "key": key},
        "wholeness": verification.wholeness,
        "content": verification.content,
        "findings": verification.findings,
        "notes": verification.notes,
    });
    format!("{document:#}\n")
}
