//! What is expected of each account, and what an instance of a StackSet comes to. Pure.

use super::{Expectation, Found, Member, OUTDATED, Recorded, UNDER_WAY, Why};
use crate::organization::{AccountState, Organization, Targets};
use crate::stack_set::{Cause, DetailedStatus, Instance, InstanceStatus};

/// What is expected of the accounts of an organization. `is_seen` says whether the management account's own stacks can
/// be looked at: only it can do that.
#[must_use]
pub fn members(organization: &Organization, targets: &Targets, covers_management: bool, is_seen: bool) -> Vec<Member> {
    let expectation = |id: &str, state: &AccountState| {
        if id == organization.management {
            return management(covers_management, is_seen);
        }
        if targets.unit_of(organization, id).is_none() {
            return out_of_scope("not-targeted", "in none of the targets");
        }
        if targets.excluded.iter().any(|excluded| excluded == id) {
            return out_of_scope("excluded", "excluded by name (--exclude-account)");
        }
        match state {
            AccountState::Active => Expectation::Covered,
            AccountState::PendingActivation
            | AccountState::Suspended
            | AccountState::PendingClosure
            | AccountState::Closed
            | AccountState::Unknown(_) => Expectation::Skipped(Why::new(
                "not-active",
                &format!("the account is {}: StackSets take ACTIVE accounts only", state.as_str()),
            )),
        }
    };
    organization
        .accounts
        .values()
        .map(|account| Member {
            id: account.id.clone(),
            name: account.name.clone(),
            is_active: account.state == AccountState::Active,
            expectation: expectation(&account.id, &account.state),
        })
        .collect()
}

fn management(covers: bool, is_seen: bool) -> Expectation {
    match (covers, is_seen) {
        (true, true) => Expectation::Covered,
        (false, _) => out_of_scope(
            "management-account",
            "the management account, where StackSets never work, and which was left out (--no-management-account)",
        ),
        (true, false) => out_of_scope(
            "management-account",
            "the management account, whose own stacks cannot be seen from a delegated administrator",
        ),
    }
}

fn out_of_scope(cause: &'static str, words: &str) -> Expectation {
    Expectation::OutOfScope(Why::new(cause, words))
}

/// What is recorded, in words for people.
#[must_use]
pub(super) fn recorded(
    organization: &Organization,
    targets: &Targets,
    regions: &[String],
    management: bool,
    is_there: bool,
) -> Recorded {
    let path = |unit: &String| {
        if *unit == organization.root.id { format!("the whole organization ({unit})") } else { organization.path(unit) }
    };
    Recorded {
        is_there,
        units: targets.units.iter().map(path).collect(),
        accounts: targets.accounts.clone(),
        excluded: targets.excluded.clone(),
        regions: regions.to_vec(),
        management,
    }
}

/// What an instance comes to. `is_busy` says whether an operation is at work on its StackSet.
#[must_use]
pub fn found(instance: &Instance, is_busy: bool) -> Found {
    if instance.is_suspended() {
        let words = "CloudFormation left it out: the account was suspended";
        return Found::Skipped(Why::new("not-active", words));
    }
    let reason = instance.reason.as_deref();
    match (&instance.status, &instance.detailed) {
        (InstanceStatus::Current, _) => Found::Current,
        (InstanceStatus::Inoperable, _) | (_, DetailedStatus::Inoperable) => Found::Failed(
            Why::new("inoperable", "a deletion failed before: no update reaches the stack any more")
                .with_fix("look at the stack in the account, then take it away: deployer uninstall --org"),
        ),
        (_, DetailedStatus::Running) => under_way(),
        (_, DetailedStatus::Pending) if is_busy => under_way(),
        // What an update left out is PENDING, too, and has its old stack.
        (_, DetailedStatus::Pending | DetailedStatus::Succeeded) => Found::Outdated(
            Why::new(OUTDATED, "it has an older version or older settings").with_fix("deployer install --org"),
        ),
        (_, DetailedStatus::Failed | DetailedStatus::Cancelled | DetailedStatus::FailedImport) => match reason {
            Some(reason) if reason.cause.is_success() => Found::Current,
            Some(reason) => failed(reason.cause, &reason.sample),
            None => failed(Cause::Other, "CloudFormation gives no reason"),
        },
        (_, DetailedStatus::SkippedSuspendedAccount) => Found::Skipped(Why::new("not-active", "suspended")),
        (_, DetailedStatus::Unknown(word)) => {
            failed(Cause::Other, &format!("CloudFormation calls its state {word}, which this version does not know"))
        }
    }
}

fn under_way() -> Found {
    Found::Failed(Why::new(UNDER_WAY, "an operation is at work on it"))
}

fn failed(cause: Cause, sample: &str) -> Found {
    let words = if cause == Cause::Other { sample.to_owned() } else { format!("{cause}: {sample}") };
    let why = Why::new(code(cause), &words).with_fix(cause.fix());
    match cause {
        Cause::RegionDisabled | Cause::SkippedSuspended => Found::Skipped(why),
        Cause::NoRecorder
        | Cause::DeniedByScp
        | Cause::ArtifactUnreadable
        | Cause::NameClash
        | Cause::Quota
        | Cause::NoRole
        | Cause::Protected
        | Cause::Stuck
        | Cause::NotPermitted
        | Cause::Throttled
        | Cause::ToleranceExceeded
        | Cause::Stopped
        | Cause::NothingToDo
        | Cause::Other => Found::Failed(why),
    }
}

/// The cause's name for programs, as it is serialized.
fn code(cause: Cause) -> &'static str {
    match cause {
        Cause::NoRecorder => "no-recorder",
        Cause::DeniedByScp => "denied-by-scp",
        Cause::RegionDisabled => "region-disabled",
        Cause::ArtifactUnreadable => "artifact-unreadable",
        Cause::NameClash => "name-clash",
        Cause::Quota => "quota",
        Cause::NoRole => "no-role",
        Cause::Protected => "protected",
        Cause::Stuck => "stuck",
        Cause::NotPermitted => "not-permitted",
        Cause::Throttled => "throttled",
        Cause::ToleranceExceeded => "tolerance-exceeded",
        Cause::Stopped => "stopped",
        Cause::SkippedSuspended => "skipped-suspended",
        Cause::NothingToDo => "nothing-to-do",
        Cause::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::organization::model::tests::sample;
    use crate::stack_set::Reasons;
    use crate::status::organization::{Class, Coverage};

    fn instance(status: &str, detailed: &str, reason: &str) -> Instance {
        let reason = (!reason.is_empty()).then(|| Reasons::default().intern(reason));
        Instance {
            account: "222222222222".into(),
            region: "eu-west-1".into(),
            unit: "r-abcd".into(),
            status: InstanceStatus::of(status),
            detailed: DetailedStatus::of(detailed),
            reason,
            last_operation: None,
            has_stack: true,
        }
    }

    fn class(instance: &Instance, is_busy: bool) -> (Class, Arc<str>, &'static str) {
        let targets = Targets { units: vec!["r-abcd".to_owned()], ..Targets::default() };
        let mut coverage = Coverage::expecting(vec!["eu-west-1".to_owned()], members(&sample(), &targets, true, true));
        coverage.record("222222222222", "eu-west-1", &found(instance, is_busy));
        let row = coverage.rows().find(|row| row.account.id == "222222222222").unwrap();
        (row.class, Arc::clone(&row.why.words), row.why.cause)
    }

    #[test]
    fn what_instances_come_to() {
        let no_recorder = "ResourceLogicalId:R, ResourceType:AWS::Config::ConfigRule, \
                           ResourceStatusReason:NoAvailableConfigurationRecorderException";
        for (status, detailed, reason, is_busy, expected) in [
            ("CURRENT", "SUCCEEDED", "", false, (Class::Installed, "current")),
            ("OUTDATED", "SUCCEEDED", "", false, (Class::Installed, "outdated")),
            ("OUTDATED", "PENDING", "", false, (Class::Installed, "outdated")),
            ("OUTDATED", "PENDING", "", true, (Class::Failed, "under-way")),
            ("OUTDATED", "RUNNING", "", false, (Class::Failed, "under-way")),
            ("OUTDATED", "FAILED", no_recorder, false, (Class::Failed, "no-recorder")),
            ("OUTDATED", "FAILED", "No updates are to be performed.", false, (Class::Installed, "current")),
            ("OUTDATED", "FAILED", "", false, (Class::Failed, "other")),
            (
                "OUTDATED",
                "CANCELLED",
                "Cancelled since failure tolerance has exceeded",
                false,
                (Class::Failed, "tolerance-exceeded"),
            ),
            ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", "", false, (Class::Skipped, "not-active")),
            ("OUTDATED", "FAILED", "Region eu-south-2 is not enabled", false, (Class::Skipped, "region-disabled")),
            ("INOPERABLE", "INOPERABLE", "", false, (Class::Failed, "inoperable")),
            ("OUTDATED", "FROZEN", "", false, (Class::Failed, "other")),
        ] {
            let (class, words, cause) = class(&instance(status, detailed, reason), is_busy);
            assert_eq!((class, cause), expected, "{status} {detailed} {reason}: {words}");
        }
    }

    #[test]
    fn the_management_account_is_named_wherever_it_is_not_covered() {
        let targets = Targets { units: vec!["ou-abcd-prod0000".to_owned()], ..Targets::default() };
        let class_of = |covers, is_seen, id: &str| {
            let members = members(&sample(), &targets, covers, is_seen);
            members.into_iter().find(|member| member.id == id).map(|member| member.expectation)
        };
        assert_eq!(class_of(true, true, "111111111111"), Some(Expectation::Covered));
        assert!(
            matches!(class_of(true, false, "111111111111"), Some(Expectation::OutOfScope(why)) if why.words.contains("cannot be seen"))
        );
        assert!(
            matches!(class_of(false, true, "111111111111"), Some(Expectation::OutOfScope(why)) if why.words.contains("left out"))
        );
        assert!(
            matches!(class_of(true, true, "444444444444"), Some(Expectation::Skipped(why)) if why.words.contains("SUSPENDED"))
        );
        assert!(
            matches!(class_of(true, true, "555555555555"), Some(Expectation::OutOfScope(why)) if why.cause == "not-targeted")
        );
    }
}
