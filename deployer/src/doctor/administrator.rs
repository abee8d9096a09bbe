//! The account that installs into an organization without being covered itself: only the buckets matter there.

use super::{Finding, examine, topic};
use crate::observe::{AccountState, BoundaryState, RegionState, RolesQuota, Simulation};
use crate::settings::Settings;

/// What matters of an account that holds nothing but artifact buckets.
const TOPICS: [&str; 7] = [
    topic::IDENTITY,
    topic::PERMISSIONS,
    topic::ALARM_TOPIC,
    topic::REGION,
    topic::STACKS,
    topic::BUCKET,
    topic::QUOTA_STACKS,
];
/// Actions that such an account needs: of these services.
const SERVICES: [&str; 4] = ["sts:", "ec2:", "cloudformation:", "s3:"];

/// Examines an account that gets artifact buckets and no member stack.
#[must_use]
pub fn examine_administrator(
    settings: &Settings,
    account: &AccountState,
    regions: &[RegionState],
    repair: bool,
) -> Vec<Finding> {
    let regions: Vec<RegionState> = regions.iter().map(without_member).collect();
    let findings = examine(settings, &without_roles(account), &regions, repair);
    findings.into_iter().filter(|finding| TOPICS.contains(&finding.topic)).collect()
}

fn without_member(region: &RegionState) -> RegionState {
    RegionState {
        member: Ok(None),
        function: Ok(None),
        set_stack: Ok(None),
        rules: Ok(Vec::new()),
        packs: Ok(Vec::new()),
        ..region.clone()
    }
}

fn without_roles(account: &AccountState) -> AccountState {
    let permissions = account.permissions.clone().map(|simulation| match simulation {
        Simulation::Done { asked, denied } => {
            let matters = |action: &str| SERVICES.iter().any(|service| action.starts_with(service));
            Simulation::Done { asked, denied: denied.into_iter().filter(|one| matters(&one.action)).collect() }
        }
        impossible @ Simulation::Impossible(_) => impossible,
    });
    AccountState {
        permissions,
        boundary: Ok(BoundaryState::NotWanted),
        roles: Ok(RolesQuota { used: 0, limit: i32::MAX }),
        role_names: Ok(Vec::new()),
        ..account.clone()
    }
}
