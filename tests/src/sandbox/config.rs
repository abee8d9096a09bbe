//! AWS Config: recorder, configuration items, rules, and the compliance that the rules report.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::clock::Instant;
use super::service::Service;

mod aggregator;
mod channel;
mod compliance;
mod compliance_item;
mod evaluate;
mod evaluations;
mod history;
mod item;
mod managed;
mod notification;
mod organization_pack;
mod pack;
mod put_rule;
mod record;
mod recorder;
mod recorder_item;
mod results;
mod retention;
mod rule;
mod tags;

pub use evaluations::StoredEvaluation;
pub use item::ConfigurationItem;
pub use notification::Oversized;
pub use recorder::{RecordedTypes, RecorderState};
pub use rule::{RuleSpec, Triggers};

pub(crate) use aggregator::{
    Aggregation, Aggregator, Held, delete_at as delete_aggregator, put_at as put_aggregator, shown as shown_aggregator,
};
pub(crate) use compliance_item::note as note_compliance;
pub(crate) use evaluations::store as store_evaluation;
pub(crate) use notification::{issue_token, scheduled};
pub(crate) use organization_pack::{OrganizationPacks, advance as advance_organization_packs};
pub(crate) use pack::{delete as delete_pack, put as put_pack, textual};
pub(crate) use put_rule::{insert as insert_rule, put as put_rule};
pub(crate) use record::{Recordable, record_change, record_deletion};
pub(crate) use recorder::{set as set_recorder, set_service_linked};
pub(crate) use rule::remove as remove_rule;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "config",
    model_text: include_str!("model/config.json"),
    operations: &[
        ("DeleteConfigRule", rule::delete),
        ("DeleteConfigurationAggregator", aggregator::delete),
        ("DeleteConfigurationRecorder", recorder::delete),
        ("DeleteConformancePack", pack::delete_operation),
        ("DeleteDeliveryChannel", channel::delete),
        ("DeleteEvaluationResults", results::delete),
        ("DeleteOrganizationConformancePack", organization_pack::delete),
        ("DescribeAggregateComplianceByConfigRules", aggregator::by_rule),
        ("DescribeComplianceByConfigRule", compliance::by_rule),
        ("DescribeComplianceByResource", compliance::by_resource),
        ("DescribeConfigRuleEvaluationStatus", rule::evaluation_status),
        ("DescribeConfigRules", rule::describe),
        ("DescribeConfigurationAggregatorSourcesStatus", aggregator::status),
        ("DescribeConfigurationAggregators", aggregator::describe),
        ("DescribeConfigurationRecorderStatus", recorder::status),
        ("DescribeConfigurationRecorders", recorder::describe),
        ("DescribeConformancePackCompliance", pack::compliance),
        ("DescribeConformancePackStatus", pack::status),
        ("DescribeConformancePacks", pack::describe),
        ("DescribeDeliveryChannels", channel::describe),
        ("DescribeOrganizationConformancePackStatuses", organization_pack::statuses),
        ("DescribeOrganizationConformancePacks", organization_pack::describe),
        ("DescribeRetentionConfigurations", retention::describe),
        ("GetAggregateComplianceDetailsByConfigRule", aggregator::details),
        ("GetComplianceDetailsByConfigRule", results::by_rule),
        ("GetComplianceDetailsByResource", results::by_resource),
        ("GetComplianceSummaryByConfigRule", compliance::summary),
        ("GetOrganizationConformancePackDetailedStatus", organization_pack::detailed),
        ("GetResourceConfigHistory", history::get),
        ("ListDiscoveredResources", history::list_discovered),
        ("ListTagsForResource", tags::list),
        ("PutConfigRule", put_rule::put_config_rule),
        ("PutConfigurationAggregator", aggregator::put),
        ("PutConfigurationRecorder", recorder::put),
        ("PutConformancePack", pack::put_operation),
        ("PutDeliveryChannel", channel::put),
        ("PutEvaluations", evaluations::put),
        ("PutOrganizationConformancePack", organization_pack::put),
        ("PutRetentionConfiguration", retention::put),
        ("SelectAggregateResourceConfig", aggregator::select),
        ("StartConfigRulesEvaluation", evaluate::start),
        ("StartConfigurationRecorder", recorder::start),
        ("StopConfigurationRecorder", recorder::stop),
    ],
};

/// The type under which a rule reports on the account as a whole.
pub(crate) const ACCOUNT_TYPE: &str = "AWS::::Account";

/// What `PutConfigRule` takes of the properties that CloudFormation has.
pub(crate) const RULE_MEMBERS: [&str; 7] = [
    "ConfigRuleName",
    "Description",
    "EvaluationModes",
    "InputParameters",
    "MaximumExecutionFrequency",
    "Scope",
    "Source",
];

/// What AWS Config holds in one Region.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) recorder: Option<recorder::Recorder>,
    /// A recorder of an AWS service, as `DescribeConfigurationRecorders` shows it.
    service_linked: Option<Value>,
    /// The delivery channel, by the API's names.
    pub(crate) channel: Option<Value>,
    /// By name.
    pub(crate) rules: BTreeMap<String, rule::Rule>,
    /// Conformance packs, by name.
    pub(crate) packs: BTreeMap<String, pack::Pack>,
    /// Aggregators, by name.
    pub(crate) aggregators: BTreeMap<String, Aggregator>,
    /// For how many days items are kept, if somebody has said it.
    retention_days: Option<u64>,
    /// By type and id; oldest first.
    pub(crate) history: BTreeMap<(String, String), Vec<ConfigurationItem>>,
    /// Tags by ARN.
    tags: BTreeMap<String, Vec<Value>>,
    /// Result tokens that were given out.
    pub(crate) tokens: HashMap<String, Grant>,
    /// Types that `PutEvaluations` refuses here although the model knows them.
    pub(crate) refused_types: BTreeSet<String>,
}

/// Types whose items tell of AWS Config itself: no rule is called for them here.
pub(crate) fn is_own_type(resource_type: &str) -> bool {
    [compliance_item::COMPLIANCE_TYPE, recorder_item::RECORDER_TYPE].contains(&resource_type)
}

/// What a result token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The rule that results may be put for.
    pub(crate) rule_id: String,
    /// When the rule's function was invoked with it.
    pub(crate) invoked: Instant,
}

/// Whether AWS Config knows a resource type.
pub(crate) fn knows_type(resource_type: &str) -> bool {
    let known = SERVICE.model().map(|model| model.values("ResourceType")).unwrap_or_default();
    resource_type == ACCOUNT_TYPE || known.iter().any(|known| known == resource_type)
}
