//! What is looked at. The names are for programs and never change their meaning.

pub(super) const IDENTITY: &str = "identity";
pub(super) const PERMISSIONS: &str = "permissions";
pub(super) const BOUNDARY: &str = "boundary";
pub(super) const ALARM_TOPIC: &str = "alarm-topic";
pub(super) const QUOTA_ROLES: &str = "quota-roles";
pub(super) const ROLE_NAME: &str = "role-name";
pub(super) const REGION: &str = "region";
pub(super) const STACKS: &str = "stacks";
pub(super) const BUCKET: &str = "bucket";
pub(super) const FUNCTION: &str = "function";
pub(super) const RULE_NAMES: &str = "rule-names";
pub(super) const PACK_NAME: &str = "pack-name";
pub(super) const RECORDER: &str = "recorder";
pub(super) const RECORDED_TYPES: &str = "recorded-types";
pub(super) const RECORDER_ROLE: &str = "recorder-role";
pub(super) const DELIVERY_CHANNEL: &str = "delivery-channel";
pub(super) const DUPLICATES: &str = "duplicate-rules";
pub(super) const QUOTA_RULES: &str = "quota-config-rules";
pub(super) const QUOTA_PACKS: &str = "quota-conformance-packs";
pub(super) const QUOTA_STACKS: &str = "quota-stacks";
pub(super) const QUOTA_CODE: &str = "quota-code-storage";
pub(super) const CONCURRENCY: &str = "concurrency";

pub(super) const ORGANIZATION: &str = "organization";
pub(super) const ADMINISTRATOR: &str = "administrator";
pub(super) const TRUSTED_ACCESS: &str = "trusted-access";
pub(super) const PACK_ACCESS: &str = "pack-access";
pub(super) const DELEGATES: &str = "delegated-administrators";
pub(super) const ACCOUNTS: &str = "accounts";
pub(super) const TARGETS: &str = "targets";
pub(super) const MANAGEMENT: &str = "management-account";
pub(super) const STACK_SETS: &str = "stack-sets";
pub(super) const OPERATIONS: &str = "operations";
pub(super) const QUOTA_INSTANCES: &str = "quota-stack-instances";
pub(super) const QUOTA_SETS: &str = "quota-stack-sets";
pub(super) const QUOTA_ORGANIZATION_PACKS: &str = "quota-organization-packs";
pub(super) const AGGREGATOR: &str = "aggregator";
pub(super) const POLICY_TYPE: &str = "policy-type";
pub(super) const QUOTA_POLICIES: &str = "quota-policies";
pub(super) const POLICY_TARGETS: &str = "policy-targets";
pub(super) const POLICIES_IN_FORCE: &str = "policies-in-force";
pub(super) const MEMBER_RECORDERS: &str = "member-recorders";
pub(super) const LANDING_ZONE: &str = "landing-zone";

/// The topics of `--org` that an account does not have, in the order of `docs/doctor.md`.
pub const ORGANIZATION_TOPICS: [&str; 20] = [
    ORGANIZATION,
    ADMINISTRATOR,
    TRUSTED_ACCESS,
    PACK_ACCESS,
    DELEGATES,
    ACCOUNTS,
    TARGETS,
    MANAGEMENT,
    STACK_SETS,
    OPERATIONS,
    QUOTA_INSTANCES,
    QUOTA_SETS,
    QUOTA_ORGANIZATION_PACKS,
    AGGREGATOR,
    POLICY_TYPE,
    QUOTA_POLICIES,
    POLICY_TARGETS,
    POLICIES_IN_FORCE,
    MEMBER_RECORDERS,
    LANDING_ZONE,
];

/// Every topic of an account and its Regions, in the order of `docs/doctor.md`.
pub const TOPICS: [&str; 22] = [
    IDENTITY,
    PERMISSIONS,
    BOUNDARY,
    ALARM_TOPIC,
    QUOTA_ROLES,
    ROLE_NAME,
    REGION,
    STACKS,
    BUCKET,
    FUNCTION,
    RULE_NAMES,
    PACK_NAME,
    RECORDER,
    RECORDED_TYPES,
    RECORDER_ROLE,
    DELIVERY_CHANNEL,
    DUPLICATES,
    QUOTA_RULES,
    QUOTA_PACKS,
    QUOTA_STACKS,
    QUOTA_CODE,
    CONCURRENCY,
];
