//! `deployer retry`: repeat in an organization what failed.

use clap::Args;

use super::installation::check_prefix;
use super::installed::{OrganizationFlags, home};
use super::target::Target;
use crate::display::Form;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::organization::retry::{Request, run as repeat};
use crate::organization::settings::Pace;
use crate::output::Printer;
use crate::settings::DEFAULT_PREFIX;

/// Repeat in an organization exactly what failed, and nothing else.
///
/// Waits for what runs, reads how each account and Region stands, shows what it will repeat, and asks. Accounts that are
/// not ACTIVE are left alone, and so is what is missing or only outdated: `install --org` finishes it, canary first. Mend
/// first what `deployer status --org` names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer retry --dry-run                what would be repeated, and why it failed\n  \
    deployer retry                          repeat it, after a question\n  \
    deployer retry --region us-east-1 --yes only in one Region, without a question\n\n\
    Exit codes: 0 all is well now; 2 usage; 3 some failed again, or what is left is for\n\
    install --org; 4 not confirmed; 5 AWS failed; 130 interrupted: run it again to follow.")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Goes without saying: there is nothing like it for a single account.
    #[arg(long)]
    org: bool,
    /// The Region of the StackSets [default: found from the configured Region and from --region].
    #[arg(long, value_name = "REGION", value_parser = home)]
    home_region: Option<String>,
    /// What the names of the installation begin with.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    prefix: String,
    /// Accounts of each Region that are worked on at once, of a hundred.
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    max_concurrent: u8,
    /// Say what would be repeated, and repeat nothing.
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
    let organization = OrganizationFlags { org: true, home_region: arguments.home_region.clone() };
    let (site, regions) = organization.open(&arguments.target, &arguments.prefix).await?;
    let request = Request {
        regions,
        pace: Pace { max_concurrent: arguments.max_concurrent, ..Pace::default() },
        dry_run: arguments.dry_run,
        assume_yes: arguments.yes,
        form: arguments.format,
    };
    repeat(&request, &site, printer).await
}
