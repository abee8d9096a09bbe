//! `AWS::Logs::LogGroup`.

use serde_json::{Value, json};

use super::{Failure, Made, Outcome, Site, flag, generated, number, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::logs::LogGroup;
use crate::sandbox::state::{Place, State};

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "LogGroupName").unwrap_or_else(|| generated(state, site, 512));
    let created = state.ambient.clock.now();
    let known = state.regions.get(site.place).is_some_and(|region| region.logs.contains_key(&name));
    if known {
        return Err(Failure::exists("AWS::Logs::LogGroup", "LogGroupName", &name));
    }
    put(state, site, &name, created, properties)
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    let known = state.regions.get(site.place).and_then(|region| region.logs.get(&old.physical));
    let missing = || Failure::new("NotFound", "The specified log group does not exist.");
    let created = known.ok_or_else(missing)?.created;
    put(state, site, &old.physical, created, properties)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
fn put(
    state: &mut State,
    site: &Site<'_>,
    name: &str,
    created: crate::sandbox::clock::Instant,
    properties: &Value,
) -> Outcome {
    let arn = site.place.arn("logs", &format!("log-group:{name}"));
    let made = made(name, &arn);
    let group = LogGroup {
        arn,
        created,
        retention: number(properties, "RetentionInDays"),
        key: string(properties, "KmsKeyId"),
        class: string(properties, "LogGroupClass").unwrap_or_else(|| "STANDARD".to_owned()),
        protected: flag(properties, "DeletionProtectionEnabled"),
    };
    if let Some(region) = state.regions.get_mut(site.place) {
        region.logs.insert(name.to_owned(), group);
    }
    Ok(made)
}

fn made(name: &str, arn: &str) -> Made {
    Made::new(name, [("Arn", format!("{arn}:*"))])
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    state.regions.get(place)?.logs.get(name).map(|group| made(name, &group.arn))
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let group = state.regions.get(place)?.logs.get(&resource.physical)?;
    Some(json!({
        "LogGroupName": resource.physical, "RetentionInDays": group.retention, "KmsKeyId": group.key,
        "LogGroupClass": group.class, "DeletionProtectionEnabled": group.protected,
    }))
}

pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    let Some(region) = state.regions.get_mut(site.place) else { return Ok(()) };
    if region.logs.get(&resource.physical).is_some_and(|group| group.protected) {
        let message = "Log group has deletion protection enabled and cannot be deleted.";
        return Err(Failure::new("InvalidRequest", message));
    }
    region.logs.remove(&resource.physical);
    Ok(())
}
