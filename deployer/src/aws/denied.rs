//! Calls that the caller was not allowed, as the sentences about them say, and what to do about all of them at once.

use std::collections::BTreeSet;

use super::refusal::{is_denial, is_of_scp};
use crate::stack_set::normalized;

const ASSUME: &str = "sts:AssumeRole";

/// The calls, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Denied {
    calls: BTreeSet<String>,
}

impl Denied {
    /// Keeps the call that a sentence is about, if it was not allowed.
    pub(crate) fn hear(&mut self, sentence: &str) {
        if let Some(call) = denied_call(sentence).filter(|call| !self.calls.contains(*call)) {
            self.calls.insert(call.to_owned());
        }
    }

    /// Those of another as well.
    pub(crate) fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
    }

    /// What to do about them; `purpose` is the operator policy's.
    pub(crate) fn advice(&self, purpose: &str) -> Option<String> {
        let calls: Vec<&str> = self.calls.iter().map(String::as_str).filter(|call| *call != ASSUME).collect();
        let policy = format!("`deployer render operator-policy --purpose {purpose}` prints what has to be allowed");
        let mut advice = Vec::new();
        if !calls.is_empty() {
            advice.push(format!("allow {} there: {policy}", calls.join(", ")));
        }
        if self.calls.contains(ASSUME) {
            advice.push("the role has to be in each account, and its trust policy has to name the caller".to_owned());
        }
        (!advice.is_empty()).then(|| advice.join("; "))
    }
}

/// What a sentence about something that could not be read has in common with others of its kind, whatever account,
/// Region or resource they are about.
pub(crate) fn kind(sentence: &str) -> String {
    match (denied_call(sentence), call(sentence)) {
        (Some(call), _) => call.to_owned(),
        (None, Some((call, told))) => format!("{call}: {}", normalized(told)),
        (None, None) => normalized(sentence),
    }
}

/// The call that a sentence is about, if the caller lacks the permission for it. A policy of the organization is not
/// the caller's to change.
fn denied_call(sentence: &str) -> Option<&str> {
    let (call, told) = call(sentence)?;
    let code = told.split([':', ' ']).next().unwrap_or_default();
    (is_denial(code) && !is_of_scp(told)).then_some(call)
}

/// The call that a sentence tells of (`config:DescribeConfigRules in eu-west-1: AccessDenied: …`), and what came of it.
fn call(sentence: &str) -> Option<(&str, &str)> {
    sentence.match_indices(" in ").find_map(|(at, between)| {
        let call = sentence.get(..at)?.rsplit(' ').next()?;
        let (service, operation) = call.split_once(':')?;
        let is_call = !service.is_empty() && operation.starts_with(|letter: char| letter.is_ascii_uppercase());
        let (_, told) = sentence.get(at + between.len()..)?.split_once(": ")?;
        is_call.then_some((call, told))
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_config::error::{ErrorMetadata, SdkError};
    use aws_sdk_config::operation::describe_config_rules::DescribeConfigRulesError;

    use super::super::refused;
    use super::*;

    #[test]
    fn a_call_that_was_not_allowed_is_known_by_its_sentence() {
        let told = |code: &str, message: &str| {
            let service = ErrorMetadata::builder().code(code).message(message).build();
            let error: SdkError<_, ()> = SdkError::service_error(DescribeConfigRulesError::generic(service), ());
            refused("config:DescribeConfigRules", "eu-west-1", &error).to_string()
        };
        let call = Some("config:DescribeConfigRules");
        assert_eq!(denied_call(&told("AccessDeniedException", "not authorized in this account")), call);
        assert_eq!(denied_call(&format!("nb in team: settings: {}", told("AccessDenied", ""))), call);
        assert_eq!(denied_call(&told("ThrottlingException", "AccessDenied")), None);
        for scp in ["with an explicit deny in a service control policy", "because no service control policy allows it"]
        {
            assert_eq!(denied_call(&told("AccessDeniedException", scp)), None, "{scp}");
        }
        assert_eq!(denied_call("account 1 in eu-west-1: AccessDenied"), None);
        assert_eq!(denied_call(""), None);
    }

    #[test]
    fn what_differs_by_resource_and_request_is_of_one_kind() {
        let told = |name: &str, end: &str| {
            format!("{name}: settings: config:GetResourceConfigHistory in eu-west-1: ThrottlingException: Rate{end}")
        };
        let ids =
            [" (request 5e1c3a0e-0f0e-4f2c-9d1b-000000000001)", " (request 5e1c3a0e-0f0e-4f2c-9d1b-000000000002)"];
        assert_eq!(kind(&told("nb", ids[0])), kind(&told("other", ids[1])));
        assert_ne!(kind(&told("nb", "")), kind("config:GetResourceConfigHistory in eu-west-1: InternalError"));
        let denied = |of: &str| format!("config:DescribeConfigRules in r: AccessDenied: not authorized on {of}");
        assert_eq!(kind(&denied("a")), kind(&denied("b")));
        assert_eq!(kind("account 111122223333 is alone"), kind("account 444455556666 is alone"));
    }

    #[test]
    fn the_advice_is_one_sentence_for_all_of_them() {
        let mut denied = Denied::default();
        assert_eq!(denied.advice("report"), None);
        for sentence in [
            "nb: config:GetResourceConfigHistory in r: AccessDenied: a",
            "other: config:GetResourceConfigHistory in s: AccessDenied: b",
            "config:DescribeConfigRules in r: AccessDenied",
            "the recorder was off",
        ] {
            denied.hear(sentence);
        }
        assert_eq!(
            denied.advice("evidence").as_deref(),
            Some(
                "allow config:DescribeConfigRules, config:GetResourceConfigHistory there: `deployer render \
                 operator-policy --purpose evidence` prints what has to be allowed"
            )
        );
        let mut role = Denied::default();
        role.hear("role Audit cannot be assumed: sts:AssumeRole in us-east-1: AccessDenied: no");
        assert!(role.advice("report").is_some_and(|advice| advice.starts_with("the role has to be")));
        denied.add(role);
        assert!(denied.advice("report").is_some_and(|advice| advice.contains("; the role")));
    }
}
