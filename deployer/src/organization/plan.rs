//! The plan of an installation into an organization, as a value: made from the settings and what was read, shown,
//! saved, and carried out without any further choice.

mod build;
mod error;
mod set;
mod split;

pub use build::{Intent, Observed, SetState};
pub use error::OrgPlanError;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::caller::CallAs;
use super::settings::OrgSettings;
use super::targets::Skipped;
use crate::names::Names;
use crate::plan::{Change, Plan};
use crate::templates::{ArtifactName, Template};

/// The version of the plan's form, as it is saved.
pub const FORMAT: u32 = 1;

/// The most organizational units in a call (`DeploymentTargets.OrganizationalUnitIds`).
pub const UNITS_IN_A_CALL: usize = 50;

/// What an installation into an organization will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use = "a plan changes nothing until it is applied"]
pub struct OrgPlan {
    /// The version of this form.
    pub format: u32,
    /// The organization's id.
    pub organization: String,
    /// The management account.
    pub management: String,
    /// The account that installs: the management account or a delegated administrator.
    pub administrator: String,
    /// As whom it calls StackSets.
    pub call_as: CallAs,
    /// What the installation is to be like.
    pub settings: OrgSettings,
    /// Whether trusted access of StackSets is switched on first.
    pub activate_trusted_access: bool,
    /// What happens in the administrator account itself: artifact buckets, the zip, and the management account's stack.
    pub base: Plan,
    /// The StackSets, also those with nothing to do. They are worked on side by side.
    pub sets: Vec<SetPlan>,
    /// Who is covered.
    pub scope: ScopeSummary,
}

/// How many are covered, and who is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScopeSummary {
    /// Active accounts of the targets.
    pub accounts: usize,
    /// Accounts that are left out, and why.
    pub skipped: Vec<Skipped>,
    /// Units of the targets without an active account, by id.
    pub empty_units: Vec<String>,
    /// Accounts that have instances of our StackSets and are no targets any more; they keep them.
    pub outside: Vec<String>,
}

/// What will be done with one StackSet, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPlan {
    /// Its name.
    pub name: String,
    /// All Regions that it will have, in alphabetical order.
    pub regions: Vec<String>,
    /// The steps; none if everything is as it should be.
    pub steps: Vec<SetStep>,
}

/// One thing to do with a StackSet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "step")]
pub enum SetStep {
    /// Make it, without instances and with automatic deployment off.
    Create(SetDeploy),
    /// Give it template, parameters and tags, and bring instances to that. The others are outdated until then.
    Update {
        /// What it will be.
        deploy: SetDeploy,
        /// Which instances.
        on: Reach,
        /// The targets of the call for [`Reach::Canary`]; none for everything: the call names no targets then.
        canary: Option<Chunk>,
    },
    /// Make instances that are not there.
    AddInstances {
        /// For whom.
        on: Reach,
        /// In these Regions.
        regions: Vec<String>,
        /// One call for each.
        chunks: Vec<Chunk>,
    },
    /// Let accounts that join later be covered, or not.
    AutoDeployment {
        /// Which.
        on: bool,
    },
}

/// Whom a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The accounts that go first. If one of them fails, nothing follows.
    Canary,
    /// All of them.
    Everything,
}

/// A StackSet as it will be. Service-managed, with managed execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDeploy {
    /// Its template, given inline.
    pub template: Template,
    /// All parameters.
    pub parameters: BTreeMap<String, String>,
    /// All tags.
    pub tags: BTreeMap<String, String>,
    /// What will be different.
    pub changes: Vec<Change>,
}

/// The targets of one call: at most [`UNITS_IN_A_CALL`] units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chunk {
    /// Units or the root.
    pub units: Vec<String>,
    /// Accounts that the filter is about.
    pub accounts: Vec<String>,
    /// What the accounts are for.
    pub filter: Filter,
}

/// `AccountFilterType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// All accounts of the units; there is no list of accounts.
    None,
    /// Only the accounts that are listed.
    Intersection,
    /// All but the accounts that are listed.
    Difference,
}

impl OrgPlan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.activate_trusted_access && self.base.is_empty() && self.sets.iter().all(|set| set.steps.is_empty())
    }

    /// The function's zip.
    #[must_use]
    pub fn artifact(&self) -> &ArtifactName {
        &self.base.artifact
    }

    /// The Region where the StackSets are.
    #[must_use]
    pub fn home_region(&self) -> &str {
        &self.settings.home_region
    }

    /// Whether a later plan does nothing but what this one does: some of it may be done already. Who is covered may
    /// have changed, as long as the calls are the same.
    #[must_use]
    pub fn covers(&self, later: &Self) -> bool {
        let head = |plan: &Self| {
            let Self { organization, management, administrator, call_as, settings, .. } = plan;
            (organization.clone(), management.clone(), administrator.clone(), *call_as, settings.clone())
        };
        let has_set = |set: &SetPlan| self.sets.iter().any(|own| own.name == set.name && own.covers(set));
        head(self) == head(later)
            && (self.activate_trusted_access || !later.activate_trusted_access)
            && self.base.covers(&later.base)
            && later.sets.iter().all(has_set)
    }

    /// The names of the installation, with the administrator's account.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        self.base.names()
    }
}

impl SetPlan {
    /// Whether a later plan for the same set does nothing but what this one does.
    fn covers(&self, later: &Self) -> bool {
        let is_mine = |step: &SetStep| self.steps.iter().any(|own| own.covers(step));
        self.regions == later.regions && later.steps.iter().all(is_mine)
    }

    /// What the set will be, if that changes.
    #[must_use]
    pub fn deploy(&self) -> Option<&SetDeploy> {
        self.steps.iter().find_map(|step| match step {
            SetStep::Create(deploy) | SetStep::Update { deploy, .. } => Some(deploy),
            SetStep::AddInstances { .. } | SetStep::AutoDeployment { .. } => None,
        })
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
