//! The command line: flags in, an exit code out.

mod checks;
mod code;
mod compliance;
mod doctor;
mod evaluate;
mod evidence;
mod exemptions;
mod install;
mod installation;
mod installed;
mod organization;
mod package;
mod render;
mod report;
mod retry;
mod rule_flags;
mod scp;
mod status;
mod target;
mod uninstall;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::exit::Exit;
use crate::output::Printer;

/// Finds SageMaker notebooks that are exposed to the internet, and proves it.
#[derive(Debug, Parser)]
#[command(
    name = "deployer",
    version,
    arg_required_else_help = true,
    max_term_width = 120,
    after_help = "Examples:\n  \
        deployer checks                        what is checked\n  \
        deployer evaluate                      judge this account and Region now\n  \
        deployer evaluate --inventory nb.json  ... a saved describe-notebook-instance\n  \
        deployer doctor --region all           what stands in the way of installing\n  \
        deployer install --region all          install, after a look and a question\n  \
        deployer install --org --region all    the same for a whole organization\n  \
        deployer status --region all           is it there, and does it work\n  \
        deployer report --region all           compliance, as AWS Config holds it\n  \
        deployer uninstall --region all        take it all away, after a question\n  \
        deployer retry                         repeat in an organization what failed\n  \
        deployer exemptions check FILE         is the file of exemptions in order\n  \
        deployer evidence export --out F.zip   take evidence away, to be checked offline\n  \
        deployer evidence verify BUNDLE        is evidence as it was exported\n  \
        deployer package                       make the zip that Lambda runs\n  \
        deployer scp lint FILE                 mistakes in a service control policy\n  \
        deployer render operator-policy        what whoever installs has to be allowed\n\n\
        Exit codes: 0 done, 1 internal error, 2 usage, 3 partial, or findings with\n\
        --fail-on, 4 refused, 5 AWS failed, 130 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Checks(checks::Arguments),
    Evaluate(Box<evaluate::Arguments>),
    Doctor(Box<doctor::Arguments>),
    Evidence(evidence::Arguments),
    Exemptions(exemptions::Arguments),
    Install(Box<install::Arguments>),
    Package(package::Arguments),
    Render(render::Arguments),
    Report(Box<report::Arguments>),
    Retry(Box<retry::Arguments>),
    Scp(scp::Arguments),
    Status(status::Arguments),
    Uninstall(uninstall::Arguments),
}

/// The definition of the command line, for documentation and tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process and reports a failure.
pub(crate) async fn run() -> Exit {
    let printer = Printer::of_process();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version are products and go to standard output; clap knows which is which.
            let _ = told.print();
            return if told.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let ended = match cli.command {
        Command::Checks(arguments) => checks::run(&arguments, printer),
        Command::Evaluate(arguments) => evaluate::run(&arguments, printer).await,
        Command::Evidence(arguments) => evidence::run(&arguments, printer).await,
        Command::Exemptions(arguments) => exemptions::run(&arguments, printer),
        Command::Doctor(arguments) => doctor::run(&arguments, printer).await,
        Command::Install(arguments) => Box::pin(install::run(&arguments, printer)).await,
        Command::Package(arguments) => package::run(&arguments, printer),
        Command::Render(arguments) => render::run(&arguments, printer).await,
        Command::Report(arguments) => Box::pin(report::run(&arguments, printer)).await,
        Command::Scp(arguments) => scp::run(&arguments, printer).await,
        Command::Retry(arguments) => Box::pin(retry::run(&arguments, printer)).await,
        Command::Status(arguments) => status::run(&arguments, printer).await,
        Command::Uninstall(arguments) => uninstall::run(&arguments, printer).await,
    };
    match ended {
        Ok(exit) => exit,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit
        }
    }
}
