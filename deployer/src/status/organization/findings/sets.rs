//! The StackSets: versions, settings, auto-deployment.

use std::collections::BTreeSet;

use super::{Finding, Head, Installed, Subject, flags, note, problem, unread};
use crate::status::Level;
use crate::status::organization::{MISSING, SetState};

/// The version of this program.
const OWN: &str = env!("CARGO_PKG_VERSION");

pub(super) fn of(head: &Head, installed: &Installed) -> Vec<Finding> {
    let mut found = Vec::new();
    for set in &installed.sets {
        found.extend(one(head, set));
        found.extend(auto_deployment(head, installed, set));
    }
    found.extend(different(head, &installed.sets));
    found.extend(version(head, installed));
    match &installed.trusted_access {
        Ok(true) => {}
        Ok(false) => found.push(problem(
            Subject::StackSets,
            "trusted access of StackSets was switched off: what is installed works on, and nothing can be changed",
            "in the management account: aws cloudformation activate-organizations-access",
        )),
        Err(refusal) => found.push(unread(Subject::StackSets, refusal)),
    }
    found
}

fn one(head: &Head, set: &SetState) -> Vec<Finding> {
    let SetState { name, is_changed, running, .. } = set;
    let mut found = Vec::new();
    if *is_changed == Some(true) {
        found.push(problem(
            Subject::StackSets,
            format!("the StackSet {name} is not as it was installed: its template or its parameters were changed"),
            format!("find out who changed it (CloudTrail: UpdateStackSet), then install again: {}", again(head)),
        ));
    }
    if !set.managed_execution {
        found.push(problem(
            Subject::StackSets,
            format!("managed execution of the StackSet {name} was switched off: operations block each other"),
            format!(
                "aws cloudformation update-stack-set --stack-set-name {name} --use-previous-template \
                 --managed-execution Active=true --region {}",
                head.home
            ),
        ));
    }
    for (action, state) in running {
        found.push(note(
            Subject::StackSets,
            format!("an operation is at work on the StackSet {name} ({action}, {state}): what is told here changes"),
            None,
        ));
    }
    found
}

/// Off with accounts that were named, because it would ignore them; else on, once the canary was healthy.
fn auto_deployment(head: &Head, installed: &Installed, set: &SetState) -> Option<Finding> {
    let name = &set.name;
    let by_account = !installed.record.accounts.is_empty();
    if set.auto_deployment {
        let why = if by_account {
            "although single accounts were chosen".to_owned()
        } else if set.blocking.is_empty() {
            return None;
        } else {
            format!("although it was deployed to {}, where not everybody is to be covered", set.blocking.join(", "))
        };
        return Some(problem(
            Subject::StackSets,
            format!("auto-deployment of the StackSet {name} is on, {why}"),
            format!("accounts that join these units are covered, too; install again to end it: {}", again(head)),
        ));
    }
    if by_account {
        let message = "auto-deployment is off, because single accounts were chosen: it would cover all of their units";
        return Some(note(Subject::StackSets, message, None));
    }
    if !set.blocking.is_empty() {
        let message = format!(
            "auto-deployment of the StackSet {name} is off, because it would also cover all of {}: accounts that join \
             are not covered",
            set.blocking.join(", ")
        );
        return Some(note(Subject::StackSets, message, None));
    }
    let of_set = |region: &str| set.regions.iter().any(|own| own == region);
    let missing = installed.coverage.rows().filter(|row| row.why.cause == MISSING && of_set(row.region)).count();
    let how = if missing > 0 {
        "a canary was left half-way, or another run was: auto-deployment is off, and not all targets have instances"
    } else {
        "auto-deployment is off: accounts that join are not covered"
    };
    Some(problem(Subject::StackSets, format!("{name}: {how}"), format!("finish it: {}", again(head))))
}

fn again(head: &Head) -> String {
    format!("deployer install {} with the flags that it was installed with", flags(head))
}

/// All StackSets of an installation are alike but for their Regions.
fn different(head: &Head, sets: &[SetState]) -> Option<Finding> {
    let kinds: BTreeSet<(&str, &str, &str)> =
        sets.iter().map(|set| (set.version.as_str(), set.settings.as_str(), set.code.as_str())).collect();
    (kinds.len() > 1).then(|| {
        problem(
            Subject::StackSets,
            "the StackSets do not install the same: an upgrade was left half-way",
            format!("finish it: {}", again(head)),
        )
    })
}

fn version(head: &Head, installed: &Installed) -> Option<Finding> {
    let versions = installed.versions();
    let older = versions.iter().find(|version| is_older(version, OWN))?;
    Some(Finding {
        subject: Subject::StackSets,
        level: Level::Note,
        message: format!("version {older} is installed; this deployer has {OWN}"),
        fix: Some(format!("upgrade it: {}", again(head))),
    })
}

/// What is no version is not compared.
fn is_older(version: &str, than: &str) -> bool {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok()).collect()
    };
    matches!((numbers(version), numbers(than)), (Some(one), Some(other)) if one < other)
}
