//! What the guardrail is to be like.

use serde::{Deserialize, Serialize};

/// The settings of the guardrail: what `--deny-scp` and the flags beside it say, with targets as ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardrailSettings {
    /// The root, organizational units and accounts that the policies are attached to: ids, sorted, each once.
    pub targets: Vec<String>,
    /// Roles that the policies do not bind, as they were named: role names or ARNs, with `*` and `?`.
    pub break_glass: Vec<String>,
    /// Whether Studio domains have to stay in the VPC too.
    pub studio: bool,
    /// Whether the guard itself is protected. Needs the rules in a conformance pack.
    pub tamper: bool,
}

/// What the user has agreed to beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// To switch service control policies on in the organization (`--enable-policy-type`).
    pub enable_policy_type: bool,
    /// To attach to the root (`--allow-root`).
    pub allow_root: bool,
    /// To let an older version replace a newer one (`--allow-downgrade`).
    pub allow_downgrade: bool,
}

/// The least and the most of a parameter of CloudFormation that holds a list, in bytes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub const LARGEST_LIST: usize = 4_096;

impl GuardrailSettings {
    /// The principals that the policies do not bind, as patterns of ARNs.
    #[must_use]
    pub fn principals(&self, partition: &str) -> Vec<String> {
        self.break_glass.iter().map(|pattern| principal(pattern, partition)).collect()
    }
}

/// The ARN pattern of a role that was named: a name stands for the role in every account.
#[must_use]
pub fn principal(pattern: &str, partition: &str) -> String {
    if pattern.starts_with("arn:") {
        return pattern.to_owned();
    }
    format!("arn:{partition}:iam::*:role/{}", pattern.trim_start_matches('/'))
}

/// Looks whether a pattern names roles, and not everybody.
///
/// # Errors
/// What is wrong with it.
pub fn break_glass(pattern: &str) -> Result<String, String> {
    let name = match pattern.split(':').collect::<Vec<_>>().as_slice() {
        [name] => name.trim_start_matches('/'),
        ["arn", _, "iam", "", account, role] if is_account(account) => role.strip_prefix("role/").unwrap_or_default(),
        _ => "",
    };
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "+=.@_-/*?".contains(letter);
    if name.is_empty() || !name.chars().all(is_word) {
        return Err("a break-glass role is a role's name or its ARN (arn:aws:iam::*:role/NAME), with * and ?; \
                    sessions (assumed-role) are named by their role, and there are no commas in it"
            .to_owned());
    }
    if !name.chars().any(|letter| letter.is_ascii_alphanumeric()) {
        return Err("this would exempt every role, and the policies would bind nobody".to_owned());
    }
    Ok(pattern.to_owned())
}

fn is_account(text: &str) -> bool {
    text == "*" || (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_the_role_in_every_account() {
        assert_eq!(principal("BreakGlass", "aws-cn"), "arn:aws-cn:iam::*:role/BreakGlass");
        assert_eq!(principal("/ops/Emergency*", "aws"), "arn:aws:iam::*:role/ops/Emergency*");
        assert_eq!(principal("arn:aws:iam::111122223333:role/X", "aws"), "arn:aws:iam::111122223333:role/X");
    }

    #[test]
    fn what_names_no_role_or_everybody_is_refused() {
        for good in
            ["BreakGlass", "aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Emergency_*", "arn:aws:iam::*:role/B"]
        {
            assert!(break_glass(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "*/?*",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::*:user/admin",
            "arn:aws:sts::111122223333:assumed-role/Admin/me",
            "arn:aws:iam::1:role/X",
            "A,B",
            "A B",
        ] {
            assert!(break_glass(bad).is_err(), "{bad}");
        }
    }
}
