//! `deployer doctor`: what stands in the way of an installation.

use std::pin::pin;

use clap::{Args, ValueEnum};
use futures_util::future::{Either, select};

use super::installation::InstallationFlags;
use super::organization::OrgFlags;
use crate::aws::resilient;
use crate::doctor::{Finding, Level, examine, examine_administrator, is_silent, organization, render};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::names::Names;
use crate::observe::{AccountState, RegionState, Wanted, survey};
use crate::organization::{CallAs, OrgAsked};
use crate::output::{Printer, counted};
use crate::progress::Progress;
use crate::session::Session;
use crate::settings::Settings;

/// Look at what stands in the way of an installation.
///
/// Reads the account and its Regions and changes nothing; with --org the organization. Give it the flags that install
/// will get: some of what can stand in the way depends on them. docs/doctor.md explains every topic.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer doctor\n  \
    deployer doctor --region all --checks all\n  \
    deployer doctor --org --region all --ou Prod\n  \
    deployer doctor --format json | jq '.findings[] | select(.level == \"bad\")'\n\n\
    Exit codes: 0 nothing is in the way, 2 something is, 5 AWS told nothing, 130 interrupted.")]
pub(super) struct Arguments {
    #[command(flatten)]
    installation: InstallationFlags,
    #[command(flatten)]
    organization: OrgFlags,
    /// Suppose that install is told to --repair what an operation left half done.
    #[arg(long, help_heading = "How it is told")]
    repair: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "How it is told")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people: the same in many Regions is said once.
    Text,
    /// For programs: every finding of every Region.
    Json,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    // Faults on the command line are told before credentials are looked for.
    let settings = arguments.installation.settings(Vec::new())?;
    if let Some(asked) = arguments.organization.asked(&settings)? {
        return Box::pin(of_organization(arguments, settings, asked, printer)).await;
    }
    let looking = async {
        let session = arguments.installation.target.open().await?;
        let settings = Settings { regions: session.regions.clone(), ..settings };
        let (account, regions) = look(&session, &settings, printer).await;
        Ok::<_, Failure>((settings, account, regions))
    };
    let (settings, account, regions) = match select(pin!(looking), pin!(tokio::signal::ctrl_c())).await {
        Either::Left((looked, _)) => looked?,
        Either::Right(_) => {
            return Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted; nothing was changed") });
        }
    };
    let findings = examine(&settings, &account, &regions, arguments.repair);
    let text = match arguments.format {
        Format::Text => render::text(&findings, printer.width()),
        Format::Json => render::json(&account.account, &account.partition, &account.caller, &findings),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(exit(&findings, &regions))
}

async fn look(session: &Session, settings: &Settings, printer: Printer) -> (AccountState, Vec<RegionState>) {
    let identity = &session.identity;
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let wanted = Wanted { names, key: "", delivery: settings.delivery };
    let what = format!("looking at account {} in {}", identity.account, counted(settings.regions.len(), "Region"));
    let progress = Progress::new(printer, what, "");
    progress.beside(survey(&resilient(&session.sdk), identity, settings, wanted)).await
}

fn exit(findings: &[Finding], regions: &[RegionState]) -> Exit {
    if is_silent(regions) {
        Exit::AwsFailed
    } else if findings.iter().any(|finding| finding.level == Level::Bad) {
        Exit::Usage
    } else {
        Exit::Done
    }
}

async fn of_organization(
    arguments: &Arguments,
    settings: Settings,
    asked: OrgAsked,
    printer: Printer,
) -> Result<Exit, Failure> {
    let looking = async {
        let session = arguments.installation.target.open().await?;
        let settings = Settings { regions: session.regions.clone(), ..settings };
        let sdk = resilient(&session.sdk);
        let home = home(&session, &settings, &asked);
        let look = organization::Look {
            sdk: &sdk,
            identity: &session.identity,
            settings: &settings,
            asked: &asked,
            home: &home,
        };
        let progress = Progress::new(printer, "looking at the organization".to_owned(), "");
        let observed = async {
            let known = organization::know(&sdk, &session.identity.account).await;
            let own = own(&session, &settings, known.call_as(), (asked.include_management, arguments.repair));
            let (observed, guardrail, own) =
                futures_util::join!(organization::observe(look, &known), organization::guardrail(look, &known), own);
            (observed, guardrail, own)
        };
        Ok::<_, Failure>(progress.beside(Box::pin(observed)).await)
    };
    let (observed, guardrail, own) = tokio::select! {
        looked = looking => looked?,
        _ = tokio::signal::ctrl_c() => {
            return Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted; nothing was changed") });
        }
    };
    let of_organization = organization::examine(&observed).into_iter().chain(guardrail).collect();
    // What install stops at, and nothing else.
    let findings = match own {
        Some(own) => organization::before_installation(own, of_organization),
        None => of_organization,
    };
    told(arguments, &observed, &findings, printer)
}

/// The account that would install: covered by stacks of its own, or with nothing but the artifacts.
async fn own(
    session: &Session,
    settings: &Settings,
    call_as: Option<CallAs>,
    (include_management, repair): (bool, bool),
) -> Option<Vec<Finding>> {
    let call_as = call_as?;
    let identity = &session.identity;
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let wanted = Wanted { names, key: "", delivery: settings.delivery };
    let (account, regions) = survey(&resilient(&session.sdk), identity, settings, wanted).await;
    let examine = if call_as == CallAs::Own && include_management { examine } else { examine_administrator };
    Some(examine(settings, &account, &regions, repair))
}

fn told(
    arguments: &Arguments,
    observed: &organization::Observed,
    findings: &[Finding],
    printer: Printer,
) -> Result<Exit, Failure> {
    let caller = &observed.caller;
    let text = match arguments.format {
        Format::Text => render::text(findings, printer.width()),
        Format::Json => render::json(&caller.account, &caller.partition, &caller.arn, findings),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    let is_bad = findings.iter().any(|finding| finding.level == Level::Bad);
    let is_silent = observed.membership.as_ref().is_err_and(|refusal| !refusal.is_denied());
    Ok(match (is_silent, is_bad) {
        (true, _) => Exit::AwsFailed,
        (false, true) => Exit::Usage,
        (false, false) => Exit::Done,
    })
}

/// Where the StackSets would be.
fn home(session: &Session, settings: &Settings, asked: &OrgAsked) -> String {
    let configured = session.sdk.region().map(ToString::to_string);
    let configured = configured.filter(|region| settings.regions.contains(region));
    let home = asked.home_region.clone().or(configured);
    home.or_else(|| settings.regions.first().cloned()).unwrap_or_default()
}
