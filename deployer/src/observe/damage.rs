//! What somebody took away or changed behind CloudFormation's back.

use std::collections::BTreeMap;

use rule::check::{ALL, Check};

use super::{FunctionState, Read, RegionState, RuleState, StackState};
use crate::digest::from_base64;
use crate::names::Names;
use crate::settings::Delivery;
use crate::templates::parameter_of;

/// What a settled member stack should have made and what is not there, or is another. Empty if all is well. What could
/// not be read is no damage.
#[must_use]
pub fn damage(state: &RegionState, stack: &StackState, names: Names<'_>) -> Vec<String> {
    stack_damage(&state.function, &state.rules, &stack.parameters, names)
}

/// The same of a function and rules, against a stack's parameters.
pub(crate) fn stack_damage(
    function: &Read<Option<FunctionState>>,
    rules: &Read<Vec<RuleState>>,
    parameters: &BTreeMap<String, String>,
    names: Names<'_>,
) -> Vec<String> {
    let mut found: Vec<String> = function_damage(function, parameters, names).into_iter().collect();
    if let Ok(rules) = rules {
        found.extend(rules_damage(function, rules, parameters, names).into_iter().map(|(_, what)| what));
    }
    found
}

/// The function's part of it.
pub(crate) fn function_damage(
    function: &Read<Option<FunctionState>>,
    parameters: &BTreeMap<String, String>,
    names: Names<'_>,
) -> Option<String> {
    let installed = parameters.get("ArtifactSha256").map(String::as_str).unwrap_or_default();
    match function.as_ref().ok()? {
        None => Some(format!("the function {} is gone", names.function())),
        Some(function) => {
            let is_other = from_base64(&function.code_sha256).is_some_and(|sha256| sha256 != installed);
            is_other.then(|| format!("the function {} runs other code than was installed", names.function()))
        }
    }
}

/// The rules' part of it, check by check.
pub(crate) fn rules_damage(
    function: &Read<Option<FunctionState>>,
    rules: &[RuleState],
    parameters: &BTreeMap<String, String>,
    names: Names<'_>,
) -> Vec<(&'static Check, String)> {
    let parameter = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if parameter("Delivery") == "none" {
        return Vec::new();
    }
    let in_pack = parameter("Delivery") == Delivery::ConformancePack.as_str();
    let on = ALL.into_iter().filter(|check| parameter(&parameter_of(check)) == "on");
    on.filter_map(|check| {
        let name = names.rule(check);
        // A rule that is being deleted still shows for a while.
        let is_it = |rule: &&RuleState| is_rule_of(&rule.name, &name, in_pack) && !rule.state.starts_with("DELETING");
        Some((check, rule_damage(&name, rules.iter().find(is_it), function)?))
    })
    .collect()
}

fn rule_damage(name: &str, rule: Option<&RuleState>, function: &Read<Option<FunctionState>>) -> Option<String> {
    match (rule, function) {
        (None, _) => Some(format!("the rule {name} is gone")),
        (Some(rule), Ok(Some(function))) if rule.source != function.arn => {
            Some(format!("the rule {} asks {} and not our function", rule.name, rule.source))
        }
        (Some(_), _) => None,
    }
}

/// Whether a rule is the one of this name. A pack appends `-conformance-pack-` and nine characters of its own to the
/// names of its rules.
pub(crate) fn is_rule_of(rule: &str, name: &str, in_pack: bool) -> bool {
    match rule.strip_prefix(name) {
        Some("") => true,
        Some(rest) => in_pack && rest.starts_with("-conformance-pack-"),
        None => false,
    }
}
