//! The doctor's report, for people and for programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use textwrap::{Options, WordSplitter};

use super::{Finding, Level};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, counted};

/// What stands for the Region in words about many.
const ANY_REGION: &str = "REGION";

/// The whole report: the caller, what is not as it should be, what is, and a conclusion. At most `width` columns wide.
#[must_use]
pub fn text(findings: &[Finding], width: usize) -> String {
    let mut out = String::new();
    if let Some(caller) = findings.iter().find(|finding| finding.topic == super::topic::IDENTITY) {
        let _ = writeln!(out, "{STRONG}{}{STRONG:#}\n", textwrap::fill(&caller.message, options(width)));
    }
    let troubles = problems(findings, width);
    if !troubles.is_empty() {
        let _ = writeln!(out, "{troubles}");
    }
    fine(&mut out, findings, width);
    let _ = writeln!(out, "\n{}", textwrap::fill(&conclusion(findings), options(width)));
    out
}

/// Only what is not as it should be, the worst first; empty if there is nothing. The same in many Regions is said once.
#[must_use]
pub fn problems(findings: &[Finding], width: usize) -> String {
    let all = regions(findings.iter());
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.level != Level::Good) {
        match groups.iter_mut().find(|group| group.takes(finding)) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group { findings: vec![finding] }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.findings.first().map(|finding| finding.level)));
    groups.iter().fold(String::new(), |mut out, group| {
        group.write(&mut out, all.len(), width);
        out
    })
}

/// The report as one JSON object, complete and in the order of the examination. `schemaVersion` rises when a member
/// changes its meaning; members may be added.
#[must_use]
pub fn json(account: &str, partition: &str, caller: &str, findings: &[Finding]) -> String {
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let whole = json!({
        "schemaVersion": 1, "account": account, "partition": partition, "caller": caller,
        "summary": {"good": count(Level::Good), "warning": count(Level::Warning), "bad": count(Level::Bad)},
        "findings": list(findings),
    });
    format!("{whole:#}\n")
}

/// Findings as JSON.
#[must_use]
pub fn list(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        json!({"level": finding.level, "region": finding.region, "topic": finding.topic,
            "message": finding.message, "fix": finding.fix})
    };
    findings.iter().map(one).collect()
}

/// Findings that differ in nothing but the Region.
struct Group<'a> {
    findings: Vec<&'a Finding>,
}

impl Group<'_> {
    fn takes(&self, other: &Finding) -> bool {
        self.findings.first().is_some_and(|first| {
            first.level == other.level
                && first.topic == other.topic
                && first.region.is_some()
                && other.region.is_some()
                && general(first, &first.message) == general(other, &other.message)
                && general_fix(first) == general_fix(other)
        })
    }

    fn write(&self, out: &mut String, of_all: usize, width: usize) {
        let Some(first) = self.findings.first() else { return };
        let (mark, style) = match first.level {
            Level::Bad => ("✗", BAD),
            Level::Warning => ("!", UNSURE),
            Level::Good => ("✓", GOOD),
        };
        let regions = regions(self.findings.iter().copied());
        let is_one = regions.len() <= 1;
        let (message, fix) = if is_one {
            (first.message.clone(), first.fix.clone())
        } else {
            (general(first, &first.message), general_fix(first))
        };
        let places = match regions.len() {
            0 => String::new(),
            many if many == of_all && many > 1 => format!(" in all {many} Regions"),
            _ => format!(" in {}", regions.into_iter().collect::<Vec<_>>().join(", ")),
        };
        let title = textwrap::fill(&format!("{}{places}", first.topic), options(width).subsequent_indent("    "));
        let _ = writeln!(out, "{style}{mark}{style:#} {STRONG}{title}{STRONG:#}");
        let indented = |text: &str, first: &'static str| {
            textwrap::fill(text, options(width).initial_indent(first).subsequent_indent("    "))
        };
        let _ = writeln!(out, "{}", indented(&message, "    "));
        if let Some(fix) = fix {
            let _ = writeln!(out, "{FAINT}{}{FAINT:#}", indented(&format!("→ {fix}"), "    "));
        }
    }
}

fn general(finding: &Finding, text: &str) -> String {
    finding.region.as_deref().map_or_else(|| text.to_owned(), |region| text.replace(region, ANY_REGION))
}

fn general_fix(finding: &Finding) -> Option<String> {
    finding.fix.as_deref().map(|fix| general(finding, fix))
}

fn regions<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<&'a str> {
    findings.filter_map(|finding| finding.region.as_deref()).collect()
}

/// The topics of which nothing but good is known.
fn fine(out: &mut String, findings: &[Finding], width: usize) {
    let is_fine = |topic: &str| findings.iter().all(|other| other.topic != topic || other.level == Level::Good);
    let mut topics: Vec<&str> = Vec::new();
    for finding in findings {
        if is_fine(finding.topic) && !topics.contains(&finding.topic) {
            topics.push(finding.topic);
        }
    }
    if !topics.is_empty() {
        let text = format!("as it should be: {}", topics.join(", "));
        let text = textwrap::fill(&text, options(width.saturating_sub(2)).subsequent_indent("  "));
        let _ = writeln!(out, "{GOOD}✓{GOOD:#} {text}");
    }
}

fn conclusion(findings: &[Finding]) -> String {
    let distinct = |level: Level| {
        let of_level = findings.iter().filter(|finding| finding.level == level);
        of_level.map(|finding| (finding.topic, general(finding, &finding.message))).collect::<BTreeSet<_>>().len()
    };
    let warnings = match distinct(Level::Warning) {
        0 => String::new(),
        many => format!(
            "; {} worth a look",
            if many == 1 { "one thing is".to_owned() } else { format!("{many} things are") }
        ),
    };
    match distinct(Level::Bad) {
        0 => format!("Nothing is in the way of an installation{warnings}."),
        many => format!("{} in the way of an installation{warnings}.", are(many)),
    }
}

fn are(many: usize) -> String {
    format!("{} {}", counted(many, "thing"), if many == 1 { "is" } else { "are" })
}

/// Commands and names are copied from here: no line ends inside one.
fn options(width: usize) -> Options<'static> {
    Options::new(width).break_words(false).word_splitter(WordSplitter::NoHyphenation)
}
