//! A call that AWS refused or that never arrived, in words that name the call and the Region.

use std::error::Error;
use std::fmt;

use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::operation::RequestId;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::session::root_cause;

/// How AWS says that a service control policy denies a call, and that none allows it; its ARN may follow
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
pub(crate) const OF_SCP: [&str; 2] = ["explicit deny in a service control policy", "no service control policy allows"];

/// Whether a code stands for a permission that the caller lacks.
pub(super) fn is_denial(code: &str) -> bool {
    matches!(code, "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden" | "403")
}

/// Whether a message names a service control policy.
pub(super) fn is_of_scp(message: &str) -> bool {
    OF_SCP.iter().any(|words| message.contains(words))
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsRefusal {
    /// Service and operation as IAM writes them: `cloudformation:DescribeStacks`.
    pub call: String,
    /// The Region that was asked.
    pub region: String,
    /// AWS's error code; none if the call never got an answer.
    pub code: Option<String>,
    /// What AWS or the network said.
    pub message: String,
    /// AWS's id of the request, for its support.
    pub request_id: Option<String>,
}

impl AwsRefusal {
    /// Whether the caller lacks a permission.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.code.as_deref().is_some_and(is_denial)
    }

    /// Whether a service control policy stands in the way.
    #[must_use]
    pub fn is_denied_by_scp(&self) -> bool {
        is_of_scp(&self.message)
    }

    /// Whether the Region is not enabled in the account: its endpoint does not know the credentials.
    #[must_use]
    pub fn is_region_disabled(&self) -> bool {
        self.code.as_deref().is_some_and(|code| {
            matches!(code, "InvalidClientTokenId" | "UnrecognizedClientException" | "OptInRequired")
        })
    }

    /// Whether the session ended while we worked.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.code
            .as_deref()
            .is_some_and(|code| matches!(code, "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired"))
    }

    /// Whether AWS asked to come back later, more often than there were attempts.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.code.as_deref().is_some_and(|code| {
            matches!(
                code,
                "Throttling" | "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" | "SlowDown"
            )
        })
    }

    /// Whether the same call may well succeed a little later: a limit of the rate, a network that is down, a fault of
    /// AWS's own.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let is_fault = |code: &str| {
            matches!(
                code,
                "InternalFailure"
                    | "InternalError"
                    | "InternalServerError"
                    | "ServiceException"
                    | "ServiceUnavailable"
                    | "ServiceUnavailableException"
                    | "RequestTimeout"
                    | "500"
                    | "502"
                    | "503"
                    | "504"
            )
        };
        self.is_throttled() || self.code.as_deref().is_none_or(is_fault)
    }

    /// What happened, without ids that differ from call to call: so that the same reason reads the same.
    #[must_use]
    pub fn words(&self) -> String {
        Self { request_id: None, ..self.clone() }.to_string()
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        if self.is_denied_by_scp() {
            "a service control policy forbids it: ask the organization's administrator for an exception".to_owned()
        } else if self.is_denied() {
            format!("allow {}; `deployer render operator-policy` prints all that is needed", self.call)
        } else if self.is_region_disabled() {
            format!("enable {} in the account, or leave it out", self.region)
        } else if self.is_expired() {
            "renew the session (aws sso login, or fresh keys), then run the same command again: it goes on where it \
             stopped"
                .to_owned()
        } else if self.is_throttled() {
            "AWS limits the rate of these calls in your account: run the same command again later".to_owned()
        } else if self.code.is_none() {
            "check the network, the proxy and AWS_ENDPOINT_URL, then run the same command again".to_owned()
        } else {
            "run the same command again; if it stays, ask AWS support with the request id".to_owned()
        }
    }
}

impl fmt::Display for AwsRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}: ", self.call, self.region)?;
        match &self.code {
            Some(code) if self.message.is_empty() => write!(f, "{code}")?,
            Some(code) => write!(f, "{code}: {}", self.message)?,
            None => write!(f, "{}", self.message)?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error for AwsRefusal {}

impl From<AwsRefusal> for Failure {
    fn from(refusal: AwsRefusal) -> Self {
        let advice = refusal.advice();
        Self::aws(refusal.to_string()).help(advice)
    }
}

/// Tells of a failed call.
pub(crate) fn refused<E, R>(call: &str, region: &str, error: &SdkError<E, R>) -> AwsRefusal
where
    E: ProvideErrorMetadata + RequestId + Error + 'static,
    R: fmt::Debug + 'static,
{
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code).map(str::to_owned);
    let message = service
        .and_then(ProvideErrorMetadata::message)
        .map_or_else(|| if code.is_some() { String::new() } else { root_cause(error) }, str::to_owned);
    AwsRefusal {
        call: call.to_owned(),
        region: region.to_owned(),
        code,
        message,
        request_id: service.and_then(RequestId::request_id).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_control_policy_forbids_is_not_the_callers_to_allow() {
        for message in [
            "not authorized to perform: config:DescribeConfigRules with an explicit deny in a service control policy",
            "not authorized to perform: config:DescribeConfigRules because no service control policy allows the \
             config:DescribeConfigRules action",
        ] {
            let refusal = AwsRefusal {
                call: "config:DescribeConfigRules".to_owned(),
                region: "eu-west-1".to_owned(),
                code: Some("AccessDeniedException".to_owned()),
                message: message.to_owned(),
                request_id: None,
            };
            assert!(refusal.is_denied() && refusal.is_denied_by_scp(), "{message}");
            assert!(refusal.advice().starts_with("a service control policy forbids it"), "{}", refusal.advice());
        }
    }

    #[test]
    fn a_session_that_ends_half_way_is_to_be_renewed() {
        for (code, advice) in [
            ("ExpiredToken", "renew the session (aws sso login"),
            ("ExpiredTokenException", "renew the session (aws sso login"),
            ("AccessDenied", "allow lambda:GetFunction"),
            ("UnrecognizedClientException", "enable eu-west-1"),
            ("Throttling", "again later"),
            ("InternalFailure", "ask AWS support"),
        ] {
            let refusal = AwsRefusal {
                call: "lambda:GetFunction".to_owned(),
                region: "eu-west-1".to_owned(),
                code: Some(code.to_owned()),
                message: String::new(),
                request_id: None,
            };
            assert!(refusal.advice().contains(advice), "{code}: {}", refusal.advice());
        }
    }
}
