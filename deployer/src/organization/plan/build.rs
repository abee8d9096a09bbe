//! Making the plan: settings and what was read go in, steps come out.

use std::collections::{BTreeMap, BTreeSet};

use super::error::OrgPlanError;
use super::set::{self, Case};
use super::split::{MOST_INSTANCES, is_crowded, regions_of_a_set, split};
use super::{Crowded, FORMAT, OrgPlan, ScopeSummary};
use crate::aggregator::AggregatorStep;
use crate::managed_pack::PackPlan;
use crate::observe::{RegionState, StackState};
use crate::organization::caller::CallAs;
use crate::organization::model::{Organization, TrustedAccess};
use crate::organization::record::{self, Noted, Record};
use crate::organization::settings::{OrgAsked, OrgSettings};
use crate::organization::site::noted_in;
use crate::organization::targets::{Named, Scope, Skip};
use crate::plan::{OrgIntent, Plan};
use crate::scp::guardrail::GuardrailStep;
use crate::scp::settings::GuardrailSettings;
use crate::settings::Settings;
use crate::stack_set::{Instance, StackSet};
use crate::templates::ArtifactName;

/// What a plan is made from, besides what was read.
#[derive(Debug, Clone, Copy)]
pub struct Intent<'a> {
    /// What the installation is to be like in each account; its Regions are all that are covered.
    pub settings: &'a Settings,
    /// What was asked for of the organization.
    pub asked: &'a OrgAsked,
    /// The targets by their ids.
    pub named: &'a Named,
    /// The service control policies, with their targets by ids.
    pub guardrail: Option<&'a GuardrailSettings>,
    /// The account that installs.
    pub administrator: &'a str,
    /// Its partition.
    pub partition: &'a str,
    /// As whom it calls StackSets.
    pub call_as: CallAs,
    /// Where the StackSets are.
    pub home_region: &'a str,
    /// The function's zip.
    pub artifact: &'a ArtifactName,
    /// How many exemptions are in it.
    pub exemptions: usize,
    /// Whether to repair what an earlier operation or somebody else broke, in the administrator account.
    pub repair: bool,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: bool,
}

/// What was read.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// Whether StackSets may work in it.
    pub access: TrustedAccess,
    /// The administrator account, Region by Region.
    pub regions: &'a [RegionState],
    /// The StackSets of our names, by their numbers from 1.
    pub sets: &'a BTreeMap<usize, SetState>,
    /// What the organization conformance packs come to, made beforehand: nothing if they are not wanted.
    pub packs: &'a [PackPlan],
    /// What the service control policies come to, made beforehand: nothing if they are not wanted.
    pub guardrail: Option<&'a GuardrailStep>,
    /// What the aggregator comes to, made beforehand: nothing if it is not wanted.
    pub aggregator: Option<&'a AggregatorStep>,
}

/// A StackSet and its instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetState {
    /// The set.
    pub set: StackSet,
    /// All of its instances.
    pub instances: Vec<Instance>,
}

impl OrgPlan {
    /// Makes the plan.
    ///
    /// # Errors
    /// Every reason why there can be none.
    pub fn new(intent: Intent<'_>, observed: Observed<'_>) -> Result<Self, Vec<OrgPlanError>> {
        let mut errors = Vec::new();
        let scope = intent.named.targets.resolve(observed.organization);
        let activate = activation(intent, observed.access).map_err(|error| errors.push(error)).unwrap_or_default();
        let has_member = intent.call_as == CallAs::Own && intent.asked.include_management;
        let record = record(intent, observed, has_member).map_err(|error| errors.push(error)).unwrap_or_default();
        let base_intent = base_intent(intent, observed, &record, has_member);
        let base = Plan::new(base_intent, observed.regions);
        let case = Case {
            intent: base_intent,
            home: intent.home_region,
            organization: observed.organization,
            named: intent.named,
            scope: &scope,
        };
        let (sets, crowded) = sets(case, observed).map_err(|told| errors.extend(told)).unwrap_or_default();
        let base = match base {
            Ok(base) if errors.is_empty() => base,
            Ok(_) => return Err(errors),
            Err(told) => return Err(errors.into_iter().chain(told.into_iter().map(OrgPlanError::Base)).collect()),
        };
        Ok(Self {
            format: FORMAT,
            organization: observed.organization.id.clone(),
            management: observed.organization.management.clone(),
            administrator: intent.administrator.to_owned(),
            call_as: intent.call_as,
            settings: OrgSettings {
                settings: intent.settings.clone(),
                home_region: intent.home_region.to_owned(),
                targets: intent.named.targets.clone(),
                canary: intent.named.canary.clone(),
                include_management: intent.asked.include_management,
                pace: intent.asked.pace,
                managed_pack: intent.asked.managed_pack,
                guardrail: intent.guardrail.cloned(),
                aggregator: intent.asked.aggregator,
            },
            activate_trusted_access: activate,
            base,
            sets,
            packs: observed.packs.to_vec(),
            guardrail: observed.guardrail.cloned(),
            aggregator: observed.aggregator.cloned(),
            scope: summary(scope, intent, observed, crowded),
        })
    }
}

fn base_intent<'a>(
    intent: Intent<'a>,
    observed: Observed<'a>,
    record: &'a str,
    has_member: bool,
) -> crate::plan::Intent<'a> {
    crate::plan::Intent {
        settings: intent.settings,
        account: intent.administrator,
        partition: intent.partition,
        artifact: intent.artifact,
        exemptions: intent.exemptions,
        repair: intent.repair,
        allow_downgrade: intent.allow_downgrade,
        organization: Some(OrgIntent {
            id: &observed.organization.id,
            home_region: intent.home_region,
            record,
            has_member,
        }),
    }
}

/// Whether trusted access is to be switched on. Only the management account can do it, and only if it was asked to.
fn activation(intent: Intent<'_>, access: TrustedAccess) -> Result<bool, OrgPlanError> {
    let is_management = intent.call_as == CallAs::Own;
    match access {
        TrustedAccess::Enabled => Ok(false),
        TrustedAccess::Disabled if intent.asked.enable_trusted_access && is_management => Ok(true),
        TrustedAccess::Disabled => Err(OrgPlanError::NotTrusted { is_management }),
        TrustedAccess::DisabledPermanently => {
            Err(OrgPlanError::NeverTrusted("AWS says that trusted access is off for good (DISABLED_PERMANENTLY)"))
        }
        TrustedAccess::Unknown => {
            Err(OrgPlanError::NeverTrusted("AWS describes trusted access in a word that this version does not know"))
        }
    }
}

fn record(intent: Intent<'_>, observed: Observed<'_>, has_member: bool) -> Result<String, OrgPlanError> {
    let record = Record {
        targets: intent.named.targets.clone(),
        regions: intent.settings.regions.clone(),
        management: has_member,
        // What is not asked for is left as it is: policies that were attached before stay.
        policies: intent.guardrail.is_some() || has_policies(observed.regions, intent.home_region),
    };
    let text = record.to_string();
    let length = text.chars().count();
    if length > record::LONGEST {
        return Err(OrgPlanError::TooLong { length, most: record::LONGEST });
    }
    Ok(text)
}

/// Whether policies are recorded already.
fn has_policies(regions: &[RegionState], home: &str) -> bool {
    let state = regions.iter().find(|state| state.region == home);
    let stack = state.and_then(|state| state.artifacts.as_ref().ok()).and_then(Option::as_ref);
    // A record that cannot be read ended the run before there was anything to plan with.
    let noted = stack.and_then(|stack| noted_in(Some(stack), home).ok().flatten());
    matches!(noted, Some(Noted::Here(record)) if record.policies)
}

/// Where the management account has a stack of its own although it is left out now: leaving out removes nothing.
fn own_stacks(intent: Intent<'_>, regions: &[RegionState]) -> Vec<String> {
    if intent.call_as != CallAs::Own || intent.asked.include_management {
        return Vec::new();
    }
    let has_one = |state: &&RegionState| matches!(&state.member, Ok(Some(stack)) if StackState::is_ours(stack));
    regions.iter().filter(has_one).map(|state| state.region.clone()).collect()
}

/// The StackSets, and those that are nearly full.
pub(super) type Sets = (Vec<super::SetPlan>, Vec<Crowded>);

pub(super) fn sets(case: Case<'_>, observed: Observed<'_>) -> Result<Sets, Vec<OrgPlanError>> {
    // Accounts that are no targets any more keep their instances, and take room.
    let instances = observed.sets.values().flat_map(|state| &state.instances);
    let all: BTreeSet<&str> = instances.map(|instance| &*instance.account).collect();
    let outside = all.iter().filter(|account| !case.scope.accounts.contains_key(**account)).count();
    let accounts = case.scope.accounts.len();
    if accounts > MOST_INSTANCES {
        return Err(vec![OrgPlanError::TooMany { accounts }]);
    }
    let room = regions_of_a_set(accounts + outside);
    let regions_of = |state: &SetState| -> BTreeSet<String> {
        let told = state.set.regions.iter().cloned();
        told.chain(state.instances.iter().map(|instance| instance.region.to_string())).collect()
    };
    let existing = observed.sets.iter().map(|(number, state)| (*number, regions_of(state))).collect();
    let (mut plans, mut crowded, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (number, regions) in split(&existing, &case.intent.settings.regions, room) {
        let name = case.intent.names().stack_set(number);
        let existing = observed.sets.get(&number);
        let instances = instances_of(case, &regions, existing);
        match (set::plan(case, &name, &regions, existing), regions.last()) {
            (Ok(_), Some(region)) if instances > MOST_INSTANCES => {
                errors.push(OrgPlanError::Full { set: name, instances, most: MOST_INSTANCES, region: region.clone() });
            }
            (Ok(plan), _) => {
                if is_crowded(instances) {
                    crowded.push(Crowded { set: name, instances, most: MOST_INSTANCES });
                }
                plans.push(plan);
            }
            (Err(error), _) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok((plans, crowded)) } else { Err(errors) }
}

/// How many instances a set will have: those of everybody who is covered, and those that nobody covers any more.
fn instances_of(case: Case<'_>, regions: &BTreeSet<String>, existing: Option<&SetState>) -> usize {
    let covered = &case.scope.accounts;
    let is_other = |instance: &&Instance| !covered.contains_key(&*instance.account);
    let others = existing.map_or(0, |state| state.instances.iter().filter(is_other).count());
    covered.len() * regions.len() + others
}

fn summary(scope: Scope, intent: Intent<'_>, observed: Observed<'_>, crowded: Vec<Crowded>) -> ScopeSummary {
    let inactive: BTreeSet<&str> = scope
        .skipped
        .iter()
        .filter(|skipped| matches!(skipped.why, Skip::State { .. }))
        .map(|skipped| skipped.account.as_str())
        .collect();
    let instances = observed.sets.values().flat_map(|state| &state.instances);
    let is_outside = |account: &&str| !scope.accounts.contains_key(*account) && !inactive.contains(account);
    let outside: BTreeSet<String> =
        instances.map(|instance| &*instance.account).filter(is_outside).map(str::to_owned).collect();
    let recorded = observed.sets.values().flat_map(|state| &state.set.units).collect::<BTreeSet<_>>();
    let recorded: Vec<String> = recorded.into_iter().cloned().collect();
    ScopeSummary {
        accounts: scope.accounts.len(),
        outside: outside.into_iter().collect(),
        blocking: intent.named.targets.units_outside(observed.organization, &recorded),
        crowded,
        own_stacks: own_stacks(intent, observed.regions),
        skipped: scope.skipped,
        empty_units: scope.empty_units,
    }
}
