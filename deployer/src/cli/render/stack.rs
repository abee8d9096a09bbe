//! `render parameters`: what the stacks are given.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::document::{Layout, Sink};
use super::place::{Owner, Place};
use crate::artifact::{Artifact, exemptions_for, locate};
use crate::cli::code::CodeFlags;
use crate::cli::installation::InstallationFlags;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;
use crate::settings::Settings;
use crate::templates::{artifact_parameters, member_parameters};

/// The parameters of a stack, as the AWS CLI takes them.
///
/// Give it the flags that install will get. Install finds out by itself where changes are not recorded; here say so with
/// --triggers schedule.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer render parameters --account 111122223333 --out member.json\n  \
    deployer render parameters --stack artifacts\n\n\
    The AWS CLI takes the file:\n  \
    aws cloudformation create-stack --parameters file://member.json ...\n  \
    aws cloudformation deploy --parameter-overrides file://member.json ...")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The stack.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Stack::Member, help_heading = "For what")]
    stack: Stack,
    #[command(flatten)]
    installation: InstallationFlags,
    /// Exemptions that are baked into the function's zip; see `deployer exemptions check`.
    #[arg(long, value_name = "FILE", help_heading = "What runs")]
    exemptions: Option<PathBuf>,
    #[command(flatten)]
    code: CodeFlags,
    /// How JSON is laid out.
    #[arg(long, value_enum, default_value_t = Layout::Pretty, help_heading = "Where to")]
    format: Layout,
    #[command(flatten)]
    sink: Sink,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Stack {
    /// The artifact bucket.
    Artifacts,
    /// Function, rules and alarms.
    Member,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = arguments.installation.settings(Vec::new())?;
    let owner = arguments.place.owner(&arguments.installation.target).await?;
    let parameters = match arguments.stack {
        Stack::Artifacts => artifact_parameters(owner.names(&settings.prefix)),
        Stack::Member => member(arguments, &settings, &owner, printer)?,
    };
    arguments.sink.put(&text(&parameters, arguments.format), printer)
}

fn member(
    arguments: &Arguments,
    settings: &Settings,
    owner: &Owner,
    printer: Printer,
) -> Result<BTreeMap<String, String>, Failure> {
    let bootstrap = locate(arguments.code.code.as_deref(), arguments.code.architecture)?;
    for warning in bootstrap.warnings() {
        printer.warning(&warning);
    }
    let exemptions = exemptions_for(&bootstrap, arguments.exemptions.as_deref(), printer)?;
    let artifact = Artifact::build(&bootstrap, &exemptions.to_json())?;
    Ok(member_parameters(settings, settings.triggers, owner.names(&settings.prefix), &artifact.name()))
}

/// A JSON array; laid out, each parameter has a line of its own.
fn text(parameters: &BTreeMap<String, String>, layout: Layout) -> String {
    let pairs = parameters.iter().map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value}).to_string());
    let pairs: Vec<String> = pairs.collect();
    match layout {
        Layout::Pretty => format!("[\n  {}\n]\n", pairs.join(",\n  ")),
        Layout::Minified => format!("[{}]\n", pairs.join(",")),
    }
}
