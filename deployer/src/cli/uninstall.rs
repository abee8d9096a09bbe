//! `deployer uninstall`: take away what `install` made.

use clap::Args;

use super::installation::check_prefix;
use super::installed::OrganizationFlags;
use super::target::Target;
use crate::display::Form;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;
use crate::settings::DEFAULT_PREFIX;
use crate::uninstall::{Request, organization, uninstall};

/// Take away what `install` made, and prove that nothing is left.
///
/// Shows what it will remove, and asks. The results in AWS Config and the function's log are lost; recorders, delivery
/// channels and stacks that deployer did not make are not touched. With --org it takes everything from the organization
/// in the reverse order of its making. It is safe to run again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer uninstall --region eu-west-1 --dry-run    what it would remove\n  \
    deployer uninstall --region all                    every enabled Region\n  \
    deployer uninstall --keep-artifacts --yes          all but the bucket with the zips\n  \
    deployer uninstall --org                           from the whole organization\n  \
    deployer uninstall --org --region us-east-1        ... from one of its Regions\n\n\
    Exit codes: 0 gone, or nothing was there; 3 something is left or failed; 4 not\n\
    confirmed; 5 AWS failed; 130 interrupted: run it again to finish.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    organization: OrganizationFlags,
    /// What the names of the installation begin with.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    prefix: String,
    /// Leave the artifact bucket, its zips and its stack.
    #[arg(long)]
    keep_artifacts: bool,
    /// With --org: let go of stacks whose deletion failed twice (INOPERABLE) or whose Region was disabled. They stay in
    /// their accounts.
    #[arg(long, requires = "org")]
    release_stuck: bool,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, short = 'y')]
    yes: bool,
    /// How to print: `json` is one object in each line.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    check_prefix(&arguments.prefix)?;
    let request = Request {
        prefix: arguments.prefix.clone(),
        keep_artifacts: arguments.keep_artifacts,
        release_stuck: arguments.release_stuck,
        dry_run: arguments.dry_run,
        assume_yes: arguments.yes,
        form: arguments.format,
    };
    if arguments.organization.org {
        let (site, regions) = Box::pin(arguments.organization.open(&arguments.target, &arguments.prefix)).await?;
        return Box::pin(organization::uninstall(&request, &site, &regions, printer)).await;
    }
    let session = arguments.target.open().await?;
    uninstall(&request, &session, printer).await
}
