//! CloudWatch Logs: log groups, without what is in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::clock::Instant;
use super::page::{Cursor, cut, fingerprint};
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::State;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "logs",
    model_text: include_str!("model/logs.json"),
    operations: &[("DescribeLogGroups", describe)],
};

/// The log groups of a Region, by name.
pub(crate) type Store = BTreeMap<String, LogGroup>;

/// One log group.
#[derive(Debug, Clone)]
pub(crate) struct LogGroup {
    pub(crate) arn: String,
    pub(crate) created: Instant,
    pub(crate) retention: Option<u64>,
    pub(crate) key: Option<String>,
    pub(crate) class: String,
    pub(crate) protected: bool,
}

fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["nextToken", "limit"]);
    let invalid = || Refusal::new("InvalidParameterException", "The specified nextToken is invalid.");
    let cursor = call.text("nextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    if call.text("logGroupNamePrefix").is_some() && call.text("logGroupNamePattern").is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Refusal::new("InvalidParameterException", message));
    }
    let after = cursor.after.and_then(|after| after.first().cloned());
    let (prefix, pattern) = (call.text("logGroupNamePrefix"), call.text("logGroupNamePattern"));
    let (region, _) = state.here(call)?;
    let found = region.logs.iter().filter(|(name, _)| {
        after.as_ref().is_none_or(|after| *name > after)
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|pattern| name.to_lowercase().contains(&pattern.to_lowercase()))
    });
    let entries = found.map(|(name, group)| (vec![name.clone()], shown(name, group)));
    let page = cut(entries, call.count("limit").unwrap_or(50), cursor.page, fingerprint);
    let mut answer = Map::from_iter([("logGroups".to_owned(), Value::Array(page.items))]);
    answer.extend(page.next.map(|next| ("nextToken".to_owned(), next.into())));
    Ok(Value::Object(answer))
}

fn shown(name: &str, group: &LogGroup) -> Value {
    let mut shown = json!({
        "logGroupName": name, "creationTime": group.created.0, "metricFilterCount": 0, "storedBytes": 0,
        "arn": format!("{}:*", group.arn), "logGroupArn": group.arn, "logGroupClass": group.class,
        "deletionProtectionEnabled": group.protected,
    });
    if let Value::Object(members) = &mut shown {
        members.extend(group.retention.map(|days| ("retentionInDays".to_owned(), days.into())));
        members.extend(group.key.clone().map(|key| ("kmsKeyId".to_owned(), key.into())));
    }
    shown
}
