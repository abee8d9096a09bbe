//! The event of an invocation: wire JSON in, [`Invocation`] out.
//!
//! Lenient: any optional member may be missing, null or newer than this code, and unknown members are ignored. Precise
//! in what it needs: an error names the member. The public `aws_lambda_events::ConfigEvent` was not used, because it
//! refuses an event without `eventLeftScope` and drops `evaluationMode`.

mod configuration_item;
mod invoking_event;

pub use configuration_item::ConfigurationItem;
#[cfg(feature = "network")]
pub(crate) use configuration_item::configuration;

use std::fmt;

use serde_json::Value;

use crate::resource::AccountId;
use crate::timestamp::OrderingTimestamp;

/// One invocation of a custom rule.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// What AWS Config says.
    pub message: Message,
    /// The parameters as passed, still to be read by [`crate::parameters::RuleParameters::read`].
    pub rule_parameters: Option<Value>,
    /// The token that `PutEvaluations` wants back.
    pub result_token: ResultToken,
    /// The account that owns the rule.
    pub account: AccountId,
    /// The rule's name, where the event has one.
    pub rule_name: Option<String>,
    /// Whether the resource left the scope of the rule.
    pub left_scope: bool,
    /// How AWS Config evaluates.
    pub mode: EvaluationMode,
}

/// What AWS Config says to the rule.
#[derive(Debug, Clone)]
pub enum Message {
    /// `ConfigurationItemChangeNotification`: a resource changed, and this is its state.
    Changed(ConfigurationItem),
    /// `OversizedConfigurationItemChangeNotification`: it changed, and its state has to be fetched.
    Oversized(ConfigurationItem),
    /// `ScheduledNotification` or `ConfigurationSnapshotDeliveryCompleted`: judge everything.
    Scheduled {
        /// When the notification was made.
        created: OrderingTimestamp,
    },
}

/// `evaluationMode` of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluationMode {
    /// Resources that exist. Also when the event says nothing.
    Detective,
    /// Resources that are about to be made, or any mode that this code does not know: nothing is ever called stale.
    Proactive,
}

/// The token that stands for rule and event in `PutEvaluations`. It is a credential of sorts: its text is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultToken(String);

impl ResultToken {
    /// The token as it was passed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is the conventional token of a local test, which asks for `TestMode`.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.0 == "TESTMODE"
    }
}

impl fmt::Debug for ResultToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResultToken(…)")
    }
}

/// Why an event cannot be worked on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// A member that is needed is missing, null or empty.
    #[error("the event has no `{0}`")]
    Missing(String),
    /// A member has the wrong form.
    #[error("`{member}` of the event is {found}: {expected} is expected")]
    Malformed {
        /// The member, with its path.
        member: String,
        /// What was there; never a token or a configuration.
        found: String,
        /// What should have been there.
        expected: &'static str,
    },
    /// A message of a kind that no rule gets.
    #[error("`invokingEvent.messageType` is `{0}`, which a Config rule does not get")]
    UnknownMessageType(String),
}

impl Invocation {
    /// Reads an event.
    ///
    /// # Errors
    /// [`EventError`], naming the member that is missing or malformed.
    pub fn read(event: &Value) -> Result<Self, EventError> {
        let account = text(event, "", "accountId")?;
        let account = account.parse().map_err(|_| EventError::Malformed {
            member: "accountId".to_owned(),
            found: format!("`{account}`"),
            expected: "an account id of twelve digits",
        })?;
        let result_token = ResultToken(text(event, "", "resultToken")?.to_owned());
        let message = invoking_event::read(event)?;
        Ok(Self {
            message,
            rule_parameters: event.get("ruleParameters").cloned(),
            result_token,
            account,
            rule_name: event.get("configRuleName").and_then(Value::as_str).map(str::to_owned),
            left_scope: event.get("eventLeftScope").is_some_and(is_true),
            mode: match event.get("evaluationMode").and_then(Value::as_str) {
                None | Some("DETECTIVE") => EvaluationMode::Detective,
                Some(_) => EvaluationMode::Proactive,
            },
        })
    }
}

fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true) || value.as_str() == Some("true")
}

/// A text that must be there. `path` says where the object is, for the error.
fn text<'a>(object: &'a Value, path: &str, member: &str) -> Result<&'a str, EventError> {
    let name = format!("{path}{member}");
    match object.get(member) {
        None | Some(Value::Null) => Err(EventError::Missing(name)),
        Some(Value::String(text)) if text.is_empty() => Err(EventError::Missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(EventError::Malformed { member: name, found: kind(other).to_owned(), expected: "a text" }),
    }
}

/// The kind of a JSON value, for errors that must not show the value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scheduled() -> Value {
        let invoking = json!({"awsAccountId": "123456789012", "messageType": "ScheduledNotification",
            "notificationCreationTime": "2023-04-27T13:26:17.741Z", "recordVersion": "1.0"});
        json!({"invokingEvent": invoking.to_string(), "resultToken": "token", "accountId": "123456789012"})
    }

    #[test]
    fn three_members_are_enough() {
        let invocation = Invocation::read(&scheduled()).unwrap();
        assert!(matches!(invocation.message, Message::Scheduled { .. }));
        assert!(!invocation.left_scope);
        assert_eq!(invocation.mode, EvaluationMode::Detective);
        assert_eq!(invocation.rule_name, None);
    }

    #[test]
    fn a_missing_member_is_named() {
        for member in ["invokingEvent", "resultToken", "accountId"] {
            for nothing in [None, Some(Value::Null), Some(json!(""))] {
                let mut event = scheduled();
                let object = event.as_object_mut().unwrap();
                match nothing {
                    None => object.remove(member),
                    Some(value) => object.insert(member.to_owned(), value),
                };
                assert_eq!(Invocation::read(&event).unwrap_err(), EventError::Missing(member.to_owned()));
            }
        }
    }

    #[test]
    fn an_account_id_of_thirteen_digits_is_refused_by_name() {
        let mut event = scheduled();
        event["accountId"] = json!("0123456789012");
        let error = Invocation::read(&event).unwrap_err().to_string();
        assert!(error.contains("`accountId`") && error.contains("0123456789012"), "{error}");
    }

    #[test]
    fn unknown_members_and_newer_modes_are_borne() {
        let mut event = scheduled();
        event["version"] = json!("2.0");
        event["somethingNew"] = json!({"a": [1]});
        event["evaluationMode"] = json!("PREDICTIVE");
        event["eventLeftScope"] = Value::Null;
        let invocation = Invocation::read(&event).unwrap();
        assert_eq!(invocation.mode, EvaluationMode::Proactive);
        assert!(!invocation.left_scope);
    }

    #[test]
    fn the_token_is_never_shown() {
        let invocation = Invocation::read(&scheduled()).unwrap();
        assert!(!format!("{invocation:?}").contains("\"token\""));
        let mut event = scheduled();
        event["resultToken"] = json!(["secret"]);
        assert!(!Invocation::read(&event).unwrap_err().to_string().contains("secret"));
    }
}
