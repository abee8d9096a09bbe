//! A verification, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json as value};

use super::{SignatureState, Verification};
use crate::evidence::content::State;
use crate::evidence::finding::Finding;
use crate::evidence::manifest::Manifest;
use crate::evidence::plain::short;
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, bytes, counted, layout};

/// The version of the JSON document's form.
const FORMAT: u32 = 1;
/// So much of what a bundle is about is shown.
const MOST_SUBJECT: usize = 12;
const LONGEST_SUBJECT: usize = 300;

/// The verification of the bundle at `place` as text, at most `width` columns wide but for words that are longer.
#[must_use]
pub fn text(verification: &Verification, place: &str, width: usize) -> String {
    let (style, verdict) = verdict(verification);
    let verdict = textwrap::fill(&format!("{place} {verdict}"), layout(width, ""));
    let mut out = format!("{style}{verdict}{style:#}\n");
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
    let mut leaves = Vec::new();
    subject(&mut leaves, "", &Value::Object(manifest.subject.clone()));
    for (at, leaf) in leaves.iter().take(MOST_SUBJECT).enumerate() {
        let wrapped = textwrap::fill(leaf, layout(width, "             "));
        row(out, if at == 0 { "subject" } else { "" }, wrapped.trim_start());
    }
    if leaves.len() > MOST_SUBJECT {
        row(out, "", &format!("and {} more in the manifest", leaves.len() - MOST_SUBJECT));
    }
}

/// What a bundle is about, leaf by leaf: `scope.organization: o-example`.
fn subject(leaves: &mut Vec<String>, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let dot = if name.is_empty() { "" } else { "." };
                subject(leaves, &format!("{name}{dot}{member}"), value);
            }
        }
        Value::String(text) => leaves.push(short(&format!("{name}: {text}"), LONGEST_SUBJECT)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            leaves.push(short(&format!("{name}: {value}"), LONGEST_SUBJECT));
        }
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
        "content": verification.content,
        "findings": verification.findings,
        "notes": verification.notes,
    });
    format!("{document:#}\n")
}
