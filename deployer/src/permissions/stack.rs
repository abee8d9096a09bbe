//! What a stack of one Region needs that an organization has beside those of each account.

use super::Need::{Helpful, Required};
use super::Use::{Install, Look, Status, Uninstall};
use super::table::on;
use super::{Permission, Resource, Use};

const EVER: &[Use] = &[Look, Install, Status, Uninstall];
const WRITE: &[Use] = &[Install, Uninstall];
const INSTALL: &[Use] = &[Install];

/// Looking at it, changing it with change sets, and deleting it.
pub(super) const fn of_stack(stack: Resource) -> [Permission; 12] {
    [
        on(stack, "cloudformation:DescribeStacks", Required, EVER, "what is installed"),
        on(stack, "cloudformation:GetTemplate", Required, &[Look, Install], "the installed template"),
        on(stack, "cloudformation:ListChangeSets", Required, EVER, "a half-made stack of ours"),
        on(stack, "cloudformation:DescribeChangeSet", Required, EVER, "what would change"),
        on(stack, "cloudformation:CreateChangeSet", Required, INSTALL, "preparing a change"),
        on(stack, "cloudformation:ExecuteChangeSet", Required, INSTALL, "making it"),
        on(stack, "cloudformation:DeleteChangeSet", Required, INSTALL, "dropping it"),
        on(stack, "cloudformation:TagResource", Helpful, INSTALL, "the tags by which it is ours"),
        on(stack, "cloudformation:UntagResource", Helpful, INSTALL, "tags that are wanted no more"),
        on(stack, "cloudformation:DescribeStackEvents", Required, WRITE, "progress, and why it failed"),
        on(stack, "cloudformation:DescribeEvents", Helpful, INSTALL, "what a change set failed on"),
        on(stack, "cloudformation:DeleteStack", Required, WRITE, "removing, and what was never made"),
    ]
}
