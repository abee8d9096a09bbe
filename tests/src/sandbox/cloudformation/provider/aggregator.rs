//! `AWS::Config::ConfigurationAggregator`.

use serde_json::{Value, json};

use super::config::passed_on;
use super::{Failure, Made, Outcome, Site, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::config as service;
use crate::sandbox::config::Aggregator;
use crate::sandbox::state::{Place, State};

const KIND: &str = "AWS::Config::ConfigurationAggregator";

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "ConfigurationAggregatorName").unwrap_or_default();
    if find(state, site.place, &name).is_some() {
        return Err(Failure::exists(KIND, "ConfigurationAggregatorName", &name));
    }
    put(state, site, properties)
}

pub(super) fn update(state: &mut State, site: &Site<'_>, _: &Resource, properties: &Value) -> Outcome {
    put(state, site, properties)
}

fn put(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let mut input = properties.clone();
    // A template may say it as a text.
    let switch = input.pointer_mut("/OrganizationAggregationSource/AllAwsRegions");
    if let Some(all) = switch {
        *all = json!(*all == json!(true) || *all == json!("true"));
    }
    let put = service::put_aggregator(state, site.place, &input);
    Ok(made(&put.map_err(|refusal| passed_on(state, &refusal))?))
}

fn made(aggregator: &Aggregator) -> Made {
    Made::new(&aggregator.name, [("ConfigurationAggregatorArn", aggregator.arn.clone())])
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    state.regions.get(place)?.config.aggregators.get(name).map(made)
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let aggregator = state.regions.get(place)?.config.aggregators.get(&resource.physical)?;
    let mut shown = service::shown_aggregator(aggregator);
    if let Value::Object(members) = &mut shown {
        members.retain(|name, _| resource.properties.get(name).is_some());
    }
    Some(shown)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    // One that is gone already is deleted.
    service::delete_aggregator(state, site.place, &resource.physical);
    Ok(())
}
