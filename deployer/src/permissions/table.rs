//! The table. Groups are in the order of an installation.

use super::Need::{Helpful, Required};
use super::Use::{Evidence, Install, Look, Report, Status, Uninstall};
use super::evidence::EVIDENCE;
use super::report::REPORT;
use super::stack::of_stack;
use super::{Condition, Mode, Need, Permission, Resource, Use};
use crate::managed_pack::PRINCIPAL;

/// Everything that an operator needs, each action with each kind of resource once.
pub const ALL: &[&[Permission]] = &[WHO, STACKS, BUCKET, ROLE, FUNCTION, LOGS, RULES, PACK, ALARMS, REPORT, EVIDENCE];

pub(super) const fn on(
    on: Resource,
    action: &'static str,
    need: Need,
    uses: &'static [Use],
    why: &'static str,
) -> Permission {
    Permission { action, on, need, uses, mode: Mode::Any, why, condition: None }
}

impl Permission {
    const fn only(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    pub(super) const fn if_equal(mut self, key: &'static str, value: &'static str) -> Self {
        self.condition = Some(Condition { key, value });
        self
    }
}

const LOOK: &[Use] = &[Look];
const EVER: &[Use] = &[Look, Install, Status, Uninstall];
/// Every command, also those that only read results.
const ALWAYS: &[Use] = &[Look, Install, Status, Uninstall, Report];
const WRITE: &[Use] = &[Install, Uninstall];
const INSTALL: &[Use] = &[Install];
const READ: &[Use] = &[Look, Status, Report];
/// Every command that looks at what is installed.
const SEE: &[Use] = &[Look, Install, Status, Uninstall, Evidence];
const SEE_OR_REPORT: &[Use] = &[Look, Install, Status, Uninstall, Evidence, Report];
const STATUS: &[Use] = &[Status];
const UNINSTALL: &[Use] = &[Uninstall];

const WHO: &[Permission] = &[
    on(Resource::Any, "sts:GetCallerIdentity", Helpful, ALWAYS, "account and partition; AWS allows it to everybody"),
    on(Resource::Any, "ec2:DescribeRegions", Helpful, ALWAYS, "--region all, and whether a Region is enabled"),
    on(Resource::Any, "iam:GetAccountSummary", Helpful, LOOK, "room for roles"),
    on(Resource::AnyCaller, "iam:SimulatePrincipalPolicy", Helpful, LOOK, "what the caller may do"),
    on(
        Resource::AnyRole,
        "iam:GetRole",
        Helpful,
        LOOK,
        "the caller's role with its path, and roles that have our names",
    ),
    on(Resource::Boundary, "iam:GetPolicy", Helpful, LOOK, "whether the boundary exists").only(Mode::Boundary),
    on(Resource::Any, "config:DescribeConfigurationRecorders", Helpful, READ, "what is recorded"),
    on(Resource::Any, "config:DescribeConfigurationRecorderStatus", Helpful, READ, "whether it is recorded"),
    on(Resource::Any, "config:DescribeDeliveryChannels", Helpful, LOOK, "where records go"),
    on(Resource::Any, "lambda:GetAccountSettings", Helpful, LOOK, "room for the function"),
    on(Resource::Any, "cloudformation:ListStacks", Helpful, LOOK, "room for the stacks"),
    on(Resource::Any, "cloudformation:DescribeAccountLimits", Helpful, LOOK, "room for the stacks"),
];

const STACKS: &[Permission] = &[
    on(Resource::Stacks, "cloudformation:DescribeStacks", Required, SEE_OR_REPORT, "what is installed"),
    on(Resource::Stacks, "cloudformation:GetTemplate", Required, &[Look, Install], "the installed template"),
    on(Resource::Stacks, "cloudformation:ListChangeSets", Required, EVER, "half-made stacks of ours"),
    on(Resource::Stacks, "cloudformation:DescribeChangeSet", Required, EVER, "what would change"),
    on(Resource::Stacks, "cloudformation:CreateChangeSet", Required, INSTALL, "preparing a change"),
    on(Resource::Stacks, "cloudformation:ExecuteChangeSet", Required, INSTALL, "making it"),
    on(Resource::Stacks, "cloudformation:DeleteChangeSet", Required, INSTALL, "dropping it"),
    on(Resource::Stacks, "cloudformation:TagResource", Helpful, INSTALL, "the tags by which a stack is ours"),
    on(Resource::Stacks, "cloudformation:UntagResource", Helpful, INSTALL, "tags that are wanted no more"),
    on(Resource::Stacks, "cloudformation:DescribeStackEvents", Required, WRITE, "progress, and why it failed"),
    on(Resource::Stacks, "cloudformation:DescribeEvents", Helpful, INSTALL, "what a change set failed on"),
    on(Resource::Stacks, "cloudformation:ContinueUpdateRollback", Helpful, INSTALL, "--repair"),
    on(Resource::Stacks, "cloudformation:DeleteStack", Required, WRITE, "removing, and what was never made"),
    on(Resource::Stacks, "cloudformation:ListStackResources", Required, UNINSTALL, "what is in a stack"),
    on(Resource::Stacks, "cloudformation:DetectStackDrift", Helpful, STATUS, "status --drift"),
    on(Resource::Stacks, "cloudformation:DetectStackResourceDrift", Helpful, STATUS, "status --drift"),
    on(Resource::Any, "cloudformation:BatchDescribeTypeConfigurations", Helpful, STATUS, "status --drift"),
    on(Resource::Any, "cloudformation:DescribeStackDriftDetectionStatus", Helpful, STATUS, "status --drift"),
    on(Resource::Stacks, "cloudformation:DescribeStackResourceDrifts", Helpful, STATUS, "status --drift"),
];

const BUCKET: &[Permission] = &[
    on(Resource::Buckets, "s3:ListBucket", Required, EVER, "whether bucket and artifact are there"),
    on(
        Resource::Artifacts,
        "s3:GetObject",
        Required,
        &[Look, Install, Status, Evidence],
        "Lambda and we read the artifact",
    ),
    on(Resource::Artifacts, "s3:PutObject", Required, INSTALL, "upload"),
    on(Resource::Buckets, "s3:CreateBucket", Required, INSTALL, "the bucket"),
    on(Resource::Buckets, "s3:PutBucketTagging", Required, INSTALL, "its tags"),
    on(Resource::Buckets, "s3:TagResource", Helpful, INSTALL, "its tags"),
    on(Resource::Buckets, "s3:UntagResource", Helpful, INSTALL, "its tags"),
    on(Resource::Buckets, "s3:PutEncryptionConfiguration", Required, INSTALL, "its encryption"),
    on(Resource::Buckets, "s3:PutBucketOwnershipControls", Required, INSTALL, "no access lists"),
    on(Resource::Buckets, "s3:PutBucketPublicAccessBlock", Required, INSTALL, "never public"),
    on(Resource::Buckets, "s3:PutBucketVersioning", Required, INSTALL, "its versions"),
    on(Resource::Buckets, "s3:PutLifecycleConfiguration", Required, INSTALL, "what of it expires"),
    on(Resource::Buckets, "s3:GetBucketPolicy", Required, WRITE, "TLS only"),
    on(Resource::Buckets, "s3:PutBucketPolicy", Required, INSTALL, "TLS only"),
    on(Resource::Buckets, "s3:DeleteBucketPolicy", Required, WRITE, "removing"),
    on(Resource::Buckets, "s3:GetBucketTagging", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:ListTagsForResource", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetEncryptionConfiguration", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetBucketOwnershipControls", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetBucketPublicAccessBlock", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetBucketVersioning", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetLifecycleConfiguration", Helpful, INSTALL, "adopting a bucket that was kept"),
    on(Resource::Buckets, "s3:GetBucketTagging", Required, UNINSTALL, "whether a bucket without a stack is ours"),
    on(Resource::Buckets, "s3:ListBucketVersions", Required, UNINSTALL, "emptying it"),
    on(Resource::Artifacts, "s3:DeleteObject", Required, UNINSTALL, "emptying it"),
    on(Resource::Artifacts, "s3:DeleteObjectVersion", Required, UNINSTALL, "emptying it"),
    on(Resource::Buckets, "s3:DeleteBucket", Required, WRITE, "removing"),
];

const ROLE: &[Permission] = &[
    on(Resource::Roles, "iam:GetRole", Required, WRITE, "the function's role"),
    on(Resource::Roles, "iam:CreateRole", Required, INSTALL, "the function's role"),
    on(Resource::Roles, "iam:TagRole", Required, INSTALL, "its tags"),
    on(Resource::Roles, "iam:UntagRole", Helpful, INSTALL, "its tags"),
    on(Resource::Roles, "iam:GetRolePolicy", Required, INSTALL, "what it may do"),
    on(Resource::Roles, "iam:PutRolePolicy", Required, INSTALL, "what it may do"),
    on(Resource::Roles, "iam:PassRole", Required, INSTALL, "giving it to the function")
        .if_equal("iam:PassedToService", "lambda.amazonaws.com"),
    on(Resource::Roles, "iam:UpdateRole", Helpful, INSTALL, "updates"),
    on(Resource::Roles, "iam:UpdateRoleDescription", Helpful, INSTALL, "updates"),
    on(Resource::Roles, "iam:UpdateAssumeRolePolicy", Helpful, INSTALL, "updates"),
    on(Resource::Roles, "iam:PutRolePermissionsBoundary", Helpful, INSTALL, "updates").only(Mode::Boundary),
    on(Resource::Roles, "iam:ListRolePolicies", Required, WRITE, "removing"),
    on(Resource::Roles, "iam:ListAttachedRolePolicies", Required, WRITE, "removing"),
    // A creation that fails is rolled back, so that an installation has to be able to remove.
    on(Resource::Roles, "iam:DeleteRolePolicy", Required, WRITE, "removing"),
    on(Resource::Roles, "iam:DeleteRole", Required, WRITE, "removing"),
];

const FUNCTION: &[Permission] = &[
    on(Resource::Function, "lambda:GetFunctionConfiguration", Required, SEE, "which code runs"),
    on(Resource::Function, "lambda:GetFunction", Required, WRITE, "the function"),
    on(Resource::Function, "lambda:CreateFunction", Required, INSTALL, "the function"),
    on(Resource::Function, "lambda:UpdateFunctionCode", Required, INSTALL, "updates"),
    on(Resource::Function, "lambda:UpdateFunctionConfiguration", Required, INSTALL, "updates"),
    on(Resource::Function, "lambda:TagResource", Required, INSTALL, "its tags"),
    on(Resource::Function, "lambda:UntagResource", Helpful, INSTALL, "its tags"),
    on(Resource::Function, "lambda:ListTags", Helpful, ALWAYS, "its tags, and whether a StackSet made it"),
    on(Resource::SetStacks, "cloudformation:DescribeStacks", Helpful, ALWAYS, "who installed from the organization"),
    on(Resource::Function, "lambda:GetFunctionCodeSigningConfig", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::Function, "lambda:GetFunctionRecursionConfig", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::Function, "lambda:GetRuntimeManagementConfig", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::Function, "lambda:GetFunctionScalingConfig", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::Function, "lambda:AddPermission", Required, INSTALL, "AWS Config may invoke it"),
    on(Resource::Function, "lambda:GetPolicy", Required, WRITE, "AWS Config may invoke it"),
    on(Resource::Function, "lambda:PutFunctionEventInvokeConfig", Required, INSTALL, "how long a change is kept"),
    on(Resource::Function, "lambda:UpdateFunctionEventInvokeConfig", Helpful, INSTALL, "how long a change is kept"),
    on(Resource::Function, "lambda:GetFunctionEventInvokeConfig", Helpful, INSTALL, "how long a change is kept"),
    on(Resource::Function, "lambda:DeleteFunctionEventInvokeConfig", Required, WRITE, "removing"),
    on(Resource::Function, "lambda:RemovePermission", Required, WRITE, "removing"),
    on(Resource::Function, "lambda:DeleteFunction", Required, WRITE, "removing"),
];

const LOGS: &[Permission] = &[
    on(Resource::Any, "logs:DescribeLogGroups", Required, WRITE, "the function's log"),
    on(Resource::LogGroup, "logs:CreateLogGroup", Required, INSTALL, "the function's log"),
    on(Resource::LogGroup, "logs:PutRetentionPolicy", Required, INSTALL, "how long it is kept"),
    on(Resource::LogGroup, "logs:TagResource", Required, INSTALL, "its tags"),
    on(Resource::LogGroup, "logs:UntagResource", Helpful, INSTALL, "its tags"),
    on(Resource::LogGroup, "logs:ListTagsForResource", Helpful, INSTALL, "its tags"),
    on(Resource::LogGroup, "logs:GetDataProtectionPolicy", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::Any, "logs:DescribeIndexPolicies", Helpful, INSTALL, "the handler looks at it"),
    on(Resource::LogGroup, "logs:DeleteLogGroup", Required, WRITE, "removing"),
];

const RULES: &[Permission] = &[
    on(Resource::Any, "config:DescribeConfigRules", Required, ALWAYS, "the rules, and room for them"),
    on(Resource::ConfigRules, "config:PutConfigRule", Required, INSTALL, "the rules").only(Mode::Rules),
    on(Resource::Any, "config:DescribeComplianceByConfigRule", Helpful, INSTALL, "the handler looks at it")
        .only(Mode::Rules),
    on(Resource::ConfigRules, "config:DeleteConfigRule", Required, WRITE, "removing").only(Mode::Rules),
    on(Resource::Any, "config:DescribeConfigRuleEvaluationStatus", Required, &[Status, Report], "last results"),
    on(Resource::Any, "config:DescribeComplianceByConfigRule", Required, STATUS, "last results"),
];

const PACK: &[Permission] = &[
    on(Resource::Any, "config:DescribeConformancePacks", Required, EVER, "the pack, and room for it").only(Mode::Pack),
    on(Resource::Any, "config:DescribeConformancePackStatus", Required, &[Install, Status], "whether it is made")
        .only(Mode::Pack),
    on(Resource::Any, "config:DescribeConformancePackStatus", Required, UNINSTALL, "that none is left"),
    on(Resource::Pack, "config:DescribeConformancePackCompliance", Required, STATUS, "the names of its rules")
        .only(Mode::Pack),
    on(Resource::Pack, "config:PutConformancePack", Required, INSTALL, "the pack").only(Mode::Pack),
    on(Resource::Pack, "config:TagResource", Required, INSTALL, "its tags").only(Mode::Pack),
    on(Resource::Pack, "config:UntagResource", Helpful, WRITE, "its tags").only(Mode::Pack),
    on(Resource::Pack, "config:ListTagsForResource", Helpful, INSTALL, "its tags").only(Mode::Pack),
    on(Resource::Pack, "config:DeleteConformancePack", Required, WRITE, "removing").only(Mode::Pack),
    on(Resource::PackServiceRole, "iam:CreateServiceLinkedRole", Helpful, INSTALL, "the first pack of the account")
        .only(Mode::Pack)
        .if_equal("iam:AWSServiceName", "config-conforms.amazonaws.com"),
];

const ALARMS: &[Permission] = &[
    on(Resource::Any, "cloudwatch:DescribeAlarms", Required, INSTALL, "the alarms").only(Mode::Alarms),
    on(Resource::Any, "cloudwatch:DescribeAlarms", Required, &[Status, Uninstall], "the alarms, and that none is left"),
    on(Resource::Alarms, "cloudwatch:PutMetricAlarm", Required, INSTALL, "the alarms").only(Mode::Alarms),
    on(Resource::Alarms, "cloudwatch:TagResource", Required, INSTALL, "their tags").only(Mode::Alarms),
    on(Resource::Alarms, "cloudwatch:UntagResource", Helpful, INSTALL, "their tags").only(Mode::Alarms),
    on(Resource::Alarms, "cloudwatch:ListTagsForResource", Helpful, INSTALL, "their tags").only(Mode::Alarms),
    on(Resource::Alarms, "cloudwatch:DeleteAlarms", Required, WRITE, "removing").only(Mode::Alarms),
];

/// What `--managed-rules-pack` needs beside [`ALL`], of the management account or a delegated administrator.
pub const MANAGED_PACK: &[Permission] = &[
    on(Resource::Any, "config:DescribeOrganizationConformancePacks", Required, EVER, "the organization's pack"),
    on(Resource::Any, "config:DescribeOrganizationConformancePackStatuses", Required, EVER, "how it stands"),
    on(
        Resource::OrganizationPacks,
        "config:GetOrganizationConformancePackDetailedStatus",
        Required,
        &[Install, Status, Uninstall],
        "how it stands in each account",
    ),
    on(Resource::OrganizationPacks, "config:PutOrganizationConformancePack", Required, INSTALL, "the pack"),
    on(Resource::OrganizationPacks, "config:DeleteOrganizationConformancePack", Required, UNINSTALL, "removing"),
    on(Resource::Any, "organizations:ListDelegatedAdministrators", Required, EVER, "AWS Config asks who the caller is"),
    on(Resource::Organization, "organizations:EnableAWSServiceAccess", Required, INSTALL, "the first pack enables it")
        .if_equal("organizations:ServicePrincipal", PRINCIPAL),
    on(Resource::MultiAccountServiceRole, "iam:GetRole", Helpful, INSTALL, "the first pack of the account"),
    on(
        Resource::MultiAccountServiceRole,
        "iam:CreateServiceLinkedRole",
        Required,
        INSTALL,
        "the first pack of the account",
    )
    .if_equal("iam:AWSServiceName", PRINCIPAL),
];

/// The condition key by which AWS Organizations tells policies apart, and our kind.
const SCP: (&str, &str) = ("organizations:PolicyType", "SERVICE_CONTROL_POLICY");

/// An action of AWS Organizations on service control policies and nothing else.
const fn scp(action: &'static str, need: Need, uses: &'static [Use], why: &'static str) -> Permission {
    on(Resource::Organization, action, need, uses, why).if_equal(SCP.0, SCP.1)
}

/// What `--deny-scp` needs beside [`ALL`], of the management account or an account that AWS Organizations lets manage
/// policies. `scp test --scp-target` needs what looking needs.
pub const DENY_SCP: &[&[Permission]] = &[POLICIES, &of_stack(Resource::GuardrailStack)];

const POLICIES: &[Permission] = &[
    on(Resource::Any, "organizations:ListRoots", Required, &[Look, Install], "whether service control policies are on"),
    on(Resource::Any, "organizations:ListParents", Helpful, LOOK, "what is above a target: scp test"),
    scp("organizations:ListPoliciesForTarget", Required, LOOK, "what is in force on the targets"),
    scp("organizations:DescribePolicy", Required, &[Look, Install, Status], "what it says"),
    scp("organizations:ListPolicies", Required, &[Look, Install], "whether a name is taken"),
    scp("organizations:EnablePolicyType", Helpful, INSTALL, "--enable-policy-type"),
    scp("organizations:CreatePolicy", Required, INSTALL, "the policies"),
    scp("organizations:UpdatePolicy", Required, INSTALL, "changing them"),
    scp("organizations:AttachPolicy", Required, INSTALL, "attaching them"),
    scp("organizations:DetachPolicy", Required, WRITE, "targets that are wanted no more"),
    scp("organizations:DeletePolicy", Required, WRITE, "removing them"),
    scp("organizations:ListTargetsForPolicy", Required, &[Install, Status, Uninstall], "what they are attached to"),
    scp("organizations:ListTagsForResource", Required, INSTALL, "their tags"),
    scp("organizations:TagResource", Required, INSTALL, "their tags"),
    scp("organizations:UntagResource", Helpful, INSTALL, "tags that are wanted no more"),
];

/// The principal of StackSets in the management account.
const STACK_SETS: &str = "stacksets.cloudformation.amazonaws.com";

/// What `--org` needs beside [`ALL`], of the management account or a delegated administrator of StackSets. `retry` needs
/// what installing needs.
pub const ORGANIZATION: &[Permission] = &[
    on(Resource::Any, "organizations:DescribeOrganization", Required, EVER, "which organization it is"),
    on(Resource::Any, "organizations:ListRoots", Required, EVER, "the tree of units"),
    on(Resource::Any, "organizations:ListOrganizationalUnitsForParent", Required, EVER, "the tree of units"),
    on(Resource::Any, "organizations:ListAccountsForParent", Required, EVER, "the accounts and their states"),
    on(Resource::Any, "organizations:ListDelegatedAdministrators", Required, EVER, "as whom StackSets are called"),
    on(Resource::Any, "organizations:ListAWSServiceAccessForOrganization", Helpful, LOOK, "trusted access"),
    on(Resource::Any, "organizations:ListPoliciesForTarget", Helpful, LOOK, "policies that stand in the way"),
    on(Resource::Any, "organizations:DescribePolicy", Helpful, LOOK, "what they say"),
    on(
        Resource::Any,
        "cloudformation:DescribeOrganizationsAccess",
        Required,
        &[Look, Install, Status],
        "whether StackSets may work",
    ),
    on(Resource::Any, "cloudformation:ListStackSets", Required, EVER, "StackSets of our names"),
    on(Resource::StackSets, "cloudformation:DescribeStackSet", Required, EVER, "what is installed"),
    on(Resource::StackSets, "cloudformation:ListStackSetOperations", Required, EVER, "what runs"),
    on(Resource::StackSets, "cloudformation:ListStackInstances", Required, EVER, "who is covered"),
    on(Resource::StackSets, "cloudformation:DescribeStackSetOperation", Required, WRITE, "following an operation"),
    on(Resource::StackSets, "cloudformation:ListStackSetOperationResults", Required, INSTALL, "what it did"),
    on(Resource::StackSets, "cloudformation:StopStackSetOperation", Helpful, INSTALL, "stopping one, after a question"),
    on(Resource::NewStackSet, "cloudformation:CreateStackSet", Required, INSTALL, "the StackSets"),
    on(Resource::StackSets, "cloudformation:TagResource", Helpful, INSTALL, "the tags by which they are ours"),
    on(Resource::StackSets, "cloudformation:UntagResource", Helpful, INSTALL, "tags that are wanted no more"),
    on(Resource::StackSets, "cloudformation:CreateStackInstances", Required, INSTALL, "covering accounts, retry"),
    on(Resource::StackSets, "cloudformation:UpdateStackSet", Required, WRITE, "upgrades, automatic deployment"),
    on(Resource::StackSets, "cloudformation:DeleteStackInstances", Required, UNINSTALL, "removing"),
    on(Resource::StackSets, "cloudformation:DeleteStackSet", Required, UNINSTALL, "removing"),
    on(
        Resource::Organization,
        "cloudformation:ActivateOrganizationsAccess",
        Helpful,
        INSTALL,
        "--enable-trusted-access",
    ),
    on(Resource::Organization, "organizations:EnableAWSServiceAccess", Helpful, INSTALL, "--enable-trusted-access")
        .if_equal("organizations:ServicePrincipal", "member.org.stacksets.cloudformation.amazonaws.com"),
    on(Resource::StackSetsServiceRole, "iam:CreateServiceLinkedRole", Helpful, INSTALL, "--enable-trusted-access")
        .if_equal("iam:AWSServiceName", STACK_SETS),
    on(
        Resource::Any,
        "config:DescribeOrganizationConformancePacks",
        Required,
        &[Status, Uninstall],
        "whether there is a pack of ours",
    ),
    on(Resource::GuardrailStack, "cloudformation:DescribeStacks", Required, EVER, "whether there are policies of ours"),
    on(Resource::GuardrailStack, "cloudformation:ListChangeSets", Required, UNINSTALL, "a half-made stack of ours"),
    on(
        Resource::AggregatorStack,
        "cloudformation:DescribeStacks",
        Required,
        &[Status, Uninstall],
        "whether there is an aggregator of ours",
    ),
    on(Resource::AggregatorStack, "cloudformation:ListChangeSets", Required, UNINSTALL, "a half-made stack of ours"),
    on(Resource::Any, "config:DescribeConfigurationAggregators", Required, STATUS, "whether it is there"),
    on(Resource::Stacks, "cloudformation:CreateChangeSet", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Stacks, "cloudformation:ExecuteChangeSet", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Stacks, "cloudformation:DeleteChangeSet", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Stacks, "cloudformation:TagResource", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutBucketTagging", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutBucketVersioning", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutEncryptionConfiguration", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutBucketPublicAccessBlock", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutBucketOwnershipControls", Required, UNINSTALL, "the record, when only Regions go"),
    on(Resource::Buckets, "s3:PutLifecycleConfiguration", Required, UNINSTALL, "the record, when only Regions go"),
];
