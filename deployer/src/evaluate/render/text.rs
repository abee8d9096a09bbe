//! The report for people: the worst first, what to do beside it, totals at the end.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use rule::resource::ResourceType;
use rule::verdict::Verdict;

use crate::evaluate::{Report, Resource, Source, Standing, Tally};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE};

/// The report as text, at most `width` columns wide.
#[must_use]
pub fn text(report: &Report, width: usize) -> String {
    let mut out = String::new();
    heading(&mut out, report, width);
    let of = |standing: Standing| report.resources.iter().filter(move |resource| resource.standing() == standing);
    let mut bad: Vec<&Resource> = of(Standing::Bad).chain(of(Standing::Unknown)).collect();
    bad.sort_by_key(|resource| std::cmp::Reverse(resource.worst()));
    for resource in bad {
        problem(&mut out, resource, width);
    }
    for resource in of(Standing::Exempt) {
        problem(&mut out, resource, width);
    }
    if of(Standing::Fine).chain(of(Standing::NotJudged)).next().is_some() {
        let _ = writeln!(out);
    }
    for resource in of(Standing::Fine) {
        let _ = writeln!(out, "{GOOD}✓{GOOD:#} {}", title(resource, width.saturating_sub(2)));
    }
    for resource in of(Standing::NotJudged) {
        let _ = writeln!(out, "{FAINT}–{FAINT:#} {}", title(resource, width.saturating_sub(2)));
    }
    if !report.resources.is_empty() {
        let _ = write!(out, "\n{}\n", totals(report));
    }
    conclusion(&mut out, report, width);
    out
}

fn heading(out: &mut String, report: &Report, width: usize) {
    let of_type = |kind: &ResourceType| report.resources.iter().filter(|one| one.resource_type == *kind).count();
    let places = match &report.source {
        Source::Account { account, .. } => {
            let regions: Vec<&str> = report.readings.iter().map(|reading| reading.place.as_str()).collect();
            let regions = if regions.len() > 4 { format!("{} Regions", regions.len()) } else { regions.join(", ") };
            format!("account {account}, {regions}")
        }
        Source::Files(files) => files.join(", "),
    };
    // Only what the chosen checks look at was counted at all.
    let counted: Vec<String> = [(ResourceType::NOTEBOOK_INSTANCE, "notebook"), (ResourceType::DOMAIN, "domain")]
        .into_iter()
        .filter(|(kind, _)| of_type(kind) > 0 || report.checks.iter().any(|check| check.resource_type() == *kind))
        .map(|(kind, name)| count(of_type(&kind), name))
        .collect();
    let line = format!("{places}: {}, {}", counted.join(" and "), count(report.checks.len(), "check"));
    let _ = writeln!(out, "{STRONG}{}{STRONG:#}", textwrap::fill(&line, width));
}

fn count(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        many => format!("{many} {thing}s"),
    }
}

/// The name, and the Region at the right edge.
fn title(resource: &Resource, width: usize) -> String {
    let region = resource.region.as_deref().unwrap_or_default();
    let gap = width.saturating_sub(textwrap::core::display_width(&resource.name) + region.len()).max(2);
    let gap = if region.is_empty() { 0 } else { gap };
    format!("{STRONG}{}{STRONG:#}{:gap$}{FAINT}{region}{FAINT:#}", resource.name, "")
}

fn problem(out: &mut String, resource: &Resource, width: usize) {
    let tally = resource.tally();
    let (mark, style) = match (tally.non_compliant, tally.undetermined) {
        (1.., _) => ("✗", BAD),
        (0, 1..) => ("?", UNSURE),
        (0, 0) => ("–", STRONG),
    };
    let _ = writeln!(out, "\n{style}{mark}{style:#} {}", title(resource, width.saturating_sub(2)));
    for (check, verdict) in &resource.verdicts {
        let (mark, style, reason) = match verdict {
            Verdict::NonCompliant(reason) => ("✗", BAD, reason.as_str()),
            Verdict::Undetermined(reason) => ("?", UNSURE, reason.as_str()),
            Verdict::NotApplicable(reason) if resource.exempt.contains(check.id) => ("–", STRONG, reason.as_str()),
            Verdict::Compliant | Verdict::NotApplicable(_) => continue,
        };
        let options = textwrap::Options::new(width.saturating_sub(4)).break_words(false);
        let severity = check.severity.as_str();
        let _ = writeln!(out, "  {style}{mark} {}{style:#} {FAINT}({severity}){FAINT:#}", check.id);
        for line in textwrap::wrap(reason, options) {
            let _ = writeln!(out, "    {line}");
        }
    }
    let tally = Tally { not_applicable: tally.not_applicable.saturating_sub(resource.exempt.len()), ..tally };
    if let Some(rest) = rest(tally) {
        let _ = writeln!(out, "  {FAINT}{rest}{FAINT:#}");
    }
}

fn rest(tally: Tally) -> Option<String> {
    let parts: Vec<String> = [(tally.compliant, "compliant"), (tally.not_applicable, "not applicable")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    (!parts.is_empty()).then(|| format!("otherwise {}", parts.join(", ")))
}

fn totals(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["CHECK", "COMPLIANT", "NON-COMPLIANT", "N/A", "UNDETERMINED"]);
    for check in &report.checks {
        let Tally { compliant, non_compliant, not_applicable, undetermined } = report.tally(check);
        let dash = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
        let mut row = vec![check.id.to_owned()];
        row.extend([compliant, non_compliant, not_applicable, undetermined].map(dash));
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn conclusion(out: &mut String, report: &Report, width: usize) {
    for reading in &report.readings {
        if let Some(failure) = &reading.failure {
            let line = format!("{} was not read to its end: {failure}", reading.place);
            let options = textwrap::Options::new(width.saturating_sub(2)).break_words(false);
            let _ = writeln!(out, "\n{UNSURE}?{UNSURE:#} {}", textwrap::fill(&line, options.subsequent_indent("  ")));
        }
    }
    let count = |standing: Standing| report.resources.iter().filter(|one| one.standing() == standing).count();
    let (bad, exempt, fine) = (count(Standing::Bad), count(Standing::Exempt), count(Standing::Fine));
    let judged = bad + exempt + fine + count(Standing::Unknown);
    let (style, line) = match (judged, bad, report.is_incomplete()) {
        (0, _, true) => (UNSURE, "Nothing was judged, and not everything could be read.".to_owned()),
        (0, _, false) if report.resources.is_empty() => (GOOD, "There is nothing to judge here.".to_owned()),
        (0, _, false) => (UNSURE, "None of the chosen checks applies to anything here.".to_owned()),
        (_, 0, true) => (UNSURE, "No violation was seen, but not everything could be read.".to_owned()),
        (all, 0, false) if exempt > 0 => (GOOD, format!("{fine} of {all} comply, {exempt} exempt.")),
        (all, 0, false) => (GOOD, format!("All of {all} comply.")),
        (all, bad, unknown) => {
            let unknown = if unknown { ", and not everything could be read" } else { "" };
            (BAD, format!("{bad} of {all} do not comply{unknown}. About a check: deployer checks CHECK"))
        }
    };
    let _ = writeln!(out, "\n{style}{}{style:#}", textwrap::fill(&line, width));
}
