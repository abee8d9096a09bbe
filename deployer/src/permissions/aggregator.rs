//! What the aggregator of the organization needs beside what others need, too.

use super::Need::{Helpful, Required};
use super::Use::{Install, Look, Uninstall};
use super::stack::of_stack;
use super::table::on;
use super::{Permission, Resource, Use};
use crate::aggregator::PRINCIPAL;

const WRITE: &[Use] = &[Install, Uninstall];
const INSTALL: &[Use] = &[Install];

/// What `install --org --aggregator` needs beside the table of `--org`, of the management account or a delegated
/// administrator of AWS Config.
pub const AGGREGATOR: &[&[Permission]] = &[&of_stack(Resource::AggregatorStack), OTHERS];

const OTHERS: &[Permission] = &[
    on(Resource::AggregatorRole, "iam:GetRole", Required, WRITE, "its role"),
    on(Resource::AggregatorRole, "iam:CreateRole", Required, INSTALL, "its role"),
    on(Resource::AggregatorRole, "iam:TagRole", Required, INSTALL, "its tags"),
    on(Resource::AggregatorRole, "iam:UntagRole", Helpful, INSTALL, "its tags"),
    on(
        Resource::AggregatorRole,
        "iam:AttachRolePolicy",
        Required,
        INSTALL,
        "what it may do: AWSConfigRoleForOrganizations",
    ),
    on(Resource::AggregatorRole, "iam:PassRole", Required, INSTALL, "giving it to AWS Config")
        .if_equal("iam:PassedToService", PRINCIPAL),
    on(Resource::AggregatorRole, "iam:UpdateRole", Helpful, INSTALL, "updates"),
    on(Resource::AggregatorRole, "iam:UpdateRoleDescription", Helpful, INSTALL, "updates"),
    on(Resource::AggregatorRole, "iam:UpdateAssumeRolePolicy", Helpful, INSTALL, "updates"),
    on(Resource::AggregatorRole, "iam:ListRolePolicies", Required, WRITE, "removing"),
    on(Resource::AggregatorRole, "iam:ListAttachedRolePolicies", Required, WRITE, "removing"),
    on(Resource::AggregatorRole, "iam:DetachRolePolicy", Required, WRITE, "removing"),
    on(Resource::AggregatorRole, "iam:DeleteRole", Required, WRITE, "removing"),
    on(Resource::Any, "config:DescribeConfigurationAggregators", Required, &[Look, Install], "room, and its name"),
    on(Resource::Aggregators, "config:PutConfigurationAggregator", Required, INSTALL, "the aggregator"),
    on(Resource::Aggregators, "config:TagResource", Required, INSTALL, "its tags"),
    on(Resource::Aggregators, "config:UntagResource", Helpful, INSTALL, "tags that are wanted no more"),
    on(Resource::Aggregators, "config:ListTagsForResource", Helpful, INSTALL, "its tags"),
    on(Resource::Aggregators, "config:DeleteConfigurationAggregator", Required, WRITE, "removing"),
    on(Resource::Organization, "organizations:EnableAWSServiceAccess", Required, INSTALL, "AWS Config asks for it")
        .if_equal("organizations:ServicePrincipal", PRINCIPAL),
];
