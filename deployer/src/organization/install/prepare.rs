//! What the plan needs besides the StackSets: ids of what was named, the packs' and the policies' own plans.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::OrgRequest;
use crate::aggregator::AggregatorStep;
use crate::aws::{Clients, resilient};
use crate::doctor::organization::services;
use crate::failure::Failure;
use crate::managed_pack::{self, PackPlan, PackReach, PackSettings, Service, refuse_partition};
use crate::names::Names;
use crate::organization::caller::CallAs;
use crate::organization::look::Seen;
use crate::organization::plan::{OrgPlan, OrgPlanError};
use crate::organization::settings::GuardrailAsked;
use crate::organization::targets::{Named, place};
use crate::organization::{Organization, Targets};
use crate::scp::guardrail::{self, GuardrailStep, Wanted};
use crate::scp::settings::{Agreed, GuardrailSettings};
use crate::session::Session;

/// What was prepared.
pub(super) struct Prepared {
    pub(super) named: Named,
    /// The service control policies that are wanted.
    pub(super) guardrail: Option<GuardrailSettings>,
    /// What is to be done for them.
    pub(super) step: Option<GuardrailStep>,
    pub(super) packs: Vec<PackPlan>,
    /// What is to be done for the aggregator.
    pub(super) aggregator: Option<AggregatorStep>,
    /// Why there can be no plan.
    pub(super) errors: Vec<OrgPlanError>,
    /// What was asked for and makes no difference.
    pub(super) notes: Vec<String>,
    /// What does not stand in the way and has to be said.
    pub(super) warnings: Vec<String>,
}

pub(super) async fn prepare(request: &OrgRequest, seen: &Seen, session: &Session) -> Result<Prepared, Failure> {
    let organization = &seen.organization;
    // A reviewed plan has the ids; it is held against the same that would be found now.
    let found = match &request.reviewed {
        Some(plan) => Ok(again(plan.settings.targets.clone(), plan.settings.canary.clone())),
        None => request.asked.targets.find(organization),
    };
    let guardrail = match (&request.reviewed, &request.asked.guardrail) {
        (Some(plan), _) => Ok(plan.settings.guardrail.clone()),
        (None, Some(asked)) => guardrail_settings(asked, organization).map(Some),
        (None, None) => Ok(None),
    };
    let (named, guardrail) = match (found, guardrail) {
        (Ok(named), Ok(guardrail)) => (named, guardrail),
        (found, guardrail) => {
            let faults = found.err().into_iter().chain(guardrail.err()).flatten().collect();
            return Err(Failure::faults(faults));
        }
    };
    let mut prepared = Prepared {
        notes: named.notes.clone(),
        named,
        guardrail,
        step: None,
        packs: Vec::new(),
        aggregator: None,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    if request.asked.managed_pack {
        packs(request, seen, session, &mut prepared).await?;
    }
    if let Some(settings) = prepared.guardrail.clone() {
        policies(request, &settings, seen, session, &mut prepared).await;
    } else {
        let sdk = resilient(&session.sdk);
        match guardrail::left_alone(&sdk, &seen.settings, names(seen, session), &seen.home).await {
            Ok(problem) => prepared.errors.extend(problem.map(OrgPlanError::Guardrail)),
            Err(refusal) => prepared.errors.push(refusal.into()),
        }
    }
    if request.asked.aggregator {
        aggregator(request, seen, session, &mut prepared).await;
    }
    Ok(prepared)
}

async fn aggregator(request: &OrgRequest, seen: &Seen, session: &Session, prepared: &mut Prepared) {
    let (sdk, identity) = (resilient(&session.sdk), &session.identity);
    let names = Names { prefix: &seen.settings.prefix, account: &identity.account, partition: identity.partition() };
    let (settings, allow_downgrade) = (&seen.settings, request.common.allow_downgrade);
    let name = request.common.artifact.name();
    let state = crate::aggregator::observe(&sdk, &seen.organization.management, names, &seen.home).await;
    let wanted = crate::aggregator::Wanted { settings, names, version: &name.version, allow_downgrade };
    match crate::aggregator::plan(wanted, &state) {
        Ok(step) => prepared.aggregator = step,
        Err(problems) => prepared.errors.extend(problems.into_iter().map(OrgPlanError::Aggregator)),
    }
}

fn again(targets: Targets, canary: Vec<String>) -> Named {
    Named { targets, canary, notes: Vec::new() }
}

/// The settings with the ids of what was named.
///
/// # Errors
/// Everything that is not in the organization, or is more than one thing in it.
pub(crate) fn guardrail_settings(
    asked: &GuardrailAsked,
    organization: &Organization,
) -> Result<GuardrailSettings, Vec<String>> {
    let (mut targets, mut faults) = (BTreeSet::new(), Vec::new());
    for name in &asked.targets {
        match place(organization, name) {
            Ok(id) => drop(targets.insert(id)),
            Err(fault) => faults.push(format!("--scp-target: {fault}")),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(GuardrailSettings {
        targets: targets.into_iter().collect(),
        break_glass: asked.break_glass.clone(),
        studio: asked.studio,
        tamper: asked.tamper,
    })
}

async fn packs(request: &OrgRequest, seen: &Seen, session: &Session, prepared: &mut Prepared) -> Result<(), Failure> {
    refuse_partition(session.identity.partition())?;
    let has_management = seen.call_as == CallAs::Own && request.asked.include_management;
    let targets = &prepared.named.targets;
    let reach = PackReach { organization: &seen.organization, targets, has_management };
    let settings = PackSettings::new(&seen.settings, reach.excluded()?);
    let sdk = resilient(&session.sdk);
    // Who may not ask is told by AWS Config itself.
    let trusted = services(&sdk, &seen.home).await.ok();
    let is_trusted = trusted.map(|services| services.iter().any(|service| service == managed_pack::PRINCIPAL));
    let looks = seen.settings.regions.iter().map(|region| {
        let (clients, name) = (Clients::new(&sdk, region), &settings.name);
        async move { managed_pack::observe(Service { config: &clients.config, region }, name, is_trusted).await }
    });
    for observed in join_all(looks).await {
        let planned = observed.map_err(OrgPlanError::from).and_then(|observed| {
            managed_pack::plan(&settings, &observed, request.common.allow_downgrade).map_err(OrgPlanError::Pack)
        });
        match planned {
            Ok(plan) => prepared.packs.push(plan),
            Err(error) => prepared.errors.push(error),
        }
    }
    Ok(())
}

fn names<'a>(seen: &'a Seen, session: &'a Session) -> Names<'a> {
    let identity = &session.identity;
    Names { prefix: &seen.settings.prefix, account: &identity.account, partition: identity.partition() }
}

async fn policies(
    request: &OrgRequest,
    settings: &GuardrailSettings,
    seen: &Seen,
    session: &Session,
    prepared: &mut Prepared,
) {
    let sdk = resilient(&session.sdk);
    let names = names(seen, session);
    let is_asked = |by: fn(&GuardrailAsked) -> bool| request.asked.guardrail.as_ref().is_some_and(by);
    // Whoever reviewed a plan has seen what it switches on and where it attaches, and nothing else.
    let reviewed = request.reviewed.as_ref();
    let has_type = reviewed.is_some_and(OrgPlan::enables_policy_type);
    let has_root = reviewed.is_some_and(|_| settings.targets.contains(&seen.organization.root.id));
    let name = request.common.artifact.name();
    let wanted = Wanted {
        guardrail: settings,
        settings: &seen.settings,
        names,
        version: &name.version,
        agreed: Agreed {
            enable_policy_type: has_type || is_asked(|asked| asked.enable_policy_type),
            allow_root: has_root || is_asked(|asked| asked.allow_root),
            allow_downgrade: request.common.allow_downgrade,
        },
    };
    let state = guardrail::observe(&sdk, &seen.organization, settings, names, &seen.home).await;
    match guardrail::plan(wanted, &state) {
        Ok(step) => {
            if step.is_some() {
                prepared.warnings = guardrail::warnings(wanted, &state);
            }
            prepared.step = step;
        }
        Err(problems) => prepared.errors.extend(problems.into_iter().map(OrgPlanError::Guardrail)),
    }
}
