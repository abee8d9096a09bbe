//! What a stack was given, and what of it the next one is not given any more.

use super::{GuardrailState, Wanted};
use crate::observe::StackState;
use crate::scp::guardrail::GuardrailSettings;

/// The settings that a stack was given, with break-glass roles as patterns of ARNs.
pub(in crate::scp::guardrail) fn given(stack: &StackState) -> GuardrailSettings {
    let text = |name: &str| stack.parameters.get(name).map(String::as_str).unwrap_or_default();
    let list = |name: &str| text(name).split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect();
    GuardrailSettings {
        targets: list("Targets"),
        break_glass: list("BreakGlass"),
        studio: text("Studio") == "on",
        tamper: text("Tamper") == "on",
    }
}

/// What is bound or protected by the stack as it is and will not be by the stack as it is wanted.
pub(super) fn given_up(wanted: Wanted<'_>, state: &GuardrailState, stack: &StackState) -> Vec<String> {
    let (before, after) = (given(stack), wanted.guardrail);
    let mut found = Vec::new();
    let lost: Vec<String> =
        before.targets.iter().filter(|id| !after.targets.contains(id)).map(|id| state.place(id)).collect();
    if !lost.is_empty() {
        found.push(format!("not bound any more, because --scp-target does not name it: {}", lost.join(", ")));
    }
    if before.studio && !after.studio {
        found.push("public Studio domains are not denied any more, because --studio is not given".to_owned());
    }
    if before.tamper && !after.tamper {
        found.push(format!(
            "the guard is not protected any more: the policy {} goes, because --tamper-scp is not given",
            wanted.names.tamper_policy()
        ));
    }
    let roles = after.principals(wanted.names.partition);
    if before.break_glass != roles {
        let told = |roles: &[String]| if roles.is_empty() { "nobody".to_owned() } else { roles.join(", ") };
        found.push(format!("break-glass: {} -> {}", told(&before.break_glass), told(&roles)));
    }
    found
}
