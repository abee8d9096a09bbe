//! `install --org`: from the settings to an organization that is as they say.
//!
//! identity, organization, look, preflight, plan, show, confirm; then the administrator account (buckets, zip, the
//! management account's own stack), the StackSets, the conformance packs, the aggregator, the service control policies. Nothing is
//! written before the user has said yes to the plan.

mod carry;
mod prepare;

use super::look::{Question, Seen, failure, see};
use super::plan::{Intent, Observed, OrgPlan, OrgPlanError, render_text};
use super::report::{Outcome, Report};
use super::settings::OrgAsked;
use super::{Membership, Organization, Standing};
use crate::aws::resilient;
use crate::confirm::{confirm, confirm_by};
use crate::display::Display;
use crate::doctor::{Finding, Level, examine, examine_administrator, organization};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::install::{Request, stopped};
use crate::interrupt::interrupt;
use crate::output::{Printer, counted};
use crate::save::save;
use crate::scp::guardrail::GuardrailStep;
use crate::session::Session;
use crate::stack_set::{Group, Groups, Instance};
pub(crate) use prepare::guardrail_settings;
use prepare::{Prepared, prepare};

/// What is asked of an organization, besides what is asked of every installation.
#[derive(Debug, Clone)]
pub(crate) struct OrgRequest {
    /// What is the same for an account; its reviewed plan is not looked at.
    pub(crate) common: Request,
    pub(crate) asked: OrgAsked,
    /// A plan that was reviewed: only this one may be applied.
    pub(crate) reviewed: Option<OrgPlan>,
    /// The root's id, typed beforehand by whoever wants policies to bind every account.
    pub(crate) confirmed_root: Option<String>,
}

/// Installs, or says what it would do.
pub(crate) async fn install(request: &OrgRequest, session: &Session, printer: Printer) -> Result<Exit, Failure> {
    let common = &request.common;
    let report = Report::new(printer, common.form);
    let display = Display::new(printer, common.form, session.regions.len());
    let (seen, plan) = tokio::select! {
        planned = Box::pin(planned(request, session, &report, &display)) => planned?,
        () = interrupt() => return Err(interrupted()),
    };
    let unit = |id: &str| place(&seen, id);
    report.plan(&plan.value, &render_text(&plan.value, &unit, printer.width()))?;
    for warning in &plan.warnings {
        printer.warning(warning);
    }
    let plan = plan.value;
    write_out(request, &plan, printer)?;
    if common.dry_run || plan.is_empty() {
        let troubles = troubles(seen.sets.values().flat_map(|state| &state.instances));
        report.troubles(&troubles, plan.has_canary())?;
        return Ok(if troubles.is_empty() { Exit::Done } else { Exit::Partial });
    }
    if !is_confirmed(request, &plan, printer).await? {
        return Err(Failure { exit: Exit::Refused, ..Failure::usage("not confirmed; nothing was changed") });
    }
    let outcome: Outcome = carry::carry_out(&plan, request, &seen, session, (printer, &display)).await;
    drop(display);
    report.result(&plan, &outcome)?;
    Ok(outcome.exit())
}

fn interrupted() -> Failure {
    Failure { exit: Exit::Detached, ..Failure::usage("interrupted; this run has changed nothing") }
        .help("what an earlier run began goes on in AWS: the same command follows it to its end")
}

/// A plan, and what has to be said with it.
struct Planned {
    value: OrgPlan,
    warnings: Vec<String>,
}

/// Looks, examines and plans. Nothing is written.
async fn planned(
    request: &OrgRequest,
    session: &Session,
    report: &Report,
    display: &Display,
) -> Result<(Seen, Planned), Failure> {
    let common = &request.common;
    let artifact = &common.artifact.name();
    let (settings, asked, waits) = (&common.settings, &request.asked, !common.dry_run);
    let seen = see(Question { settings, asked, artifact, session, waits }, display).await?;
    let prepared = display.beside(Box::pin(prepare(request, &seen, session))).await?;
    let running = seen.running.iter();
    let running =
        running.map(|(set, one)| format!("operation {} of an earlier run is at work on StackSet {set}", one.id));
    for note in prepared.notes.iter().cloned().chain(running) {
        report.note(&note);
    }
    let plan = plan(request, &seen, &prepared, session);
    // Where nothing is to be done, nothing can stand in the way.
    let is_idle = plan.as_ref().is_ok_and(OrgPlan::is_empty);
    let examined = if is_idle { Vec::new() } else { display.beside(examined(request, &seen, session)).await };
    preflight(request, &seen, examined, report)?;
    let value = plan.map_err(|errors| no_plan(&errors))?;
    check_reviewed(request.reviewed.as_ref(), &value)?;
    if request.reviewed.as_ref().is_some_and(|reviewed| is_begun(reviewed, &value)) && !value.is_empty() {
        report.note("some of the reviewed plan is done already: this is what is left of it, and nothing else");
    }
    Ok((seen, Planned { value, warnings: prepared.warnings }))
}

/// What the doctor says of the organization. What is known already is not read again.
async fn examined(request: &OrgRequest, seen: &Seen, session: &Session) -> Vec<Finding> {
    let Organization { id, management, all_features, .. } = &seen.organization;
    let (id, management, all_features) = (id.clone(), management.clone(), *all_features);
    let known = organization::Known {
        membership: Ok(Some(Membership { id, management, all_features })),
        standing: Some(Standing::Administrator(seen.call_as)),
        organization: Some(Ok(seen.organization.clone())),
    };
    let sdk = resilient(&session.sdk);
    let look = organization::Look {
        sdk: &sdk,
        identity: &session.identity,
        settings: &seen.settings,
        asked: &request.asked,
        home: &seen.home,
    };
    organization::examine(&Box::pin(organization::observe(look, &known)).await)
}

/// What stands in the way.
fn preflight(request: &OrgRequest, seen: &Seen, of_organization: Vec<Finding>, report: &Report) -> Result<(), Failure> {
    let repair = request.common.repair;
    let has_member = seen.call_as == super::CallAs::Own && request.asked.include_management;
    let findings: Vec<Finding> = if has_member {
        examine(&seen.settings, &seen.account, &seen.regions, repair)
    } else {
        examine_administrator(&seen.settings, &seen.account, &seen.regions, repair)
    };
    let findings = organization::before_installation(findings, of_organization);
    report.preflight(&findings)?;
    if findings.iter().any(|finding| finding.level == Level::Bad) { Err(stopped(&findings)) } else { Ok(()) }
}

fn plan(
    request: &OrgRequest,
    seen: &Seen,
    prepared: &Prepared,
    session: &Session,
) -> Result<OrgPlan, Vec<OrgPlanError>> {
    let intent = Intent {
        settings: &seen.settings,
        asked: &request.asked,
        named: &prepared.named,
        guardrail: prepared.guardrail.as_ref(),
        administrator: &session.identity.account,
        partition: session.identity.partition(),
        call_as: seen.call_as,
        home_region: &seen.home,
        artifact: &request.common.artifact.name(),
        exemptions: request.common.exemptions,
        repair: request.common.repair,
        allow_downgrade: request.common.allow_downgrade,
    };
    let observed = Observed {
        organization: &seen.organization,
        access: seen.access,
        regions: &seen.regions,
        sets: &seen.sets,
        packs: &prepared.packs,
        guardrail: prepared.step.as_ref(),
        aggregator: prepared.aggregator.as_ref(),
    };
    let planned = OrgPlan::new(intent, observed);
    // All reasons are told at once.
    match (planned, prepared.errors.is_empty()) {
        (planned, true) => planned,
        (Ok(_), false) => Err(prepared.errors.clone()),
        (Err(errors), false) => Err(errors.into_iter().chain(prepared.errors.iter().cloned()).collect()),
    }
}

fn no_plan(errors: &[OrgPlanError]) -> Failure {
    let Some(first) = errors.first() else { return Failure::usage("there is no plan; nothing was changed") };
    let others = errors.iter().skip(1);
    let told =
        others.fold(failure(first), |failure, other| failure.help(format!("also: {other} ({})", other.advice())));
    // The reasons that are refusals of AWS and no fault of the caller's are told as such.
    let is_refusal = |error: &OrgPlanError| matches!(error, OrgPlanError::Unread(refusal) if !refusal.is_denied());
    if errors.iter().all(is_refusal) { Failure { exit: Exit::AwsFailed, ..told } } else { told }
}

/// A reviewed plan is applied if planning again comes to nothing else.
fn check_reviewed(reviewed: Option<&OrgPlan>, plan: &OrgPlan) -> Result<(), Failure> {
    let Some(reviewed) = reviewed else { return Ok(()) };
    if reviewed.covers(plan) {
        return Ok(());
    }
    let why = if reviewed.organization != plan.organization || reviewed.administrator != plan.administrator {
        format!(
            "the plan is for organization {} from account {}, and these credentials are of {} and {}",
            reviewed.organization, reviewed.administrator, plan.organization, plan.administrator
        )
    } else if reviewed.base.artifact != plan.base.artifact {
        "the function's zip is another than the plan's (the executable, --exemptions or --architecture differ)"
            .to_owned()
    } else if reviewed.settings != plan.settings {
        "the plan was made with other settings, or its targets mean something else by now".to_owned()
    } else {
        "the plan is stale: since it was made, something has changed in the organization".to_owned()
    };
    Err(Failure {
        exit: Exit::Refused,
        ..Failure::usage(why).help("make a new plan and review it: deployer install --org --plan-out FILE --dry-run")
    })
}

/// Whether less is to be done than was reviewed.
fn is_begun(reviewed: &OrgPlan, plan: &OrgPlan) -> bool {
    reviewed.base.regions != plan.base.regions
        || reviewed.sets != plan.sets
        || reviewed.packs != plan.packs
        || reviewed.guardrail != plan.guardrail
        || reviewed.aggregator != plan.aggregator
}

fn write_out(request: &OrgRequest, plan: &OrgPlan, printer: Printer) -> Result<(), Failure> {
    let Some(path) = &request.common.plan_out else { return Ok(()) };
    let text = serde_json::to_string_pretty(plan).map_err(|error| Failure::internal(&error))? + "\n";
    save(path, text.as_bytes(), request.common.force)?;
    let again = &request.common.artifact_flags;
    printer.note(&format!("the plan is in {}; apply it with: deployer install --plan {0}{again}", path.display()));
    Ok(())
}

/// Asks. Policies on the root bind every account, so that its id has to be typed as well.
async fn is_confirmed(request: &OrgRequest, plan: &OrgPlan, printer: Printer) -> Result<bool, Failure> {
    let (told, assume_yes) = (request.confirmed_root.as_deref(), request.common.assume_yes);
    let root = plan.guardrail.as_ref().and_then(GuardrailStep::root);
    check_root(root, told, assume_yes)?;
    if !confirm(printer, &question_of(plan), assume_yes).await? {
        return Ok(false);
    }
    match root {
        Some(root) if told.is_none() => {
            let question = format!("The service control policies will bind every account under the root {root}.");
            confirm_by(printer, &question, root).await
        }
        Some(_) | None => Ok(true),
    }
}

/// Whether the root's id was typed, where nobody will be asked for it.
fn check_root(root: Option<&str>, told: Option<&str>, assume_yes: bool) -> Result<(), Failure> {
    let (why, root) = match (root, told) {
        // The same command again may find the policies attached already.
        (None, _) => return Ok(()),
        (Some(root), Some(told)) if root == told => return Ok(()),
        (Some(root), Some(told)) => (format!("the root is {root}, not {told}"), root),
        (Some(_), None) if !assume_yes => return Ok(()),
        (Some(root), None) => {
            (format!("policies on the root {root} bind every account, and --yes alone does not agree to that"), root)
        }
    };
    let help = format!("nothing was changed; if every account is meant, add --confirm-root {root}");
    Err(Failure { exit: Exit::Refused, ..Failure::usage(why).help(help) })
}

fn question_of(plan: &OrgPlan) -> String {
    format!(
        "Apply this plan to organization {}, {} in {}?",
        plan.organization,
        counted(plan.scope.accounts, "account"),
        counted(plan.settings.settings.regions.len(), "Region")
    )
}

/// How people call a unit.
fn place(seen: &Seen, id: &str) -> String {
    if id == seen.organization.root.id { format!("the whole organization ({id})") } else { seen.organization.path(id) }
}

/// What is not well, whether anything was done about it or not: `deployer retry` is for that.
fn troubles<'a>(instances: impl Iterator<Item = &'a Instance>) -> Vec<Group> {
    let mut groups = Groups::default();
    let mut reasons = crate::stack_set::Reasons::default();
    for instance in instances.filter(|instance| is_trouble(instance)) {
        let unsaid = || reasons.intern("CloudFormation gives no reason");
        let reason = instance.reason.clone().unwrap_or_else(unsaid);
        groups.add(&instance.account, &instance.region, &reason);
    }
    groups.finish()
}

fn is_trouble(instance: &Instance) -> bool {
    !instance.needs_nothing()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_alone_does_not_agree_to_the_root() {
        let exit = |told, assume_yes| check_root(Some("r-abcd"), told, assume_yes).map_err(|failure| failure.exit);
        assert_eq!(exit(None, true), Err(Exit::Refused));
        assert_eq!(exit(Some("r-wxyz"), true), Err(Exit::Refused));
        assert_eq!(exit(Some("r-wxyz"), false), Err(Exit::Refused));
        assert_eq!(exit(Some("r-abcd"), true), Ok(()));
        assert_eq!(exit(None, false), Ok(()), "it is asked for");
        assert!(check_root(None, None, true).is_ok());
    }
}
