//! Listing objects and their versions, page by page.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Object, bucket_of};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

const MOST: usize = 1000;

/// The first keys after a point, and the prefixes that stand for the keys below a delimiter.
struct Found {
    keys: Vec<String>,
    prefixes: Vec<String>,
    /// Where the next page goes on.
    next: Option<String>,
}

fn keys<'a>(all: impl Iterator<Item = &'a String>, call: &Call<'_>, after: &str, most: usize) -> Found {
    let (prefix, delimiter) = (call.text("Prefix").unwrap_or_default(), call.text("Delimiter").unwrap_or_default());
    let mut found = Found { keys: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = String::new();
    for key in all.filter(|key| key.as_str() > after) {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let folder = Some(delimiter).filter(|delimiter| !delimiter.is_empty());
        let folder = folder.and_then(|delimiter| rest.split_once(delimiter));
        let folder = folder.map(|(name, _)| format!("{prefix}{name}{delimiter}"));
        let known = folder.as_ref().is_some_and(|folder| {
            found.prefixes.last() == Some(folder) || (!after.is_empty() && after.starts_with(folder.as_str()))
        });
        if known {
            last.clone_from(key);
            continue;
        }
        if found.keys.len() + found.prefixes.len() >= most {
            found.next = Some(last);
            break;
        }
        match folder {
            Some(folder) => found.prefixes.push(folder),
            None => found.keys.push(key.clone()),
        }
        last.clone_from(key);
    }
    found
}

fn size(call: &Call<'_>) -> usize {
    call.count("MaxKeys").map_or(MOST, |wanted| wanted.min(MOST))
}

fn common(prefixes: &[String]) -> Value {
    prefixes.iter().map(|prefix| json!({"Prefix": prefix})).collect()
}

pub(super) fn objects(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let bucket = bucket_of(state, call)?;
    let invalid = || Refusal::new("InvalidArgument", "The continuation token provided is incorrect");
    let token = call.text("ContinuationToken").map(|token| {
        let bytes = STANDARD.decode(token).map_err(|_| invalid())?;
        String::from_utf8(bytes).map_err(|_| invalid())
    });
    let after = token.transpose()?.or_else(|| call.text("StartAfter").map(ToOwned::to_owned)).unwrap_or_default();
    let current = bucket.objects.keys().filter(|key| bucket.current(key).is_some());
    let page = keys(current, call, &after, size(call));
    let shown = page.keys.iter().filter_map(|key| {
        let object = bucket.current(key)?;
        Some(json!({
            "Key": key, "LastModified": object.modified.epoch(), "ETag": object.etag, "Size": object.body.len(),
            "StorageClass": "STANDARD",
        }))
    });
    Ok(json!({
        "Name": call.required("Bucket"),
        "Prefix": call.text("Prefix").unwrap_or_default(),
        "Delimiter": call.text("Delimiter"),
        "MaxKeys": size(call),
        "KeyCount": page.keys.len() + page.prefixes.len(),
        "IsTruncated": page.next.is_some(),
        "ContinuationToken": call.text("ContinuationToken"),
        "NextContinuationToken": page.next.map(|next| STANDARD.encode(next)),
        "StartAfter": call.text("StartAfter"),
        "Contents": shown.collect::<Vec<_>>(),
        "CommonPrefixes": common(&page.prefixes),
        "EncodingType": Value::Null,
    }))
}

/// Whole keys to a page: a page may be longer than asked for by the versions of its last key.
pub(super) fn versions(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let bucket = bucket_of(state, call)?;
    let after = call.text("KeyMarker").unwrap_or_default();
    let page = keys(bucket.objects.keys(), call, after, size(call));
    let all = page.keys.iter().flat_map(|key| {
        let versions = bucket.objects.get(key).map(Vec::as_slice).unwrap_or_default();
        versions.iter().rev().enumerate().map(move |(at, object)| (key, at == 0, object))
    });
    let shown = |key: &str, latest: bool, object: &Object| {
        let mut shown = json!({
            "Key": key, "VersionId": object.version, "IsLatest": latest, "LastModified": object.modified.epoch(),
        });
        if let Value::Object(members) = &mut shown
            && !object.marker
        {
            members.insert("ETag".to_owned(), object.etag.clone().into());
            members.insert("Size".to_owned(), object.body.len().into());
            members.insert("StorageClass".to_owned(), "STANDARD".into());
        }
        shown
    };
    let (markers, versions): (Vec<_>, Vec<_>) = all.partition(|(_, _, object)| object.marker);
    let list = |entries: Vec<(&String, bool, &Object)>| -> Value {
        entries.into_iter().map(|(key, latest, object)| shown(key, latest, object)).collect()
    };
    Ok(json!({
        "Name": call.required("Bucket"),
        "Prefix": call.text("Prefix").unwrap_or_default(),
        "KeyMarker": after,
        "Delimiter": call.text("Delimiter"),
        "MaxKeys": size(call),
        "IsTruncated": page.next.is_some(),
        "NextKeyMarker": page.next,
        "Versions": list(versions),
        "DeleteMarkers": list(markers),
        "CommonPrefixes": common(&page.prefixes),
    }))
}
