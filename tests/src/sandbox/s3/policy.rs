//! Bucket policies: what is wrong with one, whom it is for, and whether it is public.

use serde_json::Value;

use crate::sandbox::refusal::Refusal;

/// The statements of a policy.
pub(super) fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(value) => value.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

/// The AWS principals of a member, or everybody as `*`.
fn named<'a>(statement: &'a Value, member: &str) -> Vec<&'a str> {
    match statement.get(member) {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(principal) => texts(principal.get("AWS")),
        None => Vec::new(),
    }
}

/// Whether a statement is for a user or role of an account.
pub(crate) fn is_for(statement: &Value, principal: &str, account: &str) -> bool {
    let fits = |name: &&str| {
        let root = name.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
        *name == "*" || *name == account || root == Some(account) || *name == principal
    };
    if statement.get("NotPrincipal").is_some() {
        return !named(statement, "NotPrincipal").iter().any(fits);
    }
    named(statement, "Principal").iter().any(fits)
}

/// Conditions with these keys make a policy that is for everybody a private one, if their values are fixed.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
const NARROW: [&str; 9] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];

/// Whether anybody at all is allowed something.
pub(super) fn is_public(policy: &str) -> bool {
    let parsed: Value = serde_json::from_str(policy).unwrap_or_default();
    statements(&parsed).into_iter().any(|statement| {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        allows && named(statement, "Principal").contains(&"*") && !is_narrow(statement)
    })
}

fn is_narrow(statement: &Value) -> bool {
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    operators.filter(|(operator, _)| !operator.contains("Not") && !operator.ends_with("IfExists")).any(|(_, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.into_iter().any(|(key, values)| {
            let fixed = |value: &&str| !value.contains(['*', '?']);
            NARROW.contains(&key.to_lowercase().as_str()) && texts(Some(values)).iter().all(fixed)
        })
    })
}

/// Checks a bucket policy as it is put.
///
/// # Errors
/// `MalformedPolicy`.
pub(crate) fn check_policy(bucket: &str, policy: &str) -> Result<(), Refusal> {
    let malformed = |message: &str| Refusal::new("MalformedPolicy", message);
    let parsed: Value = serde_json::from_str(policy)
        .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let statements = statements(&parsed);
    if statements.is_empty() || statements.iter().any(|statement| !statement.is_object()) {
        return Err(malformed("Missing required field Statement"));
    }
    for statement in statements {
        if let Some(missing) = ["Effect", "Principal", "Action", "Resource"]
            .iter()
            .find(|member| statement.get(**member).is_none() && statement.get(format!("Not{member}")).is_none())
        {
            return Err(malformed(&format!("Missing required field {missing}")));
        }
        let inside = |arn: &&str| {
            let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
            resource == bucket || resource.strip_prefix(bucket).is_some_and(|rest| rest.starts_with(['/', '*']))
        };
        if !texts(statement.get("Resource")).iter().all(inside) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(())
}

/// Refuses a public policy where Block Public Access does not let it in.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn check_blocked(settings: Option<&Value>, policy: &str) -> Result<(), Refusal> {
    let blocks = settings.and_then(|settings| settings.get("BlockPublicPolicy")?.as_bool()).unwrap_or_default();
    if !(blocks && is_public(policy)) {
        return Ok(());
    }
    let message = "You are not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the \
                   BlockPublicPolicy setting in S3 Block Public Access.";
    Err(Refusal::new("AccessDenied", message).with_status(403))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_for, is_public};

    fn policy(condition: &serde_json::Value) -> String {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*", "Condition": condition});
        json!({"Statement": statement}).to_string()
    }

    #[test]
    fn a_policy_for_everybody_is_private_only_under_a_fixed_condition() {
        assert!(is_public(&policy(&json!({}))));
        assert!(!is_public(&policy(&json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))));
        assert!(is_public(&policy(&json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x-*"}}))));
        assert!(is_public(&policy(&json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))));
    }

    #[test]
    fn principals_are_accounts_roots_roles_or_everybody() {
        let role = "arn:aws:iam::111122223333:role/r";
        let names = [json!("*"), json!({"AWS": "111122223333"}), json!({"AWS": ["arn:aws:iam::111122223333:root"]})];
        for principal in names {
            assert!(is_for(&json!({"Principal": principal}), role, "111122223333"), "{principal}");
        }
        assert!(is_for(&json!({"Principal": {"AWS": role}}), role, "111122223333"));
        assert!(!is_for(&json!({"Principal": {"AWS": "444455556666"}}), role, "111122223333"));
        assert!(!is_for(&json!({"NotPrincipal": {"AWS": role}}), role, "111122223333"));
    }
}
