//! The management account, and what all accounts install from.

use super::{Finding, Head, Installed, Subject, flags, note, problem, unread};
use crate::status::organization::{Artifacts, OwnStack, OwnStackState};

pub(super) fn management(head: &Head, installed: &Installed) -> Vec<Finding> {
    let Some(stacks) = &installed.management else {
        let message = "whether it has the guard cannot be seen from a delegated administrator; StackSets never do it";
        let fix = "with credentials of the management account: deployer status --region all";
        return vec![note(Subject::ManagementAccount, message, Some(fix.to_owned()))];
    };
    if !installed.record.management {
        let message = "it is not covered, as was chosen (--no-management-account)";
        return vec![note(Subject::ManagementAccount, message, None)];
    }
    stacks.iter().filter_map(|stack| one(head, stack)).collect()
}

fn one(head: &Head, OwnStack { region, state }: &OwnStack) -> Option<Finding> {
    let again = format!("deployer install {} with the flags that it was installed with", flags(head));
    let stack = match state {
        Err(refusal) => return Some(unread(Subject::ManagementAccount, refusal)),
        Ok(None) => {
            let message = format!("the stack {} is not there in {region}", head.prefix);
            return Some(problem(Subject::ManagementAccount, message, again));
        }
        Ok(Some(stack)) => stack,
    };
    let OwnStackState { is_ours, status, is_settled, installed, runs, .. } = stack;
    if !is_ours {
        let message = format!("the stack {} in {region} is somebody else's", head.prefix);
        return Some(problem(Subject::ManagementAccount, message, "install with another --prefix"));
    }
    if !is_settled {
        let message = format!("the stack {} in {region} is in {status}", head.prefix);
        let fix = format!("deployer status --region {region} tells what to do");
        return Some(problem(Subject::ManagementAccount, message, fix));
    }
    match runs {
        Err(refusal) => Some(unread(Subject::ManagementAccount, refusal)),
        Ok(None) => Some(problem(
            Subject::ManagementAccount,
            format!("the function is gone in {region}"),
            format!("{again} --repair"),
        )),
        Ok(Some(runs)) if runs != installed => Some(problem(
            Subject::ManagementAccount,
            format!("the function in {region} runs other code than was installed: SHA-256 {runs}"),
            format!("find out who changed it (CloudTrail: UpdateFunctionCode), then {again} --repair"),
        )),
        Ok(Some(_)) => None,
    }
}

/// Accounts that join later install from the bucket.
pub(super) fn artifacts(head: &Head, installed: &Installed) -> Vec<Finding> {
    let again = format!("deployer install {} with the flags that it was installed with", flags(head));
    let mut found = Vec::new();
    for Artifacts { region, stack, zip } in &installed.artifacts {
        match (stack, zip) {
            (Err(refusal), _) | (Ok(true), Err(refusal)) => found.push(unread(Subject::Artifacts, refusal)),
            (Ok(false), _) => found.push(problem(
                Subject::Artifacts,
                format!("the stack {}-artifacts is gone in {region}: no account can install there", head.prefix),
                again.clone(),
            )),
            (Ok(true), Ok(false)) => found.push(problem(
                Subject::Artifacts,
                format!("the installed zip is not in the bucket in {region}: no account can install there"),
                again.clone(),
            )),
            (Ok(true), Ok(true)) => {}
        }
    }
    found
}
