//! Recording: what a resource looks like now, against what is on record.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ConfigurationItem;
use super::notification::{Change, notify};
use crate::sandbox::clock::Instant;
use crate::sandbox::sagemaker;
use crate::sandbox::state::{Ambient, Region};

/// A resource as it is, for the recorder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recordable {
    pub(crate) resource_type: String,
    pub(crate) resource_id: String,
    pub(crate) resource_name: Option<String>,
    pub(crate) arn: String,
    pub(crate) created: Option<Instant>,
    pub(crate) configuration: Value,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Recordable {
    fn key(&self) -> (String, String) {
        (self.resource_type.clone(), self.resource_id.clone())
    }

    fn item(&self, status: &str, captured: Instant, daily: bool) -> ConfigurationItem {
        let deleted = status == "ResourceDeleted";
        ConfigurationItem {
            resource_type: self.resource_type.clone(),
            resource_id: self.resource_id.clone(),
            resource_name: self.resource_name.clone(),
            arn: self.arn.clone(),
            status: status.to_owned(),
            captured,
            created: self.created.filter(|_| !deleted),
            configuration: (!deleted).then(|| self.configuration.clone()),
            tags: if deleted { BTreeMap::new() } else { self.tags.clone() },
            daily,
        }
    }
}

/// Records a resource that is new or may have changed, and notifies the rules that ask for it.
pub(crate) fn record_change(region: &mut Region, ambient: &mut Ambient, now: &Recordable) {
    let Some(daily) = records(region, &now.resource_type) else { return };
    let last = region.config.history.get(&now.key()).and_then(|items| items.last()).cloned();
    let last = last.filter(|last| !last.is_deletion());
    let (status, diff) = match &last {
        None => ("ResourceDiscovered", Value::Null),
        Some(last) => {
            let diff = difference(last, now);
            if diff.is_null() {
                return;
            }
            ("OK", diff)
        }
    };
    let item = now.item(status, ambient.clock.unique(), daily);
    region.config.history.entry(now.key()).or_default().push(item.clone());
    let kind = if last.is_none() { "CREATE" } else { "UPDATE" };
    notify(region, ambient, &Change { item, before: last, diff, kind });
}

/// Records that a resource is gone.
pub(crate) fn record_deletion(region: &mut Region, ambient: &mut Ambient, gone: &Recordable) {
    let Some(daily) = records(region, &gone.resource_type) else { return };
    let before = region.config.history.get(&gone.key()).and_then(|items| items.last()).cloned();
    let item = gone.item("ResourceDeleted", ambient.clock.unique(), daily);
    region.config.history.entry(gone.key()).or_default().push(item.clone());
    notify(region, ambient, &Change { item, before, diff: Value::Null, kind: "DELETE" });
}

/// What a recorder does when it starts: it finds everything that is there.
pub(super) fn discover(region: &mut Region, ambient: &mut Ambient) {
    for recordable in sagemaker::recordables(region) {
        record_change(region, ambient, &recordable);
    }
}

/// Whether a type is recorded, and if so whether daily.
pub(super) fn records(region: &Region, resource_type: &str) -> Option<bool> {
    let recorder = region.config.recorder.as_ref()?;
    recorder.records(resource_type).then(|| recorder.is_daily(resource_type))
}

/// The `configurationItemDiff`; null if nothing changed.
fn difference(before: &ConfigurationItem, now: &Recordable) -> Value {
    let empty = Map::new();
    let old = before.configuration.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    let new = now.configuration.as_object().unwrap_or(&empty);
    let mut changed = changes("Configuration", old, new);
    let tags = |tags: &BTreeMap<String, String>| {
        tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>()
    };
    changed.extend(changes("Tags", &tags(&before.tags), &tags(&now.tags)));
    if changed.is_empty() { Value::Null } else { json!({"changedProperties": changed, "changeType": "UPDATE"}) }
}

fn changes(prefix: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let change = |name: &String| {
        let (previous, updated) = (old.get(name), new.get(name));
        let change_type = match (previous, updated) {
            (Some(previous), Some(updated)) if previous == updated => return None,
            (Some(_), Some(_)) => "UPDATE",
            (None, _) => "CREATE",
            (Some(_), None) => "DELETE",
        };
        let change = json!({"previousValue": previous, "updatedValue": updated, "changeType": change_type});
        Some((format!("{prefix}.{name}"), change))
    };
    names.filter_map(change).collect()
}
