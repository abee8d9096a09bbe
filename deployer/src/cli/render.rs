//! `deployer render`: what an installation is made of, as documents.

mod document;
mod guardrail;
mod place;
mod policies;
mod stack;

use clap::{Args, Subcommand};

pub(super) use self::place::partition_of;

use self::document::Sink;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;
use crate::templates::Template;

/// Print what an installation is made of, for review or for another tool.
///
/// Standard output is exactly the document, and nothing is changed anywhere. With --account no AWS is called either.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
    deployer render member > member.yaml\n  \
    deployer render parameters --account 111122223333 --checks all\n  \
    deployer render role-policy --account 111122223333 --region eu-west-1\n  \
    deployer render operator-policy --account 111122223333 --purpose install\n  \
    deployer render operator-policy --out operator.json\n  \
    deployer render scp-network --break-glass BreakGlass\n\n\
    Exit codes: 0 done, 2 usage or no credentials, 4 the file is there and differs,\n\
    5 AWS did not say whose account it is."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The template of the artifact bucket.
    Artifacts(Sink),
    /// The template of function, rules and alarms.
    Member(Sink),
    /// The body of a conformance pack of the rules alone.
    ConformancePack(Sink),
    /// The template of the service control policies.
    Guardrail(Sink),
    ScpNetwork(guardrail::NetworkArguments),
    ScpTamper(guardrail::TamperArguments),
    Parameters(Box<stack::Arguments>),
    RolePolicy(Box<policies::RoleArguments>),
    OperatorPolicy(Box<policies::OperatorArguments>),
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Artifacts(sink) => sink.put(Template::Artifacts.text(), printer),
        What::Member(sink) => sink.put(Template::Member.text(), printer),
        What::ConformancePack(sink) => sink.put(Template::ConformancePack.text(), printer),
        What::Guardrail(sink) => sink.put(Template::Guardrail.text(), printer),
        What::ScpNetwork(arguments) => guardrail::network(arguments, printer),
        What::ScpTamper(arguments) => guardrail::tamper(arguments, printer),
        What::Parameters(arguments) => stack::run(arguments, printer).await,
        What::RolePolicy(arguments) => policies::role(arguments, printer).await,
        What::OperatorPolicy(arguments) => policies::operator(arguments, printer).await,
    }
}
