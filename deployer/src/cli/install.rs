//! `deployer install`: into one account, in one or many Regions.

use std::path::PathBuf;

use clap::Args;
use rule::check::Check;

use super::code::CodeFlags;
use super::installation::InstallationFlags;
use super::organization::OrgFlags;
use crate::artifact::{Artifact, exemptions_for, locate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::install::{Form, Request, install};
use crate::organization::OrgAsked;
use crate::organization::install::{OrgRequest, install as install_org};
use crate::organization::plan::{AnyPlan, OrgPlan, load};
use crate::organization::targets::Asked;
use crate::output::Printer;
use crate::settings::Settings;

/// Install into this account, or with --org into an organization: function, rules and alarms in each Region.
///
/// Looks first, says what it will do, and asks. It is safe to run again: what is there is left alone, what was
/// interrupted is finished.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer install --region eu-west-1 --dry-run      what it would do\n  \
    deployer install --region all                      every enabled Region, after a question\n  \
    deployer install --check all --conformance-pack --alarm-topic 111122223333:security\n  \
    deployer install --region eu-west-1 --dry-run --plan-out plan.json\n  \
    deployer install --plan plan.json --yes            exactly what was reviewed\n  \
    deployer install --org --region all --dry-run      into the organization\n  \
    deployer install --org --ou Prod --canary Sandbox  a unit, some accounts first\n\n\
    Exit codes: 0 done or nothing to do, 2 something is in the way, 3 some of it failed,\n\
    4 not confirmed, stale plan or a file in the way, 5 AWS failed, 130 interrupted: run it again to finish.")]
pub(super) struct Arguments {
    #[command(flatten)]
    installation: InstallationFlags,
    #[command(flatten)]
    organization: OrgFlags,
    #[command(flatten)]
    code: CodeFlags,
    /// Exemptions to bake into the function's zip; see `deployer exemptions check`.
    #[arg(long, value_name = "FILE", help_heading = "What runs")]
    exemptions: Option<PathBuf>,
    #[command(flatten)]
    run: RunFlags,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How it is run")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct RunFlags {
    /// Say what would be done, and write nothing to AWS.
    #[arg(long)]
    dry_run: bool,
    /// File to save the plan in.
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    plan_out: Option<PathBuf>,
    /// Replace another plan in that file.
    #[arg(long, requires = "plan_out")]
    force: bool,
    /// Saved plan to apply: exactly this one, or what is left of it; nothing if anything else has changed since. It
    /// holds all settings, but not the zip: give --code, --architecture and --exemptions again.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["regions", "CheckFlags", "ParameterFlags", "RuleFlags", "ResourceFlags", "OrgFlags", "repair", "allow_downgrade"])]
    plan: Option<PathBuf>,
    /// Do not ask.
    #[arg(long, short = 'y')]
    yes: bool,
    /// Id of the organization's root (r-abcd), if policies are to bind every account: --yes alone does not agree to that.
    #[arg(long, value_name = "ROOT")]
    confirm_root: Option<String>,
    /// Make anew what somebody removed or changed, and finish what CloudFormation left half-way.
    #[arg(long)]
    repair: bool,
    /// Let an older version replace a newer one.
    #[arg(long)]
    allow_downgrade: bool,
    /// How to print: `json` is one object in each line.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let reviewed = arguments.run.plan.as_deref().map(reviewed).transpose()?;
    // Faults of the flags are told before anything is asked of AWS.
    let asked = asked(arguments)?;
    let bootstrap = locate(arguments.code.code.as_deref(), arguments.code.architecture)?;
    for warning in bootstrap.warnings() {
        printer.warning(&warning);
    }
    let exemptions = exemptions_for(&bootstrap, arguments.exemptions.as_deref(), printer)?;
    let artifact = Artifact::build(&bootstrap, &exemptions.to_json())?;
    let mut target = arguments.installation.target.clone();
    if let Some(plan) = &reviewed {
        target.regions = plan.base().settings.regions.clone();
    }
    let session = target.open().await?;
    let settings = match &reviewed {
        Some(plan) => plan.base().settings.clone(),
        None => arguments.installation.settings(session.regions.clone())?,
    };
    let mut request = Request {
        settings,
        artifact,
        exemptions: exemptions.as_slice().len(),
        artifact_flags: artifact_flags(arguments),
        dry_run: arguments.run.dry_run,
        plan_out: arguments.run.plan_out.clone(),
        force: arguments.run.force,
        assume_yes: arguments.run.yes,
        repair: arguments.run.repair || reviewed.as_ref().is_some_and(|plan| plan.base().repair),
        allow_downgrade: arguments.run.allow_downgrade
            || reviewed.as_ref().is_some_and(|plan| plan.base().allow_downgrade),
        reviewed: None,
        form: arguments.run.format,
    };
    let confirmed_root = arguments.run.confirm_root.clone();
    match (reviewed, asked) {
        (Some(AnyPlan::Organization(plan)), _) => {
            let request = OrgRequest { common: request, asked: asked_by(&plan), reviewed: Some(*plan), confirmed_root };
            Box::pin(install_org(&request, &session, printer)).await
        }
        (Some(AnyPlan::Account(plan)), _) => {
            request.reviewed = Some(*plan);
            install(&request, &session, printer).await
        }
        (None, Some(asked)) => {
            let request = OrgRequest { common: request, asked, reviewed: None, confirmed_root };
            Box::pin(install_org(&request, &session, printer)).await
        }
        (None, None) => install(&request, &session, printer).await,
    }
}

/// What is asked of an organization. The faults of all flags are told at once.
fn asked(arguments: &Arguments) -> Result<Option<OrgAsked>, Failure> {
    let settings = arguments.installation.settings(Vec::new());
    let known = settings.as_ref().map_or_else(|_| Settings::new(Vec::new()), Clone::clone);
    match (settings, arguments.organization.asked(&known)) {
        (Ok(_), asked) => asked,
        (Err(failure), Ok(_)) => Err(failure),
        (Err(one), Err(other)) => Err(Failure::faults([faults(one), faults(other)].concat())),
    }
}

/// The faults that a failure tells of.
fn faults(failure: Failure) -> Vec<String> {
    if failure.help.is_empty() { vec![failure.message] } else { failure.help }
}

/// What a reviewed plan asks of the organization.
fn asked_by(plan: &OrgPlan) -> OrgAsked {
    let targets = plan.settings.targets.clone();
    OrgAsked {
        targets: Asked {
            units: targets.units,
            accounts: targets.accounts,
            excluded: targets.excluded,
            canary: plan.settings.canary.clone(),
        },
        home_region: Some(plan.settings.home_region.clone()),
        include_management: plan.settings.include_management,
        pace: plan.settings.pace,
        enable_trusted_access: plan.activate_trusted_access,
        managed_pack: plan.settings.managed_pack,
        guardrail: None,
        aggregator: plan.settings.aggregator,
    }
}

fn reviewed(path: &std::path::Path) -> Result<AnyPlan, Failure> {
    let unusable = |why: &dyn std::fmt::Display| Failure::usage(format!("{} cannot be used: {why}", path.display()));
    let plan = load(path).map_err(|error| unusable(&error))?;
    match plan.base().settings.checks.iter().find(|id| Check::find(id).is_none()) {
        Some(unknown) => Err(unusable(&format!("there is no check `{unknown}`"))),
        None => Ok(plan),
    }
}

/// What has to be typed again with a saved plan, which names the zip and does not hold it.
fn artifact_flags(arguments: &Arguments) -> String {
    let file = |flag: &str, path: Option<&PathBuf>| path.map(|path| format!(" {flag} {}", path.display()));
    let parts = [
        file("--code", arguments.code.code.as_ref()),
        arguments.code.architecture.map(|name| format!(" --architecture {name}")),
        file("--exemptions", arguments.exemptions.as_ref()),
    ];
    parts.into_iter().flatten().collect()
}
