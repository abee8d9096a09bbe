//! `deployer status`: what is installed, and whether it works.

use clap::{Args, ValueEnum};

use super::installation::check_prefix;
use super::installed::OrganizationFlags;
use super::target::Target;
use crate::display::Display;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::output::Printer;
use crate::progress::Progress;
use crate::settings::DEFAULT_PREFIX;
use crate::status::{Level, Report, Request, organization, render, status};

/// What is installed here, whether it is what was installed, and whether it works.
///
/// Reads stacks, function, rules, results, alarms and recorder, and changes nothing. With --org it tells who in the
/// organization is covered: every account and Region is installed, failed, skipped or out of scope.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer status --region eu-west-1\n  \
    deployer status --region all --format json\n  \
    deployer status --drift                 ... and let CloudFormation compare, too\n  \
    deployer status --org                   who in the organization is covered\n  \
    deployer status --org --all             ... with a line for each account and Region\n\n\
    Exit codes: 0 all is well, or it is not installed; 3 something is wrong or could\n\
    not be read; 5 nothing could be read; 2 usage. Meanings and fixes: docs/status.md.")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    organization: OrganizationFlags,
    /// What the names of the installation begin with.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    prefix: String,
    /// Let CloudFormation compare every resource with the template: a minute or so.
    #[arg(long, conflicts_with = "org")]
    drift: bool,
    /// With --org: a line for each account and Region. JSON always has them.
    #[arg(long, requires = "org")]
    all: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one object with everything.
    Json,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    check_prefix(&arguments.prefix)?;
    if arguments.organization.org {
        return Box::pin(of_organization(arguments, printer)).await;
    }
    let session = arguments.target.open().await?;
    let request = Request { prefix: arguments.prefix.clone(), drift: arguments.drift };
    let display = Display::of_reading(printer, session.regions.len());
    display.say("looking");
    let report = display.beside(status(&session, &request, &|event| display.event(event), interrupt())).await;
    drop(display);
    let text = match arguments.format {
        Format::Text => render::text(&report, printer.width()),
        Format::Json => render::json(&report),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    if report.interrupted {
        Exit::Detached
    } else if report.read_nothing() {
        Exit::AwsFailed
    } else if report.is_healthy() {
        Exit::Done
    } else {
        Exit::Partial
    }
}

async fn of_organization(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let progress = Progress::new(printer, "reading the organization".to_owned(), "instances");
    let looking = async {
        let (site, regions) = arguments.organization.open(&arguments.target, &arguments.prefix).await?;
        let report = organization::read(&site, &regions, &|count| (0..count).for_each(|_| progress.advance())).await?;
        Ok::<_, Failure>(report)
    };
    let report = tokio::select! {
        report = progress.beside(looking) => report?,
        () = interrupt() => {
            return Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted; nothing was changed") });
        }
    };
    drop(progress);
    let write = |text: &str| printer.product(text).map_err(|error| Failure::internal(&error));
    match arguments.format {
        Format::Json => organization::render::json(&report, write)?,
        Format::Text if arguments.all => {
            organization::render::rows(&report, printer.row_width(), write)?;
            write(&format!("\n{}", organization::render::text(&report, printer.width())))?;
        }
        Format::Text => write(&organization::render::text(&report, printer.width()))?,
    }
    let is_healthy = report.findings().iter().all(|finding| finding.level == Level::Note);
    Ok(if is_healthy { Exit::Done } else { Exit::Partial })
}
