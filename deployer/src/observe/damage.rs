//! What somebody took away or changed behind CloudFormation's back.

use std::collections::BTreeMap;

use rule::check::ALL;

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
    let mut found = Vec::new();
    let parameter = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    match function {
        Ok(None) => found.push(format!("the function {} is gone", names.function())),
        Ok(Some(function)) => {
            if from_base64(&function.code_sha256).is_some_and(|sha256| sha256 != parameter("ArtifactSha256")) {
                found.push(format!("the function {} runs other code than was installed", names.function()));
            }
        }
        Err(_) => {}
    }
    if let Ok(rules) = rules
        && parameter("Delivery") != "none"
    {
        let in_pack = parameter("Delivery") == Delivery::ConformancePack.as_str();
        for check in ALL.into_iter().filter(|check| parameter(&parameter_of(check)) == "on") {
            let name = names.rule(check);
            // A pack appends `-conformance-pack-` and nine characters of its own to the names of its rules.
            let is_it =
                |other: &str| other == name || (in_pack && other.starts_with(&format!("{name}-conformance-pack-")));
            if !rules.iter().any(|rule| is_it(&rule.name)) {
                found.push(format!("the rule {name} is gone"));
            }
        }
    }
    found
}
