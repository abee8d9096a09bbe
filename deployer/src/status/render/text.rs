//! The report for people: a block for each Region, equal ones told once.

mod aspect;

use std::fmt::Write as _;

use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, counted, grouped, layout};
use crate::status::{Aspect, Finding, Installation, Level, RegionReport, Report};

/// The report as text, at most `width` columns wide but for words that are longer.
#[must_use]
pub fn text(report: &Report, width: usize) -> String {
    let mut out = format!("{STRONG}Notebook Guard in account {}{STRONG:#}\n", report.account);
    for (regions, body) in blocks(report, width) {
        let heading = textwrap::fill(&regions.join(", "), layout(width, ""));
        let _ = write!(out, "\n{STRONG}{heading}{STRONG:#}\n{body}");
    }
    let (style, line) = conclusion(report);
    let _ = writeln!(out, "\n{style}{}{style:#}", textwrap::fill(&line, layout(width, "")));
    out
}

/// The Regions of which there is something to tell, those with the same to tell together.
fn blocks(report: &Report, width: usize) -> Vec<(Vec<&str>, String)> {
    let told = report.regions.iter().filter(|region| is_told(region));
    // The name of the Region in commands and ARNs makes no difference.
    let groups = grouped(told, |region| block(region, usize::MAX).replace(&region.region, "REGION"));
    let told = groups.into_iter().filter_map(|group| {
        let first = *group.first()?;
        let body = block(first, width);
        let body = if group.len() > 1 { body.replace(&first.region, "REGION") } else { body };
        Some((group.iter().map(|region| region.region.as_str()).collect(), body))
    });
    told.collect()
}

fn is_told(region: &RegionReport) -> bool {
    !matches!(region.installation, Installation::Absent { .. })
}

fn block(region: &RegionReport, width: usize) -> String {
    let mut out = String::new();
    for aspect in Aspect::ALL {
        let findings: Vec<&Finding> = region.findings.iter().filter(|finding| finding.aspect == aspect).collect();
        let problems = findings.iter().filter(|finding| finding.level == Level::Problem).count();
        let summary = match &region.installation {
            Installation::Present(installed) => aspect::summary(aspect, installed, problems, width),
            Installation::Absent { .. }
            | Installation::Foreign
            | Installation::OfOrganization(_)
            | Installation::Unsettled(_)
            | Installation::Unread => None,
        };
        if let Some(summary) = summary {
            let worst = findings.iter().map(|finding| finding.level).filter(|level| *level != Level::Note).max();
            // What is wrong is said below, and what is well is not said of it.
            let (mark, style) = worst.map_or(("✓", GOOD), mark);
            line(&mut out, (mark, style), &summary.line, width);
            out.push_str(&summary.details);
        }
        for (index, finding) in findings.iter().enumerate() {
            // A fix that serves several is told after the last of them.
            let is_told_later = findings.get(index + 1).is_some_and(|next| next.fix == finding.fix);
            told(&mut out, finding, is_told_later, width);
        }
    }
    out
}

fn mark(level: Level) -> (&'static str, anstyle::Style) {
    match level {
        Level::Note => ("!", UNSURE),
        Level::Unread => ("?", UNSURE),
        Level::Problem => ("✗", BAD),
    }
}

fn line(out: &mut String, (mark, style): (&str, anstyle::Style), text: &str, width: usize) {
    let wrapped = textwrap::fill(text, layout(width, "    "));
    let _ = writeln!(out, "  {style}{mark}{style:#} {}", wrapped.trim_start());
}

fn told(out: &mut String, finding: &Finding, is_told_later: bool, width: usize) {
    line(out, mark(finding.level), &finding.message, width);
    if let Some(fix) = finding.fix.as_ref().filter(|_| !is_told_later) {
        let wrapped = textwrap::fill(fix, layout(width, "      "));
        let _ = writeln!(out, "{FAINT}{wrapped}{FAINT:#}");
    }
}

fn conclusion(report: &Report) -> (anstyle::Style, String) {
    let absent = report.regions.iter().filter(|region| matches!(region.installation, Installation::Absent { .. }));
    let (absent, foreign) =
        (absent.count(), report.regions.iter().filter(|region| region.installation == Installation::Foreign).count());
    let managed = report.regions.iter().filter(|region| matches!(region.installation, Installation::OfOrganization(_)));
    let managed = managed.count();
    let there = report.regions.len() - absent - foreign - managed;
    let troubled = report.regions.iter().filter(|region| !region.is_healthy()).count();
    let rest = match absent {
        0 => String::new(),
        _ if there + managed == 0 => String::new(),
        many => format!(" It is not installed in {}.", counted(many, "other Region")),
    };
    let kept = report.regions.iter().filter_map(|region| {
        (region.installation == Installation::Absent { has_artifacts: true }).then_some(region.region.as_str())
    });
    let kept: Vec<&str> = kept.collect();
    let kept = if kept.is_empty() { String::new() } else { format!(" Artifacts are kept in {}.", kept.join(", ")) };
    let (style, said) = match (there, troubled) {
        (0, _) if managed > 0 => (STRONG, format!("The organization installed it in {}.", counted(managed, "Region"))),
        (0, _) => (STRONG, not_installed(report)),
        (1, 0) => (GOOD, "It is as it was installed.".to_owned()),
        (2, 0) => (GOOD, "Both are as they were installed.".to_owned()),
        (many, 0) => (GOOD, format!("All {many} are as they were installed.")),
        (1, _) => (BAD, "It is not as it should be, or could not be read.".to_owned()),
        (many, 1) => (BAD, format!("1 of {many} is not as it should be, or could not be read.")),
        (many, some) => (BAD, format!("{some} of {many} are not as they should be, or could not be read.")),
    };
    (style, format!("{said}{rest}{kept}"))
}

fn not_installed(report: &Report) -> String {
    let regions: Vec<&str> = report.regions.iter().map(|region| region.region.as_str()).collect();
    match regions.as_slice() {
        [only] => format!("It is not installed in {only}."),
        few if few.len() <= 4 => format!("It is not installed in {}.", few.join(", ")),
        many => format!("It is not installed in any of {} Regions.", many.len()),
    }
}
