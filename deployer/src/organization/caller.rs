//! As whom StackSets are called: every call of a delegated administrator has to say so.

use serde::{Deserialize, Serialize};

use super::model::Membership;
use crate::aws::AwsRefusal;
use crate::failure::Failure;

/// `CallAs` of CloudFormation's StackSet operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallAs {
    /// The management account (`SELF`).
    Own,
    /// A member account that is registered for StackSets (`DELEGATED_ADMIN`).
    DelegatedAdministrator,
}

/// What an account is in its organization, for StackSets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It may work with StackSets, and says so with every call.
    Administrator(CallAs),
    /// It is neither the management account nor a delegated administrator.
    Member,
    /// AWS does not tell: a plain member may not ask, and an administrator may lack the permission.
    Untold(AwsRefusal),
}

/// Says which account is needed. `what` it would be to do there: `install into it`.
pub(super) fn not_administrator(account: &str, membership: &Membership, what: &str) -> Failure {
    let Membership { id, management, .. } = membership;
    Failure::usage(format!(
        "account {account} is a plain member of organization {id}: only the management account {management} and \
         delegated administrators of StackSets can {what}; nothing was changed"
    ))
    .help(format!("use credentials of account {management}: --profile NAME"))
    .help(format!(
        "or register this account there: aws organizations register-delegated-administrator --account-id {account} \
         --service-principal {STACK_SETS_PRINCIPAL}"
    ))
}

/// The principal that delegated administrators of StackSets are registered for
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html>).
pub const STACK_SETS_PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";

impl From<CallAs> for aws_sdk_cloudformation::types::CallAs {
    fn from(call_as: CallAs) -> Self {
        match call_as {
            CallAs::Own => Self::SelfValue,
            CallAs::DelegatedAdministrator => Self::DelegatedAdmin,
        }
    }
}
