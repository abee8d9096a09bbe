//! What an installation into an organization is to be like.

use serde::{Deserialize, Serialize};

use super::targets::{Asked, Targets};
use crate::scp::settings::GuardrailSettings;
use crate::settings::Settings;

/// The settings of an installation into an organization, with everything resolved to ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrgSettings {
    /// What the installation is to be like in each account.
    pub settings: Settings,
    /// Where the StackSets, the guardrail and the record of targets are.
    pub home_region: String,
    /// Who is covered.
    pub targets: Targets,
    /// The accounts that are installed first; everybody at once if there are none.
    pub canary: Vec<String>,
    /// Whether the management account gets a stack of its own, if it is the one that installs.
    pub include_management: bool,
    /// How StackSets work through the accounts.
    pub pace: Pace,
    /// Whether there is an organization conformance pack of AWS's own rules.
    pub managed_pack: bool,
    /// The service control policies, if there are to be any.
    pub guardrail: Option<GuardrailSettings>,
    /// Whether there is an aggregator of the organization.
    #[serde(default)]
    pub aggregator: bool,
}

/// An installation into an organization as it was asked for, before anything is known of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct OrgAsked {
    /// Who is to be covered.
    pub targets: Asked,
    /// Where the StackSets are to be; found out if it is not said.
    pub home_region: Option<String>,
    /// Whether the management account gets a stack of its own, if it is the one that installs.
    pub include_management: bool,
    /// How StackSets work through the accounts.
    pub pace: Pace,
    /// Whether trusted access of StackSets may be switched on.
    pub enable_trusted_access: bool,
    /// Whether there is to be an organization conformance pack of AWS's own rules.
    pub managed_pack: bool,
    /// The service control policies, if there are to be any.
    pub guardrail: Option<GuardrailAsked>,
    /// Whether there is to be an aggregator of the organization.
    pub aggregator: bool,
}

/// Service control policies as they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct GuardrailAsked {
    /// Units or the root by id, name or path, and accounts by id.
    pub targets: Vec<String>,
    /// Whether SageMaker domains are denied the internet too.
    pub studio: bool,
    /// Patterns of roles that nothing is denied to.
    pub break_glass: Vec<String>,
    /// Whether a second policy protects the guard itself.
    pub tamper: bool,
    /// Whether the policy type may be switched on in the organization.
    pub enable_policy_type: bool,
    /// Whether the root may be a target.
    pub allow_root: bool,
}

/// Operation preferences of StackSets. Regions are always worked on side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pace {
    /// The percentage of the accounts of a Region that are worked on at once: 1 to 100.
    pub max_concurrent: u8,
    /// The percentage of the accounts of a Region that may fail before the operation stops there: 0 to 100.
    pub failure_tolerance: u8,
}

impl Default for Pace {
    /// Everybody at once, and no failure keeps the others from being covered.
    fn default() -> Self {
        Self { max_concurrent: 100, failure_tolerance: 100 }
    }
}
