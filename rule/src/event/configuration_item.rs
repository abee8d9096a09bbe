//! A configuration item, from a notification or from the history.

use serde_json::Value;

use super::invoking_event::time;
use super::{EventError, text};
use crate::resource::{Arn, ResourceId, ResourceType};
use crate::timestamp::OrderingTimestamp;

/// The state of one resource as AWS Config recorded it. The summary of an oversized item is one without configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationItem {
    /// `resourceType`.
    pub resource_type: ResourceType,
    /// `resourceId`, letter for letter.
    pub resource_id: ResourceId,
    /// `resourceName`, if there is one.
    pub resource_name: Option<String>,
    /// `ARN`, if there is one.
    pub arn: Option<String>,
    /// `configurationItemStatus`, if there is one.
    pub status: Option<String>,
    /// `configurationItemCaptureTime`.
    pub capture_time: OrderingTimestamp,
    /// `configuration`; null where there is none.
    pub configuration: Value,
}

impl ConfigurationItem {
    /// Reads an item or a summary as events spell it. `path` says where it is, for errors.
    pub(super) fn from_event(item: &Value, path: &str) -> Result<Self, EventError> {
        let resource_type = text(item, path, "resourceType")?.into();
        let resource_id = text(item, path, "resourceId")?;
        let optional = |name| item.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            resource_type,
            resource_id: resource_id.parse().map_err(|_| EventError::Malformed {
                member: format!("{path}resourceId"),
                found: format!("{} characters long", resource_id.chars().count()),
                expected: "at most 768",
            })?,
            resource_name: optional("resourceName"),
            arn: optional("ARN"),
            status: optional("configurationItemStatus"),
            capture_time: time(item, path, "configurationItemCaptureTime")?,
            configuration: configuration(item.get("configuration")),
        })
    }

    /// Whether the resource exists and is recorded. AWS calls the other cases not applicable
    /// (<https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules-delete.html>); a status
    /// that this code does not know is one of them. An item without any status is taken as existing, because the
    /// alternative would hide it.
    #[must_use]
    pub fn exists(&self) -> bool {
        matches!(self.status.as_deref(), None | Some("OK" | "ResourceDiscovered"))
    }

    /// The name under which SageMaker knows the resource: a notebook's name, a domain's id.
    #[must_use]
    pub fn describe_name(&self) -> DescribeName {
        let is_domain = self.resource_type == ResourceType::DOMAIN;
        let member = if is_domain { "DomainId" } else { "NotebookInstanceName" };
        let configured = self.configuration.get(member).and_then(Value::as_str).map(str::to_owned);
        if let Some(text) = configured {
            return DescribeName { text, is_certain: true };
        }
        let from_arn = |text: &str| text.parse::<Arn>().ok().map(|arn| arn.last_segment().to_owned());
        let text = self
            .resource_name
            .clone()
            .filter(|name| !is_domain && !name.is_empty())
            .or_else(|| self.arn.as_deref().and_then(from_arn))
            .or_else(|| from_arn(self.resource_id.as_str()))
            .unwrap_or_else(|| self.resource_id.to_string());
        DescribeName { text, is_certain: false }
    }
}

/// A name to describe a resource by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeName {
    /// The name.
    pub text: String,
    /// Whether the configuration says it, or it was taken from an ARN, which may be in another letter case.
    pub is_certain: bool,
}

/// The history holds the configuration as a JSON text, notifications as an object.
pub(crate) fn configuration(value: Option<&Value>) -> Value {
    match value {
        Some(object @ Value::Object(_)) => object.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(object @ Value::Object(_)) => object,
            Ok(_) | Err(_) => Value::Null,
        },
        None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(extra: &Value) -> ConfigurationItem {
        let mut json = json!({"resourceType": "AWS::SageMaker::NotebookInstance",
            "resourceId": "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/mynb",
            "configurationItemCaptureTime": "2023-04-27T15:03:11.636Z"});
        let object = json.as_object_mut().unwrap();
        object.extend(extra.as_object().unwrap().clone());
        ConfigurationItem::from_event(&json, "configurationItem.").unwrap()
    }

    #[test]
    fn only_two_statuses_exist() {
        for status in ["OK", "ResourceDiscovered"] {
            assert!(item(&json!({"configurationItemStatus": status})).exists(), "{status}");
        }
        for status in ["ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded", "SomethingNew", "ok"] {
            assert!(!item(&json!({"configurationItemStatus": status})).exists(), "{status}");
        }
        assert!(item(&json!({})).exists());
    }

    #[test]
    fn the_configuration_is_an_object_or_nothing() {
        assert_eq!(item(&json!({"configuration": {"a": 1}})).configuration, json!({"a": 1}));
        assert_eq!(item(&json!({"configuration": "{\"a\": 1}"})).configuration, json!({"a": 1}));
        for nothing in [json!({}), json!({"configuration": null}), json!({"configuration": "["})] {
            assert_eq!(item(&nothing).configuration, Value::Null);
        }
    }

    #[test]
    fn the_name_comes_from_the_configuration_and_only_then_is_certain() {
        let name = |extra: &Value| {
            let name = item(extra).describe_name();
            (name.text, name.is_certain)
        };
        assert_eq!(name(&json!({})), ("mynb".into(), false));
        assert_eq!(name(&json!({"configuration": {"NotebookInstanceName": "MyNb"}})), ("MyNb".into(), true));
        assert_eq!(name(&json!({"resourceName": "MyNb"})), ("MyNb".into(), false));
        assert_eq!(name(&json!({"resourceId": "byname"})), ("byname".into(), false));
        let domain = json!({"resourceType": "AWS::SageMaker::Domain", "resourceId": "d-1", "resourceName": "studio",
            "configuration": {"DomainId": "d-1", "DomainName": "studio"}});
        assert_eq!(name(&domain), ("d-1".into(), true));
        let bare = json!({"resourceType": "AWS::SageMaker::Domain", "resourceId": "d-1", "resourceName": "studio"});
        assert_eq!(name(&bare), ("d-1".into(), false));
    }
}
