//! What is attached where, for `status`.

use aws_config::SdkConfig;
use serde::{Deserialize, Serialize};

use crate::aws::Clients;
use crate::names::{Names, VERSION_TAG};
use crate::observe::{Read, find_stack};
use crate::scp::in_force::Reader;
use crate::session::in_region;
use crate::settings::{Delivery, Settings};

use super::GuardrailProblem;
use super::observe::{OwnPolicy, own_policies};
use super::plan::edited;

/// The guardrail as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardrailStatus {
    /// The stack's name.
    pub stack: String,
    /// Its Region.
    pub region: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// Whether we made it.
    pub is_ours: bool,
    /// The version that made it.
    pub version: Option<String>,
    /// The targets that the stack was given: what the policies should be attached to.
    pub wanted: Vec<String>,
    /// The names of those that somebody deleted; the stack does not know.
    pub gone: Vec<String>,
    /// The names of those that say something else than the stack gave them. Of a stack that another version made it is not known.
    pub edited: Vec<String>,
    /// The policies.
    pub policies: Vec<PolicyStatus>,
}

/// A policy as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyStatus {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The ids and names of what it is attached to.
    pub targets: Vec<(String, String)>,
}

impl GuardrailStatus {
    /// What the stack wants a policy attached to and somebody has detached, for each policy: name and target.
    #[must_use]
    pub fn detached(&self) -> Vec<(&str, &str)> {
        let missing = |policy: &PolicyStatus, target: &str| policy.targets.iter().all(|(id, _)| id != target);
        let pairs = self.policies.iter().flat_map(|policy| self.wanted.iter().map(move |target| (policy, target)));
        let found = pairs.filter(|(policy, target)| missing(policy, target));
        found.map(|(policy, target)| (policy.name.as_str(), target.as_str())).collect()
    }
}

/// Reads the guardrail; none if there is no stack of that name.
///
/// # Errors
/// What could not be read.
pub async fn read_status(sdk: &SdkConfig, names: Names<'_>, region: &str) -> Read<Option<GuardrailStatus>> {
    let clients = Clients::new(sdk, region);
    let Some(stack) = find_stack(&clients, &names.guardrail_stack()).await? else { return Ok(None) };
    let reader = Reader::new(&in_region(sdk, region));
    let own = if stack.is_ours() { own_policies(&reader, &stack, names).await? } else { Vec::new() };
    let (mut policies, mut gone) = (Vec::new(), Vec::new());
    for OwnPolicy { name, id, content } in &own {
        if content.is_none() {
            gone.push(name.clone());
            continue;
        }
        let targets = reader.targets_of(id).await?;
        policies.push(PolicyStatus { name: name.clone(), id: id.clone(), targets });
    }
    let own: Vec<&OwnPolicy> = own.iter().collect();
    let edited = edited(&stack, &own, names).map(|policy| policy.name.clone()).collect();
    let wanted = stack.parameters.get("Targets").map(String::as_str).unwrap_or_default();
    Ok(Some(GuardrailStatus {
        region: region.to_owned(),
        is_ours: stack.is_ours(),
        version: stack.tags.get(VERSION_TAG).cloned(),
        wanted: wanted.split(',').filter(|target| !target.is_empty()).map(str::to_owned).collect(),
        gone,
        edited,
        policies,
        status: stack.status,
        stack: stack.name,
    }))
}

/// What stands in the way where policies are not asked for and those that are there stay as they are: one that protects
/// a conformance pack, and no pack any more. Nothing would protect the guard, and the policy would look as if it did.
///
/// # Errors
/// The stack cannot be read.
pub async fn left_alone(
    sdk: &SdkConfig,
    settings: &Settings,
    names: Names<'_>,
    region: &str,
) -> Read<Option<GuardrailProblem>> {
    if settings.delivery == Delivery::ConformancePack {
        return Ok(None);
    }
    let stack = find_stack(&Clients::new(sdk, region), &names.guardrail_stack()).await?;
    let protects = stack.is_some_and(|stack| stack.is_ours() && stack.outputs.contains_key("TamperPolicyId"));
    Ok(protects.then(|| GuardrailProblem::TamperStays { policy: names.tamper_policy() }))
}
