//! REST requests: which operation a method and path mean, and the request that they and the body hold.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::signature::header;
use super::{Incoming, chunked, xml_in};
use crate::sandbox::clock::Instant;
use crate::sandbox::model::{Kind, Model, Protocol, Reference, Shape};
use crate::sandbox::refusal::Refusal;

/// What an SDK adds to a query to tell operations apart in logs.
const NOISE: &str = "x-id";

/// An operation and the labels of its path.
type Route<'a> = (&'a str, Vec<(String, String)>);

/// The path as the operations' templates have it: with the bucket in front, if it is in the host's name.
pub(super) fn path(incoming: &Incoming, protocol: Protocol) -> String {
    let host = header(&incoming.headers, "host").unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let bucket = [".localhost", ".127.0.0.1"].iter().find_map(|suffix| name.strip_suffix(suffix));
    match bucket.filter(|_| protocol == Protocol::RestXml) {
        Some(bucket) => format!("/{bucket}{}", incoming.path),
        None => incoming.path.clone(),
    }
}

/// The operation that a request asks for: of those that fit, the one whose template says most of the query.
pub(super) fn route<'a>(model: &'a Model, incoming: &Incoming) -> Option<Route<'a>> {
    // Copying differs from putting by a header alone.
    if incoming.headers.contains_key("x-amz-copy-source") {
        return None;
    }
    let path = path(incoming, model.metadata.protocol);
    let query: Vec<(String, String)> = pairs(&incoming.query);
    let mut found: Option<(usize, Route<'a>)> = None;
    for (name, operation) in model.operations() {
        let Some(http) = operation.http.as_ref().filter(|http| http.method == incoming.method) else { continue };
        let (template, literals) = http.request_uri.split_once('?').unwrap_or((&http.request_uri, ""));
        let literals = pairs(literals);
        let shape = operation.input.as_ref().and_then(|reference| model.shape(reference));
        let known = |key: &str| {
            let bound = |(name, reference): (&String, &Reference)| {
                reference.location.as_deref() == Some("querystring")
                    && reference.location_name.as_deref().unwrap_or(name) == key
            };
            key == NOISE
                || literals.iter().any(|(literal, _)| literal == key)
                || shape.is_some_and(|shape| shape.members.iter().any(bound))
        };
        let fits = literals.iter().all(|literal| query.contains(literal)) && query.iter().all(|(key, _)| known(key));
        let Some(labels) = labels(template, &path).filter(|_| fits) else { continue };
        if found.as_ref().is_none_or(|(best, _)| literals.len() > *best) {
            found = Some((literals.len(), (name, labels)));
        }
    }
    found.map(|(_, route)| route)
}

/// The labels of a path, if it fits the template.
fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    let mut rest = path.trim_start_matches('/');
    let mut parts = template.trim_matches('/').split('/').filter(|part| !part.is_empty()).peekable();
    while let Some(part) = parts.next() {
        let label = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let greedy = label.is_some_and(|label| label.ends_with('+')) && parts.peek().is_none();
        let (segment, after) = if greedy { (rest, "") } else { rest.split_once('/').unwrap_or((rest, "")) };
        if segment.is_empty() {
            return None;
        }
        match label {
            Some(label) => labels.push((label.trim_end_matches('+').to_owned(), decoded(segment))),
            None if part != segment => return None,
            None => {}
        }
        rest = after;
    }
    rest.is_empty().then_some(labels)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The request by the model's names, not yet checked.
///
/// # Errors
/// The body cannot be read, or is not the one that its checksum was made of.
pub(super) fn read(
    model: &Model,
    shape: &Shape,
    incoming: &Incoming,
    labels: &[(String, String)],
) -> Result<Value, Refusal> {
    let (body, headers) = chunked::unwrapped(incoming)?;
    let query = pairs(&incoming.query);
    let first = |list: &[(String, String)], key: &str| {
        list.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
    };
    let mut input = Map::new();
    for (name, reference) in &shape.members {
        let key = reference.location_name.as_deref().unwrap_or(name);
        let text = match reference.location.as_deref() {
            Some("uri") => first(labels, key),
            Some("querystring") => first(&query, key),
            Some("header") => first(&headers, key),
            Some("headers") => {
                let prefixed = headers.iter().filter_map(|(header, value)| {
                    Some((header.strip_prefix(&key.to_lowercase())?.to_owned(), Value::from(value.as_str())))
                });
                let map: Map<String, Value> = prefixed.collect();
                if !map.is_empty() {
                    input.insert(name.clone(), Value::Object(map));
                }
                None
            }
            _ => None,
        };
        if let Some(value) = text.and_then(|text| scalar(model.shape(reference), text)) {
            input.insert(name.clone(), value);
        }
    }
    let payload = shape.payload.as_ref().and_then(|name| Some((name, shape.members.get(name)?)));
    match payload {
        Some((name, reference)) => {
            if let Some(value) = payload_value(model, reference, &body)? {
                input.insert(name.clone(), value);
            }
        }
        None => input.extend(members(model, shape, &body)?),
    }
    Ok(Value::Object(input))
}

/// A value of a path, a query or a header. Of dates, those of HTTP are read past: no operation here depends on them.
fn scalar(shape: Option<&Shape>, text: String) -> Option<Value> {
    let shape = shape?;
    match shape.kind {
        Kind::Integer | Kind::Long => Some(text.parse::<i64>().map_or(Value::String(text), Value::from)),
        Kind::Boolean => Some(Value::Bool(text == "true")),
        Kind::Timestamp => {
            let iso = shape.time_format.as_deref() == Some("iso8601");
            iso.then(|| Instant::parse(&text).map_or(Value::String(text), Instant::epoch))
        }
        Kind::Structure | Kind::List | Kind::Map | Kind::String | Kind::Float | Kind::Double | Kind::Blob => {
            Some(Value::String(text))
        }
    }
}

fn payload_value(model: &Model, reference: &Reference, body: &[u8]) -> Result<Option<Value>, Refusal> {
    let Some(shape) = model.shape(reference) else { return Ok(None) };
    match shape.kind {
        Kind::Blob => Ok(Some(Value::String(STANDARD.encode(body)))),
        Kind::String => Ok(Some(Value::String(String::from_utf8_lossy(body).into_owned()))),
        Kind::Structure
        | Kind::List
        | Kind::Map
        | Kind::Integer
        | Kind::Long
        | Kind::Float
        | Kind::Double
        | Kind::Boolean
        | Kind::Timestamp => {
            if body.is_empty() {
                Ok(None)
            } else {
                document(model, shape, body).map(Some)
            }
        }
    }
}

/// The members that are in the body because they are nowhere else.
fn members(model: &Model, shape: &Shape, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let Value::Object(mut members) = document(model, shape, body)? else { return Ok(Map::new()) };
    members.retain(|name, _| shape.members.get(name).is_some_and(|reference| reference.location.is_none()));
    Ok(members)
}

fn document(model: &Model, shape: &Shape, body: &[u8]) -> Result<Value, Refusal> {
    if model.metadata.protocol == Protocol::RestXml {
        return xml_in::read(model, shape, body);
    }
    serde_json::from_slice(body)
        .map_err(|_| Refusal::new("InvalidRequestContentException", "Could not parse request body into json"))
}

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn a_path_gives_its_labels() {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(labels("/{Bucket}/{Key+}", "/b/a%20b/c"), Some(vec![label("Bucket", "b"), label("Key", "a b/c")]));
        assert_eq!(labels("/{Bucket}/{Key+}", "/b/"), None);
        assert_eq!(labels("/{Bucket}", "/b/"), Some(vec![label("Bucket", "b")]));
        assert_eq!(labels("/", "/b"), None);
        assert_eq!(labels("/2015-03-31/functions/", "/2015-03-31/functions"), Some(Vec::new()));
    }
}
