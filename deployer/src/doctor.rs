//! What stands in the way of an installation, told before anything is written.
//!
//! [`examine`] is pure: what was read goes in, findings come out. `docs/doctor.md` explains every topic.

mod account;
mod administrator;
mod duplicates;
mod notes;
pub mod organization;
mod places;
mod quotas;
mod recorder;
pub(crate) mod regions;
pub mod render;
mod topic;

pub use administrator::examine_administrator;
pub use topic::{ORGANIZATION_TOPICS, TOPICS};

use serde::Serialize;

use crate::names::Names;
use crate::observe::{AccountState, RegionState};
use crate::settings::Settings;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, but not as well as it could; or it could not be looked at.
    Warning,
    /// An installation would fail or be worth nothing.
    Bad,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The Region that it is about; none for the account.
    pub region: Option<String>,
    /// What was looked at, one of [`TOPICS`] or [`ORGANIZATION_TOPICS`]; stable, for programs: `recorder`, `quota-config-rules`, …
    pub topic: &'static str,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// Examines what was read. `repair`: whether the installation will mend stacks that an operation left half done.
/// Regions that are not enabled need not have been read.
#[must_use]
pub fn examine(settings: &Settings, account: &AccountState, regions: &[RegionState], repair: bool) -> Vec<Finding> {
    let names = Names { prefix: &settings.prefix, account: &account.account, partition: &account.partition };
    let case = Case { settings, account, names, repair };
    let is_open = |region: &&RegionState| regions::is_open(&case, &region.region);
    let open: Vec<&RegionState> = regions.iter().filter(is_open).collect();
    let mut findings = account::findings(&case, &open);
    findings.extend(regions::findings(&case));
    for region in open {
        findings.extend(places::findings(&case, region));
        findings.extend(recorder::findings(&case, region));
        findings.extend(duplicates::findings(&case, region));
        findings.extend(quotas::findings(&case, region));
    }
    findings
}

/// Whether AWS told nothing at all of any Region, for want of an answer and not of a permission.
#[must_use]
pub fn is_silent(regions: &[RegionState]) -> bool {
    let is_silent = |refusal: Option<&crate::aws::AwsRefusal>| {
        refusal.is_some_and(|refusal| !refusal.is_denied() && !refusal.is_region_disabled())
    };
    !regions.is_empty()
        && regions.iter().all(|region| {
            [region.member.as_ref().err(), region.function.as_ref().err(), region.rules.as_ref().err()]
                .into_iter()
                .all(is_silent)
        })
}

/// What every examination needs to know.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    settings: &'a Settings,
    account: &'a AccountState,
    names: Names<'a>,
    repair: bool,
}

#[cfg(test)]
mod tests;
