//! What happened to a resource in the period.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Compliance;
use crate::evidence::Moment;

/// A line of `timeline.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineRow {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The resource's type; none if it concerns all of the account × Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The resource's id; none if it concerns all of the account × Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// When it happened or began.
    pub at: Moment,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// AWS Config captured the resource (`configurationItemCaptureTime`).
    ConfigurationItem {
        /// The item's status: `OK`, `ResourceDiscovered`, `ResourceDeleted`, ...
        status: String,
        /// Its settings, as AWS Config holds them; nothing for a resource that was deleted.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        configuration: Map<String, Value>,
    },
    /// The result of a check became another.
    Compliance {
        /// The check.
        check: String,
        /// The Config rule's name.
        rule: String,
        /// What it was; nothing if this is the first result known.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Compliance>,
        /// What it became.
        to: Compliance,
        /// What was seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotation: Option<String>,
    },
    /// Nothing is known of a time: what happened then is in no other line.
    Gap {
        /// When it ended; nothing if it lasts to the end of the period.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
        /// Why.
        reason: GapReason,
        /// More about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
}

/// Why nothing is known of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The configuration recorder was stopped.
    RecorderStopped,
    /// There was no configuration recorder, or it did not record the type.
    NotRecorded,
    /// There was no rule.
    RuleMissing,
    /// It is longer ago than AWS Config keeps items.
    NotRetained,
    /// It could not be read.
    Unread,
}

impl GapReason {
    /// It in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecorderStopped => "the recorder was stopped",
            Self::NotRecorded => "it was not recorded",
            Self::RuleMissing => "there was no rule",
            Self::NotRetained => "AWS Config no longer keeps it",
            Self::Unread => "it could not be read",
        }
    }
}
