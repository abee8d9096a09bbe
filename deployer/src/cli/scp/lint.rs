//! `scp lint`: the classic mistakes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::Printer;
use crate::scp::lint::{Severity, json, lint, text};

/// Find the classic mistakes in a policy on notebooks, each with a request that proves it.
///
/// A negated operator on an update, `IfExists` that denies too much, conditions that together let a public notebook pass,
/// an inverted effect, a missed default, wrong letter case, unknown actions and keys, no break-glass role, too long.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer scp lint policy.json\n  \
    deployer scp lint --fail-on error --format json policy.json\n  \
    aws organizations describe-policy --policy-id p-... \\\n    \
    --query Policy.Content --output text | deployer scp lint -\n\n\
    Exit codes: 0 looked at, 2 the file cannot be read or is no JSON,\n\
    3 --fail-on found some.")]
pub(super) struct Arguments {
    /// The policy; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// End with exit code 3 if there is a mistake of this severity or worse.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors.
    Error,
    /// Errors and warnings.
    Warning,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one object.
    Json,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let file = input::place(&arguments.file);
    let text_of_file = input::text(&arguments.file)?;
    check_json(&text_of_file, &file)?;
    let findings = lint(&text_of_file);
    let told = match arguments.format {
        Format::Text => text(&file, &findings, printer.width()),
        Format::Json => json(&file, &findings),
    };
    printer.product(&told).map_err(|error| Failure::internal(&error))?;
    let least = match arguments.fail_on {
        None => return Ok(Exit::Done),
        Some(FailOn::Error) => Severity::Error,
        Some(FailOn::Warning) => Severity::Warning,
    };
    let is_found = findings.iter().any(|finding| finding.severity >= least);
    Ok(if is_found { Exit::Partial } else { Exit::Done })
}

/// What is no JSON is no policy with mistakes, but another file, or half of one.
fn check_json(text: &str, file: &str) -> Result<(), Failure> {
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) else { return Ok(()) };
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    let place = format!("{file}:{}:{}", error.line(), error.column());
    Err(Failure::usage(format!("{place}: the text is not JSON: {why}")).help(format!(
        "mend line {}, column {}; nothing was looked at",
        error.line(),
        error.column()
    )))
}
