//! `deployer scp`: service control policies, looked at before they bind anybody.

mod given;
mod lint;
mod place;
mod test;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;

/// Look at service control policies before they bind anybody.
///
/// Neither command changes anything. Our own policies are printed by `deployer render scp-network` and `scp-tamper`, and
/// attached by `deployer install --org --deny-scp`: docs/scp.md.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  deployer scp lint policy.json\n  deployer scp test --break-glass BreakGlass --studio"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lint(lint::Arguments),
    Test(Box<test::Arguments>),
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Lint(arguments) => lint::run(arguments, printer),
        Command::Test(arguments) => test::run(arguments, printer).await,
    }
}
