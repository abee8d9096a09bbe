//! Reading instances.

use std::ops::Bound;

use serde_json::{Value, json};

use super::model::{Deployed, Instance, Key, StackSet};
use super::{access, light, page};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// What `ListStackInstances` shows of an instance; `DescribeStackInstance` shows more.
fn shown(set: &StackSet, key: &Key, instance: &Instance) -> Value {
    let stack = match &instance.deployed {
        Deployed::Nothing => None,
        Deployed::Stack(id) => Some(id.to_string()),
        Deployed::Light => Some(light::stack_id(&set.name, key)),
    };
    json!({
        "StackSetId": set.id, "Region": &*key.region, "Account": &*key.account, "StackId": stack,
        "Status": instance.status.word(), "StatusReason": instance.reason.as_deref(),
        "StackInstanceStatus": {"DetailedStatus": instance.detailed.word()},
        "OrganizationalUnitId": &*instance.unit, "DriftStatus": "NOT_CHECKED",
        "LastOperationId": &*instance.operation,
    })
}

pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let set = access::find(state, call)?;
    let (account, region) = (call.required("StackInstanceAccount"), call.required("StackInstanceRegion"));
    let key = Key::new(account, region);
    let Some(instance) = set.instances.get(&key) else {
        let message =
            format!("Stack instance not found for StackSet [{}], account [{account}], region [{region}]", set.name);
        return Err(Refusal::new("StackInstanceNotFoundException", message).with_status(404));
    };
    let mut shown = shown(set, &key, instance);
    if let (Value::Object(members), Some(overrides)) = (&mut shown, &instance.overrides) {
        let pairs = overrides.iter().map(|(name, value)| json!({"ParameterKey": name, "ParameterValue": value}));
        members.insert("ParameterOverrides".to_owned(), pairs.collect());
    }
    Ok(json!({"StackInstance": shown}))
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = page::asked(call)?;
    access::find(state, call)?;
    let visible = page::visible(&mut state.stack_sets.late_instances, call.text("NextToken").is_none());
    state.ambient.odd |= visible.is_some();
    let set = access::find(state, call)?;
    let filters: Vec<(&str, &str)> = call
        .list("Filters")
        .iter()
        .filter_map(|filter| Some((filter.get("Name")?.as_str()?, filter.get("Values")?.as_str()?)))
        .collect();
    let (account, region) = (call.text("StackInstanceAccount"), call.text("StackInstanceRegion"));
    let fits = |key: &Key, instance: &Instance| {
        account.is_none_or(|account| *key.account == *account)
            && region.is_none_or(|region| *key.region == *region)
            && filters.iter().all(|(name, value)| match *name {
                "DETAILED_STATUS" => instance.detailed.word() == *value,
                "LAST_OPERATION_ID" => *instance.operation == **value,
                _ => *value == "NOT_CHECKED",
            })
    };
    let after = listing.after(0).zip(listing.after(1)).map(|(account, region)| Key::new(account, region));
    let seen = after
        .as_ref()
        .filter(|_| visible.is_some())
        .map_or(0, |after| set.instances.range(..=after).filter(|(key, instance)| fits(key, instance)).count());
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = set.instances.range((start, Bound::Unbounded)).filter(|(key, instance)| fits(key, instance));
    let rest = rest.take(visible.map_or(usize::MAX, |visible| visible.saturating_sub(seen)));
    let keyed = rest.map(|(key, instance)| (vec![key.account.to_string(), key.region.to_string()], (key, instance)));
    let page = listing.page(keyed, |(key, instance)| shown(set, key, instance));
    Ok(json!({"Summaries": page.items, "NextToken": page.next}))
}
