//! What is behind a reason, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aws::OF_SCP;
use crate::stacks::{Trouble, diagnose};

/// What is behind a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// AWS Config has no recorder there.
    NoRecorder,
    /// A service control policy forbids it.
    DeniedByScp,
    /// The account or the administrator account has not enabled the Region.
    RegionDisabled,
    /// Lambda could not read the function's zip.
    ArtifactUnreadable,
    /// Something of that name is there already.
    NameClash,
    /// A quota of the account is used up.
    Quota,
    /// The role that StackSets works with is not there.
    NoRole,
    /// The stack is protected against deletion.
    Protected,
    /// The stack is in a state that no update gets it out of.
    Stuck,
    /// Something forbids it that is no service control policy.
    NotPermitted,
    /// AWS limits the rate of calls.
    Throttled,
    /// It was left out, because too much failed before.
    ToleranceExceeded,
    /// It was left out, because somebody stopped the operation.
    Stopped,
    /// It was left out, because the account is suspended or closed.
    SkippedSuspended,
    /// There was nothing to do, which is as good as done.
    NothingToDo,
    /// None of these.
    Other,
}

/// Words of StackSets, the first match counts. What is not here is a word of the service that failed.
const WORDS: [(&str, Cause); 31] = [
    // Before everything else: the words after it are those of the refused call.
    (OF_SCP[0], Cause::DeniedByScp),
    (OF_SCP[1], Cause::DeniedByScp),
    ("denied by a service control policy", Cause::DeniedByScp),
    ("No updates are to be performed", Cause::NothingToDo),
    ("failure tolerance", Cause::ToleranceExceeded),
    ("Cancelled since", Cause::Stopped),
    ("Cancelled due to", Cause::Stopped),
    ("operation was stopped", Cause::Stopped),
    ("operation has been stopped", Cause::Stopped),
    ("account is suspended", Cause::SkippedSuspended),
    ("account is closed", Cause::SkippedSuspended),
    ("SUSPENDED", Cause::SkippedSuspended),
    ("suspended account", Cause::SkippedSuspended),
    ("trust relationship", Cause::NoRole),
    ("cannot be assumed", Cause::NoRole),
    ("trusted access", Cause::NoRole),
    ("not authorized to perform: sts:AssumeRole", Cause::NoRole),
    ("is not a member of your organization", Cause::NoRole),
    ("TerminationProtection", Cause::Protected),
    ("termination protection", Cause::Protected),
    ("InvalidClientTokenId", Cause::RegionDisabled),
    ("UnrecognizedClientException", Cause::RegionDisabled),
    ("security token included in the request is invalid", Cause::RegionDisabled),
    ("OptInRequired", Cause::RegionDisabled),
    ("STS is not activated in this region", Cause::RegionDisabled),
    ("egion is not enabled", Cause::RegionDisabled),
    ("egion is disabled", Cause::RegionDisabled),
    ("state and can not be updated", Cause::Stuck),
    ("state and cannot be updated", Cause::Stuck),
    ("Cannot exceed quota", Cause::Quota),
    ("has been exceeded", Cause::Quota),
];

impl Cause {
    /// The cause behind CloudFormation's words.
    #[must_use]
    pub fn of(reason: &str) -> Self {
        if let Some((_, cause)) = WORDS.into_iter().find(|(words, _)| reason.contains(words)) {
            return cause;
        }
        // `Region eu-south-2 is not enabled`: the name stands between the words.
        if reason.contains("egion") && (reason.contains("is not enabled") || reason.contains("opted in")) {
            return Self::RegionDisabled;
        }
        match diagnose(reason) {
            Trouble::ServiceControlPolicy => Self::DeniedByScp,
            Trouble::NoRecorder => Self::NoRecorder,
            Trouble::NameTaken => Self::NameClash,
            Trouble::Artifact => Self::ArtifactUnreadable,
            Trouble::Quota => Self::Quota,
            Trouble::Permission => Self::NotPermitted,
            Trouble::Throttled => Self::Throttled,
            Trouble::Architecture | Trouble::Unknown => Self::Other,
        }
    }

    /// Whether there is nothing to be done about it, because all is well.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::NothingToDo
    }

    /// Whether it was only left out, because of something else.
    #[must_use]
    pub fn is_consequence(self) -> bool {
        matches!(self, Self::ToleranceExceeded | Self::Stopped)
    }

    /// A few words for it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NoRecorder => "no configuration recorder",
            Self::DeniedByScp => "denied by a service control policy",
            Self::RegionDisabled => "Region not enabled",
            Self::ArtifactUnreadable => "artifact not readable",
            Self::NameClash => "name taken",
            Self::Quota => "quota used up",
            Self::NoRole => "no role for StackSets",
            Self::Protected => "protected against deletion",
            Self::Stuck => "stack cannot be updated",
            Self::NotPermitted => "not permitted",
            Self::Throttled => "throttled",
            Self::ToleranceExceeded => "left out after other failures",
            Self::Stopped => "left out, operation stopped",
            Self::SkippedSuspended => "account suspended",
            Self::NothingToDo => "nothing to do",
            Self::Other => "other",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(self) -> &'static str {
        match self {
            Self::NoRecorder => {
                "turn on AWS Config there (a configuration recorder and a delivery channel), then run deployer retry"
            }
            Self::DeniedByScp => {
                "look at the service control policies from the root down to the account, let the role stacksets-exec-* \
                 through, then run deployer retry"
            }
            Self::RegionDisabled => {
                "enable the Region in the account and in the administrator account, or leave it out, then run deployer \
                 retry"
            }
            Self::ArtifactUnreadable => {
                "the zip has to be in the artifact bucket of the Region and readable by the organization: run deployer \
                 install --org again"
            }
            Self::NameClash => {
                "remove what has our name and is in no stack of ours, or choose another --prefix, then run deployer \
                 retry"
            }
            Self::Quota => "remove what is not needed, or ask for more in Service Quotas, then run deployer retry",
            Self::NoRole => {
                "trusted access of StackSets has to be on, and the account a member of the organization: run deployer \
                 doctor --org"
            }
            Self::Protected => "ask who protects the stack, take the protection away, then run the same command again",
            Self::Stuck => "look at the stack in the account: it has to be repaired or deleted there",
            Self::NotPermitted => {
                "a boundary or a policy on the role stacksets-exec-* forbids it: allow it, then run deployer retry"
            }
            Self::Throttled => "run deployer retry",
            Self::ToleranceExceeded => "solve the failures before it, then run deployer retry",
            Self::Stopped => "run deployer retry when it may go on",
            Self::SkippedSuspended => "nothing: a suspended account runs no notebooks",
            Self::NothingToDo => "nothing",
            Self::Other => "look at the reason, solve it, then run deployer retry",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as people reported them, shortened at their ends.
    const SEEN: [(&str, Cause); 38] = [
        (
            "ResourceLogicalId:Rule, ResourceType:AWS::Config::ConfigRule, ResourceStatusReason:Resource handler returned message: \"There are no customer managed configuration recorders available to record resources. (Service: Config, Status Code: 400)\"",
            Cause::NoRecorder,
        ),
        ("NoAvailableConfigurationRecorderException", Cause::NoRecorder),
        (
            "ResourceLogicalId:Rule, ResourceType:AWS::Config::ConfigRule, ResourceStatusReason:You must create a configuration recorder before you can create or update a Config rule.",
            Cause::NoRecorder,
        ),
        (
            "User: arn:aws:sts::111122223333:assumed-role/stacksets-exec-0123/AWSCloudFormation is not authorized to perform: iam:CreateRole on resource: role x with an explicit deny in a service control policy",
            Cause::DeniedByScp,
        ),
        (
            "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler returned message: \"User is not authorized to perform: lambda:CreateFunction with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-x/service_control_policy/p-y (Service: Lambda, Status Code: 403)\"",
            Cause::DeniedByScp,
        ),
        (
            "Resource handler returned message: \"User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1::parameter/x because no service control policy allows the ssm:GetParameter action\"",
            Cause::DeniedByScp,
        ),
        ("S3 Error Code: AccessDenied. with an explicit deny in a service control policy", Cause::DeniedByScp),
        ("InvalidClientTokenId: The security token included in the request is invalid", Cause::RegionDisabled),
        (
            "The security token included in the request is invalid. (Service: AmazonCloudFormation; Status Code: 403; Error Code: InvalidClientTokenId)",
            Cause::RegionDisabled,
        ),
        ("Region eu-south-2 is not enabled for account 111122223333", Cause::RegionDisabled),
        ("Account 111122223333 is not opted in to the region me-south-1", Cause::RegionDisabled),
        (
            "STS is not activated in this region for account:111122223333. Your account administrator can activate STS in this region using the IAM Console.",
            Cause::RegionDisabled,
        ),
        ("Account 111122223333 is not a member of your organization", Cause::NoRole),
        ("OptInRequired: You are not subscribed to this service", Cause::RegionDisabled),
        (
            "ResourceLogicalId:FlowLogActivator, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler returned message: \"Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1. Please use this region to retry the request\"",
            Cause::ArtifactUnreadable,
        ),
        (
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
            Cause::ArtifactUnreadable,
        ),
        (
            "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for b/k. S3 Error Code: AccessDenied. S3 Error Message: Access Denied (Service: Lambda, Status Code: 403)",
            Cause::ArtifactUnreadable,
        ),
        (
            "ResourceLogicalId:LogGroup, ResourceType:AWS::Logs::LogGroup, ResourceStatusReason:Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with identifier '{\"/properties/LogGroupName\":\"/notebook-guard/evaluator\"}' already exists.\" (HandlerErrorCode: AlreadyExists)",
            Cause::NameClash,
        ),
        (
            "notebook-guard-eu-west-1 already exists in stack arn:aws:cloudformation:eu-west-1:1:stack/x/y",
            Cause::NameClash,
        ),
        ("EntityAlreadyExists: Role with name x already exists.", Cause::NameClash),
        (
            "Resource handler returned message: \"The maximum number of config rules is exceeded: LimitExceededException\"",
            Cause::Quota,
        ),
        ("Cannot exceed quota for RolesPerAccount: 1000", Cause::Quota),
        ("MaxNumberOfConfigRulesExceededException", Cause::Quota),
        ("CodeStorageExceededException", Cause::Quota),
        ("Limit for stack has been exceeded", Cause::Quota),
        ("Cancelled since failure tolerance has exceeded", Cause::ToleranceExceeded),
        ("Cancelled since the operation was stopped by the user", Cause::Stopped),
        (
            "Account 123456789012 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.",
            Cause::NoRole,
        ),
        (
            "Account 123456789012 should have 'stacksets-exec-0123' role with trust relationship to Role 'AWSServiceRoleForCloudFormationStackSetsOrgAdmin'.",
            Cause::NoRole,
        ),
        ("Stack [x] cannot be deleted while TerminationProtection is enabled", Cause::Protected),
        ("Stack:arn:aws:x is in ROLLBACK_COMPLETE state and can not be updated.", Cause::Stuck),
        ("No updates are to be performed.", Cause::NothingToDo),
        ("The account is suspended", Cause::SkippedSuspended),
        ("Rate exceeded (Service: AmazonCloudFormation; Status Code: 400; Error Code: Throttling)", Cause::Throttled),
        (
            "User: x is not authorized to perform: logs:CreateLogGroup because no permissions boundary allows it",
            Cause::NotPermitted,
        ),
        ("Server-side encryption is not enabled", Cause::Other),
        ("Something nobody has seen yet", Cause::Other),
        ("", Cause::Other),
    ];

    #[test]
    fn reasons_that_were_seen_are_known() {
        for (reason, cause) in SEEN {
            assert_eq!(Cause::of(reason), cause, "{reason}");
        }
    }
}
