//! `deployer report`: compliance as AWS Config holds it.

mod narrow;
mod out;
mod watch;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rule::exemption::Pattern;

use super::compliance::ComplianceFlags;
use crate::compliance::open::Opened;
use crate::compliance::{Scope, Source, Wanted, read};
use crate::evidence::Moment;
use crate::exemptions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::output::Printer;
use crate::progress::Progress;
use crate::report::{Format, Layout, Meta, writer};
use crate::session::Session;
use narrow::Narrowed;
use out::Out;
use watch::Watched;

/// Compliance as AWS Config holds it: by check, account, Region and notebook.
///
/// Reads results, rules and lists of notebooks, and changes nothing. An account or Region without results is no data,
/// told with its reason, and never counts as compliant.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer report --region all\n  \
    deployer report --org --format html --out report.html\n  \
    deployer report --org --assume-role Audit --ou Prod --check root-access\n  \
    deployer report --org --fail-on non-compliant --fail-on no-data > report.txt\n\n\
    Exit codes: 0 done, 2 usage, 3 some could not be read, or --fail-on found some,\n\
    4 the file of --out is there already, 5 nothing could be read, 130 interrupted.\n\
    Formats and what they hold: docs/report.md.")]
pub(super) struct Arguments {
    #[command(flatten)]
    of: ComplianceFlags,
    /// Notebook or domain to tell of, by name or id; `*` stands for anything. Repeated for more.
    #[arg(long = "notebook", value_name = "PATTERN", value_parser = pattern, help_heading = "What")]
    notebooks: Vec<Pattern>,
    /// File of exemptions, which tells who answers for what is exempt: see docs/exemptions.md.
    #[arg(long, value_name = "FILE", help_heading = "What")]
    exemptions: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// With a table: everything, and not the worst alone.
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// File to write [default: standard output].
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace the file of --out.
    #[arg(long, requires = "out", help_heading = "Output")]
    force: bool,
    /// End with exit code 3 if there is any such thing, repeated for both.
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Output")]
    fail_on: Vec<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A result that violates a check, and is not exempt.
    NonCompliant,
    /// An account × Region or a notebook without results.
    NoData,
}

fn pattern(text: &str) -> Result<Pattern, String> {
    text.parse().map_err(|fault| format!("it {fault}"))
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let wanted = wanted(arguments, printer)?;
    let mut out = Out::open(arguments.out.as_deref(), arguments.force)?;
    let started = Moment::now();
    let progress = Progress::new(printer, "reading compliance".to_owned(), "accounts × Regions");
    let work = async {
        let (session, Opened { scope, source }) = arguments.of.open(None).await?;
        let meta = meta(arguments, (&session, &scope, &source), started);
        let layout = Layout { width: printer.width(), everything: arguments.all };
        let mut sink = Watched::new(writer(arguments.format, meta, layout, &mut out));
        let mut narrowed = Narrowed::new(&arguments.notebooks, &mut sink);
        read(&scope, &source, &wanted, &|| progress.advance(), &mut narrowed).await?;
        sink.finish()
    };
    let seen = tokio::select! {
        seen = progress.beside(work) => seen?,
        () = interrupt() => return Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted; the report is not whole") }),
    };
    drop(progress);
    out.close()?;
    if seen.failed > 0 {
        let places = match seen.failed {
            1 => "1 account × Region".to_owned(),
            many => format!("{many} accounts × Regions"),
        };
        printer.warning(&format!("{places} could not be read to the end: the report tells of each why"));
    }
    Ok(seen.exit(&arguments.fail_on))
}

fn wanted(arguments: &Arguments, printer: Printer) -> Result<Wanted, Failure> {
    let today = exemptions::today();
    let ledger = arguments.exemptions.as_deref().map(|file| exemptions::load(file, today, printer)).transpose()?;
    Ok(Wanted {
        prefix: arguments.of.prefix.clone(),
        checks: arguments.of.checks(),
        expected: arguments.of.expected(),
        exemptions: ledger.map(|ledger| ledger.all().clone()),
        today,
        deleted_since: None,
    })
}

fn meta(arguments: &Arguments, (session, scope, source): (&Session, &Scope, &Source), started: Moment) -> Meta {
    let mut asked = arguments.of.words();
    if !arguments.notebooks.is_empty() {
        let patterns: Vec<&str> = arguments.notebooks.iter().map(Pattern::as_str).collect();
        asked.push(format!("notebooks: {}", patterns.join(", ")));
    }
    Meta {
        scope: scope.words(),
        source: source.words(),
        asked,
        checks: arguments.of.named_checks(),
        limits: scope.limits.iter().cloned().chain(source.limits()).collect(),
        sees_exempt: source.sees_exempt(),
        started,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        caller: session.identity.arn.clone(),
    }
}
