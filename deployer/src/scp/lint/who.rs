//! Exceptions that except everybody, or nobody.

use super::{Finding, Severity};
use crate::scp::language::{Base, Condition, Effect, Policy, like};

/// Roles that nobody means when naming one: a pattern that matches all of them names everybody.
const ANY_ROLE: [&str; 2] = ["111122223333:role/qzx7Kw", "444455556666:role/team/some_other-role"];

pub(super) fn findings(policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, statement) in policy.statements.iter().enumerate() {
        let of_key = |one: &&Condition| one.key.eq_ignore_ascii_case("aws:PrincipalArn");
        for condition in statement.conditions.iter().filter(of_key) {
            let path = format!("{}.Condition.{}.{}", policy.place(index), condition.written, condition.key);
            found.extend(of_sessions(condition, &path));
            if statement.effect == Effect::Deny {
                found.extend(of_everybody(condition, &path));
            }
        }
    }
    found
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
fn of_sessions(condition: &Condition, path: &str) -> Option<Finding> {
    let is_session = |value: &&String| value.starts_with("arn:") && value.contains(":assumed-role/");
    let value = condition.values.iter().find(is_session)?;
    Some(Finding::new(
        "session-arn",
        Severity::Error,
        path.to_owned(),
        format!("`{value}` never matches: for a session, {} is the ARN of its role", condition.key),
        "write the role: arn:aws:iam::*:role/NAME, with its path if it has one",
    ))
}

fn of_everybody(condition: &Condition, path: &str) -> Option<Finding> {
    let base = condition.operator?.base;
    let is_arn = matches!(base, Base::ArnNotLike | Base::ArnNotEquals);
    let is_everybody = |value: &&String| is_everybody(value, is_arn);
    let values = condition.values.iter().filter(|_| is_arn || base == Base::StringNotLike);
    let value = values.into_iter().find(is_everybody)?;
    Some(Finding::new(
        "excepts-everybody",
        Severity::Error,
        path.to_owned(),
        format!("`{value}` is every role: the statement binds nobody who has one"),
        "name the roles that are to be excepted: arn:aws:iam::*:role/BreakGlass",
    ))
}

fn is_everybody(pattern: &str, is_arn: bool) -> bool {
    let partition = pattern.split(':').nth(1).filter(|part| !part.contains('*')).unwrap_or("aws");
    ANY_ROLE.iter().all(|role| like(pattern, &format!("arn:{partition}:iam::{role}"), is_arn))
}
