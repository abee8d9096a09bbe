//! What somebody has changed behind the stack's back: attachments, texts, the policy type.
//!
//! What the stack was given is held against what AWS Organizations has. What the stack will be given besides is
//! CloudFormation's to do, and no drift.

use serde::{Deserialize, Serialize};

use super::given::given;
use super::{GuardrailState, TypeStatus, Wanted};
use crate::names::{Names, SETTINGS_TAG};
use crate::observe::StackState;
use crate::plan::digest;
use crate::scp::documents;
use crate::scp::guardrail::OwnPolicy;
use crate::scp::in_force::Level;
use crate::scp::language::Policy;
use crate::templates::Template;

/// One change by somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "drift")]
pub enum Drift {
    /// Service control policies were switched off, which detached all of them for good.
    SwitchedOff {
        /// The root's id.
        root: String,
    },
    /// A policy is not attached where the stack attached it.
    Detached {
        /// Its name.
        policy: String,
        /// Its id.
        id: String,
        /// The id of the root, unit or account.
        target: String,
    },
    /// A policy says something else than the stack gave it.
    TextDiffers {
        /// Its name.
        policy: String,
        /// Its id.
        id: String,
    },
}

/// The lines of a plan.
pub(in crate::scp::guardrail) fn lines(drift: &[Drift], place: &dyn Fn(&str) -> String) -> Vec<String> {
    let is_off = drift.iter().any(|one| matches!(one, Drift::SwitchedOff { .. }));
    let line = |one: &Drift| match one {
        Drift::SwitchedOff { root } => {
            Some(format!("policies were switched off on root {root}, which detached them: attach them again"))
        }
        Drift::Detached { .. } if is_off => None,
        Drift::Detached { policy, target, .. } => {
            Some(format!("policy {policy} was detached from {} by hand: attach it again", place(target)))
        }
        Drift::TextDiffers { policy, .. } => Some(format!("policy {policy} was edited by hand: put its text back")),
    };
    drift.iter().filter_map(line).collect()
}

/// The first policy that somebody deleted.
pub(super) fn gone(policies: &[OwnPolicy]) -> Option<&str> {
    policies.iter().find(|policy| policy.content.is_none()).map(|policy| policy.name.as_str())
}

/// All drift of a stack, of what is still wanted.
pub(super) fn find(wanted: Wanted<'_>, state: &GuardrailState, stack: &StackState) -> Vec<Drift> {
    let names: Vec<String> = wanted.policies().into_iter().map(|policy| policy.name).collect();
    let own = state.policies.as_deref().unwrap_or_default();
    let own: Vec<&OwnPolicy> = own.iter().filter(|policy| names.contains(&policy.name)).collect();
    let had = given(stack).targets;
    let mut found = Vec::new();
    // A type that is about to come back comes without what was attached before.
    if matches!(state.policy_type, TypeStatus::Off | TypeStatus::Pending) {
        found.push(Drift::SwitchedOff { root: state.root.clone() });
    }
    for (target, levels) in state.targets.iter().filter(|(target, _)| had.contains(target)) {
        let Ok(levels) = levels else { continue };
        let missing = own.iter().filter(|policy| !is_attached(&policy.id, levels));
        found.extend(missing.map(|policy| Drift::Detached {
            policy: policy.name.clone(),
            id: policy.id.clone(),
            target: target.clone(),
        }));
    }
    let edited = edited(stack, &own, wanted.names);
    found.extend(edited.map(|policy| Drift::TextDiffers { policy: policy.name.clone(), id: policy.id.clone() }));
    found
}

fn is_attached(policy: &str, levels: &[Level]) -> bool {
    levels.last().is_some_and(|level| level.policies.iter().any(|attached| attached.id == policy))
}

/// The policies that say something else than the stack's parameters make of the template. Another version's template is
/// not known here; the update that replaces it puts all texts.
pub(in crate::scp::guardrail) fn edited<'a>(
    stack: &StackState,
    own: &'a [&'a OwnPolicy],
    names: Names<'_>,
) -> impl Iterator<Item = &'a OwnPolicy> {
    // The tag tells the template without reading it, which `status` may not be allowed to.
    let is_ours = stack.tags.get(SETTINGS_TAG) == Some(&digest(Template::Guardrail, &stack.parameters));
    let role_path = stack.parameters.get("RolePath").map(String::as_str).unwrap_or_default();
    let texts = if is_ours { documents::all(&given(stack), names, role_path) } else { Vec::new() };
    own.iter().copied().filter(move |policy| {
        let text = texts.iter().find(|text| text.name == policy.name);
        let content = policy.content.as_deref();
        text.zip(content).is_some_and(|(text, content)| !says_the_same(&text.document.text(false), content))
    })
}

/// Whether two texts are the same policy: white space, the order of members, and a list of one say nothing.
fn says_the_same(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let mut policy = Policy::parse(text).ok()?;
        policy.is_single = false;
        for statement in &mut policy.statements {
            statement.conditions.sort_by(|one, other| (&one.written, &one.key).cmp(&(&other.written, &other.key)));
        }
        Some(policy)
    };
    read(one).is_some_and(|one| read(other) == Some(one))
}
