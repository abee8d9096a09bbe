//! `AWS::CloudWatch::Alarm`.

use serde_json::{Map, Value, json};

use super::{Failure, Made, Outcome, Site, generated, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::state::{Place, State};

const NUMBERS: [&str; 4] = ["DatapointsToAlarm", "EvaluationPeriods", "Period", "Threshold"];

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "AlarmName").unwrap_or_else(|| generated(state, site, 255));
    let known = state.regions.get(site.place).is_some_and(|region| region.alarms.contains_key(&name));
    if known {
        return Err(Failure::exists("AWS::CloudWatch::Alarm", "AlarmName", &name));
    }
    put(state, site, &name, properties)
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    put(state, site, &old.physical, properties)
}

fn put(state: &mut State, site: &Site<'_>, name: &str, properties: &Value) -> Outcome {
    let expressions = properties.get("Metrics").is_some();
    let single = ["MetricName", "Namespace", "Period"];
    if expressions && single.iter().any(|name| properties.get(*name).is_some()) {
        let message = "Metrics list contains a metric, but MetricName, Namespace or Period is specified too";
        return Err(Failure::new("InvalidRequest", message));
    }
    let single = single.into_iter().filter(|_| !expressions);
    for needed in single.chain(["Threshold", "EvaluationPeriods"]) {
        if properties.get(needed).is_none() {
            let message = format!("The parameter {needed} must be specified for a metric alarm");
            return Err(Failure::new("InvalidRequest", message));
        }
    }
    let now = state.ambient.clock.now().epoch();
    let arn = arn(site.place, name);
    let mut alarm: Map<String, Value> = properties.as_object().cloned().unwrap_or_default();
    alarm.remove("Tags");
    for number in NUMBERS {
        if let Some(value) = string(properties, number).and_then(|text| serde_json::from_str(&text).ok()) {
            alarm.insert(number.to_owned(), value);
        }
    }
    let enabled = properties.get("ActionsEnabled").is_none() || super::flag(properties, "ActionsEnabled");
    let more = json!({
        "AlarmName": name, "AlarmArn": arn, "ActionsEnabled": enabled, "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation", "AlarmConfigurationUpdatedTimestamp": now,
        "StateUpdatedTimestamp": now,
    });
    alarm.extend(more.as_object().cloned().unwrap_or_default());
    let State { regions, ambient, .. } = state;
    if let Some(region) = regions.get_mut(site.place)
        && region.alarms.insert(name.to_owned(), Value::Object(alarm)).is_none()
    {
        lag::note(region, ambient, Lagging::Alarms, name, false);
    }
    Ok(made(site.place, name))
}

fn arn(place: &Place, name: &str) -> String {
    place.arn("cloudwatch", &format!("alarm:{name}"))
}

fn made(place: &Place, name: &str) -> Made {
    Made::new(name, [("Arn", arn(place, name))])
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    state.regions.get(place)?.alarms.contains_key(name).then(|| made(place, name))
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    const ADDED: [&str; 5] =
        ["AlarmArn", "StateValue", "StateReason", "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp"];
    let mut shown = state.regions.get(place)?.alarms.get(&resource.physical)?.clone();
    if let Value::Object(members) = &mut shown {
        members.retain(|name, _| !ADDED.contains(&name.as_str()));
    }
    Some(shown)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    if let Some(region) = state.regions.get_mut(site.place) {
        region.alarms.remove(&resource.physical);
    }
    Ok(())
}
