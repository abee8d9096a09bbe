//! `invokingEvent`: a JSON text inside the event that says what happened.

use serde_json::Value;

use super::{ConfigurationItem, EventError, Message, kind, text};
use crate::timestamp::OrderingTimestamp;

const PATH: &str = "invokingEvent.";

/// Reads the message out of an event.
pub(super) fn read(event: &Value) -> Result<Message, EventError> {
    let parsed = match event.get("invokingEvent") {
        // A hand-made test event often has the object itself.
        Some(object @ Value::Object(_)) => object.clone(),
        _ => parse(text(event, "", "invokingEvent")?)?,
    };
    match text(&parsed, PATH, "messageType")? {
        "ConfigurationItemChangeNotification" => {
            ConfigurationItem::from_event(member(&parsed, "configurationItem")?, "invokingEvent.configurationItem.")
                .map(Message::Changed)
        }
        "OversizedConfigurationItemChangeNotification" => ConfigurationItem::from_event(
            member(&parsed, "configurationItemSummary")?,
            "invokingEvent.configurationItemSummary.",
        )
        .map(Message::Oversized),
        "ScheduledNotification" | "ConfigurationSnapshotDeliveryCompleted" => {
            Ok(Message::Scheduled { created: time(&parsed, PATH, "notificationCreationTime")? })
        }
        other => Err(EventError::UnknownMessageType(other.to_owned())),
    }
}

fn parse(text: &str) -> Result<Value, EventError> {
    let malformed = |found: String| EventError::Malformed {
        member: "invokingEvent".to_owned(),
        found,
        expected: "a JSON object as a text",
    };
    match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(other) => Err(malformed(kind(&other).to_owned())),
        Err(error) => Err(malformed(format!("not JSON (line {}, column {})", error.line(), error.column()))),
    }
}

fn member<'a>(object: &'a Value, name: &str) -> Result<&'a Value, EventError> {
    match object.get(name) {
        Some(item @ Value::Object(_)) => Ok(item),
        None | Some(Value::Null) => Err(EventError::Missing(format!("{PATH}{name}"))),
        Some(other) => Err(EventError::Malformed {
            member: format!("{PATH}{name}"),
            found: kind(other).to_owned(),
            expected: "an object",
        }),
    }
}

/// A time that must be there.
pub(super) fn time(object: &Value, path: &str, member: &str) -> Result<OrderingTimestamp, EventError> {
    let found = text(object, path, member)?;
    found.parse().map_err(|_| EventError::Malformed {
        member: format!("{path}{member}"),
        found: format!("`{found}`"),
        expected: "a time such as `2023-04-27T13:26:17.741Z`",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(invoking: &Value) -> Result<Message, EventError> {
        read(&json!({"invokingEvent": invoking.to_string()}))
    }

    #[test]
    fn a_snapshot_delivery_is_a_schedule() {
        let message = message(&json!({"configSnapshotId": "x", "s3ObjectKey": "k", "s3Bucket": "b",
            "notificationCreationTime": "2023-04-27T13:26:17.741Z", "recordVersion": "1.1",
            "messageType": "ConfigurationSnapshotDeliveryCompleted"}));
        assert!(matches!(message, Ok(Message::Scheduled { .. })));
    }

    #[test]
    fn an_oversized_message_needs_neither_creation_time_nor_record_version() {
        let summary = json!({"configurationItemCaptureTime": "2023-04-27T15:03:11.636Z", "resourceId": "r",
            "configurationItemStatus": "OK", "resourceType": "AWS::SageMaker::NotebookInstance", "changeType": "UPDATE"});
        let message = message(&json!({"configurationItemSummary": summary,
            "messageType": "OversizedConfigurationItemChangeNotification"}));
        assert!(matches!(message, Ok(Message::Oversized(_))));
    }

    #[test]
    fn what_is_missing_is_named_with_its_path() {
        for (invoking, says) in [
            (json!({}), "`invokingEvent.messageType`"),
            (json!({"messageType": "ConfigurationItemChangeNotification"}), "`invokingEvent.configurationItem`"),
            (
                json!({"messageType": "ConfigurationItemChangeNotification", "configurationItem": {}}),
                "`invokingEvent.configurationItem.resourceType`",
            ),
            (json!({"messageType": "ScheduledNotification"}), "`invokingEvent.notificationCreationTime`"),
            (json!({"messageType": "ScheduledNotification", "notificationCreationTime": "today"}), "`today`"),
            (json!({"messageType": "SomethingNew"}), "`SomethingNew`"),
        ] {
            let error = message(&invoking).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let error = read(&json!({"invokingEvent": "{"})).unwrap_err().to_string();
        assert!(error.contains("not JSON"), "{error}");
    }
}
