//! Who may do what: policies as IAM evaluates them, and denials that a test has scripted.
//!
//! Of conditions, the operators `StringEquals` and `StringLike` are known.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Who says no to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denier {
    /// Nobody allows it.
    Nobody,
    /// A policy of the caller denies it.
    Statement,
    /// The caller's permissions boundary does not allow it.
    Boundary,
    /// A service control policy of the organization denies it.
    Organization,
}

/// An action that a test wants denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    /// `service:Action`, with `*` and `?`.
    pub(crate) action: String,
    pub(crate) by: Denier,
}

/// What the people of an account may do.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    /// The policies of the administrator and its sessions.
    pub(crate) policies: Vec<Value>,
    /// Managed policies by ARN.
    pub(crate) managed: BTreeMap<String, Value>,
    pub(crate) denials: Vec<Denial>,
}

impl Permissions {
    /// What an administrator has.
    pub(crate) fn administrator() -> Self {
        Self { policies: vec![everything()], managed: BTreeMap::new(), denials: Vec::new() }
    }

    /// Whether the account is known to be in an organization.
    pub(crate) fn in_organization(&self) -> bool {
        self.denials.iter().any(|denial| denial.by == Denier::Organization)
    }

    /// A managed policy: the account's own, or one of AWS.
    pub(crate) fn managed(&self, arn: &str) -> Option<Value> {
        let name = arn.split_once(":iam::aws:policy/").map(|(_, name)| name);
        match name {
            None => self.managed.get(arn).cloned(),
            Some("AdministratorAccess") => Some(everything()),
            Some("ReadOnlyAccess") => Some(statement(&["*:Describe*", "*:Get*", "*:List*", "s3:HeadBucket"])),
            Some(_) => None,
        }
    }

    /// Whether there is a managed policy. AWS has hundreds, of which only some can be evaluated here.
    pub(crate) fn has_managed(&self, arn: &str) -> bool {
        arn.contains(":iam::aws:policy/") || self.managed.contains_key(arn)
    }

    /// Who denies an action, of the scripted ones.
    pub(crate) fn denied(&self, action: &str) -> Option<Denier> {
        self.denials.iter().find(|denial| like(&denial.action, action)).map(|denial| denial.by)
    }

    /// Whether the administrator's policies refuse an action on whatever resource.
    pub(crate) fn refuses(&self, action: &str) -> Option<Denier> {
        refuse(&self.policies, action)
    }
}

/// Whether policies refuse an action on whatever resource.
pub(super) fn refuse(policies: &[Value], action: &str) -> Option<Denier> {
    let (mut allowed, mut denied) = (false, false);
    for statement in policies.iter().flat_map(statements) {
        if !covers(statement, "Action", action, true) {
            continue;
        }
        if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
            denied |= covers(statement, "Resource", "*", false) && statement.get("Condition").is_none();
        } else {
            allowed = true;
        }
    }
    match (denied, allowed) {
        (true, _) => Some(Denier::Statement),
        (false, false) => Some(Denier::Nobody),
        (false, true) => None,
    }
}

fn everything() -> Value {
    statement(&["*"])
}

fn statement(actions: &[&str]) -> Value {
    serde_json::json!({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    })
}

/// What policies say of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub(crate) word: &'static str,
    /// Keys of conditions that nothing was said of.
    pub(crate) missing: BTreeSet<String>,
}

impl Decision {
    pub(crate) fn is_allowed(&self) -> bool {
        self.word == "allowed"
    }
}

/// Evaluates policies.
pub(crate) fn decide(
    policies: &[Value],
    action: &str,
    resource: &str,
    context: &BTreeMap<String, Vec<String>>,
) -> Decision {
    let (mut allowed, mut denied, mut missing) = (false, false, BTreeSet::new());
    for statement in policies.iter().flat_map(statements) {
        let fits = covers(statement, "Action", action, true) && covers(statement, "Resource", resource, false);
        if !fits || !holds(statement.get("Condition"), context, &mut missing) {
            continue;
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Deny") => denied = true,
            _ => allowed = true,
        }
    }
    let word = match (denied, allowed) {
        (true, _) => "explicitDeny",
        (false, true) => "allowed",
        (false, false) => "implicitDeny",
    };
    Decision { word, missing }
}

pub(super) fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value.as_array() {
        Some(items) => items.iter().filter_map(Value::as_str).collect(),
        None => value.as_str().into_iter().collect(),
    }
}

/// Whether `Action` or `Resource` of a statement, or what it excepts, covers something.
pub(super) fn covers(statement: &Value, member: &str, wanted: &str, any_case: bool) -> bool {
    let fits = |patterns: &Value| {
        texts(patterns).iter().any(|pattern| {
            if any_case { like(&pattern.to_lowercase(), &wanted.to_lowercase()) } else { like(pattern, wanted) }
        })
    };
    match (statement.get(member), statement.get(format!("Not{member}"))) {
        (Some(patterns), _) => fits(patterns),
        (None, Some(patterns)) => !fits(patterns),
        (None, None) => false,
    }
}

pub(super) fn holds(
    condition: Option<&Value>,
    context: &BTreeMap<String, Vec<String>>,
    missing: &mut BTreeSet<String>,
) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flatten();
    let mut holds = true;
    for (operator, keys) in operators {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            let Some(given) = context.get(&key.to_lowercase()) else {
                missing.insert(key.clone());
                holds = false;
                continue;
            };
            let fits = |value: &String| match operator.as_str() {
                "StringEquals" => texts(wanted).contains(&value.as_str()),
                "StringLike" | "ArnLike" => texts(wanted).iter().any(|pattern| like(pattern, value)),
                _ => false,
            };
            holds &= given.iter().any(fits);
        }
    }
    holds
}

/// Whether a text fits a pattern with `*` and `?`.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = pattern.get(first.len_utf8()..).unwrap_or_default();
    match first {
        '*' => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(rest, text.get(at..).unwrap_or_default()))
        }
        '?' => text.chars().next().is_some_and(|letter| like(rest, text.get(letter.len_utf8()..).unwrap_or_default())),
        _ => text.strip_prefix(first).is_some_and(|text| like(rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::decide;

    #[test]
    fn a_deny_wins_and_nothing_said_is_no() {
        let policies = [json!({"Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a*"},
            {"Effect": "Deny", "NotAction": ["s3:Get?bject", "s3:PutObject"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
             "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
            {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/x"},
        ]})];
        let word = |action: &str, resource: &str| decide(&policies, action, resource, &BTreeMap::new()).word;
        assert_eq!(word("s3:getobject", "arn:aws:s3:::abc/k"), "allowed");
        assert_eq!(word("s3:GetObject", "arn:aws:s3:::b"), "implicitDeny");
        assert_eq!(word("s3:DeleteObject", "arn:aws:s3:::a"), "explicitDeny");
        assert_eq!(word("s3:PutObject", "arn:aws:s3:::a/x"), "explicitDeny");
    }

    #[test]
    fn a_condition_needs_its_key() {
        let policies = [json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}})];
        let without = decide(&policies, "s3:GetObject", "*", &BTreeMap::new());
        assert_eq!((without.word, without.missing.len()), ("implicitDeny", 1));
        let context = BTreeMap::from([("aws:principalorgid".to_owned(), vec!["o-1".to_owned()])]);
        assert!(decide(&policies, "s3:GetObject", "*", &context).is_allowed());
    }
}
