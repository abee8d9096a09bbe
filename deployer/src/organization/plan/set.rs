//! The steps of one StackSet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::build::SetState;
use super::error::OrgPlanError;
use super::{Chunk, Reach, SetDeploy, SetPlan, SetStep, UNITS_IN_A_CALL};
use crate::organization::model::Organization;
use crate::organization::targets::{Named, Need, Scope, chunks, through};
use crate::plan::{Change, FIXED, Installed, Sign, for_members, is_older};
use crate::stack_set::{
    DetailedStatus, Instance, PermissionModel, StackSet, Standing, digest_of_template, of_instance,
};
use crate::templates::Template;

/// What the plan of every set goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) intent: crate::plan::Intent<'a>,
    pub(super) home: &'a str,
    pub(super) organization: &'a Organization,
    pub(super) named: &'a Named,
    pub(super) scope: &'a Scope,
}

/// A set and its Regions.
pub(super) fn plan(
    case: Case<'_>,
    name: &str,
    regions: &BTreeSet<String>,
    existing: Option<&SetState>,
) -> Result<SetPlan, OrgPlanError> {
    let regions: Vec<String> = regions.iter().cloned().collect();
    let steps = match existing {
        None => fresh(case, &regions),
        Some(state) => {
            check(case, &state.set)?;
            Existing::new(case, &regions, state).steps()?
        }
    };
    Ok(SetPlan { name: name.to_owned(), regions, steps })
}

/// Whether automatic deployment may be on. It knows no filter and covers every unit that the set was ever deployed to:
/// that of a single account, with all its neighbours, and one that is no target any more
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html>).
fn is_automatic(case: Case<'_>, recorded: &[String]) -> bool {
    let targets = &case.named.targets;
    targets.accounts.is_empty() && targets.units_outside(case.organization, recorded).is_empty()
}

fn fresh(case: Case<'_>, regions: &[String]) -> Vec<SetStep> {
    let mut steps = vec![SetStep::Create(deploy(case, None))];
    if !case.named.canary.is_empty() {
        steps.push(add(Reach::Canary, regions, canary(case, |_| None)));
    }
    let all = chunks(&case.named.targets, case.organization, Need::All);
    if !all.is_empty() {
        steps.push(add(Reach::Everything, regions, all));
    }
    if is_automatic(case, &[]) {
        steps.push(SetStep::AutoDeployment { on: true });
    }
    steps
}

fn add(on: Reach, regions: &[String], chunks: Vec<Chunk>) -> SetStep {
    SetStep::AddInstances { on, regions: regions.to_vec(), chunks }
}

/// The calls for the accounts that go first, each through the unit that an instance of it has, or will have.
fn canary<'a>(case: Case<'a>, known: impl Fn(&str) -> Option<&'a str>) -> Vec<Chunk> {
    let unit = |account: &'a String| known(account).or_else(|| case.scope.accounts.get(account).map(String::as_str));
    through(case.named.canary.iter().filter_map(|account| Some((unit(account)?, account.as_str()))))
}

/// What a set will be.
fn deploy(case: Case<'_>, existing: Option<&StackSet>) -> SetDeploy {
    let digest = digest_of_template(Template::Member.text());
    let installed = existing.map(|set| Installed {
        parameters: &set.parameters,
        tags: &set.tags,
        has_template: set.template_digest == digest,
    });
    let deploy = for_members(case.intent, installed);
    let mut changes = deploy.changes;
    if existing.is_some_and(|set| !set.is_managed_execution) {
        let (from, to) = (Some("off".to_owned()), Some("on".to_owned()));
        let (kind, name) = ("setting".to_owned(), "managed execution".to_owned());
        changes.push(Change { sign: Sign::Change, kind, name, logical: None, from, to });
    }
    SetDeploy { template: deploy.template, parameters: deploy.parameters, tags: deploy.tags, changes }
}

/// Refuses what is not ours, and what CloudFormation would refuse in every account.
fn check(case: Case<'_>, set: &StackSet) -> Result<(), OrgPlanError> {
    let not_ours = |why| OrgPlanError::NotOurs { set: set.name.clone(), region: case.home.to_owned(), why };
    if !set.is_ours() {
        return Err(not_ours("was not made by deployer: it lacks the tag notebook-guard:managed=true"));
    }
    if set.permission_model != PermissionModel::ServiceManaged {
        return Err(not_ours("is not service-managed, as ours are"));
    }
    if set.parameters.get("Prefix").is_some_and(|prefix| *prefix != case.intent.settings.prefix) {
        return Err(not_ours("is of an installation with another --prefix"));
    }
    let wanted = deploy(case, Some(set)).parameters;
    for (parameter, what) in FIXED {
        if let (Some(from), Some(to)) = (set.parameters.get(parameter), wanted.get(parameter))
            && from != to
        {
            let (from, to, set) = (from.clone(), to.clone(), set.name.clone());
            return Err(OrgPlanError::Fixed { what, set, from, to });
        }
    }
    let installed = set.parameters.get("Version").map(String::as_str).unwrap_or_default();
    if !case.intent.allow_downgrade && is_older(&case.intent.artifact.version, installed) {
        return Err(OrgPlanError::Downgrade {
            set: set.name.clone(),
            region: case.home.to_owned(),
            installed: installed.to_owned(),
            wanted: case.intent.artifact.version.clone(),
        });
    }
    Ok(())
}

/// A set that is there.
struct Existing<'a> {
    case: Case<'a>,
    regions: &'a [String],
    set: &'a StackSet,
    /// The instances by Region and account.
    instances: HashMap<&'a str, HashMap<&'a str, &'a Instance>>,
    /// Whether an instance waits for an update that never reached it.
    is_stale: bool,
}

impl<'a> Existing<'a> {
    fn new(case: Case<'a>, regions: &'a [String], state: &'a SetState) -> Self {
        let mut instances: HashMap<&str, HashMap<&str, &Instance>> = HashMap::new();
        for instance in &state.instances {
            instances.entry(&instance.region).or_default().insert(&instance.account, instance);
        }
        Self { case, regions, set: &state.set, instances, is_stale: state.instances.iter().any(is_stale) }
    }

    fn steps(&self) -> Result<Vec<SetStep>, OrgPlanError> {
        let deploy = deploy(self.case, Some(self.set));
        let updates = !deploy.changes.is_empty() || self.is_stale;
        let missing = self.missing();
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        if updates {
            if let Some(chunk) = self.canary_to_update(!deploy.changes.is_empty())? {
                let (deploy, on) = (deploy.clone(), Reach::Canary);
                first.push(SetStep::Update { deploy, on, canary: Some(chunk) });
            }
            rest.push(SetStep::Update { deploy, on: Reach::Everything, canary: None });
        }
        if !missing.is_empty() {
            let regions = self.canary_to_add(updates);
            if !regions.is_empty() {
                first.push(add(Reach::Canary, &regions, self.canary_chunks()));
            }
            for (need, regions) in missing {
                let (units, accounts) = (&need.units, &need.accounts);
                let need = Need::Only { units, accounts };
                let calls = chunks(&self.case.named.targets, self.case.organization, need);
                rest.push(add(Reach::Everything, &regions, calls));
            }
        }
        let is_automatic = is_automatic(self.case, &self.set.units);
        // Where nothing ever came to be, nothing will in accounts that join. What is about to be made is looked at then.
        let has_proof = !is_automatic || !first.is_empty() || !rest.is_empty() || self.is_hopeful();
        if self.set.auto_deployment.is_on != is_automatic && has_proof {
            rest.push(SetStep::AutoDeployment { on: is_automatic });
        }
        first.extend(rest);
        Ok(first)
    }

    /// Whether whoever joins may fare well: somebody does, or nobody has failed.
    fn is_hopeful(&self) -> bool {
        let all = || self.instances.values().flat_map(HashMap::values);
        all().any(|one| of_instance(one) == Standing::Good) || all().all(|one| one.needs_nothing())
    }

    fn instance(&self, region: &str, account: &str) -> Option<&'a Instance> {
        self.instances.get(region)?.get(account).copied()
    }

    /// The call that updates the accounts that go first: those that have an instance. None if all of them are as they
    /// should be already.
    fn canary_to_update(&self, is_changed: bool) -> Result<Option<Chunk>, OrgPlanError> {
        let of = |account: &'a String| self.regions.iter().filter_map(move |region| self.instance(region, account));
        let has_one = |account: &&'a String| of(account).next().is_some();
        let canary: Vec<&'a String> = self.case.named.canary.iter().filter(has_one).collect();
        let is_well = |account: &&'a String| of(account).all(Instance::needs_nothing);
        if canary.is_empty() || (!is_changed && canary.iter().all(is_well)) {
            return Ok(None);
        }
        let known = canary.iter().filter_map(|account| Some((&*of(account).next()?.unit, account.as_str())));
        let mut calls = through(known).into_iter();
        match (calls.next(), calls.len()) {
            (chunk, 0) => Ok(chunk),
            (_, more) => Err(OrgPlanError::WideCanary { units: (more + 1) * UNITS_IN_A_CALL, most: UNITS_IN_A_CALL }),
        }
    }

    /// The Regions where an account that goes first has no instance, or none that is well and will be updated.
    fn canary_to_add(&self, updates: bool) -> Vec<String> {
        let is_needed = |region: &String, account: &String| match self.instance(region, account) {
            None => true,
            Some(instance) => !updates && !instance.needs_nothing(),
        };
        let canary = &self.case.named.canary;
        let regions = self.regions.iter().filter(|region| canary.iter().any(|account| is_needed(region, account)));
        regions.cloned().collect()
    }

    fn canary_chunks(&self) -> Vec<Chunk> {
        let known = |account: &str| {
            let found = self.regions.iter().find_map(|region| self.instance(region, account));
            found.map(|instance| &*instance.unit)
        };
        canary(self.case, known)
    }

    /// What has no instance, with the Regions in which it has none. A unit is a target of the set only once a call has
    /// named it, so that one without accounts is missing as well.
    fn missing(&self) -> BTreeMap<Missing<'a>, Vec<String>> {
        let mut by_need: BTreeMap<Missing<'a>, Vec<String>> = BTreeMap::new();
        for region in self.regions {
            let need = self.missing_in(region);
            if need != Missing::default() {
                by_need.entry(need).or_default().push(region.clone());
            }
        }
        by_need
    }

    fn missing_in(&self, region: &str) -> Missing<'a> {
        let targets = &self.case.named.targets;
        let has_region = self.set.regions.iter().any(|own| own == region);
        let is_new = |unit: &&'a String| !has_region || !self.set.units.contains(unit);
        let mut need =
            Missing { units: targets.units.iter().filter(is_new).map(String::as_str).collect(), ..Missing::default() };
        let here = self.instances.get(region);
        for (account, unit) in &self.case.scope.accounts {
            if here.is_some_and(|here| here.contains_key(account.as_str())) {
                continue;
            }
            if targets.accounts.contains(account) {
                need.accounts.insert(account);
            } else {
                need.units.insert(unit);
            }
        }
        need
    }
}

/// Units and single accounts that lack something.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Missing<'a> {
    units: BTreeSet<&'a str>,
    accounts: BTreeSet<&'a str>,
}

/// Whether an instance waits for an operation that never reached it. What failed is left to `deployer retry`.
fn is_stale(instance: &Instance) -> bool {
    use crate::stack_set::InstanceStatus::{Current, Inoperable, Outdated, Unknown};
    match &instance.status {
        Current | Inoperable => false,
        Outdated | Unknown(_) => match &instance.detailed {
            DetailedStatus::Pending
            | DetailedStatus::Running
            | DetailedStatus::Succeeded
            | DetailedStatus::Cancelled
            | DetailedStatus::Unknown(_) => true,
            DetailedStatus::Failed
            | DetailedStatus::Inoperable
            | DetailedStatus::SkippedSuspendedAccount
            | DetailedStatus::FailedImport => false,
        },
    }
}

#[cfg(test)]
mod tests;
