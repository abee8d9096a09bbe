//! Whether a plan that was reviewed does all that a later one does.

use super::{Chunk, Filter, OrgPlan, SetDeploy, SetPlan, SetStep};
use crate::managed_pack::PackPlan;
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
        let same_guardrail = |later: &GuardrailStep| {
            self.guardrail.as_ref().is_some_and(|own| own.policies == later.policies && own.targets == later.targets)
        };
        head(self) == head(later)
            && (self.activate_trusted_access || !later.activate_trusted_access)
            && self.base.covers(&later.base)
            && later.sets.iter().all(has_set)
            && later.packs.iter().all(has_pack)
            && later.guardrail.as_ref().is_none_or(same_guardrail)
    }
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
    /// Whether the set will be the same, whatever it was before.
    fn is_same(&self, other: &Self) -> bool {
        let Self { template, parameters, tags, changes: _ } = self;
        (template, parameters, tags) == (&other.template, &other.parameters, &other.tags)
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
