//! As whom StackSets are called: every call of a delegated administrator has to say so.

use serde::{Deserialize, Serialize};

use crate::aws::AwsRefusal;

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
