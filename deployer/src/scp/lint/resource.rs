//! Resources that an action never has: the statement looks as if it denied something, and never does.

use super::{Finding, Severity};
use crate::scp::language::{Actions, Effect, Policy, Resources, Statement};

/// What the actions on notebooks and domains are about, as the service authorization reference has it
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html>).
const TYPES: [(&str, &str); 10] = [
    ("sagemaker:CreateDomain", "domain/"),
    ("sagemaker:CreateNotebookInstance", "notebook-instance/"),
    ("sagemaker:CreatePresignedNotebookInstanceUrl", "notebook-instance/"),
    ("sagemaker:DeleteDomain", "domain/"),
    ("sagemaker:DeleteNotebookInstance", "notebook-instance/"),
    ("sagemaker:DescribeNotebookInstance", "notebook-instance/"),
    ("sagemaker:StartNotebookInstance", "notebook-instance/"),
    ("sagemaker:StopNotebookInstance", "notebook-instance/"),
    ("sagemaker:UpdateDomain", "domain/"),
    ("sagemaker:UpdateNotebookInstance", "notebook-instance/"),
];

pub(super) fn findings(policy: &Policy) -> Vec<Finding> {
    let statements = policy.statements.iter().enumerate();
    statements.flat_map(|(index, one)| of_statement(one, &policy.place(index))).collect()
}

/// Actions that are named in full: a pattern of actions may well be narrowed to some of them by their resources.
fn of_statement(statement: &Statement, path: &str) -> Vec<Finding> {
    let (Effect::Deny, Actions::Only(actions), Resources::Only(resources)) =
        (statement.effect, &statement.actions, &statement.resources)
    else {
        return Vec::new();
    };
    let known = actions.iter().filter_map(|action| TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(action)));
    let never = known.filter(|(_, kind)| !resources.iter().any(|pattern| may_match(pattern, kind)));
    let found = never.map(|(action, kind)| {
        let is = kind.trim_end_matches('/');
        Finding::new(
            "wrong-resource",
            Severity::Error,
            format!("{path}.Resource"),
            format!("{action} is never denied: it is about `{is}`, and no resource of the statement is one"),
            "write \"*\", or the ARN of what the action is about: arn:aws:sagemaker:*:*:notebook-instance/*",
        )
    });
    found.collect()
}

/// Whether a pattern of ARNs can match some resource of a type.
fn may_match(pattern: &str, kind: &str) -> bool {
    if pattern.trim_matches('*').is_empty() {
        return true;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [_, _, service, _, _, resource] = parts.as_slice() else { return pattern.contains(['*', '$']) };
    may_begin(service, "sagemaker") && may_begin(resource, kind)
}

/// Whether a pattern can match a text that begins like this.
fn may_begin(pattern: &str, text: &str) -> bool {
    let literal = pattern.split(['*', '?', '$']).next().unwrap_or_default();
    text.starts_with(literal) || literal.starts_with(text)
}
