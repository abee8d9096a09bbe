//! The caller, what the caller may do, and what IAM has room for.

use super::notes::Notes;
use super::{Case, Finding, topic};
use crate::observe::{BoundaryState, Denied, Denier, RegionState, Simulation};

pub(super) fn findings(case: &Case<'_>, regions: &[&RegionState]) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    let account = case.account;
    notes.good(
        topic::IDENTITY,
        format!("{} in account {}, partition {}", account.caller, account.account, account.partition),
    );
    permissions(case, &mut notes);
    boundary(case, &mut notes);
    alarm_topic(case, &mut notes);
    roles(case, regions, &mut notes);
    notes.done()
}

fn permissions(case: &Case<'_>, notes: &mut Notes) {
    match &case.account.permissions {
        Err(refusal) => notes.unread(topic::PERMISSIONS, refusal),
        Ok(Simulation::Impossible(who)) => notes.warning(
            topic::PERMISSIONS,
            format!("the caller is {who}: IAM cannot say beforehand what it may do"),
            "compare its policies with what `deployer render operator-policy` prints",
        ),
        Ok(Simulation::Done { asked, denied }) if denied.is_empty() => {
            notes.good(topic::PERMISSIONS, format!("the caller may do all of the {asked} actions of an installation"));
        }
        Ok(Simulation::Done { denied, .. }) => denials(denied, notes),
    }
}

/// One finding for each that denies, the required actions apart from the others.
fn denials(denied: &[Denied], notes: &mut Notes) {
    let deniers = [Denier::Organization, Denier::Boundary, Denier::Statement, Denier::Nobody, Denier::Condition];
    for by in deniers {
        for is_required in [true, false] {
            let chosen = denied.iter().filter(|one| one.by == by && one.is_required == is_required);
            let mut actions: Vec<&str> = chosen.map(|one| one.action.as_str()).collect();
            actions.sort_unstable();
            actions.dedup();
            if actions.is_empty() {
                continue;
            }
            let (who, fix) = told(by);
            let message = format!("{who}: {}", actions.join(", "));
            if is_required && by != Denier::Condition {
                notes.bad(topic::PERMISSIONS, message, fix);
            } else if by == Denier::Condition {
                notes.warning(topic::PERMISSIONS, message, fix);
            } else {
                notes.warning(topic::PERMISSIONS, format!("{message} (CloudFormation may do without)"), fix);
            }
        }
    }
}

fn told(by: Denier) -> (&'static str, &'static str) {
    const RENDER: &str = "allow it: `deployer render operator-policy` prints all that is needed";
    match by {
        Denier::Organization => {
            ("a service control policy forbids the caller", "ask the organization's administrator for an exception")
        }
        Denier::Boundary => (
            "the caller's permissions boundary does not allow",
            "have the boundary allow it: `deployer render operator-policy` prints all that is needed",
        ),
        Denier::Statement => ("a statement denies the caller", "change the statement, or use another caller"),
        Denier::Nobody => ("no policy allows the caller", RENDER),
        Denier::Condition => (
            "whether the caller may is decided by a condition that cannot be tested beforehand",
            "look at the conditions of the caller's policies",
        ),
    }
}

fn boundary(case: &Case<'_>, notes: &mut Notes) {
    let name = case.settings.permissions_boundary.as_deref().unwrap_or_default();
    match &case.account.boundary {
        Err(refusal) => notes.unread(topic::BOUNDARY, refusal),
        Ok(BoundaryState::NotWanted) => {}
        Ok(BoundaryState::Present) => notes.good(topic::BOUNDARY, format!("the policy {name} exists")),
        Ok(BoundaryState::Missing) => notes.bad(
            topic::BOUNDARY,
            format!("the account has no policy {name} for --permissions-boundary"),
            "give the policy's name with its path, as in its ARN after `policy/`, or create it",
        ),
    }
}

fn alarm_topic(case: &Case<'_>, notes: &mut Notes) {
    let Some((account, name)) = case.settings.alarm_topic.as_deref().and_then(|text| text.split_once(':')) else {
        return;
    };
    if account == case.account.account {
        let partition = &case.account.partition;
        notes.warning(
            topic::ALARM_TOPIC,
            format!("alarms are to notify the topic {name} in each Region; whether it is there was not looked at"),
            format!(
                "look in each Region: aws sns get-topic-attributes --region REGION --topic-arn \
                 arn:{partition}:sns:REGION:{account}:{name}"
            ),
        );
    } else {
        notes.warning(
            topic::ALARM_TOPIC,
            format!("alarms notify the topic {name} of account {account}; whether it takes them cannot be seen here"),
            format!(
                "its policy in each Region has to allow sns:Publish to cloudwatch.amazonaws.com with \
                 aws:SourceAccount {}",
                case.account.account
            ),
        );
    }
}

/// Where nothing is installed, neither by the account itself nor by its organization.
fn is_fresh(region: &RegionState) -> bool {
    matches!((&region.member, &region.set_stack), (Ok(None), Ok(None)))
}

fn roles(case: &Case<'_>, regions: &[&RegionState], notes: &mut Notes) {
    let fresh: Vec<&RegionState> = regions.iter().copied().filter(|region| is_fresh(region)).collect();
    match &case.account.role_names {
        Err(_) if fresh.is_empty() => {}
        Err(refusal) => notes.unread(topic::ROLE_NAME, refusal),
        Ok(taken) => {
            let ours = fresh.iter().map(|region| case.names.role(&region.region));
            let clashes: Vec<String> = ours.filter(|name| taken.contains(name)).collect();
            if clashes.is_empty() {
                notes.good(topic::ROLE_NAME, "no role of another has our names");
            } else {
                notes.bad(
                    topic::ROLE_NAME,
                    format!("roles of our names exist without a stack of ours: {}", clashes.join(", ")),
                    "delete them if they are left over, or choose other names with --prefix",
                );
            }
        }
    }
    match case.account.roles {
        Err(ref refusal) => notes.unread(topic::QUOTA_ROLES, refusal),
        Ok(quota) => {
            let new = i32::try_from(fresh.len()).unwrap_or(i32::MAX);
            let told = format!("{} of {} IAM roles are used, and {new} come to it", quota.used, quota.limit);
            if quota.used.saturating_add(new) > quota.limit {
                let fix = "delete roles that nobody uses, or ask AWS for more (Service Quotas, IAM, roles per account)";
                notes.bad(topic::QUOTA_ROLES, told, fix);
            } else {
                notes.good(topic::QUOTA_ROLES, told);
            }
        }
    }
}
