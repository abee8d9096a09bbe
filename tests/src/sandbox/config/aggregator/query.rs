//! `SelectAggregateResourceConfig`: advanced queries over the resources that the sources have on record.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::ConfigurationItem;
use super::language::{Column, Query, parse, values};
use super::{Listing, failure, items, named, sources};
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const PAGE: usize = 25;
const GROUPED_PAGE: usize = 500;

pub(in crate::sandbox::config) fn select(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let aggregator = named(state, call)?.clone();
    let query = parse(call.required("Expression"))
        .map_err(|why| Refusal::new("InvalidExpressionException", format!("The expression is not valid: {why}")))?;
    let listing = Listing::of(call)?;
    let grouped = query.is_grouped();
    let asked = call.count("Limit").or_else(|| call.count("MaxResults")).filter(|limit| *limit > 0);
    let sized =
        (asked.unwrap_or(if grouped { GROUPED_PAGE } else { PAGE }), state.ambient.settings.hollow_aggregate_pages);
    let sources = sources(state, &aggregator);
    let giving = sources.iter().filter(|source| failure(state, call.account, &aggregator, source).is_none());
    // Without an order of its own, a query is answered in the order of the sources, and goes on where it was.
    let plain = !grouped && query.order.is_empty();
    let ahead = giving.filter(|source| !(plain && listing.is_past(source)));
    let every = ahead.flat_map(|source| items(state, source).into_iter().map(move |item| (source, item)));
    let documents = every.filter(|(source, item)| {
        !plain || listing.is_after(&[&source.account, &source.region, &item.resource_type, &item.resource_id])
    });
    let documents = documents.map(|(source, item)| (key(source, item), document(source, item)));
    let found = documents.filter(|(_, document)| query.admits(document));
    let mut answer = if plain {
        listing.page("Results", found.map(|(key, document)| (key, row(&query, &document))), sized)
    } else {
        let rows = ordered(&query, found.map(|(_, document)| document).collect());
        let keyed = rows.into_iter().enumerate().map(|(at, row)| (vec![format!("{at:09}")], row));
        let rest = keyed.filter(|(key, _)| listing.is_after(&key.iter().map(String::as_str).collect::<Vec<_>>()));
        listing.page("Results", rest, sized)
    };
    let fields: Vec<Value> = query.columns.iter().map(|column| json!({"Name": column.text()})).collect();
    answer.insert("QueryInfo".to_owned(), json!({"SelectFields": fields}));
    Ok(Value::Object(answer))
}

fn key(source: &Place, item: &ConfigurationItem) -> Vec<String> {
    vec![source.account.clone(), source.region.clone(), item.resource_type.clone(), item.resource_id.clone()]
}

/// A resource as queries see it.
fn document(source: &Place, item: &ConfigurationItem) -> Value {
    let tags = item.tags.iter();
    let tags = tags.map(|(key, value)| json!({"key": key, "value": value, "tag": format!("{key}={value}")}));
    let mut document = json!({
        "accountId": source.account, "awsRegion": source.region, "resourceType": item.resource_type,
        "resourceId": item.resource_id, "arn": item.arn, "configuration": item.configuration,
        "configurationItemCaptureTime": item.captured.iso(), "configurationItemStatus": item.status,
        "configurationStateId": item.captured.0.to_string(), "tags": tags.collect::<Vec<_>>(), "version": "1.3",
        "relationships": [], "supplementaryConfiguration": {}, "availabilityZone": "Not Applicable",
    });
    if let Value::Object(members) = &mut document {
        members.extend(item.resource_name.as_ref().map(|name| ("resourceName".to_owned(), name.as_str().into())));
        let created = item.created.map(Instant::iso).map(Value::from);
        members.extend(created.map(|created| ("resourceCreationTime".to_owned(), created)));
    }
    document
}

/// The selected properties of a document, as the text of a JSON object.
fn row(query: &Query, document: &Value) -> Value {
    let mut row = Map::new();
    for column in &query.columns {
        match column {
            Column::Everything => row.extend(document.as_object().cloned().unwrap_or_default()),
            Column::Property(path) => copy(document, path, &mut row),
            Column::Count => {}
        }
    }
    Value::from(Value::Object(row).to_string())
}

/// Copies one property, in the objects that it is in.
fn copy(from: &Value, path: &[String], into: &mut Map<String, Value>) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(value) = from.get(first).filter(|value| !value.is_null()) else { return };
    let copied = if rest.is_empty() { Some(value.clone()) } else { inner(value, rest, into.get(first)) };
    into.extend(copied.map(|copied| (first.clone(), copied)));
}

fn inner(value: &Value, rest: &[String], known: Option<&Value>) -> Option<Value> {
    match value {
        Value::Array(entries) => Some(entries.iter().filter_map(|entry| inner(entry, rest, None)).collect()),
        Value::Object(_) => {
            let mut object = known.and_then(Value::as_object).cloned().unwrap_or_default();
            copy(value, rest, &mut object);
            (!object.is_empty()).then_some(Value::Object(object))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The rows of a query that groups or sorts.
fn ordered(query: &Query, documents: Vec<Value>) -> Vec<Value> {
    let text =
        |document: &Value, path: &[String]| values(document, path).first().map(ToString::to_string).unwrap_or_default();
    if query.is_grouped() {
        let mut groups: BTreeMap<Vec<String>, (Value, usize)> = BTreeMap::new();
        for document in documents {
            let key = query.group.iter().map(|path| text(&document, path)).collect();
            groups.entry(key).or_insert((document, 0)).1 += 1;
        }
        return groups.into_values().map(|(document, count)| counted(query, &document, count)).collect();
    }
    let mut documents = documents;
    for (path, descending) in query.order.iter().rev() {
        documents.sort_by(|a, b| {
            let order = text(a, path).cmp(&text(b, path));
            if *descending { order.reverse() } else { order }
        });
    }
    documents.iter().map(|document| row(query, document)).collect()
}

fn counted(query: &Query, document: &Value, count: usize) -> Value {
    let mut row = Map::new();
    for column in &query.columns {
        match column {
            Column::Count => {
                row.insert(column.text(), count.into());
            }
            Column::Property(path) => copy(document, path, &mut row),
            Column::Everything => {}
        }
    }
    Value::from(Value::Object(row).to_string())
}
