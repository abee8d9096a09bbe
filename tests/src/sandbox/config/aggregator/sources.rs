//! `DescribeConfigurationAggregatorSourcesStatus`.

use serde_json::{Value, json};

use super::put::{is_usable, may_list};
use super::{Aggregator, Listing, Source, failure, named, size, sources};
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const LARGEST_PAGE: usize = 100;

pub(in crate::sandbox::config) fn status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let aggregator = named(state, call)?.clone();
    let listing = Listing::of(call)?;
    let wanted = call.texts("UpdateStatus");
    let accounts = sources(state, &aggregator);
    let accounts = accounts.iter().map(|source| of_account(state, call.account, &aggregator, source));
    let all = of_organization(state, call, &aggregator).into_iter().chain(accounts);
    let text = |shown: &Value, member: &str| {
        shown.get(member).and_then(Value::as_str).map(ToOwned::to_owned).unwrap_or_default()
    };
    // The organization's own entry comes before those of its accounts: the digits of an account follow `!`.
    let keyed = all.map(|shown| {
        let first = if text(&shown, "SourceType") == "ORGANIZATION" { "!" } else { "" };
        (vec![format!("{first}{}", text(&shown, "SourceId")), text(&shown, "AwsRegion")], shown)
    });
    let entries = keyed.filter(|(key, shown)| {
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        listing.is_after(&key) && (wanted.is_empty() || wanted.contains(&text(shown, "LastUpdateStatus").as_str()))
    });
    let sized = (size(call, LARGEST_PAGE), state.ambient.settings.hollow_aggregate_pages);
    Ok(Value::Object(listing.page("AggregatedSourceStatusList", entries, sized)))
}

fn of_account(state: &State, owner: &str, aggregator: &Aggregator, source: &Place) -> Value {
    let stopped = state.aggregation.stopped.get(source).map(|(since, _)| *since);
    let word = if stopped.is_some() { "OUTDATED" } else { "SUCCEEDED" };
    let updated = stopped.unwrap_or_else(|| state.ambient.clock.now());
    let error = failure(state, owner, aggregator, source);
    entry(("ACCOUNT", &source.account, &source.region), word, updated, error)
}

/// The entry of an organization as a whole: whether its accounts could be listed.
fn of_organization(state: &State, call: &Call<'_>, aggregator: &Aggregator) -> Option<Value> {
    let Source::Organization { id, role, .. } = &aggregator.source else { return None };
    let here = Place::new(call.account, call.region);
    let error = if !is_usable(state, &here, role) {
        Some(("InvalidRoleException", "The aggregator's role cannot be assumed by AWS Config."))
    } else if !may_list(state, &here, role) {
        Some(("AccessDenied", "The aggregator's role may not list the accounts of the organization."))
    } else {
        None
    };
    let updated = state.ambient.clock.now();
    Some(entry(("ORGANIZATION", id, call.region), "SUCCEEDED", updated, error))
}

fn entry((kind, id, region): (&str, &str, &str), word: &str, updated: Instant, error: Option<(&str, &str)>) -> Value {
    let mut shown = json!({
        "SourceId": id, "SourceType": kind, "AwsRegion": region, "LastUpdateStatus": word,
        "LastUpdateTime": updated.epoch(),
    });
    if let (Value::Object(members), Some((code, message))) = (&mut shown, error) {
        members.insert("LastUpdateStatus".to_owned(), "FAILED".into());
        members.insert("LastErrorCode".to_owned(), code.into());
        members.insert("LastErrorMessage".to_owned(), message.into());
    }
    shown
}
