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

/// Every topic, in the order of `docs/doctor.md`.
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
