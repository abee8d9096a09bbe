//! What AWS Config holds, for people: who is judged how, then each annotation once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Table, presets};
use rule::check::{ALL, Check};

use crate::sandbox::{Place, SandboxError, StoredEvaluation, World};

const WIDTH: usize = 80;
/// Who a result is about that is about no notebook.
const WHOLE_ACCOUNT: &str = "(whole account)";

/// The results of one place, by resource and check.
type Results = BTreeMap<(String, &'static str), StoredEvaluation>;

/// Every account and Region with notebooks or domains: a row for each resource, a column for each check, then the
/// annotations.
pub(super) fn compliance(world: &World) -> Result<String, SandboxError> {
    let mut text = String::new();
    let mut empty = 0;
    for place in installed(world)? {
        let results = results(world, (&place.account, &place.region))?;
        if results.keys().all(|(name, _)| name == WHOLE_ACCOUNT) {
            empty += 1;
            continue;
        }
        let faint = Style::new().dimmed();
        let _ = writeln!(text, "\n{faint}account{faint:#} {} {faint}Region{faint:#} {}\n", place.account, place.region);
        let _ = writeln!(text, "{}", matrix(&results));
        text.push_str(&annotations(&results, false));
    }
    let _ = writeln!(text, "\nNothing to judge in {empty} other places: AWS Config holds NOT_APPLICABLE for each.");
    let _ = write!(
        text,
        "\n{} COMPLIANT   {} NON_COMPLIANT   {} NOT_APPLICABLE   . no result",
        mark("COMPLIANT"),
        mark("NON_COMPLIANT"),
        mark("NOT_APPLICABLE")
    );
    Ok(text)
}

/// Where there are rules.
pub(super) fn installed(world: &World) -> Result<Vec<Place>, SandboxError> {
    let mut places = Vec::new();
    for place in world.places() {
        if !world.stacks(&place.account, &place.region)?.is_empty() {
            places.push(place);
        }
    }
    Ok(places)
}

/// What is held about one notebook by these checks, with every annotation.
pub(super) fn one(
    world: &World,
    place: (&str, &str),
    name: &str,
    checks: &[&'static Check],
) -> Result<String, SandboxError> {
    let wanted = |resource: &str, id: &str| resource == name && checks.iter().any(|check| check.id == id);
    let all = results(world, place)?.into_iter();
    let results: Results = all.filter(|((resource, id), _)| wanted(resource, id)).collect();
    Ok(annotations(&results, true))
}

fn results(world: &World, (account, region): (&str, &str)) -> Result<Results, SandboxError> {
    let mut results = Results::new();
    for check in ALL {
        for held in world.compliance(account, region, &check.rule_name())? {
            let name = held.resource_id.rsplit('/').next().unwrap_or(&held.resource_id).to_owned();
            let name = if held.resource_type == "AWS::::Account" { WHOLE_ACCOUNT.to_owned() } else { name };
            results.insert((name, check.id), held);
        }
    }
    Ok(results)
}

fn matrix(results: &Results) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec![String::new()];
    header.extend(ALL.map(|check| short(check).to_owned()));
    table.set_header(header);
    let names: BTreeSet<&String> = results.keys().map(|(name, _)| name).collect();
    for name in names {
        let mut row = vec![name.clone()];
        row.extend(ALL.map(|check| {
            results
                .get(&(name.clone(), check.id))
                .map_or_else(|| ".".to_owned(), |held| plain(&held.compliance_type).to_owned())
        }));
        table.add_row(row);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 2));
    }
    table.lines().map(|line| coloured(line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// Colour goes in after the columns are laid out, so that it cannot shift them.
fn coloured(line: &str) -> String {
    ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"]
        .into_iter()
        .fold(line.to_owned(), |line, kind| line.replace(plain(kind), &mark(kind)))
}

/// The words of a check that fit over a column.
fn short(check: &Check) -> &'static str {
    match check.id {
        "direct-internet-access" => "internet",
        "inside-vpc" => "vpc",
        "root-access" => "root",
        "open-ingress" => "ingress",
        "volume-kms-key" => "kms",
        "platform-identifier" => "platform",
        "imds-v2" => "imds",
        "studio-vpc-only" => "studio",
        other => other,
    }
}

fn annotations(results: &Results, all: bool) -> String {
    let mut text = String::new();
    for ((name, check), held) in results {
        let is_finding = held.compliance_type == "NON_COMPLIANT" || name == WHOLE_ACCOUNT;
        if !all && !is_finding && held.annotation.as_deref().is_none_or(|note| note.contains("no subnet")) {
            continue;
        }
        let head = format!("{} {name} {check}: ", mark(&held.compliance_type));
        let note = held.annotation.as_deref().unwrap_or("as it should be");
        let options = textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("      ");
        let _ = writeln!(text, "{}", textwrap::fill(&format!("{head}{note}"), options));
    }
    text
}

/// A text within the width of the demo.
pub(super) fn wrapped(text: &str) -> String {
    format!("{}\n", textwrap::fill(text, textwrap::Options::new(WIDTH).subsequent_indent("  ")))
}

fn plain(compliance_type: &str) -> &'static str {
    match compliance_type {
        "COMPLIANT" => "✓",
        "NON_COMPLIANT" => "✗",
        _ => "–",
    }
}

fn mark(compliance_type: &str) -> String {
    let style = match compliance_type {
        "COMPLIANT" => AnsiColor::Green.on_default(),
        "NON_COMPLIANT" => AnsiColor::Red.on_default().bold(),
        _ => Style::new().dimmed(),
    };
    format!("{style}{}{style:#}", plain(compliance_type))
}
