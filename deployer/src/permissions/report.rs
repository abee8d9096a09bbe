//! What a report needs beside what others need, too.

use super::Need::{Helpful, Required};
use super::Use::Report;
use super::table::on;
use super::{Permission, Resource, Use};

const REPORT_ALONE: &[Use] = &[Report];

/// Of an account: also of the role that `report --assume-role` names.
pub(super) const REPORT: &[Permission] = &[
    on(Resource::ConfigRules, "config:GetComplianceDetailsByConfigRule", Required, REPORT_ALONE, "the results"),
    on(Resource::Any, "sagemaker:ListNotebookInstances", Required, REPORT_ALONE, "what there is to judge"),
    on(Resource::Any, "sagemaker:ListDomains", Required, REPORT_ALONE, "what there is to judge"),
];

/// What `report --org` needs beside [`super::ALL`], of the account that has the aggregator or that assumes the roles.
pub const REPORT_OF_ORGANIZATION: &[Permission] = &[
    on(Resource::Any, "organizations:DescribeOrganization", Required, REPORT_ALONE, "which organization it is"),
    on(Resource::Any, "organizations:ListRoots", Helpful, REPORT_ALONE, "the accounts, their names and states"),
    on(
        Resource::Any,
        "organizations:ListOrganizationalUnitsForParent",
        Helpful,
        REPORT_ALONE,
        "the accounts, their names and states",
    ),
    on(
        Resource::Any,
        "organizations:ListAccountsForParent",
        Helpful,
        REPORT_ALONE,
        "the accounts, their names and states",
    ),
    on(Resource::Stacks, "cloudformation:DescribeStacks", Helpful, REPORT_ALONE, "the Regions of the installation"),
    on(Resource::StackSets, "cloudformation:DescribeStackSet", Helpful, REPORT_ALONE, "which checks are on"),
    on(
        Resource::StackSets,
        "cloudformation:ListStackInstances",
        Helpful,
        REPORT_ALONE,
        "whether a Region that the aggregator does not know is not enabled in an account",
    ),
    on(Resource::Any, "config:DescribeConfigurationAggregators", Required, REPORT_ALONE, "which aggregator"),
    on(
        Resource::Aggregators,
        "config:DescribeConfigurationAggregatorSourcesStatus",
        Required,
        REPORT_ALONE,
        "how well it was told",
    ),
    on(
        Resource::Aggregators,
        "config:DescribeAggregateComplianceByConfigRules",
        Required,
        REPORT_ALONE,
        "which rules have results, and where",
    ),
    on(
        Resource::Aggregators,
        "config:GetAggregateComplianceDetailsByConfigRule",
        Required,
        REPORT_ALONE,
        "the results",
    ),
    on(Resource::Aggregators, "config:SelectAggregateResourceConfig", Required, REPORT_ALONE, "what there is to judge"),
];
