//! As whom StackSets are called: every call of a delegated administrator has to say so.

use serde::{Deserialize, Serialize};

/// `CallAs` of CloudFormation's StackSet operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallAs {
    /// The management account (`SELF`).
    Own,
    /// A member account that is registered for StackSets (`DELEGATED_ADMIN`).
    DelegatedAdministrator,
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
