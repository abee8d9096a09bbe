//! A stack by a change set, which has to do what the plan says and no more.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::Problem;
use crate::aws::Clients;
use crate::digest::hexadecimal;
use crate::plan::{Deploy, Sign};
use crate::stacks::{Changed, CloudFormationChange, OnProgress, Wanted, propose};

/// Resources whose replacement loses nothing.
const REPLACEABLE: [&str; 2] = ["AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig"];

pub(crate) async fn deploy(clients: &Clients, deploy: &Deploy, on: OnProgress<'_>) -> Result<(), Problem> {
    let fingerprint = fingerprint(deploy);
    let wanted = Wanted {
        stack: &deploy.stack,
        is_new: deploy.is_new,
        template: deploy.template.text(),
        parameters: &deploy.parameters,
        tags: &deploy.tags,
        fingerprint: &fingerprint,
    };
    on("preparing", 0);
    match propose(clients, wanted).await? {
        Changed::Nothing => Ok(()),
        Changed::Proposed(proposed) => {
            let changes = unplanned(deploy, &proposed.changes);
            if !changes.is_empty() {
                proposed.discard(clients).await?;
                return Err(Problem::Unplanned { stack: deploy.stack.clone(), changes });
            }
            Ok(proposed.execute(clients, on).await?)
        }
    }
}

/// What CloudFormation would take away beyond the plan. What it adds can only be what our template says with the
/// parameters that were shown. Where the template itself changes, resources may also go as it says; nothing that has a
/// name of its own may be replaced unannounced.
fn unplanned(deploy: &Deploy, changes: &[CloudFormationChange]) -> Vec<String> {
    let planned = |sign: Sign| -> BTreeSet<&str> {
        let of_sign = deploy.changes.iter().filter(|change| change.sign == sign);
        of_sign.filter_map(|change| change.logical.as_deref()).collect()
    };
    let removed = planned(Sign::Remove);
    let has_new_template = deploy.changes.iter().any(|change| change.kind == "template");
    let is_planned = |change: &&CloudFormationChange| {
        let logical = change.logical.as_str();
        match change.action.as_str() {
            "Add" => true,
            "Remove" => has_new_template || removed.contains(logical),
            _ => !change.is_replacement || REPLACEABLE.contains(&change.kind.as_str()),
        }
    };
    let told = |change: &CloudFormationChange| {
        let action = if change.is_replacement { "replace" } else { change.action.as_str() };
        format!("{} {} ({})", action.to_lowercase(), change.logical, change.kind)
    };
    changes.iter().filter(|change| !is_planned(change)).map(told).collect()
}

/// The same stack as wanted gives the same name of its change set, so that an interrupted run is found again.
fn fingerprint(deploy: &Deploy) -> String {
    let mut hash = Sha256::new();
    hash.update(deploy.template.text());
    for (name, value) in deploy.parameters.iter().chain(&deploy.tags) {
        for part in [name, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hexadecimal(&hash.finalize()).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::Change;
    use crate::templates::Template;

    fn planned(changes: &[(Sign, &str, Option<&str>)]) -> Deploy {
        let change = |(sign, kind, logical): &(Sign, &str, Option<&str>)| Change {
            sign: *sign,
            kind: (*kind).to_owned(),
            name: String::new(),
            logical: logical.map(str::to_owned),
            from: None,
            to: None,
        };
        Deploy {
            stack: "notebook-guard".to_owned(),
            template: Template::Member,
            is_new: false,
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            changes: changes.iter().map(change).collect(),
        }
    }

    fn would(action: &str, logical: &str, kind: &str, is_replacement: bool) -> CloudFormationChange {
        let (action, logical, kind) = (action.to_owned(), logical.to_owned(), kind.to_owned());
        CloudFormationChange { action, logical, kind, is_replacement }
    }

    #[test]
    fn what_the_plan_says_is_planned() {
        let plan = planned(&[(Sign::Add, "rule", Some("ImdsV2Rule")), (Sign::Remove, "alarm", Some("ErrorsAlarm"))]);
        let changes = [
            would("Add", "ImdsV2Rule", "AWS::Config::ConfigRule", false),
            would("Remove", "ErrorsAlarm", "AWS::CloudWatch::Alarm", false),
            would("Modify", "Function", "AWS::Lambda::Function", false),
            would("Modify", "Permission", "AWS::Lambda::Permission", true),
        ];
        assert_eq!(unplanned(&plan, &changes), Vec::<String>::new());
    }

    #[test]
    fn what_it_does_not_say_is_named() {
        let plan = planned(&[(Sign::Change, "parameter", None)]);
        let changes = [
            would("Remove", "LogGroup", "AWS::Logs::LogGroup", false),
            would("Modify", "Function", "AWS::Lambda::Function", true),
        ];
        assert_eq!(
            unplanned(&plan, &changes),
            ["remove LogGroup (AWS::Logs::LogGroup)", "replace Function (AWS::Lambda::Function)"]
        );
    }

    #[test]
    fn a_new_template_may_bring_and_take_but_not_replace() {
        let plan = planned(&[(Sign::Change, "template", None)]);
        assert!(unplanned(&plan, &[would("Add", "Dashboard", "AWS::CloudWatch::Dashboard", false)]).is_empty());
        assert_eq!(unplanned(&plan, &[would("Modify", "LogGroup", "AWS::Logs::LogGroup", true)]).len(), 1);
    }
}
