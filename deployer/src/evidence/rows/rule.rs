//! A Config rule of an account × Region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A line of `rules.jsonl`: a Config rule as AWS Config defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleRow {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The Config rule's name.
    pub rule: String,
    /// The rule's ARN.
    pub arn: String,
    /// The check of ours that it runs.
    pub check: String,
    /// `ACTIVE`, `DELETING`, `DELETING_RESULTS` or `EVALUATING`.
    pub state: String,
    /// The ARN of the function that judges.
    pub function: String,
    /// `InputParameters`.
    pub parameters: BTreeMap<String, String>,
    /// What triggers it: `ConfigurationItemChangeNotification`, `ScheduledNotification`, ...
    pub message_types: Vec<String>,
    /// `MaximumExecutionFrequency`, if it has a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<String>,
    /// The resource types of its scope; none if it has no scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_types: Vec<String>,
}
