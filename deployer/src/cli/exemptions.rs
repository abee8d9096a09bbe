//! `deployer exemptions check`: is the file of exemptions fit to be installed?

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use rule::exemption::{Exemption, Field};
use serde_json::{Map, Value, json};
use time::Date;

use crate::exemptions::{Exemptions, Fault, read, today};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{BAD, FAINT, GOOD, Printer, STRONG, UNSURE};

/// Work on exemptions: violations that somebody answers for until a day.
///
/// They are kept in a file of yours, under version control, and are installed with the guard: docs/exemptions.md.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer exemptions check exemptions.yaml\n  deployer evaluate --exemptions exemptions.yaml"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(CheckArguments),
}

/// Check a file of exemptions: all faults at once, each with its line.
///
/// Needs no AWS account. Ends with exit code 2 if there is a fault; an exemption that has expired is none, but it is
/// named, because it should be taken out or renewed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer exemptions check exemptions.yaml\n  \
    deployer exemptions check exemptions.yaml --as-of 2027-03-01\n  \
    deployer exemptions check exemptions.yaml --format json | jq '.faults[].line'\n  \
    git show HEAD:exemptions.yaml | deployer exemptions check -\n\n\
    An entry:\n\n  \
    exemptions:\n    \
    - account: \"111122223333\"\n      \
    region: eu-west-1\n      \
    notebook: legacy-*          # a name or an ARN\n      \
    check: root-access          # see: deployer checks\n      \
    reason: The vendor's GPU driver needs root until it is replaced.\n      \
    owner: research-platform@example.com\n      \
    ticket: SEC-123\n      \
    approved_by: ciso@example.com\n      \
    expires: 2027-01-31         # the last day, at most 366 days ahead\n\n\
    Exit codes: 0 no faults, 2 faults, or the file cannot be read.")]
struct CheckArguments {
    /// The file; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Day (UTC) on which to look at it [default: today].
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one object with faults, warnings and exemptions.
    Json,
}

fn day(text: &str) -> Result<Date, String> {
    rule::exemption::day(text).ok_or_else(|| "a day is written 2027-01-31".to_owned())
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let Command::Check(arguments) = &arguments.command;
    let (file, day) = (input::place(&arguments.file), arguments.as_of.unwrap_or_else(today));
    let read = read(&input::text(&arguments.file)?, day);
    let text = match (arguments.format, &read) {
        (Format::Json, read) => format!("{:#}\n", as_json(&file, read, day)),
        (Format::Text, Ok(exemptions)) => listed(&file, exemptions, day, printer.width()),
        (Format::Text, Err(faults)) => located(&file, faults, BAD, printer.width()),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    match read {
        Ok(_) => Ok(Exit::Done),
        Err(faults) => Err(Failure::usage(format!("{file} has {}", count(faults.len(), "fault")))),
    }
}

/// Each fault after its place, as compilers write it.
fn located(file: &str, faults: &[Fault], style: anstyle::Style, width: usize) -> String {
    let mut text = String::new();
    for fault in faults {
        let place = format!("{style}{file}:{}:{}:{style:#}", fault.line, fault.column);
        let options = indented(width).initial_indent("");
        let _ = writeln!(text, "{}", textwrap::fill(&format!("{place} {}", fault.what()), options));
        let _ = writeln!(text, "{FAINT}{}{FAINT:#}", filled(&format!("allowed: {}", fault.allowed), width));
    }
    text
}

fn listed(file: &str, exemptions: &Exemptions, today: Date, width: usize) -> String {
    let mut all: Vec<&Exemption> = exemptions.all().as_slice().iter().collect();
    all.sort_by_key(|one| one.expires);
    let expired = all.iter().filter(|one| !one.holds_on(today)).count();
    let (style, expired) = if expired == 0 { (GOOD, String::new()) } else { (UNSURE, format!(", {expired} expired")) };
    let mut text = format!("{style}{file}: {}{expired}{style:#}\n", count(all.len(), "exemption"));
    for one in all {
        let left = match (one.expires - today).whole_days() {
            0 => "ends today".to_owned(),
            1 => "1 day left".to_owned(),
            days @ 2.. => format!("{days} days left"),
            _ => "EXPIRED".to_owned(),
        };
        let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}  {}  {left}", one.expires, one.ticket);
        let Exemption { check, notebook, account, region, reason, owner, approved_by, .. } = one;
        let _ = writeln!(text, "{}", filled(&format!("{notebook} in {account}, {region}: exempt from {check}"), width));
        let _ = writeln!(text, "{}", filled(reason, width));
        let _ =
            writeln!(text, "{FAINT}{}{FAINT:#}", filled(&format!("owner {owner}, approved by {approved_by}"), width));
    }
    if !exemptions.warnings().is_empty() {
        text.push('\n');
        text.push_str(&located(file, exemptions.warnings(), UNSURE, width));
    }
    text
}

fn filled(text: &str, width: usize) -> String {
    textwrap::fill(text, indented(width))
}

/// Names keep their hyphens, so that they can be copied.
fn indented(width: usize) -> textwrap::Options<'static> {
    let options = textwrap::Options::new(width).initial_indent("  ").subsequent_indent("  ").break_words(false);
    options.word_splitter(textwrap::WordSplitter::NoHyphenation)
}

fn count(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        many => format!("{many} {thing}s"),
    }
}

/// `schemaVersion` rises when a member changes its meaning; members may be added.
fn as_json(file: &str, read: &Result<Exemptions, Vec<Fault>>, today: Date) -> Value {
    let no_exemptions = Exemptions::default();
    let (exemptions, faults) = match read {
        Ok(exemptions) => (exemptions, &[][..]),
        Err(faults) => (&no_exemptions, faults.as_slice()),
    };
    let all: Vec<Value> = exemptions.all().as_slice().iter().map(|one| exemption_json(one, today)).collect();
    let faults_json = |faults: &[Fault]| faults.iter().map(fault_json).collect::<Vec<_>>();
    json!({"schemaVersion": 1, "file": file, "asOf": today.to_string(), "valid": read.is_ok(),
        "faults": faults_json(faults), "warnings": faults_json(exemptions.warnings()), "exemptions": all})
}

fn fault_json(fault: &Fault) -> Value {
    json!({"line": fault.line, "column": fault.column, "exemption": fault.entry, "field": fault.field,
        "problem": fault.problem, "allowed": fault.allowed})
}

fn exemption_json(one: &Exemption, today: Date) -> Value {
    let mut members: Map<String, Value> =
        Field::ALL.map(|field| (field.name().to_owned(), Value::from(one.text(field)))).into_iter().collect();
    members.insert("holds".to_owned(), Value::from(one.holds_on(today)));
    Value::Object(members)
}
