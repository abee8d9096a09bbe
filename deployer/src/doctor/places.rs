//! Whether what we want to make can be made: stacks, bucket, function, rules, pack.

use super::notes::Notes;
use super::{Case, Finding, topic};
use crate::observe::{BucketState, Read, RegionState, RuleState, StackState, Standing};
use crate::settings::Delivery;

/// What helps against every name that is taken.
const OTHER_NAMES: &str = "choose other names with --prefix";

pub(super) fn findings(case: &Case<'_>, region: &RegionState) -> Vec<Finding> {
    let mut notes = Notes::of(&region.region);
    for stack in [&region.artifacts, &region.member] {
        self::stack(case, stack, &mut notes);
    }
    bucket(case, region, &mut notes);
    function(case, region, &mut notes);
    rule_names(case, region, &mut notes);
    pack_name(case, region, &mut notes);
    notes.done()
}

fn stack(case: &Case<'_>, stack: &Read<Option<StackState>>, notes: &mut Notes) {
    let stack = match stack {
        Err(refusal) => return notes.unknown(topic::STACKS, refusal),
        Ok(None) => return notes.good(topic::STACKS, "its name is free"),
        Ok(Some(stack)) => stack,
    };
    let (name, status) = (&stack.name, &stack.status);
    let reason = stack.reason.as_deref().map_or_else(String::new, |reason| format!(" ({reason})"));
    if !stack.is_ours() {
        let message = format!("the stack {name} exists, and deployer did not make it ({status})");
        return notes.bad(topic::STACKS, message, format!("{OTHER_NAMES}, or delete the stack if nobody needs it"));
    }
    match stack.standing() {
        Standing::Settled => notes.good(topic::STACKS, format!("the stack {name} is in {status}")),
        Standing::NeverMade => notes.warning(
            topic::STACKS,
            format!("an earlier creation of the stack {name} failed: it is in {status}{reason}"),
            "nothing: install deletes it and makes it anew",
        ),
        Standing::Busy => notes.bad(
            topic::STACKS,
            format!("an operation on the stack {name} is under way: {status}"),
            "wait until it has ended, then run the same command again",
        ),
        Standing::RollbackFailed | Standing::DeleteFailed if case.repair => notes.warning(
            topic::STACKS,
            format!("the stack {name} is in {status}{reason}"),
            "nothing: install repairs it first, as --repair says",
        ),
        Standing::RollbackFailed => notes.bad(
            topic::STACKS,
            format!("the stack {name} is in {status}{reason}"),
            "mend what the reason names, then continue the rollback: deployer install --repair",
        ),
        Standing::DeleteFailed => notes.bad(
            topic::STACKS,
            format!("the deletion of the stack {name} stopped half-way{reason}"),
            "mend what the reason names, then delete it and make it anew: deployer install --repair",
        ),
    }
}

fn bucket(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    let name = case.names.bucket(&region.region);
    match &region.bucket {
        Err(refusal) => notes.unknown(topic::BUCKET, refusal),
        Ok(BucketState::Foreign) => notes.bad(
            topic::BUCKET,
            format!("the bucket {name} belongs to another account, or you may not look at it"),
            format!("{OTHER_NAMES}, or allow s3:ListBucket on it if it is yours"),
        ),
        Ok(BucketState::Elsewhere) => notes.bad(
            topic::BUCKET,
            format!("the bucket {name} is in another Region"),
            format!("{OTHER_NAMES}, or delete the bucket if nobody needs it"),
        ),
        Ok(BucketState::Unmarked) => notes.bad(
            topic::BUCKET,
            format!(
                "there is a bucket {name} that was not made by deployer: it lacks the tag notebook-guard:managed=true"
            ),
            format!("{OTHER_NAMES}, or give it the tag if it may be used and later deleted"),
        ),
        Ok(BucketState::Missing) => notes.good(topic::BUCKET, "its name is free"),
        Ok(BucketState::Present) if matches!(region.artifacts, Ok(None)) => {
            notes.good(topic::BUCKET, "it was kept from an earlier installation, and is used again");
        }
        Ok(BucketState::Present) => notes.good(topic::BUCKET, "it is there"),
    }
    if let Err(refusal) = &region.artifact {
        notes.unknown(topic::BUCKET, refusal);
    }
}

/// Whether our own stack may have made what has our name. A stack that could not be read may.
fn may_be_ours(stack: &Read<Option<StackState>>) -> bool {
    match stack {
        Err(_) => true,
        Ok(None) => false,
        // What was never made to the end may still hold some of it.
        Ok(Some(stack)) => stack.is_ours(),
    }
}

fn function(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    match &region.function {
        Err(refusal) => notes.unknown(topic::FUNCTION, refusal),
        Ok(None) => notes.good(topic::FUNCTION, "its name is free, or it is made anew"),
        Ok(Some(_)) if may_be_ours(&region.member) => notes.good(topic::FUNCTION, "it is there"),
        Ok(Some(_)) if region.set_stack != Ok(None) => of_organization(region, notes),
        Ok(Some(_)) => notes.bad(
            topic::FUNCTION,
            format!("the function {} exists, but no stack of ours made it", case.names.function()),
            format!("{OTHER_NAMES}, or delete the function if nobody needs it"),
        ),
    }
}

/// What the organization installed is nothing that is left over.
fn of_organization(region: &RegionState, notes: &mut Notes) {
    match &region.set_stack {
        Err(refusal) => notes.bad(
            topic::FUNCTION,
            format!("whether the organization installed the function is not known: {refusal}"),
            refusal.advice(),
        ),
        Ok(Some(stack)) => notes.bad(
            topic::FUNCTION,
            format!("it is {}: there is nothing to install here", stack.told()),
            format!("{} deployer install --org changes it, and deployer uninstall --org removes it", stack.place()),
        ),
        Ok(None) => {}
    }
}

/// Whether something of our names was made by us, or by a StackSet for us.
fn is_known(region: &RegionState) -> bool {
    may_be_ours(&region.member) || region.set_stack != Ok(None)
}

fn rule_names(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    let rules = match &region.rules {
        Err(refusal) => return notes.unread(topic::RULE_NAMES, refusal),
        Ok(rules) => rules,
    };
    let function = format!(":function:{}", case.names.function());
    let is_wanted = |rule: &&RuleState| {
        case.settings.delivery == Delivery::Rules
            && case.settings.checks().any(|check| case.names.rule(check) == rule.name)
    };
    let is_taken = |rule: &&RuleState| !is_known(region) || !rule.source.ends_with(&function);
    let taken: Vec<&str> = rules.iter().filter(is_wanted).filter(is_taken).map(|rule| rule.name.as_str()).collect();
    if taken.is_empty() {
        notes.good(topic::RULE_NAMES, "no rule of another has our names");
    } else {
        notes.bad(
            topic::RULE_NAMES,
            format!("rules of our names exist, but no stack of ours made them: {}", taken.join(", ")),
            format!("{OTHER_NAMES}, or delete the rules if nobody needs them"),
        );
    }
}

fn pack_name(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    if case.settings.delivery != Delivery::ConformancePack {
        return;
    }
    let name = case.names.pack();
    let is_there = match &region.packs {
        Err(refusal) => return notes.unread(topic::PACK_NAME, refusal),
        Ok(packs) => packs.contains(&name),
    };
    let has_one = |stack: &StackState| {
        stack.is_ours()
            && stack.parameters.get("Delivery").is_none_or(|delivery| delivery == Delivery::ConformancePack.as_str())
    };
    let may_be_ours = match &region.member {
        Err(_) => true,
        Ok(stack) => stack.as_ref().is_some_and(has_one),
    };
    if is_there && !may_be_ours && region.set_stack == Ok(None) {
        notes.bad(
            topic::PACK_NAME,
            format!("the conformance pack {name} exists, but no stack of ours made it"),
            format!("{OTHER_NAMES}, or delete the pack if nobody needs it"),
        );
    } else {
        notes.good(topic::PACK_NAME, "no pack of another has our name");
    }
}
