//! Who is covered: the totals, by Region, and the reasons.

use std::fmt::Write as _;

use super::text::{listed, mark, told};
use crate::output::{BAD, FAINT, STRONG, UNSURE, counted, layout};
use crate::status::Level;
use crate::status::organization::{Class, Group, Installed, MISSING, Recorded, Totals, UNDER_WAY};

/// Reasons that are told before the rest is counted.
const SHOWN: usize = 6;
/// More Regions than these are told as one.
const REGIONS: usize = 20;

pub(super) fn text(installed: &Installed, width: usize) -> String {
    let coverage = &installed.coverage;
    let (members, regions) = (coverage.members(), coverage.regions());
    let active = members.iter().filter(|member| member.is_active).count();
    let title = format!("Coverage: {} × {}", counted(members.len(), "account"), counted(regions.len(), "Region"));
    let mut out = format!("\n{STRONG}{title}{STRONG:#}\n");
    if active < members.len() {
        let _ = writeln!(out, "    {active} of the accounts are ACTIVE");
    }
    let _ = writeln!(out, "{}", textwrap::fill(&targets(&installed.record), layout(width, "    ")));
    table(&mut out, installed);
    let groups = coverage.groups();
    let told: Vec<&Group<'_>> = groups.iter().filter(|group| is_told(group)).collect();
    for group in told.iter().take(SHOWN) {
        self::group(&mut out, group, regions.len(), width);
    }
    if told.len() > SHOWN {
        let rest: usize = told.iter().skip(SHOWN).map(|group| group.cells).sum();
        let _ = writeln!(out, "    and {} more for other reasons: --all has them", counted(rest, "place"));
    }
    out
}

fn targets(record: &Recorded) -> String {
    let mut parts = Vec::new();
    if !record.units.is_empty() {
        parts.push(listed(&record.units));
    }
    if !record.accounts.is_empty() {
        parts.push(counted(record.accounts.len(), "single account"));
    }
    let without = match record.excluded.len() {
        0 => String::new(),
        many => format!(", without {}", counted(many, "account")),
    };
    format!("targets: {}{without}", parts.join(", "))
}

/// What is as it should be needs no reason.
fn is_told(group: &Group<'_>) -> bool {
    group.class != Class::Installed || group.why.cause != crate::status::organization::CURRENT
}

/// A line for each Region, if they are not too many, and one for all.
fn table(out: &mut String, installed: &Installed) {
    let coverage = &installed.coverage;
    let regions = coverage.regions();
    let column = regions.iter().map(String::len).max().unwrap_or_default().max("all".len());
    let heading = ["installed", "failed", "skipped", "out of scope"]
        .iter()
        .fold(String::new(), |text, name| format!("{text}  {name:>12}"));
    let _ = writeln!(out, "    {FAINT}{:column$}{heading}{FAINT:#}", "");
    let mut line = |name: &str, totals: Totals| {
        let numbers = Class::ALL.iter().fold(String::new(), |text, class| format!("{text}  {:>12}", totals.of(*class)));
        let _ = writeln!(out, "    {name:column$}{numbers}");
    };
    if regions.len() > 1 && regions.len() <= REGIONS {
        for (region, totals) in coverage.by_region() {
            line(region, totals);
        }
    }
    line("all", coverage.totals());
}

fn group(out: &mut String, group: &Group<'_>, of_all: usize, width: usize) {
    let (sign, style) = match group.class {
        Class::Failed if group.why.cause == UNDER_WAY => ("!", UNSURE),
        Class::Failed => mark(Level::Problem),
        Class::Installed => ("!", UNSURE),
        Class::Skipped | Class::OutOfScope => ("-", FAINT),
    };
    let class = match group.class {
        Class::Installed => "installed",
        Class::Failed if group.why.cause == MISSING || group.why.cause == UNDER_WAY => "not installed",
        Class::Failed => "failed",
        Class::Skipped => "skipped",
        Class::OutOfScope => "out of scope",
    };
    let regions = match group.regions.as_slice() {
        all if all.len() == of_all => String::new(),
        some => format!(" in {}", listed(some)),
    };
    let accounts = counted(group.accounts, "account");
    let words = &group.why.words;
    let text = format!("{class} in {accounts}{regions} ({}): {words}", counted(group.cells, "place"));
    let style = if group.class == Class::Failed && sign == "✗" { BAD } else { style };
    told(out, (sign, style), &text, width);
    if matches!(group.class, Class::Failed) || group.why.fix.is_some() {
        let sample = group.sample;
        let name = &sample.account.name;
        let one = if group.cells > 1 { "one is" } else { "it is" };
        let _ = writeln!(out, "{FAINT}      {one} {} ({name}) in {}{FAINT:#}", sample.account.id, sample.region);
    }
    if let Some(fix) = &group.why.fix {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&format!("→ {fix}"), layout(width, "      ")));
    }
}
