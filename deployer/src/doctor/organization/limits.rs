//! Quotas of StackSets, packs and policies.
//!
//! Those of StackSets and packs can be read by no call; the numbers are those of 2026-11
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>,
//! <https://docs.aws.amazon.com/general/latest/gr/awsconfig.html>).

use super::{Inside, Observed, PolicyRoom, PolicyType};
use crate::aggregator::AggregatorProblem;
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::output::counted;

/// Instances of one StackSet. A larger organization gets several StackSets, split by Region.
pub const MOST_INSTANCES: usize = 100_000;
/// StackSets of one administrator account.
pub const MOST_SETS: usize = 1_000;
/// Conformance packs of one organization in one Region.
pub const MOST_PACKS: usize = 50;

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut found = sets(observed, inside);
    found.extend(packs(observed, inside));
    found.extend(aggregator(observed, inside));
    found.extend(policies(observed, inside));
    found
}

fn sets(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of(&observed.home);
    let (Ok(tree), Ok(sets)) = (&inside.tree, &inside.sets) else { return notes.done() };
    let instances = tree.in_scope.saturating_mul(observed.regions.len());
    // A set is filled to ten elevenths of the quota, so that the organization can grow.
    let room = MOST_INSTANCES * 10 / 11;
    let regions_each = room.checked_div(tree.in_scope).unwrap_or(room);
    let told = format!(
        "{} × {} are {}",
        counted(tree.in_scope, "account"),
        counted(observed.regions.len(), "Region"),
        counted(instances, "instance")
    );
    if regions_each == 0 {
        notes.bad(
            topic::QUOTA_INSTANCES,
            format!("{told}: one Region alone is more than a StackSet takes ({MOST_INSTANCES})"),
            "install unit by unit, each with a --prefix of its own",
        );
        return notes.done();
    }
    let needed = observed.regions.len().div_ceil(regions_each).max(1);
    notes.good(
        topic::QUOTA_INSTANCES,
        format!("{told}, for {} of at most {MOST_INSTANCES}", counted(needed, "StackSet")),
    );
    let new = needed.saturating_sub(sets.named.len());
    let told = format!("{} of {MOST_SETS} StackSets are used, and {new} come to it", sets.total);
    if sets.total.saturating_add(new) > MOST_SETS {
        let fix = "delete StackSets that nobody uses, or ask AWS for more (Service Quotas, CloudFormation)";
        notes.bad(topic::QUOTA_SETS, told, fix);
    } else {
        notes.good(topic::QUOTA_SETS, told);
    }
    notes.done()
}

fn packs(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let ours = format!("{}-managed", observed.prefix);
    let mut found = Vec::new();
    for room in &inside.packs {
        let mut notes = Notes::of(&room.region);
        match &room.names {
            Err(refusal) => notes.unread(topic::QUOTA_ORGANIZATION_PACKS, refusal),
            Ok(names) => {
                let new = usize::from(!names.contains(&ours));
                let told = format!("{} of {MOST_PACKS} packs are used, and {new} come to it", names.len());
                if names.len() + new > MOST_PACKS {
                    let fix = "delete packs of the organization that nobody uses, or leave --managed-rules-pack out";
                    notes.bad(topic::QUOTA_ORGANIZATION_PACKS, told, fix);
                } else {
                    notes.good(topic::QUOTA_ORGANIZATION_PACKS, told);
                }
            }
        }
        found.extend(notes.done());
    }
    found
}

fn aggregator(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of(&observed.home);
    let Some(problems) = &inside.aggregator else { return notes.done() };
    for problem in problems {
        match problem {
            AggregatorProblem::Unread(refusal) => notes.unread(topic::AGGREGATOR, refusal),
            AggregatorProblem::NotAdministrator { .. }
            | AggregatorProblem::Full { .. }
            | AggregatorProblem::NameTaken { .. }
            | AggregatorProblem::Stack(_) => {
                notes.bad(topic::AGGREGATOR, problem.to_string(), problem.advice());
            }
        }
    }
    if problems.is_empty() {
        notes.good(
            topic::AGGREGATOR,
            "the account may make an aggregator of the organization, and there is room for it",
        );
    }
    notes.done()
}

fn policies(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    if observed.wishes.policies == 0 {
        return notes.done();
    }
    match &inside.policy_type {
        Err(refusal) => notes.unknown(topic::POLICY_TYPE, refusal),
        Ok(PolicyType::Enabled) => notes.good(topic::POLICY_TYPE, "service control policies are on"),
        Ok(PolicyType::Pending) => notes.bad(
            topic::POLICY_TYPE,
            "service control policies are just being switched on or off",
            "wait a few minutes, then run the same command again",
        ),
        Ok(PolicyType::Disabled) if observed.wishes.enable_policy_type => notes.warning(
            topic::POLICY_TYPE,
            "service control policies are off in the organization",
            "nothing: install switches them on, as --enable-policy-type says",
        ),
        Ok(PolicyType::Disabled) => notes.bad(
            topic::POLICY_TYPE,
            "service control policies are off in the organization",
            "add --enable-policy-type: everything stays allowed until a policy is attached",
        ),
    }
    match &inside.policy_room {
        Err(refusal) => notes.unknown(topic::QUOTA_POLICIES, refusal),
        Ok(rooms) => rooms.iter().for_each(|room| self::room(room, &mut notes)),
    }
    notes.done()
}

fn room(room: &PolicyRoom, notes: &mut Notes) {
    let PolicyRoom { target, others, limit, sizes } = room;
    let wanted = others + sizes.len();
    let told = format!("{target} has {} of {limit} policies, and {} come to it", others, sizes.len());
    if wanted > *limit {
        let fix = "detach or merge policies there, or choose another --scp-target";
        notes.bad(topic::QUOTA_POLICIES, told, fix);
    } else {
        notes.good(topic::QUOTA_POLICIES, told);
    }
    for (name, size, most) in sizes.iter().filter(|(_, size, most)| size > most) {
        notes.bad(
            topic::QUOTA_POLICIES,
            format!("the policy {name} has {size} characters, and {most} are allowed"),
            "name fewer --break-glass patterns, or leave --studio out",
        );
    }
}
