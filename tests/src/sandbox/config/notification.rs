//! What AWS Config sends to a rule's function: the notification, and the envelope around it.

use serde_json::{Value, json};

use super::rule::Rule;
use super::{ConfigurationItem, Grant};
use crate::sandbox::lambda::Delivery;
use crate::sandbox::state::{Ambient, Place, Region};

/// Whether change notifications are sent in the oversized form, which has a summary in place of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Oversized {
    /// No.
    #[default]
    No,
    /// Yes, with `notificationCreationTime`, `recordVersion` and `s3DeliverySummary`, as SNS receives it.
    Full,
    /// Yes, with nothing but the summary and the message type, as AWS's sample event for functions has it.
    Bare,
}

/// A change to tell the rules of.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) item: ConfigurationItem,
    pub(super) before: Option<ConfigurationItem>,
    pub(super) diff: Value,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub(super) kind: &'static str,
}

/// Sends a change to every rule whose trigger and scope ask for it.
pub(super) fn notify(region: &mut Region, ambient: &mut Ambient, change: &Change) {
    let oversized = ambient.settings.oversized != Oversized::No;
    let wanted =
        if oversized { "OversizedConfigurationItemChangeNotification" } else { "ConfigurationItemChangeNotification" };
    let concerned = |rule: &&Rule| rule.wants(wanted) && left_scope(rule, change).is_some();
    let rules: Vec<(String, bool)> = region
        .config
        .rules
        .values()
        .filter(concerned)
        .map(|rule| (rule.name.clone(), left_scope(rule, change).unwrap_or_default()))
        .collect();
    for (rule, left) in rules {
        let event = change_event(&region.place, ambient, change);
        let delivery = delivery(region, ambient, &rule, &event, left);
        ambient.outbox.extend(delivery);
    }
}

/// Whether the resource has left the rule's scope with this change. `None`: it never was in it.
fn left_scope(rule: &Rule, change: &Change) -> Option<bool> {
    // A deletion has lost its tags; what counts is what was on record.
    let deleted = change.item.is_deletion();
    let now = rule.covers(if deleted { change.before.as_ref().unwrap_or(&change.item) } else { &change.item });
    let before = change.before.as_ref().is_some_and(|before| rule.covers(before));
    if now { Some(false) } else { before.then_some(true) }
}

fn change_event(place: &Place, ambient: &Ambient, change: &Change) -> Value {
    let now = ambient.clock.now().iso();
    let Place { account, region } = place;
    match ambient.settings.oversized {
        Oversized::No => json!({
            "configurationItemDiff": change.diff,
            "configurationItem": change.item.event_form(place),
            "notificationCreationTime": now,
            "messageType": "ConfigurationItemChangeNotification",
            "recordVersion": "1.3",
        }),
        Oversized::Full => json!({
            "configurationItemSummary": change.item.summary(place, change.kind),
            "s3DeliverySummary": {
                "s3BucketLocation": format!("config-bucket-{account}/AWSLogs/{account}/Config/{region}/oversized"),
                "errorCode": null,
                "errorMessage": null,
            },
            "notificationCreationTime": now,
            "messageType": "OversizedConfigurationItemChangeNotification",
            "recordVersion": "1.0",
        }),
        Oversized::Bare => json!({
            "configurationItemSummary": change.item.summary(place, change.kind),
            "messageType": "OversizedConfigurationItemChangeNotification",
        }),
    }
}

/// The last item on record once more, as an evaluation on demand sends it: a new notification of an old capture.
pub(super) fn replay(
    region: &mut Region,
    ambient: &mut Ambient,
    rule: &str,
    item: &ConfigurationItem,
) -> Option<Delivery> {
    let event = json!({
        "configurationItemDiff": null,
        "configurationItem": item.event_form(&region.place),
        "notificationCreationTime": ambient.clock.now().iso(),
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    });
    delivery(region, ambient, rule, &event, false)
}

/// A scheduled notification for a rule. `None`: no such rule, or it has no function.
pub(crate) fn scheduled(region: &mut Region, ambient: &mut Ambient, rule: &str) -> Option<Delivery> {
    let event = json!({
        "awsAccountId": region.place.account,
        "notificationCreationTime": ambient.clock.now().iso(),
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    });
    delivery(region, ambient, rule, &event, false)
}

/// A new result token for a rule. `None`: no such rule.
pub(crate) fn issue_token(region: &mut Region, ambient: &mut Ambient, rule: &str) -> Option<String> {
    let token = ambient.random.result_token();
    let now = ambient.clock.now();
    let rule = region.config.rules.get_mut(rule)?;
    rule.invoked = Some(now);
    region.config.tokens.insert(token.clone(), Grant { rule_id: rule.id.clone(), invoked: now });
    Some(token)
}

/// The envelope of an invocation, with a token of its own, addressed to the rule's function.
fn delivery(
    region: &mut Region,
    ambient: &mut Ambient,
    rule: &str,
    event: &Value,
    left_scope: bool,
) -> Option<Delivery> {
    let (function_place, function) = region.config.rules.get(rule)?.function()?;
    let token = issue_token(region, ambient, rule)?;
    let (place, rule) = (&region.place, region.config.rules.get(rule)?);
    let envelope = json!({
        "version": "1.0",
        "invokingEvent": event.to_string(),
        "ruleParameters": rule.parameters(),
        "resultToken": token,
        "eventLeftScope": left_scope,
        "executionRoleArn": place.iam_arn("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
        "configRuleArn": rule.arn,
        "configRuleName": rule.name,
        "configRuleId": rule.id,
        "accountId": place.account,
        "evaluationMode": "DETECTIVE",
    });
    Some(Delivery { place: function_place, function, payload: envelope.to_string() })
}
