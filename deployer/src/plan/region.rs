//! The plan of one Region.

use std::collections::BTreeMap;

use super::changes::{self, Change, Sign};
use super::{Deploy, Intent, PlanError, RegionPlan, Step};
use crate::names::{COMPONENT_TAG, MANAGED_TAG, VERSION_TAG};
use crate::observe::{BucketState, ObjectState, RegionState, StackState, Standing};
use crate::settings::Triggers;
use crate::templates::{
    Resource, Template, artifact_parameters, artifact_resources, member_parameters, member_resources,
};

/// What a change of it would make CloudFormation replace things that have a name of their own, which it cannot.
const FIXED: [(&str, &str); 2] = [("RolePath", "--role-path"), ("RoleNamePrefix", "the name of the role")];

pub(super) fn plan(intent: Intent<'_>, state: &RegionState) -> Result<RegionPlan, PlanError> {
    let triggers = crate::recording::triggers_for(intent.settings, state);
    let mut steps = artifact_stack(intent, state)?;
    steps.extend(upload(intent, state)?);
    steps.extend(member_stack(intent, state, triggers)?);
    Ok(RegionPlan { region: state.region.clone(), triggers, steps })
}

/// What has to happen before a stack can be made or updated, and the stack that then is there to be updated.
fn cleared<'a>(
    intent: Intent<'_>,
    stack: Option<&'a StackState>,
    region: &str,
) -> Result<(Vec<Step>, Option<&'a StackState>), PlanError> {
    let Some(stack) = stack else { return Ok((Vec::new(), None)) };
    if !stack.is_ours() {
        return Err(PlanError::NotOurs { stack: stack.name.clone(), region: region.to_owned() });
    }
    let removed = |why: &str| Step::Remove { stack: stack.name.clone(), id: stack.id.clone(), why: why.to_owned() };
    let needs_a_word = || PlanError::Stuck {
        stack: stack.name.clone(),
        region: region.to_owned(),
        status: stack.status.clone(),
        reason: stack.reason.clone(),
    };
    match stack.standing() {
        Standing::Settled => Ok((Vec::new(), Some(stack))),
        Standing::NeverMade => Ok((vec![removed(&format!("its creation ended in {}", stack.status))], None)),
        Standing::DeleteFailed if intent.repair => Ok((vec![removed("its deletion stopped half-way")], None)),
        Standing::RollbackFailed if intent.repair => {
            Ok((vec![Step::ContinueRollback { stack: stack.name.clone(), id: stack.id.clone() }], Some(stack)))
        }
        Standing::DeleteFailed | Standing::RollbackFailed => Err(needs_a_word()),
        Standing::Busy => {
            Err(PlanError::Busy { stack: stack.name.clone(), region: region.to_owned(), status: stack.status.clone() })
        }
    }
}

fn tags(intent: Intent<'_>, template: Template) -> BTreeMap<String, String> {
    let mut tags = intent.settings.tags.clone();
    tags.insert(MANAGED_TAG.to_owned(), "true".to_owned());
    tags.insert(COMPONENT_TAG.to_owned(), template.component().to_owned());
    if template == Template::Member {
        tags.insert(VERSION_TAG.to_owned(), intent.artifact.version.clone());
    }
    tags
}

fn artifact_stack(intent: Intent<'_>, state: &RegionState) -> Result<Vec<Step>, PlanError> {
    let names = intent.names();
    let (mut steps, existing) =
        cleared(intent, state.artifacts.as_ref().map_err(Clone::clone)?.as_ref(), &state.region)?;
    let mut parameters = artifact_parameters(names);
    if let Some(stack) = existing {
        // An organization reads the bucket, or its name is of another kind: not for an account's installation to undo.
        for kept in ["OrgId", "Namespace"] {
            if let Some(value) = stack.parameters.get(kept) {
                parameters.insert(kept.to_owned(), value.clone());
            }
        }
    }
    let after = artifact_resources(names, &state.region);
    let deploy = Deploy {
        stack: names.artifact_stack(),
        template: Template::Artifacts,
        is_new: existing.is_none(),
        adopts: existing.is_none() && *state.bucket.as_ref().map_err(Clone::clone)? == BucketState::Present,
        parameters,
        tags: tags(intent, Template::Artifacts),
        changes: Vec::new(),
    };
    steps.extend(deployed(deploy, existing, &after, &after));
    Ok(steps)
}

fn upload(intent: Intent<'_>, state: &RegionState) -> Result<Option<Step>, PlanError> {
    let key = intent.artifact.key(intent.names());
    match state.artifact.as_ref().map_err(Clone::clone)? {
        ObjectState::Present { sha256 } if *sha256 == intent.artifact.sha256 => Ok(None),
        ObjectState::Present { sha256 } => {
            Err(PlanError::OtherBytes { key, region: state.region.clone(), found: sha256.clone() })
        }
        ObjectState::Missing => {
            let bucket = intent.names().bucket(&state.region);
            Ok(Some(Step::Upload { bucket, key, size: intent.artifact.size }))
        }
    }
}

fn member_stack(intent: Intent<'_>, state: &RegionState, triggers: Triggers) -> Result<Vec<Step>, PlanError> {
    let names = intent.names();
    let (mut steps, mut existing) =
        cleared(intent, state.member.as_ref().map_err(Clone::clone)?.as_ref(), &state.region)?;
    let parameters = member_parameters(intent.settings, triggers, names, intent.artifact);
    if let Some(stack) = existing {
        check_update(intent, state, stack, &parameters)?;
        if intent.repair
            && let Some(why) = broken(state, stack, intent)
        {
            steps.push(Step::Remove { stack: stack.name.clone(), id: stack.id.clone(), why });
            existing = None;
        }
    }
    let after = member_resources(&parameters, names, &state.region);
    let before = existing.map_or_else(Vec::new, |stack| member_resources(&stack.parameters, names, &state.region));
    let deploy = Deploy {
        stack: names.member_stack(),
        template: Template::Member,
        is_new: existing.is_none(),
        adopts: false,
        parameters,
        tags: tags(intent, Template::Member),
        changes: Vec::new(),
    };
    steps.extend(deployed(deploy, existing, &before, &after));
    Ok(steps)
}

/// Refuses what CloudFormation would refuse half-way.
fn check_update(
    intent: Intent<'_>,
    state: &RegionState,
    stack: &StackState,
    wanted: &BTreeMap<String, String>,
) -> Result<(), PlanError> {
    for (parameter, what) in FIXED {
        let (from, to) = (stack.parameters.get(parameter), wanted.get(parameter));
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            let (from, to, region) = (from.clone(), to.clone(), state.region.clone());
            return Err(PlanError::Fixed { what, region, from, to });
        }
    }
    let installed = stack.parameters.get("Version").map(String::as_str).unwrap_or_default();
    if !intent.allow_downgrade && is_older(&intent.artifact.version, installed) {
        let (installed, wanted) = (installed.to_owned(), intent.artifact.version.clone());
        return Err(PlanError::Downgrade { region: state.region.clone(), installed, wanted });
    }
    Ok(())
}

/// Whether a version is older than another, by its numbers. What is no version is not compared.
fn is_older(wanted: &str, installed: &str) -> bool {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok()).collect()
    };
    matches!((numbers(wanted), numbers(installed)), (Some(wanted), Some(installed)) if wanted < installed)
}

/// What somebody took away or changed behind CloudFormation's back, which an update would not bring back.
fn broken(state: &RegionState, stack: &StackState, intent: Intent<'_>) -> Option<String> {
    crate::observe::damage(state, stack, intent.names()).into_iter().next()
}

/// The step that makes or updates a stack, if anything is different.
fn deployed(
    mut deploy: Deploy,
    existing: Option<&StackState>,
    before: &[Resource],
    after: &[Resource],
) -> Option<Step> {
    let Some(stack) = existing else {
        deploy.changes = changes::added(after.to_vec());
        return Some(Step::Deploy(deploy));
    };
    let mut found = changes::resources(before, after);
    found.extend(changes::values("parameter", &stack.parameters, &deploy.parameters));
    found.extend(changes::values("tag", &stack.tags, &deploy.tags));
    if stack.template.as_deref().map(str::trim) != Some(deploy.template.text().trim()) {
        let name = deploy.template.file().to_owned();
        found.push(Change {
            sign: Sign::Change,
            kind: "template".to_owned(),
            name,
            logical: None,
            from: None,
            to: None,
        });
    }
    deploy.changes = found;
    (!deploy.changes.is_empty()).then_some(Step::Deploy(deploy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_older("0.9.0", "0.10.0"));
        assert!(!is_older("0.10.0", "0.9.0"));
        assert!(!is_older("1.0.0", "1.0.0"));
        assert!(!is_older("main", "1.0.0"));
        assert!(!is_older("1.0.0", ""));
    }
}
