//! Why a resource failed, from the service's words, and what to do about it.

use crate::aws::OF_SCP;

/// A known cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A service control policy forbids it.
    ServiceControlPolicy,
    /// The caller lacks a permission.
    Permission,
    /// The Region has no configuration recorder.
    NoRecorder,
    /// Something of that name exists and is not in the stack.
    NameTaken,
    /// The artifact cannot be read.
    Artifact,
    /// A quota is used up.
    Quota,
    /// Lambda has no such architecture in the Region.
    Architecture,
    /// AWS limits the rate of calls.
    Throttled,
    /// None of these.
    Unknown,
}

/// Words of services and what they mean. The first match counts.
const WORDS: [(&str, Trouble); 26] = [
    (OF_SCP[0], Trouble::ServiceControlPolicy),
    (OF_SCP[1], Trouble::ServiceControlPolicy),
    ("NoAvailableConfigurationRecorder", Trouble::NoRecorder),
    ("no customer managed configuration recorder", Trouble::NoRecorder),
    ("There are no customer managed configuration recorders", Trouble::NoRecorder),
    ("You must create a configuration recorder", Trouble::NoRecorder),
    ("Configuration recorder is not available", Trouble::NoRecorder),
    ("already exists", Trouble::NameTaken),
    ("AlreadyExists", Trouble::NameTaken),
    // CloudFormation looks for names that are taken before it executes a change set.
    ("ResourceExistenceCheck", Trouble::NameTaken),
    ("BucketAlreadyOwnedByYou", Trouble::NameTaken),
    ("Error occurred while GetObject", Trouble::Artifact),
    ("S3 Error Code", Trouble::Artifact),
    ("PermanentRedirect", Trouble::Artifact),
    ("NoSuchKey", Trouble::Artifact),
    ("MaxNumberOfConfigRulesExceeded", Trouble::Quota),
    ("MaxNumberOfConformancePacksExceeded", Trouble::Quota),
    ("LimitExceeded", Trouble::Quota),
    ("CodeStorageExceeded", Trouble::Quota),
    ("quota", Trouble::Quota),
    ("rchitecture", Trouble::Architecture),
    ("is not authorized to perform", Trouble::Permission),
    ("AccessDenied", Trouble::Permission),
    ("not authorized", Trouble::Permission),
    ("Rate exceeded", Trouble::Throttled),
    ("Throttling", Trouble::Throttled),
];

/// The cause behind a reason.
#[must_use]
pub fn diagnose(reason: &str) -> Trouble {
    WORDS.into_iter().find(|(words, _)| reason.contains(words)).map_or(Trouble::Unknown, |(_, trouble)| trouble)
}

impl Trouble {
    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => {
                "a service control policy forbids it: ask the organization's administrator for an exception"
            }
            Self::Permission => "`deployer render operator-policy` prints the permissions that you need",
            Self::NoRecorder => {
                "turn on AWS Config in the Region (a configuration recorder and a delivery channel), then run the same command again"
            }
            Self::NameTaken => {
                "something of that name is there already and not in our stack: remove it, or choose another --prefix"
            }
            Self::Artifact => {
                "the function's zip could not be read from the artifact bucket: run the same command again"
            }
            Self::Quota => {
                "a quota of the account is used up: remove what is not needed, or ask for more in Service Quotas"
            }
            Self::Architecture => "Lambda has no such processor in the Region: use --architecture x86_64",
            Self::Throttled => "AWS limits the rate of calls in your account: run the same command again later",
            Self::Unknown => "run the same command again; the stack's events in CloudFormation tell more",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_were_seen_are_known() {
        let seen = [
            (
                "Resource handler returned message: \"User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: lambda:CreateFunction with an explicit deny in a service control policy\"",
                Trouble::ServiceControlPolicy,
            ),
            (
                "Resource handler returned message: \"User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: lambda:CreateFunction because no service control policy allows the lambda:CreateFunction action\"",
                Trouble::ServiceControlPolicy,
            ),
            ("notebook-guard-evaluator already exists in stack arn:aws:…", Trouble::NameTaken),
            (
                "Resource handler returned message: \"Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1\"",
                Trouble::Artifact,
            ),
            (
                "There are no customer managed configuration recorders available to record resources.",
                Trouble::NoRecorder,
            ),
            ("User: x is not authorized to perform: iam:CreateRole", Trouble::Permission),
            ("Something else", Trouble::Unknown),
        ];
        for (reason, trouble) in seen {
            assert_eq!(diagnose(reason), trouble, "{reason}");
        }
    }
}
