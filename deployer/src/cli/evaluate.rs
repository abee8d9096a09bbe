//! `deployer evaluate`: judge notebooks now, without installing anything.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rule::check::{ALL, Check};
use rule::parameters::RuleParameters;
use serde_json::{Map, Value};

use crate::evaluate::{Report, Request, from_files, live, render};
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
    ec2:DescribeSecurityGroups, and ec2:DescribeRegions for --region all. It changes nothing.")]
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
    /// Subnet that inside-vpc allows, repeated for more [default: every subnet].
    #[arg(long = "allowed-subnet", value_name = "SUBNET")]
    allowed_subnets: Vec<String>,
    /// Key that volume-kms-key allows, repeated for more [default: every key].
    #[arg(long = "allowed-kms-key", value_name = "ARN")]
    allowed_kms_keys: Vec<String>,
    /// Platform that platform-identifier supports, repeated for more [default: notebook-al2023-v1].
    #[arg(long = "supported-platform", value_name = "PLATFORM")]
    supported_platforms: Vec<String>,
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

/// A check by its id.
pub(super) fn check(text: &str) -> Result<&'static Check, String> {
    Check::find(text).ok_or_else(|| format!("the checks are {}", ALL.map(|check| check.id).join(", ")))
}

/// A Region, or `all`. Whether it exists is for AWS to say; a slip of the pen is told here, before a name look-up.
fn region(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let plausible = match parts.as_slice() {
        [area, middle @ .., number] if !middle.is_empty() => {
            area.len() >= 2
                && is_word(area)
                && middle.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    };
    if text == "all" || plausible {
        Ok(text.to_owned())
    } else {
        Err("a Region looks like eu-west-1; `all` means every enabled one".to_owned())
    }
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let parameters = parameters(arguments)?;
    let report = if arguments.inventory.is_empty() {
        let request = Request { profile: arguments.profile.clone(), regions: arguments.regions.clone(), parameters };
        live(&request, printer).await?
    } else {
        from_files(&arguments.inventory, parameters, arguments.checks.is_empty(), printer).await?
    };
    let text = match arguments.format {
        Format::Text => render::text(&report, printer.width()),
        Format::Json => render::json(&report),
        Format::Csv => render::csv(&report).map_err(|error| Failure::internal(&error))?,
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(exit(&report, arguments.fail_on))
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

/// The parameters of each chosen check; a flag for a check that does not run is a mistake worth telling.
fn parameters(arguments: &Arguments) -> Result<Vec<RuleParameters>, Failure> {
    let mut chosen = if arguments.checks.is_empty() { ALL.to_vec() } else { arguments.checks.clone() };
    chosen.sort_by_key(|check| ALL.iter().position(|other| other.id == check.id));
    chosen.dedup_by_key(|check| check.id);
    let flags = [
        ("--allowed-subnet", "SubnetIds", &arguments.allowed_subnets),
        ("--allowed-kms-key", "kmsKeyArns", &arguments.allowed_kms_keys),
        ("--supported-platform", "supportedPlatformIdentifierVersions", &arguments.supported_platforms),
    ];
    for (flag, name, values) in flags {
        let takes = |check: &&Check| check.parameters.iter().any(|parameter| parameter.name == name);
        if !values.is_empty() && !chosen.iter().copied().any(|check| takes(&check)) {
            return Err(Failure::usage(format!("{flag} has no effect on the chosen checks")));
        }
    }
    chosen
        .into_iter()
        .map(|check| {
            let mut given = Map::new();
            given.insert("check".to_owned(), Value::from(check.id));
            for (_, name, values) in flags {
                if !values.is_empty() && check.parameters.iter().any(|parameter| parameter.name == name) {
                    given.insert(name.to_owned(), Value::from(values.join(",")));
                }
            }
            RuleParameters::from_object(&given).map_err(|error| Failure::usage(error.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_looks_like_one() {
        for right in ["eu-west-1", "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1", "all"] {
            assert_eq!(region(right).unwrap(), right);
        }
        for wrong in ["", "eu-west1", "EU-WEST-1", "eu", "eu-1", "everywhere", "eu--1", "eu-west-"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }
}
