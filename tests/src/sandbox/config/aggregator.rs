//! Aggregators: one place that shows what AWS Config holds in many accounts and Regions.
//!
//! <https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html>. What is shown is what the sources
//! hold at that moment, unless a test has stopped a source, or lets it fail.

mod compliance;
mod language;
mod put;
mod query;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::rule::cursor;
use super::{ConfigurationItem, StoredEvaluation};
use crate::sandbox::clock::Instant;
use crate::sandbox::organizations::AccountState;
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, Region, State};

pub(super) use compliance::{by_rule, details};
pub(super) use put::{delete, describe, put};
pub(super) use query::select;
pub(super) use sources::status;

pub(crate) use put::{delete_at, put_at, shown};

/// The service principal of organization aggregators.
pub(crate) const PRINCIPAL: &str = "config.amazonaws.com";

/// The results of one rule, by resource type and id.
type Results = BTreeMap<(String, String), StoredEvaluation>;

/// One aggregator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregator {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created: Instant,
    pub(crate) updated: Instant,
    pub(crate) source: Source,
}

/// What an aggregator collects from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    /// All accounts of the organization of that id, which are read with a role.
    Organization {
        id: String,
        role: String,
        regions: Regions,
    },
    Accounts {
        accounts: Vec<String>,
        regions: Regions,
    },
}

/// The Regions that an aggregator collects from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Regions {
    All,
    These(Vec<String>),
}

/// How sources differ from what they hold, by a test's wish.
#[derive(Debug, Default)]
pub(crate) struct Aggregation {
    /// Error codes and messages of sources that give nothing.
    pub(crate) failed: BTreeMap<Place, (String, String)>,
    /// What sources held when they stopped sending, and when that was.
    pub(crate) stopped: BTreeMap<Place, (Instant, Held)>,
}

/// What one source held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    rules: BTreeMap<String, Results>,
    items: Vec<ConfigurationItem>,
}

impl Held {
    /// What a Region holds now.
    pub(crate) fn of(region: &Region) -> Self {
        let rules = region.config.rules.values().map(|rule| (rule.name.clone(), rule.results.clone()));
        Self { rules: rules.collect(), items: present(region).cloned().collect() }
    }
}

/// The last items of the resources that are there.
fn present(region: &Region) -> impl Iterator<Item = &ConfigurationItem> {
    let last = region.config.history.values().filter_map(|items| items.last());
    last.filter(|item| !item.is_deletion() && item.status != "ResourceNotRecorded")
}

/// The aggregator that a call is about.
fn named<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Aggregator, Refusal> {
    let name = call.required("ConfigurationAggregatorName");
    let region = state.regions.get(&Place::new(call.account, call.region));
    region.and_then(|region| region.config.aggregators.get(name)).ok_or_else(|| no_such(name))
}

fn no_such(name: &str) -> Refusal {
    let message = format!("The configuration aggregator '{name}' does not exist.");
    Refusal::new("NoSuchConfigurationAggregatorException", message)
}

/// Whether an aggregator has begun to show anything.
fn is_settled(state: &State, aggregator: &Aggregator) -> bool {
    state.ambient.clock.now() >= aggregator.created.plus(state.ambient.settings.aggregation_delay)
}

/// Whether an aggregator collects from an account and Region.
fn is_source(state: &State, aggregator: &Aggregator, place: &Place) -> bool {
    let (has_account, regions) = match &aggregator.source {
        Source::Accounts { accounts, regions } => (accounts.contains(&place.account), regions),
        Source::Organization { id, regions, .. } => {
            let organization = state.organization.as_ref().filter(|organization| organization.id == *id);
            let member = organization.and_then(|organization| organization.members.get(&place.account));
            (member.is_some_and(|member| member.state == AccountState::Active), regions)
        }
    };
    let has_region = match regions {
        Regions::All => true,
        Regions::These(regions) => regions.contains(&place.region),
    };
    has_account && has_region && state.regions.contains_key(place) && is_settled(state, aggregator)
}

/// The accounts and Regions that an aggregator collects from, in order.
fn sources(state: &State, aggregator: &Aggregator) -> BTreeSet<Place> {
    if !is_settled(state, aggregator) {
        return BTreeSet::new();
    }
    let (accounts, regions): (Vec<&str>, _) = match &aggregator.source {
        Source::Accounts { accounts, regions } => (accounts.iter().map(String::as_str).collect(), regions),
        Source::Organization { id, regions, .. } => {
            let organization = state.organization.as_ref().filter(|organization| organization.id == *id);
            let members = organization.into_iter().flat_map(|organization| organization.members.values());
            let active = members.filter(|member| member.state == AccountState::Active);
            (active.map(|member| member.id.as_str()).collect(), regions)
        }
    };
    let every: BTreeSet<&str> = match regions {
        Regions::All => state.regions.keys().map(|place| place.region.as_str()).collect(),
        Regions::These(regions) => regions.iter().map(String::as_str).collect(),
    };
    let places = accounts.iter().flat_map(|account| every.iter().map(move |region| Place::new(account, region)));
    places.filter(|place| state.regions.contains_key(place)).collect()
}

/// Why a source gives nothing: its error code and message.
fn failure<'a>(state: &'a State, owner: &str, aggregator: &Aggregator, source: &Place) -> Option<(&'a str, &'a str)> {
    let scripted = state.aggregation.failed.get(source).map(|(code, message)| (code.as_str(), message.as_str()));
    let foreign = matches!(aggregator.source, Source::Accounts { .. }) && source.account != owner;
    // Nobody can authorize an aggregator here: there is no PutAggregationAuthorization.
    scripted.or_else(|| foreign.then_some(("AccessDenied", "The source account has not authorized the aggregator.")))
}

/// The rules of a source that gives something.
fn rules<'a>(state: &'a State, source: &Place) -> Vec<(&'a str, &'a Results)> {
    if let Some((_, held)) = state.aggregation.stopped.get(source) {
        return held.rules.iter().map(|(name, results)| (name.as_str(), results)).collect();
    }
    let region = state.regions.get(source);
    let rules = region.into_iter().flat_map(|region| region.config.rules.values());
    rules.map(|rule| (rule.name.as_str(), &rule.results)).collect()
}

/// The resources that a source has on record.
fn items<'a>(state: &'a State, source: &Place) -> Vec<&'a ConfigurationItem> {
    if let Some((_, held)) = state.aggregation.stopped.get(source) {
        return held.items.iter().collect();
    }
    state.regions.get(source).into_iter().flat_map(present).collect()
}

/// How a listing goes on.
struct Listing {
    fingerprint: u64,
    cursor: Cursor,
}

impl Listing {
    fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let fingerprint = fingerprint(call, &["NextToken", "Limit", "MaxResults"]);
        Ok(Self { fingerprint, cursor: cursor(call, "NextToken", fingerprint)? })
    }

    /// Whether a key comes after what was listed.
    fn is_after(&self, key: &[&str]) -> bool {
        let after = self.cursor.after.as_ref();
        after.is_none_or(|after| key.iter().copied().gt(after.iter().map(String::as_str)))
    }

    /// Whether everything of a source comes before where the listing goes on.
    fn is_past(&self, source: &Place) -> bool {
        let after = self.cursor.after.as_ref().and_then(|after| Some((after.first()?, after.get(1)?)));
        after.is_some_and(|(account, region)| (&source.account, &source.region) < (account, region))
    }

    /// A page; the first one is empty if a test wants that.
    fn page(
        &self,
        member: &str,
        entries: impl Iterator<Item = (Vec<String>, Value)>,
        (size, hollow): (usize, bool),
    ) -> Map<String, Value> {
        if hollow && self.cursor.page == 0 {
            let token = Cursor { page: 1, after: None }.token(self.fingerprint);
            return Map::from_iter([(member.to_owned(), json!([])), ("NextToken".to_owned(), token.into())]);
        }
        let page = cut(entries, size, self.cursor.page, self.fingerprint);
        let mut answer = Map::from_iter([(member.to_owned(), Value::Array(page.items))]);
        answer.extend(page.next.map(|token| ("NextToken".to_owned(), Value::from(token))));
        answer
    }
}

/// What a page holds: what was asked for, or what there is for who asks for nothing.
fn size(call: &Call<'_>, default: usize) -> usize {
    call.count("Limit").filter(|limit| *limit > 0).unwrap_or(default)
}
