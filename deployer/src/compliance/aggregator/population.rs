//! The notebooks and domains that AWS Config recorded, anywhere: one query for all.

use std::collections::HashSet;

use rule::resource::ResourceType;
use serde::Deserialize;

use super::{Aggregator, Clients, Due, Scope, Sink, Wanted};
use crate::aws::{AwsRefusal, refused};
use crate::compliance::lacking::Counts;
use crate::compliance::pages::{begun, odd};
use crate::compliance::result::name_in;
use crate::evidence::rows::{Asked, Keys, Known, Resource};
use crate::failure::Failure;
use crate::observe::Read;

pub(super) const CALL: &str = "config:SelectAggregateResourceConfig";
/// The most resources on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html>).
const PAGE: i32 = 100;

/// What was recorded, as keys and counts; the rows went to the sink.
#[derive(Default)]
pub(super) struct Population {
    pub(super) asked: Option<Asked>,
    /// Why there may be more.
    pub(super) gap: Option<String>,
    keys: Keys,
    known: HashSet<u64>,
    counts: Vec<Counts>,
}

impl Population {
    /// How many resources a place has.
    pub(super) fn count(&self, place: usize) -> Counts {
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// The key of a resource, if it is known.
    pub(super) fn known(&self, account: &str, region: &str, resource: (&str, &str)) -> Option<u64> {
        self.known.get(&self.keys.resource(account, region, resource)).copied()
    }

    /// Whether a resource is new.
    pub(super) fn is_new(&mut self, account: &str, region: &str, resource: (&str, &str)) -> bool {
        self.known.insert(self.keys.resource(account, region, resource))
    }
}

/// A resource as the query gives it: a text with a JSON object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selected {
    account_id: String,
    aws_region: String,
    resource_type: String,
    resource_id: String,
    #[serde(default)]
    resource_name: Option<String>,
    #[serde(default)]
    resource_creation_time: Option<String>,
}

/// Reads it page by page into the sink. What cannot be read is a gap of every place.
pub(super) async fn read(
    clients: &Clients,
    aggregator: &Aggregator,
    scope: &Scope,
    (wanted, due): (&Wanted, &Due),
    sink: &mut dyn Sink,
) -> Result<Population, Failure> {
    let mut asked = begun(CALL);
    let mut population = Population { counts: vec![Counts::default(); scope.places.len()], ..Population::default() };
    let expression = expression(wanted);
    let mut token = None;
    loop {
        let page = match page(clients, aggregator, &expression, token.clone()).await {
            Ok(page) => page,
            Err(refusal) => {
                asked.error = Some(refusal.to_string());
                population.gap = Some(format!("notebooks cannot be listed: {}", refusal.words()));
                break;
            }
        };
        asked.pages += 1;
        asked.items += page.0.len() as u64;
        for selected in page.0 {
            population.take(selected, (scope, due), sink)?;
        }
        match page.1 {
            None => break,
            next if next == token => {
                let again = "notebooks cannot be listed: the next page of the list is the same page again";
                asked.error = Some(again.to_owned());
                population.gap = Some(again.to_owned());
                break;
            }
            next => token = next,
        }
    }
    population.asked = Some(asked);
    Ok(population)
}

impl Population {
    fn take(&mut self, selected: Selected, (scope, due): (&Scope, &Due), sink: &mut dyn Sink) -> Result<(), Failure> {
        let Selected { account_id, aws_region, resource_type, resource_id, .. } = selected;
        let Some(place) = scope.index(&account_id, &aws_region) else { return Ok(()) };
        if !self.is_new(&account_id, &aws_region, (&resource_type, &resource_id)) {
            return Ok(());
        }
        let not_judged = due.of(&account_id).why_not(&resource_type);
        if let Some(count) = self.counts.get_mut(place) {
            count.add(&resource_type, not_judged.is_some());
        }
        let named = name_in(&resource_type, &resource_id).map(str::to_owned);
        sink.resource(&Resource {
            name: named.or(selected.resource_name),
            status: None,
            created: selected.resource_creation_time.and_then(|time| time.parse().ok()),
            known: Known::Listed,
            not_judged,
            account: account_id,
            region: aws_region,
            resource_type,
            resource_id,
        })
    }
}

/// The types that the wanted checks judge.
fn expression(wanted: &Wanted) -> String {
    let types = [ResourceType::NOTEBOOK_INSTANCE, ResourceType::DOMAIN];
    let types = types.iter().filter(|kind| wanted.checks.iter().any(|check| check.resource_type() == **kind));
    let types: Vec<String> = types.map(|kind| format!("'{}'", kind.as_str())).collect();
    format!(
        "SELECT accountId, awsRegion, resourceType, resourceId, resourceName, resourceCreationTime WHERE resourceType \
         IN ({})",
        types.join(", ")
    )
}

async fn page(
    clients: &Clients,
    aggregator: &Aggregator,
    expression: &str,
    token: Option<String>,
) -> Read<(Vec<Selected>, Option<String>)> {
    let select = clients.config.select_aggregate_resource_config();
    let select = select.configuration_aggregator_name(&aggregator.name).expression(expression).limit(PAGE);
    let page = select.set_next_token(token).send().await;
    let page = page.map_err(|error| refused(CALL, &clients.region, &error))?;
    let selected =
        page.results().iter().map(|text| serde_json::from_str(text).map_err(|error| unusable(clients, &error)));
    Ok((selected.collect::<Result<_, _>>()?, page.next_token))
}

fn unusable(clients: &Clients, error: &serde_json::Error) -> AwsRefusal {
    odd(CALL, &clients.region, &format!("a result is no resource: {error}"))
}
