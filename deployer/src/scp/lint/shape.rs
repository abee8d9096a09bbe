//! What can be seen in the text of the statements alone: effects, actions, keys, exceptions.

use super::facts::{actions, is_key, is_key_of};
use super::{Finding, Severity};
use crate::scp::language::{Actions, Effect, Policy, Statement, action_matches};

pub(super) fn findings(policy: &Policy) -> Vec<Finding> {
    let mut found: Vec<Finding> = allow_only(policy).into_iter().chain(no_break_glass(policy)).collect();
    for (index, statement) in policy.statements.iter().enumerate() {
        let path = policy.place(index);
        found.extend(unknown_actions(statement, &path));
        found.extend(unknown_keys(statement, &path));
        found.extend(unknown_operators(statement, &path));
    }
    found
}

fn allow_only(policy: &Policy) -> Option<Finding> {
    let denies = policy.statements.iter().any(|one| one.effect == Effect::Deny);
    (!denies).then(|| {
        Finding::new(
            "allow-only",
            Severity::Warning,
            String::new(),
            "the policy only allows: beside FullAWSAccess it forbids nothing".to_owned(),
            "deny what is to be forbidden; as an allow-list it works only where FullAWSAccess is detached",
        )
    })
}

/// Keys by which a statement can except somebody.
const WHO: [&str; 6] = [
    "aws:principalarn",
    "aws:principaltag/",
    "aws:userid",
    "aws:username",
    "aws:principalorgpaths",
    "aws:principalaccount",
];

fn no_break_glass(policy: &Policy) -> Option<Finding> {
    let excepts = |one: &Statement| {
        one.conditions.iter().any(|condition| {
            let key = condition.key.to_lowercase();
            WHO.iter().any(|who| key.starts_with(who))
        })
    };
    let bare: Vec<usize> = policy
        .statements
        .iter()
        .enumerate()
        .filter(|(_, one)| one.effect == Effect::Deny && !excepts(one))
        .map(|(index, _)| index)
        .collect();
    let first = *bare.first()?;
    let which = match bare.len() {
        1 => "a statement that denies excepts nobody".to_owned(),
        count => format!("{count} statements that deny except nobody"),
    };
    Some(Finding::new(
        "no-break-glass",
        Severity::Warning,
        policy.place(first),
        format!("{which}: in an emergency only the management account can help, by detaching the policy"),
        "except a role that is watched: \"ArnNotLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:role/BreakGlass\"}",
    ))
}

fn unknown_actions(statement: &Statement, path: &str) -> Vec<Finding> {
    let name = match statement.actions {
        Actions::Only(_) => "Action",
        Actions::Except(_) => "NotAction",
    };
    let is_unknown = |pattern: &&String| {
        pattern.to_lowercase().starts_with("sagemaker:") && !actions().any(|action| action_matches(pattern, action))
    };
    let found = statement.actions.patterns().iter().filter(is_unknown).map(|pattern| {
        Finding::new(
            "unknown-action",
            Severity::Error,
            format!("{path}.{name}"),
            format!("SageMaker has no action `{pattern}`"),
            "look it up in the service authorization reference; a newer action may be missing in the list here",
        )
    });
    found.collect()
}

fn unknown_keys(statement: &Statement, path: &str) -> Vec<Finding> {
    let covered: Vec<&str> = covered(statement);
    let mut found = Vec::new();
    for condition in statement.conditions.iter().filter(|one| one.key.to_lowercase().starts_with("sagemaker:")) {
        let place = format!("{path}.Condition.{}.{}", condition.written, condition.key);
        let key = &condition.key;
        if !is_key(key) {
            let message = format!("SageMaker has no condition key `{key}`: it is never in a request");
            let fix = "look it up in the service authorization reference; a newer key may be missing in the list here";
            found.push(Finding::new("unknown-key", Severity::Error, place, message, fix));
            continue;
        }
        let without: Vec<&str> = covered.iter().copied().filter(|action| !is_key_of(key, action)).collect();
        let names_them = !statement.actions.patterns().iter().any(|pattern| pattern.ends_with('*'));
        if let Some(first) = without.first().filter(|_| names_them || without.len() == covered.len()) {
            let message = format!("`{key}` is never in a request for {first}: it is not a key of that action");
            let fix = "give the action a statement of its own, with keys that it has";
            found.push(Finding::new("key-of-other-action", Severity::Error, place, message, fix));
        }
    }
    found
}

/// The actions of SageMaker that a statement is about; none for `NotAction`, which is about too many.
fn covered(statement: &Statement) -> Vec<&'static str> {
    let Actions::Only(patterns) = &statement.actions else { return Vec::new() };
    actions().filter(|action| patterns.iter().any(|pattern| action_matches(pattern, action))).collect()
}

fn unknown_operators(statement: &Statement, path: &str) -> Vec<Finding> {
    let unknown = statement.conditions.iter().filter(|one| one.operator.is_none());
    let found = unknown.map(|condition| {
        Finding::new(
            "unknown-operator",
            Severity::Error,
            format!("{path}.Condition.{}", condition.written),
            format!("`{}` is no operator that is known here", condition.written),
            "write it as AWS does: StringEquals, ArnNotLike, BoolIfExists, ForAnyValue:StringLike, ...",
        )
    });
    found.collect()
}
