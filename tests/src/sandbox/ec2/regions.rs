//! `DescribeRegions`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// Regions that an account has to opt in to; the others it has from the start.
const OPT_IN: [&str; 13] = [
    "af-south-1",
    "ap-east-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
];

/// Whether accounts have a Region only once they have opted in to it.
pub(crate) fn is_opt_in(region: &str) -> bool {
    OPT_IN.contains(&region)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let enabled: BTreeSet<&str> =
        state.regions.keys().filter(|place| place.account == call.account).map(|place| place.region.as_str()).collect();
    let all: BTreeSet<&str> = state.regions.keys().map(|place| place.region.as_str()).chain(OPT_IN).collect();
    let names = call.texts("RegionNames");
    if let Some(unknown) = names.iter().find(|name| !all.contains(*name)) {
        let message = format!("Invalid region: [{unknown}]. Please provide a valid region.");
        return Err(Refusal::new("InvalidParameterValue", message));
    }
    let visible = |name: &&str| {
        if names.is_empty() { call.flag("AllRegions") || enabled.contains(name) } else { names.contains(name) }
    };
    let shown = all.iter().filter(|name| visible(name)).map(|name| entry(name, enabled.contains(name)));
    let mut regions = Vec::new();
    for entry in shown {
        if selected(&entry, call.list("Filters"))? {
            regions.push(entry);
        }
    }
    Ok(json!({"Regions": regions}))
}

fn entry(name: &str, enabled: bool) -> Value {
    let status = match (enabled, OPT_IN.contains(&name)) {
        (true, false) => "opt-in-not-required",
        (true, true) => "opted-in",
        (false, _) => "not-opted-in",
    };
    json!({"RegionName": name, "Endpoint": format!("ec2.{name}.amazonaws.com"), "OptInStatus": status})
}

fn selected(entry: &Value, filters: &[Value]) -> Result<bool, Refusal> {
    for filter in filters {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
        let member = match name {
            "endpoint" => "Endpoint",
            "opt-in-status" => "OptInStatus",
            "region-name" => "RegionName",
            _ => return Err(Refusal::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))),
        };
        let values = filter.get("Values").and_then(Value::as_array);
        if !values.into_iter().flatten().any(|value| Some(value) == entry.get(member)) {
            return Ok(false);
        }
    }
    Ok(true)
}
