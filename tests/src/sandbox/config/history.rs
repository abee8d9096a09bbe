//! `GetResourceConfigHistory` and `ListDiscoveredResources`.

use std::ops::Bound;
use std::time::Duration;

use serde_json::{Value, json};

use super::rule::cursor;
use super::{ConfigurationItem, Store, retention};
use crate::sandbox::clock::Instant;
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

const DEFAULT_HISTORY: usize = 10;
/// "Each call to the API is limited to span a duration of seven days": the rest comes with the next token.
/// <https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html>
const SPAN: Duration = Duration::from_hours(7 * 24);
const DEFAULT_DISCOVERED: usize = 100;

pub(super) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    refuse_without_recorder(&region.config)?;
    let time = |member: &str| call.input.get(member).and_then(Instant::from_epoch);
    let (later, earlier) = (time("laterTime"), time("earlierTime"));
    if let (Some(later), Some(earlier)) = (later, earlier)
        && earlier > later
    {
        let message =
            "The specified time range is not valid. The earlier time is not chronologically before the later time.";
        return Err(Refusal::new("InvalidTimeRangeException", message));
    }
    let (kind, id) = (call.required("resourceType"), call.required("resourceId"));
    let items = region.config.history.get(&(kind.to_owned(), id.to_owned()));
    let items = items.ok_or_else(|| not_discovered(kind, id))?;
    let fingerprint = fingerprint(call, &["nextToken", "limit"]);
    let cursor = cursor(call, "nextToken", fingerprint)?;
    if ambient.settings.empty_history_page && cursor.page == 0 {
        let token = Cursor { page: 1, after: None }.token(fingerprint);
        return Ok(json!({"configurationItems": [], "nextToken": token}));
    }
    let horizon = retention::horizon(&region.config, ambient.clock.now());
    let within = |item: &&ConfigurationItem| {
        later.is_none_or(|later| item.captured <= later)
            && earlier.is_none_or(|earlier| item.captured >= earlier)
            && horizon.is_none_or(|horizon| item.captured >= horizon)
    };
    let mut wanted: Vec<&ConfigurationItem> = items.iter().filter(within).collect();
    if call.text("chronologicalOrder") != Some("Forward") {
        wanted.reverse();
    }
    let start = cursor.after.and_then(|after| after.first()?.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let entries =
        wanted.iter().enumerate().skip(start).map(|(at, item)| (vec![at.to_string()], item.api_form(&region.place)));
    let span = |item: &&&ConfigurationItem| {
        let first = wanted.get(start).map_or(item.captured, |first| first.captured);
        item.captured.since(first).max(first.since(item.captured)) <= SPAN
    };
    let limit = call.count("limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_HISTORY);
    let size = limit.min(wanted.iter().skip(start).take_while(span).count());
    let page = cut(entries, size, cursor.page, fingerprint);
    Ok(answer("configurationItems", page.items, page.next))
}

pub(super) fn list_discovered(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    refuse_without_recorder(&region.config)?;
    let (ids, name) = (call.texts("resourceIds"), call.text("resourceName"));
    if !ids.is_empty() && name.is_some() {
        return Err(Refusal::validation("Both Resource ID and Resource Name cannot be specified in the request"));
    }
    if ids.len() > 20 {
        return Err(Refusal::validation(
            "The specified list had more than 20 resource ID's. It must have '20' or less items",
        ));
    }
    let fingerprint = fingerprint(call, &["nextToken", "limit"]);
    let cursor = cursor(call, "nextToken", fingerprint)?;
    let kind = call.required("resourceType").to_owned();
    let after = cursor.after.and_then(|after| after.into_iter().next());
    let start =
        after.map_or_else(|| Bound::Included((kind.clone(), String::new())), |id| Bound::Excluded((kind.clone(), id)));
    let rest = region.config.history.range((start, Bound::Unbounded)).take_while(|((found, _), _)| *found == kind);
    let wanted = |item: &&ConfigurationItem| {
        (call.flag("includeDeletedResources") || !item.is_deletion())
            && (ids.is_empty() || ids.contains(&item.resource_id.as_str()))
            && name.is_none_or(|name| item.resource_name.as_deref() == Some(name))
    };
    let last = rest.filter_map(|(_, items)| items.last()).filter(wanted);
    let entries = last.map(|item| (vec![item.resource_id.clone()], identifier(item)));
    let size = call.count("limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_DISCOVERED);
    let page = cut(entries, size, cursor.page, fingerprint);
    Ok(answer("resourceIdentifiers", page.items, page.next))
}

fn identifier(item: &ConfigurationItem) -> Value {
    let mut identifier = json!({"resourceType": item.resource_type, "resourceId": item.resource_id});
    if let Value::Object(members) = &mut identifier {
        members.extend(item.resource_name.as_ref().map(|name| ("resourceName".to_owned(), Value::from(name.as_str()))));
        members.extend(item.is_deletion().then(|| ("resourceDeletionTime".to_owned(), item.captured.epoch())));
    }
    identifier
}

fn not_discovered(kind: &str, id: &str) -> Refusal {
    let message = format!("Resource {id} of resourceType:{kind} is unknown or has not been discovered");
    Refusal::new("ResourceNotDiscoveredException", message)
}

fn refuse_without_recorder(store: &Store) -> Result<(), Refusal> {
    if store.recorder.is_some() {
        return Ok(());
    }
    let message = "Configuration recorder is not available to read the resources.";
    Err(Refusal::new("NoAvailableConfigurationRecorderException", message))
}

fn answer(list: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = serde_json::Map::from_iter([(list.to_owned(), Value::Array(items))]);
    answer.extend(next.map(|token| ("nextToken".to_owned(), Value::from(token))));
    Value::Object(answer)
}
