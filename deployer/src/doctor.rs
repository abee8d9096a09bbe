//! What stands in the way of an installation, told before anything is written.

use crate::observe::{AccountState, RegionState};
use crate::settings::Settings;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, but not as well as it could; or it could not be looked at.
    Warning,
    /// An installation would fail or be worth nothing.
    Bad,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The Region that it is about; none for the account.
    pub region: Option<String>,
    /// What was looked at, in kebab-case; stable, for programs: `recorder`, `quota-config-rules`, …
    pub topic: &'static str,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// Examines what was read. `repair`: whether the installation will mend stacks that an operation left half done.
#[must_use]
pub fn examine(settings: &Settings, account: &AccountState, regions: &[RegionState], repair: bool) -> Vec<Finding> {
    let _ = (settings, regions, repair);
    vec![Finding {
        level: Level::Good,
        region: None,
        topic: "identity",
        message: format!("{} in account {}", account.caller, account.account),
        fix: None,
    }]
}
