//! Whether a plan that was reviewed does all that a later one does.

use super::{Chunk, Filter, OrgPlan, SetDeploy, SetPlan, SetStep};
use crate::aggregator::AggregatorStep;
use crate::managed_pack::PackPlan;
use crate::names::VERSION_TAG;
use crate::plan::Change;
use crate::scp::guardrail::GuardrailStep;

impl OrgPlan {
    /// Whether a later plan does nothing but what this one does: some of it may be done already. Who is covered may
    /// have changed, as long as the calls are the same.
    #[must_use]
    pub fn covers(&self, later: &Self) -> bool {
        let head = |plan: &Self| {
            let Self { organization, management, administrator, call_as, settings, .. } = plan;
            (organization.clone(), management.clone(), administrator.clone(), *call_as, settings.clone())
        };
        let has_set = |set: &SetPlan| self.sets.iter().any(|own| own.name == set.name && own.covers(set));
        // A pack that was put may still have to be waited for, or be put again.
        let has_pack = |pack: &PackPlan| {
            let Some(step) = &pack.step else { return true };
            let own = self.packs.iter().filter_map(|own| own.step.as_ref());
            own.filter(|own| own.region == step.region)
                .any(|own| (&own.body, &own.excluded) == (&step.body, &step.excluded))
        };
        let same_guardrail =
            |later: &GuardrailStep| self.guardrail.as_ref().is_some_and(|own| guardrail_covers(own, later));
        let same_aggregator = |later: &AggregatorStep| self.aggregator.as_ref().is_some_and(|own| own.covers(later));
        head(self) == head(later)
            && (self.activate_trusted_access || !later.activate_trusted_access)
            && self.base.covers(&later.base)
            && later.sets.iter().all(has_set)
            && later.packs.iter().all(has_pack)
            && later.guardrail.as_ref().is_none_or(same_guardrail)
            && later.aggregator.as_ref().is_none_or(same_aggregator)
    }
}

/// Whether nothing is switched on, removed or replaced that was not in the first step.
fn guardrail_covers(own: &GuardrailStep, later: &GuardrailStep) -> bool {
    let has_type = match (&own.policy_type, &later.policy_type) {
        (_, None) => true,
        (None, Some(_)) => false,
        // What was to be switched on may be on its way, and not the other way round.
        (Some(own), Some(later)) => own.root == later.root && (later.is_pending || !own.is_pending),
    };
    let deploys = |step: &GuardrailStep| (step.deploy.parameters.clone(), step.deploy.tags.clone());
    has_type
        && (later.remove.is_none() || own.remove == later.remove)
        && later.drift.iter().all(|drift| own.drift.contains(drift))
        && (&own.policies, &own.targets) == (&later.policies, &later.targets)
        && deploys(own) == deploys(later)
        && replaces_the_same(&own.deploy.changes, &later.deploy.changes)
}

/// Whether the version that is replaced, if any, is the one that was.
fn replaces_the_same(own: &[Change], later: &[Change]) -> bool {
    let replaced = |changes: &[Change]| {
        let mut versions = changes.iter().filter(|change| change.name == "Version" || change.name == VERSION_TAG);
        versions.find_map(|change| change.from.clone())
    };
    replaced(later).is_none_or(|version| replaced(own) == Some(version))
}

impl SetPlan {
    /// Whether a later plan for the same set does nothing but what this one does.
    fn covers(&self, later: &Self) -> bool {
        let is_mine = |step: &SetStep| self.steps.iter().any(|own| own.covers(step));
        self.regions == later.regions && later.steps.iter().all(is_mine)
    }
}

impl SetStep {
    fn covers(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Create(own), Self::Create(later)) => own.is_same(later),
            // A set whose creation was interrupted is brought to the same by an update.
            (Self::Create(own), Self::Update { deploy, .. }) => own.is_same(deploy),
            (Self::Update { deploy: own, on: own_on, .. }, Self::Update { deploy, on, .. }) => {
                own.is_same(deploy) && (own_on == on)
            }
            (
                Self::AddInstances { on: own_on, regions: own_regions, chunks: own_chunks },
                Self::AddInstances { on, regions, chunks },
            ) => {
                own_on == on
                    && regions.iter().all(|region| own_regions.contains(region))
                    && chunks.iter().all(|chunk| own_chunks.iter().any(|own| own.covers(chunk)))
            }
            (Self::AutoDeployment { on: own }, Self::AutoDeployment { on }) => own == on,
            (Self::Create(_) | Self::Update { .. } | Self::AddInstances { .. } | Self::AutoDeployment { .. }, _) => {
                false
            }
        }
    }
}

impl SetDeploy {
    /// Whether the set will be the same, and no other version is replaced.
    fn is_same(&self, other: &Self) -> bool {
        let Self { template, parameters, tags, changes } = self;
        (template, parameters, tags) == (&other.template, &other.parameters, &other.tags)
            && replaces_the_same(changes, &other.changes)
    }
}

impl Chunk {
    /// Whether a call reaches no account that this one does not reach.
    fn covers(&self, later: &Self) -> bool {
        let all = |some: &[String], of: &[String]| some.iter().all(|one| of.contains(one));
        let units = all(&later.units, &self.units);
        match (self.filter, later.filter) {
            (Filter::None, _) => units,
            (Filter::Intersection, Filter::Intersection) => units && all(&later.accounts, &self.accounts),
            (Filter::Difference, Filter::Difference) => units && all(&self.accounts, &later.accounts),
            (Filter::Intersection | Filter::Difference, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Sign;

    #[test]
    fn a_version_that_nobody_reviewed_is_not_replaced() {
        let from = |version: &str| {
            let (kind, name) = ("parameter".to_owned(), "Version".to_owned());
            let (from, to) = (Some(version.to_owned()), Some("0.2.0".to_owned()));
            vec![Change { sign: Sign::Change, kind, name, logical: None, from, to }]
        };
        assert!(replaces_the_same(&from("0.3.0"), &from("0.3.0")));
        assert!(replaces_the_same(&from("0.3.0"), &[]), "done already");
        assert!(!replaces_the_same(&from("0.1.0"), &from("0.3.0")));
        assert!(!replaces_the_same(&[], &from("0.3.0")));
    }
}
