//! Findings for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use super::{Finding, Severity};
use crate::output::{BAD, FAINT, GOOD, UNSURE, counted, layout};

/// Each finding after its place, as compilers write it, and a conclusion. At most `width` columns wide, but for names.
#[must_use]
pub fn text(file: &str, findings: &[Finding], width: usize) -> String {
    let mut out = String::new();
    for finding in findings {
        let style = if finding.severity == Severity::Error { BAD } else { UNSURE };
        let place = finding.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
        let word = finding.severity.word();
        let head = format!("{style}{place}: {word}:{style:#} {} [{}]", finding.message, finding.rule);
        let _ = writeln!(out, "{}", textwrap::fill(&head, layout(width, "").subsequent_indent("  ")));
        if !finding.path.is_empty() {
            let _ = writeln!(out, "  {FAINT}at {}{FAINT:#}", finding.path);
        }
        if let Some(proof) = &finding.proof {
            let _ = writeln!(out, "{}", textwrap::fill(&format!("proof: {}", proof.sentence()), indented(width)));
        }
        let _ = writeln!(out, "{}", textwrap::fill(&format!("fix: {}", finding.fix), indented(width)));
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let conclusion = match (errors, findings.len() - errors) {
        (0, 0) => format!("{GOOD}{file}: no mistakes found{GOOD:#}"),
        (errors, warnings) => format!("{file}: {}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    let _ = writeln!(out, "{conclusion}");
    out
}

fn indented(width: usize) -> textwrap::Options<'static> {
    layout(width, "  ").subsequent_indent("    ")
}

/// One object. `schemaVersion` rises when a member changes its meaning; members may be added.
#[must_use]
pub fn json(file: &str, findings: &[Finding]) -> String {
    let one = |finding: &Finding| {
        let proof = finding.proof.as_ref().map(|proof| {
            let keys: serde_json::Map<_, _> =
                proof.keys.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
            json!({"action": proof.action, "keys": keys, "decision": proof.decision, "intended": proof.intended})
        });
        json!({"rule": finding.rule, "severity": finding.severity.word(), "path": finding.path, "line": finding.line,
            "message": finding.message, "fix": finding.fix, "proof": proof})
    };
    let whole = json!({
        "schemaVersion": 1, "file": file, "findings": findings.iter().map(one).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}
