//! `install`: from the settings to an account that is as they say.
//!
//! identity, look, preflight, plan, show, confirm; then for each Region bucket, upload, change set, execution, look
//! again. Nothing is written before the user has said yes to the plan.

pub(crate) mod look;
mod report;

use std::path::PathBuf;

use crate::apply::{Applied, End, apply};
use crate::artifact::Artifact;
use crate::confirm::confirm;
use crate::display::Display;
pub(crate) use crate::display::Form;
use crate::doctor::{Finding, Level, examine};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::observe::RegionState;
use crate::output::Printer;
use crate::plan::{self, Intent, Plan, PlanError, Step};
use crate::save::save;
use crate::session::Session;
use crate::settings::Settings;
use crate::templates::ArtifactName;

pub(crate) use report::{Report, ended};

/// What is asked for besides the settings.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Request {
    pub(crate) settings: Settings,
    pub(crate) artifact: Artifact,
    /// How many exemptions are in the artifact.
    pub(crate) exemptions: usize,
    /// The flags that the artifact was made with, as they are typed again; each with a blank before it.
    pub(crate) artifact_flags: String,
    pub(crate) dry_run: bool,
    pub(crate) plan_out: Option<PathBuf>,
    /// Whether another plan in that file may be replaced.
    pub(crate) force: bool,
    /// A plan that was reviewed: only this one may be applied.
    pub(crate) reviewed: Option<Plan>,
    pub(crate) assume_yes: bool,
    pub(crate) repair: bool,
    pub(crate) allow_downgrade: bool,
    pub(crate) form: Form,
}

/// Installs, or says what it would do.
pub(crate) async fn install(request: &Request, session: &Session, printer: Printer) -> Result<Exit, Failure> {
    let report = Report::new(printer, request.form);
    let name = request.artifact.name();
    let display = Display::new(printer, request.form, session.regions.len());
    let what = look::Look { settings: &request.settings, artifact: &name, session };
    let looked = display.beside(look::look(what, &display)).await;
    let findings = examine(&request.settings, &looked.account, &looked.regions, request.repair);
    report.preflight(&findings)?;
    if findings.iter().any(|finding| finding.level == Level::Bad) {
        return Err(stopped(&findings));
    }
    let intent = intent(request, session, &name);
    let plan = Plan::new(intent, &looked.regions).map_err(|errors| no_plan(&errors))?;
    check_reviewed(request, &plan)?;
    report.plan(&plan)?;
    if let Some(path) = &request.plan_out {
        let text = plan::to_text(&plan).map_err(|error| Failure::internal(&error))?;
        save(path, text.as_bytes(), request.force)?;
        let again = &request.artifact_flags;
        printer.note(&format!("the plan is in {}; apply it with: deployer install --plan {0}{again}", path.display()));
    }
    let damaged = damaged(&looked.regions, &plan);
    if request.dry_run || plan.is_empty() {
        report.damage(&damaged)?;
        return Ok(if damaged.is_empty() { Exit::Done } else { Exit::Partial });
    }
    if !confirm(printer, &question(&plan), request.assume_yes).await? {
        return Err(Failure { exit: Exit::Refused, ..Failure::usage("not confirmed; nothing was changed") });
    }
    let applied = carry_out(&plan, &request.artifact, session, &display).await;
    drop(display);
    report.result(&plan, &applied)?;
    report.damage(&damaged)?;
    Ok(exit(&applied, !damaged.is_empty()))
}

fn intent<'a>(request: &'a Request, session: &'a Session, artifact: &'a ArtifactName) -> Intent<'a> {
    Intent {
        settings: &request.settings,
        account: &session.identity.account,
        partition: session.identity.partition(),
        artifact,
        exemptions: request.exemptions,
        repair: request.repair,
        allow_downgrade: request.allow_downgrade,
        organization: None,
    }
}

/// A reviewed plan is applied if planning again comes to nothing else: then the world is as it was, or some of the plan
/// is done already.
fn check_reviewed(request: &Request, plan: &Plan) -> Result<(), Failure> {
    let Some(reviewed) = &request.reviewed else { return Ok(()) };
    if reviewed.covers(plan) {
        return Ok(());
    }
    let why = if reviewed.account != plan.account {
        format!("the plan is for account {}, and these credentials are of {}", reviewed.account, plan.account)
    } else if reviewed.artifact != plan.artifact {
        "the function's zip is another than the plan's (the executable, --exemptions or --architecture differ)"
            .to_owned()
    } else if (reviewed.repair, reviewed.exemptions) != (plan.repair, plan.exemptions)
        || reviewed.settings != plan.settings
    {
        "the plan was made with other settings".to_owned()
    } else {
        let differing = plan.regions.iter().filter(|region| !reviewed.covers_region(region));
        let differing: Vec<&str> = differing.map(|region| region.region.as_str()).collect();
        format!("the plan is stale: since it was made, something has changed in {}", differing.join(", "))
    };
    Err(Failure {
        exit: Exit::Refused,
        ..Failure::usage(why).help("make a new plan and review it: deployer install --plan-out FILE --dry-run")
    })
}

pub(crate) fn stopped(findings: &[Finding]) -> Failure {
    let bad: Vec<&Finding> = findings.iter().filter(|finding| finding.level == Level::Bad).collect();
    let mut failure = Failure::usage(format!(
        "{} in the way (see above); nothing was changed",
        if bad.len() == 1 { "one thing is".to_owned() } else { format!("{} things are", bad.len()) }
    ));
    if let Some(fix) = bad.first().and_then(|finding| finding.fix.clone()) {
        failure = failure.help(format!("first: {fix}"));
    }
    failure
}

/// Why there is no plan. The preflight tells the same of most of it, with more words.
fn no_plan(errors: &[PlanError]) -> Failure {
    let mut all = errors.iter().map(ToString::to_string);
    let mut failure = Failure::usage(format!("{}; nothing was changed", all.next().unwrap_or_default()));
    for other in all {
        failure = failure.help(format!("also: {other}"));
    }
    if let Some(advice) = errors.first().map(PlanError::advice) {
        failure = failure.help(advice);
    }
    failure
}

/// What is broken in Regions where the plan does not make everything anew.
pub(crate) fn damaged(regions: &[RegionState], plan: &Plan) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for state in regions {
        let Ok(Some(stack)) = &state.member else { continue };
        let planned = plan.regions.iter().find(|region| region.region == state.region);
        // A stack that is about to be made anew or updated is looked at afterwards.
        let name = plan.names().member_stack();
        let is_deployed = |step: &Step| matches!(step, Step::Deploy(deploy) if deploy.stack == name);
        if planned.is_some_and(|region| region.steps.iter().any(is_deployed)) {
            continue;
        }
        let told = crate::observe::damage(state, stack, plan.names());
        let unread = [state.function.as_ref().err(), state.rules.as_ref().err()];
        let unread =
            unread.into_iter().flatten().map(|refusal| format!("not everything could be looked at: {refusal}"));
        found.extend(told.into_iter().chain(unread).map(|what| (state.region.clone(), what)));
    }
    found
}

fn question(plan: &Plan) -> String {
    let regions = plan.regions.iter().filter(|region| !region.steps.is_empty()).count();
    format!("Apply this plan to account {} in {}?", plan.account, crate::output::counted(regions, "Region"))
}

async fn carry_out(plan: &Plan, artifact: &Artifact, session: &Session, display: &Display) -> Applied {
    let sdk = crate::aws::resilient(&session.sdk);
    let on = |event| display.event(event);
    display.beside(apply(plan, &artifact.zip, &sdk, &on, interrupt())).await
}

fn exit(applied: &Applied, has_damage: bool) -> Exit {
    let is = |wanted: fn(&End) -> bool| applied.regions.iter().filter(|region| wanted(&region.end)).count();
    let failed = is(|end| matches!(end, End::Failed(_)));
    let done = is(|end| matches!(end, End::Done | End::Unchanged));
    if is(|end| matches!(end, End::Detached { .. })) > 0 {
        Exit::Detached
    } else if failed == 0 {
        if has_damage { Exit::Partial } else { Exit::Done }
    } else if done > 0 {
        Exit::Partial
    } else if is(|end| matches!(end, End::Failed(problem) if problem.is_refusal())) == failed {
        Exit::Refused
    } else {
        Exit::AwsFailed
    }
}
