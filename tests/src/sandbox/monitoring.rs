//! CloudWatch alarms, which never see data: they stay `INSUFFICIENT_DATA`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::lag::{self, Lagging};
use super::page::{Cursor, cut, fingerprint};
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::State;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "monitoring",
    model_text: include_str!("model/monitoring.json"),
    operations: &[("DescribeAlarms", describe)],
};

/// The alarms of a Region, by name, as `DescribeAlarms` shows them.
pub(crate) type Store = BTreeMap<String, Value>;

fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["NextToken", "MaxRecords"]);
    let invalid = || Refusal::new("InvalidNextToken", "The next token specified is invalid.");
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let (names, prefix) = (call.texts("AlarmNames"), call.text("AlarmNamePrefix"));
    if !names.is_empty() && prefix.is_some() {
        let message = "AlarmNamePrefix and AlarmNames cannot both be specified.";
        return Err(Refusal::new("InvalidParameterCombination", message));
    }
    let wanted = call.text("StateValue");
    let after = cursor.after.and_then(|after| after.first().cloned());
    let (region, ambient) = state.here(call)?;
    let unseen = lag::unseen(region, ambient, Lagging::Alarms);
    let found = region.alarms.iter().filter(|(name, alarm)| {
        after.as_ref().is_none_or(|after| *name > after)
            && !unseen.contains(name)
            && (names.is_empty() || names.contains(&name.as_str()))
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && wanted.is_none_or(|wanted| alarm.get("StateValue").and_then(Value::as_str) == Some(wanted))
    });
    let entries = found.map(|(name, alarm)| (vec![name.clone()], alarm.clone()));
    let page = cut(entries, call.count("MaxRecords").unwrap_or(50), cursor.page, fingerprint);
    Ok(json!({"MetricAlarms": page.items, "CompositeAlarms": [], "NextToken": page.next}))
}
