//! Configuration items, in the two shapes that AWS gives them: in events and from the API.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::sandbox::clock::Instant;
use crate::sandbox::state::Place;

/// One recorded state of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationItem {
    /// `resourceType`.
    pub resource_type: String,
    /// `resourceId`.
    pub resource_id: String,
    /// `resourceName`.
    pub resource_name: Option<String>,
    /// The ARN.
    pub arn: String,
    /// `configurationItemStatus`.
    pub status: String,
    /// `configurationItemCaptureTime`.
    pub captured: Instant,
    /// `resourceCreationTime`.
    pub created: Option<Instant>,
    /// `configuration`; `None` for a deleted resource.
    pub configuration: Option<Value>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Whether the recorder records this type once a day.
    pub daily: bool,
}

impl ConfigurationItem {
    /// Whether the resource is gone.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.status == "ResourceDeleted" || self.status == "ResourceDeletedNotRecorded"
    }

    /// The item inside a change notification.
    pub(super) fn event_form(&self, place: &Place) -> Value {
        let mut form = json!({
            "relatedEvents": [],
            "relationships": [],
            "configuration": self.configuration,
            "supplementaryConfiguration": {},
            "tags": self.tags,
        });
        if let Value::Object(form) = &mut form {
            form.extend(self.notified(place));
            if self.daily {
                form.insert("recordingFrequency".to_owned(), Value::from("DAILY"));
                form.insert("configurationItemDeliveryTime".to_owned(), Value::from(self.captured.iso()));
            }
        }
        form
    }

    /// The summary inside an oversized change notification.
    pub(super) fn summary(&self, place: &Place, change_type: &str) -> Value {
        let mut form = json!({"changeType": change_type});
        if let Value::Object(form) = &mut form {
            form.extend(self.notified(place));
        }
        form
    }

    /// What an item and a summary have in common.
    fn notified(&self, place: &Place) -> Map<String, Value> {
        let form = json!({
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": self.captured.iso(),
            "configurationStateId": self.captured.0,
            "awsAccountId": place.account,
            "configurationItemStatus": self.status,
            "resourceType": self.resource_type,
            "resourceId": self.resource_id,
            "resourceName": self.resource_name,
            "ARN": self.arn,
            "awsRegion": place.region,
            "availabilityZone": self.zone(),
            "configurationStateMd5Hash": "",
            "resourceCreationTime": self.created.map(Instant::iso),
        });
        if let Value::Object(form) = form { form } else { Map::new() }
    }

    /// The item as `GetResourceConfigHistory` answers it: other names, the configuration as text, times as numbers.
    pub(super) fn api_form(&self, place: &Place) -> Value {
        let form = json!({
            "version": "1.3",
            "accountId": place.account,
            "configurationItemCaptureTime": self.captured.epoch(),
            "configurationItemStatus": self.status,
            "configurationStateId": self.captured.0.to_string(),
            "configurationItemMD5Hash": "",
            "arn": self.arn,
            "resourceType": self.resource_type,
            "resourceId": self.resource_id,
            "resourceName": self.resource_name,
            "awsRegion": place.region,
            "availabilityZone": self.zone(),
            "resourceCreationTime": self.created.map(Instant::epoch),
            "tags": self.tags,
            "relatedEvents": [],
            "relationships": [],
            "configuration": self.configuration.as_ref().map(ToString::to_string),
            "supplementaryConfiguration": {},
            "recordingFrequency": if self.daily { "DAILY" } else { "CONTINUOUS" },
            "configurationItemDeliveryTime": self.captured.epoch(),
        });
        let Value::Object(members) = form else { return form };
        Value::Object(members.into_iter().filter(|(_, member)| !member.is_null()).collect())
    }

    fn zone(&self) -> Option<&'static str> {
        if self.is_deletion() { None } else { Some("Not Applicable") }
    }
}
