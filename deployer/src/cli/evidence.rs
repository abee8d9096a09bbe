//! `deployer evidence`: what an auditor takes away, and whether it is as it was written.

mod export;
mod keygen;
mod show;
mod verify;

use clap::{Args, Subcommand, ValueEnum};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;

/// Work on evidence: bundles of files that an auditor can take away and check without us.
///
/// None of these commands but `export` needs an AWS account or a network: docs/evidence.md.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evidence keygen --out audit.key\n  \
    deployer evidence export --region all --out evidence.zip --sign audit.key\n  \
    deployer evidence verify evidence.zip --key audit.key.pub\n  \
    deployer evidence show research-notebook evidence.zip")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Export(Box<export::Arguments>),
    Keygen(keygen::Arguments),
    Verify(verify::Arguments),
    Show(show::Arguments),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one object with everything.
    Json,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Export(arguments) => Box::pin(export::run(arguments, printer)).await,
        Command::Keygen(arguments) => keygen::run(arguments, printer),
        Command::Verify(arguments) => verify::run(arguments, printer),
        Command::Show(arguments) => show::run(arguments, printer),
    }
}
