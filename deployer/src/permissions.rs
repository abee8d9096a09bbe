//! What the operator who runs `deployer` has to be allowed, as data: the doctor asks IAM's simulator for it, and the
//! operator's policy is rendered from it.
//!
//! CloudFormation works with the caller's own permissions, so the table holds two kinds: the calls of `deployer`
//! itself, and those of CloudFormation's handlers as their resource schemas list them
//! (<https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>), cut down to the
//! properties that our templates use. Resource levels and condition keys are those of the service authorization
//! reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).

mod aggregator;
mod evidence;
mod report;
mod resource;
mod stack;
mod table;

pub use aggregator::AGGREGATOR;
pub use evidence::EVIDENCE_OF_ORGANIZATION;
pub use report::REPORT_OF_ORGANIZATION;
pub use resource::{Resource, Scope};
pub use table::{ALL, DENY_SCP, MANAGED_PACK, ORGANIZATION};

use std::collections::BTreeMap;

use crate::names::Names;
use crate::settings::{Delivery, Settings};

/// An action that somebody needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// As IAM writes it: `lambda:CreateFunction`.
    pub action: &'static str,
    /// What it is done to.
    pub on: Resource,
    /// What comes of it if it is denied.
    pub need: Need,
    /// Which commands need it.
    pub uses: &'static [Use],
    /// For which kind of installation.
    pub mode: Mode,
    /// What it is for.
    pub why: &'static str,
    /// A condition that narrows it.
    pub condition: Option<Condition>,
}

/// What comes of it if an action is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The command fails.
    Required,
    /// A handler may ask for it, and nobody has documented when: it may fail.
    Helpful,
}

/// The commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Looking: `doctor`, and what `install` does before it writes.
    Look,
    /// `install`.
    Install,
    /// `status`.
    Status,
    /// `uninstall`.
    Uninstall,
    /// `report`.
    Report,
    /// What `evidence export` needs beside what a report needs.
    Evidence,
}

/// For which kind of installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For each.
    Any,
    /// With the rules in the stack.
    Rules,
    /// With a conformance pack.
    Pack,
    /// With a permissions boundary.
    Boundary,
    /// With alarms.
    Alarms,
}

/// A condition that narrows an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The condition key.
    pub key: &'static str,
    /// The value that it has to have.
    pub value: &'static str,
}

/// What makes a role or gives it permissions. Where a boundary is wanted, each is allowed with the boundary only:
/// otherwise the operator could make a role without it, and be more than the operator
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>).
const BOUNDED: [&str; 3] = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"];

impl Permission {
    /// The conditions of an installation with these settings: keys of the context with the values that they have to
    /// have.
    #[must_use]
    pub fn conditions(&self, names: Names<'_>, settings: &Settings) -> BTreeMap<&'static str, String> {
        let own = self.condition.map(|condition| (condition.key, condition.value.to_owned()));
        let boundary = settings.boundary_arn(names).filter(|_| BOUNDED.contains(&self.action));
        own.into_iter().chain(boundary.map(|arn| ("iam:PermissionsBoundary", arn))).collect()
    }

    /// Whether an installation with these settings needs it for any of these uses. Without settings: whether any
    /// installation does.
    #[must_use]
    pub fn is_needed(&self, uses: &[Use], settings: Option<&Settings>) -> bool {
        let applies = settings.is_none_or(|settings| match self.mode {
            Mode::Any => true,
            Mode::Rules => settings.delivery == Delivery::Rules,
            Mode::Pack => settings.delivery == Delivery::ConformancePack,
            Mode::Boundary => settings.permissions_boundary.is_some(),
            Mode::Alarms => settings.alarms,
        });
        applies && self.uses.iter().any(|used| uses.contains(used))
    }
}

#[cfg(test)]
mod tests;
