//! What an installation into an organization is to be like.

use serde::{Deserialize, Serialize};

use super::targets::Targets;
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
