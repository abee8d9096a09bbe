//! The plan of one Region.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::changes::{self, Change, Sign};
use super::repair::{self, Repair};
use super::{Deploy, Intent, PlanError, RegionPlan, Step};
use crate::digest::hexadecimal;
use crate::names::{COMPONENT_TAG, MANAGED_TAG, SETTINGS_TAG, VERSION_TAG};
use crate::observe::{BucketState, ObjectState, RegionState, StackState, Standing};
use crate::settings::Triggers;
use crate::templates::{
    Resource, Template, artifact_parameters, artifact_resources, member_parameters, member_resources, role_grants,
};

/// What a change of it would make CloudFormation replace things that have a name of their own, which it cannot.
pub(crate) const FIXED: [(&str, &str); 2] = [("RolePath", "--role-path"), ("RoleNamePrefix", "the name of the role")];

pub(super) fn plan(intent: Intent<'_>, state: &RegionState) -> Result<RegionPlan, PlanError> {
    let triggers = crate::recording::triggers_for(intent.settings, state);
    let mut steps = artifact_stack(intent, state)?;
    steps.extend(upload(intent, state)?);
    // The home Region has the record, and need not be covered itself.
    let is_covered = intent.settings.regions.contains(&state.region);
    if is_covered && intent.organization.is_none_or(|organization| organization.has_member) {
        steps.extend(member_stack(intent, state, triggers)?);
    }
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
    let removed = |why: &str| {
        if stack.is_protected {
            return Err(repair::protected(stack, region, why));
        }
        let (stack, id) = (stack.name.clone(), stack.id.clone());
        Ok((vec![Step::Remove { stack, id, why: why.to_owned() }], None))
    };
    let needs_a_word = || PlanError::Stuck {
        stack: stack.name.clone(),
        region: region.to_owned(),
        status: stack.status.clone(),
        reason: stack.reason.clone(),
    };
    match stack.standing() {
        Standing::Settled => Ok((Vec::new(), Some(stack))),
        Standing::NeverMade => removed(&format!("its creation ended in {}", stack.status)),
        Standing::DeleteFailed if intent.repair => removed("its deletion stopped half-way"),
        Standing::RollbackFailed if intent.repair => {
            Ok((vec![Step::ContinueRollback { stack: stack.name.clone(), id: stack.id.clone() }], Some(stack)))
        }
        Standing::DeleteFailed | Standing::RollbackFailed => Err(needs_a_word()),
        Standing::Busy => {
            Err(PlanError::Busy { stack: stack.name.clone(), region: region.to_owned(), status: stack.status.clone() })
        }
    }
}

/// A stack as the intent wants it, without what will be different.
pub(super) fn wanted(
    intent: Intent<'_>,
    template: Template,
    is_new: bool,
    parameters: BTreeMap<String, String>,
) -> Deploy {
    let mut tags = intent.settings.tags.clone();
    tags.insert(MANAGED_TAG.to_owned(), "true".to_owned());
    tags.insert(COMPONENT_TAG.to_owned(), template.component().to_owned());
    tags.insert(SETTINGS_TAG.to_owned(), digest(template, &parameters));
    let names = intent.names();
    let stack = match template {
        Template::Artifacts => names.artifact_stack(),
        Template::Guardrail => names.guardrail_stack(),
        Template::Aggregator => names.aggregator_stack(),
        Template::Member | Template::ConformancePack => {
            tags.insert(VERSION_TAG.to_owned(), intent.artifact.version.clone());
            names.member_stack()
        }
    };
    Deploy { stack, template, is_new, parameters, tags, changes: Vec::new() }
}

/// The digest of template and parameters that the settings tag holds.
pub(crate) fn digest(template: Template, parameters: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    hash.update(template.text());
    for (name, value) in parameters {
        for part in [name, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hexadecimal(&hash.finalize()).chars().take(16).collect()
}

fn artifact_stack(intent: Intent<'_>, state: &RegionState) -> Result<Vec<Step>, PlanError> {
    let names = intent.names();
    let (mut steps, existing) =
        cleared(intent, state.artifacts.as_ref().map_err(Clone::clone)?.as_ref(), &state.region)?;
    let mut parameters = artifact_parameters(names);
    match existing {
        Some(stack) => {
            check_namespace(state, stack)?;
            // An organization reads the bucket, or it is not the stack's: not for an account's installation to undo.
            for kept in ["OrgId", "MakeBucket", "Targets"] {
                if let Some(value) = stack.parameters.get(kept) {
                    parameters.insert(kept.to_owned(), value.clone());
                }
            }
        }
        None => match state.bucket.as_ref().map_err(Clone::clone)? {
            BucketState::Present => {
                parameters.insert("MakeBucket".to_owned(), "off".to_owned());
            }
            BucketState::Missing => {}
            BucketState::Unmarked | BucketState::Foreign | BucketState::Elsewhere => {
                return Err(PlanError::BucketTaken {
                    bucket: names.bucket(&state.region),
                    region: state.region.clone(),
                });
            }
        },
    }
    if let Some(organization) = intent.organization {
        parameters.insert("OrgId".to_owned(), organization.id.to_owned());
        parameters.insert("Targets".to_owned(), organization.noted(&state.region));
    }
    let after = artifact_resources(&parameters, names, &state.region);
    let deploy = wanted(intent, Template::Artifacts, existing.is_none(), parameters);
    steps.extend(deployed(deploy, existing.map(Base::of), &after, &after));
    Ok(steps)
}

/// Buckets in the account's own namespace have other names; only stacks made by hand have them.
fn check_namespace(state: &RegionState, stack: &StackState) -> Result<(), PlanError> {
    match stack.parameters.get("Namespace").map(String::as_str) {
        None | Some("global") => Ok(()),
        Some(other) => Err(PlanError::Fixed {
            what: "the namespace of the bucket",
            region: state.region.clone(),
            from: other.to_owned(),
            to: "global".to_owned(),
        }),
    }
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
    let resources = |parameters: &BTreeMap<String, String>| member_resources(parameters, names, &state.region);
    let mut without = None;
    if let Some(stack) = existing {
        check_update(intent, state, stack, &parameters)?;
        match repair::needed(intent, state, stack, &parameters)? {
            Repair::Nothing => {}
            Repair::Anew { why } => {
                steps.push(Step::Remove { stack: stack.name.clone(), id: stack.id.clone(), why });
                existing = None;
            }
            Repair::Without(parameters) => {
                let first = wanted(intent, Template::Member, false, parameters);
                let (before, after) = (resources(&stack.parameters), resources(&first.parameters));
                without = match deployed(first, Some(Base::of(stack)), &before, &after) {
                    Some(Step::Deploy(first)) => Some(first),
                    _ => None,
                };
            }
        }
    }
    let base = without.as_ref().map(Base::after).or_else(|| existing.map(Base::of));
    let before = base.map_or_else(Vec::new, |base| resources(base.parameters));
    let deploy = wanted(intent, Template::Member, existing.is_none(), parameters);
    let after = resources(&deploy.parameters);
    let last = deployed(deploy, base, &before, &after);
    steps.extend(without.map(Step::Deploy));
    steps.extend(last);
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
pub(crate) fn is_older(wanted: &str, installed: &str) -> bool {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok()).collect()
    };
    matches!((numbers(wanted), numbers(installed)), (Some(wanted), Some(installed)) if wanted < installed)
}

/// What a stack is before it is updated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base<'a> {
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) tags: &'a BTreeMap<String, String>,
    pub(super) template: Option<&'a str>,
}

impl<'a> Base<'a> {
    fn of(stack: &'a StackState) -> Self {
        Self { parameters: &stack.parameters, tags: &stack.tags, template: stack.template.as_deref() }
    }

    /// What it will be after an earlier step.
    fn after(deploy: &'a Deploy) -> Self {
        Self { parameters: &deploy.parameters, tags: &deploy.tags, template: Some(deploy.template.text()) }
    }
}

/// The step that makes or updates a stack, if anything is different.
fn deployed(mut deploy: Deploy, base: Option<Base<'_>>, before: &[Resource], after: &[Resource]) -> Option<Step> {
    deploy.changes = differences(&deploy, base, before, after);
    (base.is_none() || !deploy.changes.is_empty()).then_some(Step::Deploy(deploy))
}

/// What will be different.
pub(super) fn differences(
    deploy: &Deploy,
    base: Option<Base<'_>>,
    before: &[Resource],
    after: &[Resource],
) -> Vec<Change> {
    let Some(base) = base else { return changes::added(after.to_vec()) };
    let mut found = changes::resources(before, after);
    found.extend(changes::permissions(&role_grants(base.parameters), &role_grants(&deploy.parameters)));
    found.extend(changes::values("parameter", base.parameters, &deploy.parameters));
    found.extend(changes::values("tag", base.tags, &deploy.tags));
    if base.template.map(str::trim) != Some(deploy.template.text().trim()) {
        let (kind, name) = ("template".to_owned(), deploy.template.file().to_owned());
        found.push(Change { sign: Sign::Change, kind, name, logical: None, from: None, to: None });
    }
    found
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
