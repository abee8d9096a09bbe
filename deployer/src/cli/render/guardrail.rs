//! `render scp-network` and `render scp-tamper`: our service control policies as documents.

use clap::Args;

use super::document::{Layout, Sink};
use super::place::{partition, partition_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::names::Names;
use crate::output::Printer;
use crate::scp::documents::{self, Document};
use crate::scp::settings::{GuardrailSettings, break_glass};
use crate::settings::DEFAULT_PREFIX;

/// The service control policy on network and root access.
///
/// What is attached by `install --org --deny-scp` and by the stack of cfn/guardrail.yaml. It binds no existing notebook,
/// never the management account, and no service-linked role: docs/scp.md.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer render scp-network --break-glass BreakGlass\n  \
    deployer render scp-network --studio --format minified --out network.json")]
pub(super) struct NetworkArguments {
    #[command(flatten)]
    exceptions: Exceptions,
    /// Deny Studio domains outside the VPC too; Studio, Canvas and others make domains for people.
    #[arg(long, help_heading = "What is denied")]
    studio: bool,
    #[command(flatten)]
    form: Form,
}

/// The service control policy that protects the guard in member accounts.
///
/// It needs the rules in a conformance pack (--conformance-pack): rules by themselves have no name that a policy could
/// protect.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer render scp-tamper --break-glass BreakGlass\n  \
    deployer render scp-tamper --prefix guard --format minified")]
pub(super) struct TamperArguments {
    #[command(flatten)]
    exceptions: Exceptions,
    /// What the names of everything begin with.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_PREFIX, help_heading = "What is denied")]
    prefix: String,
    /// Path of the function's role [default: the prefix between slashes].
    #[arg(long, value_name = "PATH", help_heading = "What is denied")]
    role_path: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// Whom a policy does not bind.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For whom")]
struct Exceptions {
    /// Role that the policy does not bind: its name or ARN, with * and ?; repeat it for several.
    #[arg(long, value_name = "ROLE_PATTERN", value_parser = break_glass)]
    break_glass: Vec<String>,
    /// Partition: aws, aws-cn, aws-us-gov, ... [default: that of --region].
    #[arg(long, value_name = "NAME", value_parser = partition)]
    partition: Option<String>,
    /// A Region of the organization, which tells the partition.
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where to")]
struct Form {
    /// How JSON is laid out. White space counts for the size that AWS allows.
    #[arg(long, value_enum, default_value_t = Layout::Pretty)]
    format: Layout,
    #[command(flatten)]
    sink: Sink,
}

impl Exceptions {
    fn partition(&self) -> &str {
        let of_region = || self.region.as_deref().map_or("aws", partition_of);
        self.partition.as_deref().unwrap_or_else(of_region)
    }

    fn warn(&self, printer: Printer) {
        if self.break_glass.is_empty() {
            printer.warning("no --break-glass role is named: the policy binds everybody but the management account");
        }
    }
}

pub(super) fn network(arguments: &NetworkArguments, printer: Printer) -> Result<Exit, Failure> {
    let exceptions = &arguments.exceptions;
    let break_glass = exceptions.break_glass.clone();
    let settings = GuardrailSettings { break_glass, studio: arguments.studio, ..GuardrailSettings::default() };
    exceptions.warn(printer);
    put(&documents::network(&settings, exceptions.partition()), &arguments.form, printer)
}

pub(super) fn tamper(arguments: &TamperArguments, printer: Printer) -> Result<Exit, Failure> {
    let exceptions = &arguments.exceptions;
    let break_glass = exceptions.break_glass.clone();
    let settings = GuardrailSettings { break_glass, tamper: true, ..GuardrailSettings::default() };
    let names = Names { prefix: &arguments.prefix, account: "", partition: exceptions.partition() };
    let path = arguments.role_path.clone().unwrap_or_else(|| format!("/{}/", arguments.prefix));
    exceptions.warn(printer);
    put(&documents::tamper(&settings, names, &path), &arguments.form, printer)
}

fn put(document: &Document, form: &Form, printer: Printer) -> Result<Exit, Failure> {
    form.sink.put(&(document.text(form.format == Layout::Pretty) + "\n"), printer)
}
