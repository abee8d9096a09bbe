//! The plan of an installation into an organization, as a value: made from the settings and what was read, shown,
//! saved, and carried out without any further choice.

mod build;
mod covers;
mod error;
mod file;
mod set;
mod split;
mod text;

pub use build::{Intent, Observed, SetState};
pub use error::OrgPlanError;
pub use file::{AnyPlan, load};
pub use text::render as render_text;
pub(super) use text::{fitted, management, skipped};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::caller::CallAs;
use super::settings::OrgSettings;
use super::targets::Skipped;
use crate::aggregator::AggregatorStep;
use crate::managed_pack::PackPlan;
use crate::names::Names;
use crate::plan::{Change, Plan};
use crate::scp::guardrail::GuardrailStep;
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
    /// The organization conformance packs of the Regions, if they are wanted.
    pub packs: Vec<PackPlan>,
    /// What is to be done for the service control policies, if they are wanted.
    pub guardrail: Option<GuardrailStep>,
    /// What is to be done for the aggregator, if it is wanted. It comes after the StackSets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregator: Option<AggregatorStep>,
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
    /// Units that a StackSet was deployed to and in which not everybody is covered now: they keep automatic deployment
    /// off, which would cover whoever joins them.
    pub blocking: Vec<String>,
    /// StackSets that are nearly full.
    pub crowded: Vec<Crowded>,
    /// Regions where the management account keeps a stack of its own although it is left out now.
    pub own_stacks: Vec<String>,
}

/// A StackSet with little room for accounts that join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Crowded {
    /// Its name.
    pub set: String,
    /// How many stack instances it will have.
    pub instances: usize,
    /// How many it takes.
    pub most: usize,
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
        !self.activate_trusted_access
            && self.base.is_empty()
            && self.sets.iter().all(|set| set.steps.is_empty())
            && self.packs.iter().all(|pack| pack.step.is_none())
            && self.guardrail.is_none()
            && self.aggregator.is_none()
    }

    /// Whether some accounts go first.
    #[must_use]
    pub fn has_canary(&self) -> bool {
        self.sets.iter().flat_map(|set| &set.steps).any(|step| match step {
            SetStep::Update { on, .. } | SetStep::AddInstances { on, .. } => *on == Reach::Canary,
            SetStep::Create(_) | SetStep::AutoDeployment { .. } => false,
        })
    }

    /// Whether it switches service control policies on.
    #[must_use]
    pub fn enables_policy_type(&self) -> bool {
        let enable = self.guardrail.as_ref().and_then(|step| step.policy_type.as_ref());
        enable.is_some_and(|enable| !enable.is_pending)
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

    /// The names of the installation, with the administrator's account.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        self.base.names()
    }
}

impl SetPlan {
    /// What the set will be, if that changes.
    #[must_use]
    pub fn deploy(&self) -> Option<&SetDeploy> {
        self.steps.iter().find_map(|step| match step {
            SetStep::Create(deploy) | SetStep::Update { deploy, .. } => Some(deploy),
            SetStep::AddInstances { .. } | SetStep::AutoDeployment { .. } => None,
        })
    }
}
