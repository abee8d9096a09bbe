//! The report for people: fewer than a hundred lines for any organization.

use std::fmt::Write as _;

use super::coverage;
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, counted, layout};
use crate::status::Level;
use crate::status::organization::{Finding, Guardrail, Head, Installed, PackState, Report, Standing, Subject};

/// Findings of one subject that are told before the rest is counted.
const SHOWN: usize = 5;
/// Names in a list before the rest is counted.
pub(super) const NAMES: usize = 8;
/// StackSets that are told one by one.
const SETS: usize = 4;

/// The report as text, at most `width` columns wide but for words that are longer.
#[must_use]
pub fn text(report: &Report, width: usize) -> String {
    let head = &report.head;
    let who = if head.is_management() { "the management account" } else { "a delegated administrator" };
    let title =
        format!("Notebook Guard in organization {}, seen from {} ({who})", head.organization, head.administrator);
    let mut out = format!("{STRONG}{}{STRONG:#}\n", textwrap::fill(&title, layout(width, "")));
    match &report.installation {
        Standing::Absent => {
            let told = format!(
                "It is not installed: there is no StackSet {} in {}. If it is in another Region, add --home-region.",
                head.prefix, head.looked_in
            );
            let _ = writeln!(out, "\n{}", textwrap::fill(&told, layout(width, "")));
        }
        Standing::Foreign(names) => {
            let told = format!(
                "It is not installed: the StackSet {} in {} was not made by deployer.",
                names.join(", "),
                head.home
            );
            let _ = writeln!(out, "\n{}", textwrap::fill(&told, layout(width, "")));
        }
        Standing::Present(installed) => present(&mut out, report, installed, width),
    }
    out
}

fn present(out: &mut String, report: &Report, installed: &Installed, width: usize) {
    let findings = report.findings();
    for subject in Subject::ALL {
        let own: Vec<&Finding> = findings.iter().filter(|finding| finding.subject == subject).collect();
        let lines = match subject {
            Subject::StackSets => sets(installed),
            Subject::Coverage => {
                out.push_str(&coverage::text(installed, width));
                Vec::new()
            }
            Subject::ManagementAccount => management(installed),
            Subject::Artifacts if own.is_empty() => continue,
            Subject::Artifacts => Vec::new(),
            Subject::Guardrail => guardrail(installed),
            Subject::ManagedPack => packs(installed),
            Subject::Aggregator => aggregator(installed),
        };
        if subject != Subject::Coverage {
            if lines.is_empty() && own.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{STRONG}{}{STRONG:#}", heading(subject, &report.head));
        }
        for line in lines {
            let mark =
                if own.iter().any(|finding| finding.level != Level::Note) { (" ", FAINT) } else { ("✓", GOOD) };
            told(out, mark, &line, width);
        }
        self::findings(out, &own, width);
    }
    let (style, line) = conclusion(installed, &findings);
    let _ = writeln!(out, "\n{style}{}{style:#}", textwrap::fill(&line, layout(width, "")));
}

fn heading(subject: Subject, head: &Head) -> String {
    match subject {
        Subject::StackSets => format!("StackSets in {}", head.home),
        Subject::Coverage => "Coverage".to_owned(),
        Subject::ManagementAccount => format!("Management account {}", head.management),
        Subject::Artifacts => "Artifacts".to_owned(),
        Subject::Guardrail => "Service control policies".to_owned(),
        Subject::ManagedPack => "Managed rules".to_owned(),
        Subject::Aggregator => "Aggregator of the organization".to_owned(),
    }
}

fn findings(out: &mut String, findings: &[&Finding], width: usize) {
    for (index, finding) in findings.iter().take(SHOWN).enumerate() {
        told(out, mark(finding.level), &finding.message, width);
        // A fix that serves several is told after the last of them.
        let is_told_later = findings.get(index + 1).is_some_and(|next| next.fix == finding.fix && index + 1 < SHOWN);
        if let Some(fix) = finding.fix.as_ref().filter(|_| !is_told_later) {
            let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(fix, layout(width, "      ")));
        }
    }
    if findings.len() > SHOWN {
        let _ = writeln!(out, "    and {} more: --format json has them", findings.len() - SHOWN);
    }
}

pub(super) fn mark(level: Level) -> (&'static str, anstyle::Style) {
    match level {
        Level::Note => ("!", UNSURE),
        Level::Unread => ("?", UNSURE),
        Level::Problem => ("✗", BAD),
    }
}

pub(super) fn told(out: &mut String, (mark, style): (&str, anstyle::Style), text: &str, width: usize) {
    let wrapped = textwrap::fill(text, layout(width, "    "));
    let _ = writeln!(out, "  {style}{mark}{style:#} {}", wrapped.trim_start());
}

/// The first of them, and how many more there are.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn sets(installed: &Installed) -> Vec<String> {
    let one = |set: &crate::status::organization::SetState| {
        let auto = if set.auto_deployment { "on" } else { "off" };
        format!("{}: version {}, auto-deployment {auto}, in {}", set.name, set.version, listed(&set.regions))
    };
    let mut lines: Vec<String> = installed.sets.iter().take(SETS).map(one).collect();
    if installed.sets.len() > SETS {
        lines.push(format!("and {} more", installed.sets.len() - SETS));
    }
    lines
}

fn management(installed: &Installed) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(stacks) = installed.management.as_ref().filter(|_| installed.record.management) {
        let there = stacks.iter().filter_map(|own| own.state.as_ref().ok()?.as_ref());
        let settled = there.filter(|stack| stack.is_ours && stack.is_settled).count();
        lines.push(format!("stacks of its own in {settled} of {}", counted(stacks.len(), "Region")));
    }
    lines.push("it is not bound by service control policies".to_owned());
    lines
}

fn guardrail(installed: &Installed) -> Vec<String> {
    let Ok(Some(Guardrail { policies, .. })) = &installed.guardrail else { return Vec::new() };
    policies
        .iter()
        .filter(|(_, targets)| !targets.is_empty())
        .map(|(name, targets)| format!("{name} is attached to {}", listed(targets)))
        .collect()
}

fn aggregator(installed: &Installed) -> Vec<String> {
    let Ok(Some(status)) = &installed.aggregator else { return Vec::new() };
    vec![format!("{} in {}: deployer report --org reads it", status.name, status.region)]
}

/// Regions that are alike together.
fn packs(installed: &Installed) -> Vec<String> {
    let Ok(packs) = &installed.packs else { return Vec::new() };
    let groups = crate::output::grouped(packs.regions.iter(), |pack| format!("{} {:?}", pack.status, pack.accounts));
    let told = groups.iter().filter_map(|group| {
        let PackState { status, accounts, .. } = group.first()?;
        let states: Vec<String> = accounts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let regions: Vec<&str> = group.iter().map(|pack| pack.region.as_str()).collect();
        Some(format!("{status} in {} ({})", listed(&regions), states.join(", ")))
    });
    told.collect()
}

fn conclusion(installed: &Installed, findings: &[Finding]) -> (anstyle::Style, String) {
    let totals = installed.coverage.totals();
    let wanted = totals.installed + totals.failed;
    let covered = format!("The guard is in {} of {} where it can be.", totals.installed, counted(wanted, "place"));
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    match (count(Level::Problem), count(Level::Unread)) {
        (0, 0) => (GOOD, format!("{covered} It is as it was installed.")),
        (0, some) => (UNSURE, format!("{covered} {} could not be read.", counted(some, "thing"))),
        (some, 0) => (BAD, format!("{covered} {} not as it should be.", is(some))),
        (some, unread) => (BAD, format!("{covered} {} not as it should be, and {unread} could not be read.", is(some))),
    }
}

fn is(many: usize) -> String {
    format!("{} {}", counted(many, "thing"), if many == 1 { "is" } else { "are" })
}
