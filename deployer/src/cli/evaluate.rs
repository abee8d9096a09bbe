//! `deployer evaluate`: judge notebooks now, without installing anything.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rule::check::{ALL, Check};
use rule::exemption::Exemption;
use rule::parameters::RuleParameters;

use super::rule_flags::{Chosen, ParameterFlags, check, in_order};
use super::target::region;
use crate::evaluate::{Exempting, Report, Request, from_files, live, render};
use crate::exemptions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;

/// Judge notebooks now, without installing anything.
///
/// Reads the notebooks and domains of the account, or saved answers of AWS, and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evaluate --profile prod --region eu-west-1 --region us-east-1\n  \
    deployer evaluate --region all --check direct-internet-access --fail-on non-compliant\n  \
    deployer evaluate --format csv > notebooks.csv\n  \
    aws sagemaker describe-notebook-instance --notebook-instance-name nb > nb.json\n  \
    deployer evaluate --inventory nb.json\n\n\
    Needs sagemaker:ListNotebookInstances, DescribeNotebookInstance, ListDomains, DescribeDomain,\n\
    ec2:DescribeSecurityGroups, and ec2:DescribeRegions for --region all. It changes nothing.\n\n\
    Exit codes: 0 done, 2 the command line, a file or the credentials cannot be\n\
    used, 3 some could not be read, or --fail-on found some, 5 nothing could be\n\
    read, 130 interrupted.")]
pub(super) struct Arguments {
    /// Profile of the AWS configuration files.
    #[arg(long, value_name = "NAME", conflicts_with = "inventory")]
    profile: Option<String>,
    /// Region to read, repeated for more, or `all` for every enabled one [default: as configured].
    #[arg(long = "region", value_name = "REGION", value_parser = region, conflicts_with = "inventory")]
    regions: Vec<String>,
    /// File with answers of describe-notebook-instance or describe-domain: one object or an array; answers of
    /// describe-security-groups serve open-ingress. `-` reads standard input. Repeated for more.
    #[arg(long, value_name = "FILE")]
    inventory: Vec<PathBuf>,
    /// Check to run, repeated for more [default: all].
    #[arg(long = "check", value_name = "CHECK", value_parser = check)]
    checks: Vec<&'static Check>,
    #[command(flatten)]
    parameters: ParameterFlags,
    /// File of exemptions to apply, as the installed guard does: see docs/exemptions.md. With --inventory they apply to
    /// notebooks only: the answer about a domain does not tell its account.
    #[arg(long, value_name = "FILE")]
    exemptions: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// End with exit code 3 if there is any such result.
    #[arg(long, value_enum, value_name = "RESULT")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one object with everything.
    Json,
    /// For spreadsheets: one row for each notebook and check.
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A resource that violates a check.
    NonCompliant,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let parameters = parameters(arguments)?;
    let exempting = exempting(arguments, printer)?;
    let report = if arguments.inventory.is_empty() {
        let (profile, regions) = (arguments.profile.clone(), arguments.regions.clone());
        live(&Request { profile, regions, parameters, exempting }, printer).await?
    } else {
        from_files(&arguments.inventory, (parameters, arguments.checks.is_empty()), &exempting, printer).await?
    };
    for one in &report.unmatched {
        let Exemption { ticket, notebook, account, region, check, .. } = one;
        printer
            .warning(&format!("exemption {ticket} ({notebook} in {account}, {region}, {check}) matched no violation"));
    }
    let text = match arguments.format {
        Format::Text => render::text(&report, printer.width()),
        Format::Json => render::json(&report),
        Format::Csv => render::csv(&report).map_err(|error| Failure::internal(&error))?,
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(exit(&report, arguments.fail_on))
}

fn exempting(arguments: &Arguments, printer: Printer) -> Result<Exempting, Failure> {
    let today = exemptions::today();
    let read = arguments.exemptions.as_deref().map(|file| exemptions::load(file, today, printer)).transpose()?;
    Ok(Exempting { exemptions: read.unwrap_or_default().all().clone(), today })
}

fn exit(report: &Report, fail_on: Option<FailOn>) -> Exit {
    if report.interrupted {
        Exit::Detached
    } else if report.read_nothing() {
        Exit::AwsFailed
    } else if report.is_incomplete() || (fail_on == Some(FailOn::NonCompliant) && report.has_non_compliant()) {
        Exit::Partial
    } else {
        Exit::Done
    }
}

/// The parameters of each chosen check.
fn parameters(arguments: &Arguments) -> Result<Vec<RuleParameters>, Failure> {
    let chosen = arguments.checks.iter().copied().map(Chosen::One);
    let chosen = if arguments.checks.is_empty() { ALL.to_vec() } else { in_order(chosen) };
    arguments.parameters.for_checks(&chosen).map_err(Failure::faults)
}
