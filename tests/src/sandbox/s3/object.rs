//! Objects: putting, getting and deleting them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use super::{Bucket, Object, Visitor, admits, bucket_of, check_absent, denied, lock};
use crate::sandbox::iam;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const CHECKSUMS: [&str; 5] = ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"];

/// What putting an object could be asked for besides.
const ABSENT: [&str; 8] = [
    "ACL",
    "ObjectLockLegalHoldStatus",
    "SSECustomerAlgorithm",
    "SSEKMSKeyId",
    "StorageClass",
    "Tagging",
    "WebsiteRedirectLocation",
    "WriteOffsetBytes",
];

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    check_absent(call, &ABSENT)?;
    let now = state.ambient.clock.now();
    let fresh = state.ambient.random.secret(32);
    let key = call.required("Key");
    bucket_of(state, call)?;
    let checked = call.text("ContentMD5").is_some() || CHECKSUMS.iter().any(|name| call.text(name).is_some());
    let kept = lock::kept(state, call, checked)?;
    let bucket = bucket_of(state, call)?;
    let body = STANDARD.decode(call.text("Body").unwrap_or_default()).unwrap_or_default();
    if call.text("IfNoneMatch") == Some("*") && bucket.current(key).is_some() {
        return Err(precondition("If-None-Match"));
    }
    if let Some(wanted) = call.text("IfMatch") {
        let current = bucket.current(key).ok_or_else(|| no_such_key(key))?;
        if current.etag != wanted {
            return Err(precondition("If-Match"));
        }
    }
    let etag = format!("\"{}\"", hex(&Md5::digest(&body)));
    let checksums = CHECKSUMS.iter().filter_map(|name| Some(((*name).to_owned(), call.text(name)?.into())));
    let checksums: Map<String, Value> = checksums.collect();
    let versioned = bucket.versioning.as_deref() == Some("Enabled");
    let object = Object {
        version: if versioned { fresh } else { "null".to_owned() },
        marker: false,
        body: Bytes::from(body),
        etag: etag.clone(),
        modified: now,
        content_type: call.text("ContentType").unwrap_or("binary/octet-stream").to_owned(),
        metadata: call.input.get("Metadata").and_then(Value::as_object).cloned().unwrap_or_default(),
        checksums: checksums.clone(),
        kept,
    };
    let mut answer = checksums;
    answer.insert("ETag".to_owned(), etag.into());
    answer.insert("ServerSideEncryption".to_owned(), algorithm(&bucket.encryption));
    if bucket.versioning.is_some() {
        answer.insert("VersionId".to_owned(), object.version.clone().into());
    }
    push(bucket.objects.entry(key.to_owned()).or_default(), object);
    Ok(Value::Object(answer))
}

/// Puts an object as its owner would.
///
/// # Errors
/// `NoSuchBucket`.
pub(crate) fn put_at(state: &mut State, name: &str, key: &str, body: Vec<u8>) -> Result<(), Refusal> {
    let now = state.ambient.clock.now();
    let fresh = state.ambient.random.secret(32);
    let bucket = state.s3.get_mut(name).ok_or_else(|| super::no_such_bucket(name))?;
    let versioned = bucket.versioning.as_deref() == Some("Enabled");
    let object = Object {
        version: if versioned { fresh } else { "null".to_owned() },
        marker: false,
        etag: format!("\"{}\"", hex(&Md5::digest(&body))),
        body: Bytes::from(body),
        modified: now,
        content_type: "binary/octet-stream".to_owned(),
        metadata: Map::new(),
        checksums: Map::new(),
        kept: None,
    };
    push(bucket.objects.entry(key.to_owned()).or_default(), object);
    Ok(())
}

/// Adds a version. There is one version `null` at most.
fn push(versions: &mut Vec<Object>, object: Object) {
    if object.version == "null" {
        versions.retain(|version| version.version != "null");
    }
    versions.push(object);
}

fn algorithm(encryption: &Value) -> Value {
    let path = "/Rules/0/ApplyServerSideEncryptionByDefault/SSEAlgorithm";
    encryption.pointer(path).cloned().unwrap_or_else(|| "AES256".into())
}

fn precondition(condition: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new("PreconditionFailed", message).with_status(412).with_detail("Condition", condition)
}

pub(super) fn no_such_key(key: &str) -> Refusal {
    Refusal::new("NoSuchKey", "The specified key does not exist.").with_status(404).with_detail("Key", key)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// `GetObject` and `HeadObject`: the wire leaves out the body of the second.
pub(super) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    // Who may not list does not learn what is missing.
    let lacks = state.accounts.get(call.account).is_some_and(|account| iam::lacks(account, "s3:ListBucket"));
    let place = Place::new(call.account, call.region);
    let name = call.required("Bucket");
    let listed = state.s3.get(name).is_some_and(|bucket| {
        let visitor = Visitor { place: &place, arn: &call.caller.arn };
        admits(state, &visitor, (name, bucket), ("s3:ListBucket", None))
    });
    let blind = lacks || !listed;
    let tells_lock = lock::is_told(state, call);
    let no_such_key = |key: &str| if blind { denied() } else { no_such_key(key) };
    let bucket = bucket_of(state, call)?;
    let object = version_of(bucket, call, &no_such_key)?;
    if call.text("IfMatch").is_some_and(|wanted| wanted != object.etag) {
        return Err(precondition("If-Match"));
    }
    if call.text("IfNoneMatch").is_some_and(|wanted| wanted == object.etag) {
        return Err(Refusal::new("NotModified", "Not Modified").with_status(304));
    }
    if call.text("Range").is_some() {
        let message = "A header you provided implies functionality that is not implemented";
        return Err(Refusal::new("NotImplemented", message).with_status(501));
    }
    let mut answer = json!({
        "AcceptRanges": "bytes",
        "ContentLength": object.body.len(),
        "ContentType": object.content_type,
        "ETag": object.etag,
        "LastModified": object.modified.epoch(),
        "Metadata": object.metadata,
        "ServerSideEncryption": algorithm(&bucket.encryption),
        "VersionId": bucket.versioning.as_ref().map(|_| &object.version),
    });
    if let Value::Object(members) = &mut answer {
        if tells_lock {
            members.extend(lock::shown(object));
        }
        if call.operation == "GetObject" {
            members.insert("Body".to_owned(), STANDARD.encode(&object.body).into());
        }
        if call.text("ChecksumMode") == Some("ENABLED") {
            members.extend(object.checksums.clone());
            if !object.checksums.is_empty() {
                members.insert("ChecksumType".to_owned(), "FULL_OBJECT".into());
            }
        }
    }
    Ok(answer)
}

/// The version of an object that a call names, or its newest.
///
/// # Errors
/// `NoSuchKey`, or what `missing` makes of it; `NoSuchVersion`.
pub(super) fn version_of<'a>(
    bucket: &'a Bucket,
    call: &Call<'_>,
    missing: &dyn Fn(&str) -> Refusal,
) -> Result<&'a Object, Refusal> {
    let key = call.required("Key");
    let versions = bucket.objects.get(key).ok_or_else(|| missing(key))?;
    let object = match call.text("VersionId") {
        Some(wanted) => versions
            .iter()
            .find(|object| object.version == wanted)
            .ok_or_else(|| Refusal::new("NoSuchVersion", "The specified version does not exist.").with_status(404))?,
        None => versions.last().ok_or_else(|| missing(key))?,
    };
    if object.marker {
        let refusal = missing(key).with_detail("x-amz-delete-marker", "true");
        return Err(refusal.with_detail("x-amz-version-id", &object.version));
    }
    Ok(object)
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (key, version) = (call.required("Key"), call.text("VersionId"));
    remove(state, call, key, version)
}

pub(super) fn delete_many(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let objects = call.input.pointer("/Delete/Objects").and_then(Value::as_array).cloned().unwrap_or_default();
    if objects.len() > 1000 {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Refusal::new("MalformedXML", message));
    }
    let mut deleted = Vec::new();
    for object in &objects {
        let text = |member: &str| object.get(member).and_then(Value::as_str);
        let mut answer = remove(state, call, text("Key").unwrap_or_default(), text("VersionId"))?;
        if let Value::Object(members) = &mut answer {
            if members.get("DeleteMarker") == Some(&Value::Bool(true)) {
                let version = members.get("VersionId").cloned().unwrap_or_default();
                members.insert("DeleteMarkerVersionId".to_owned(), version);
            }
            members.insert("Key".to_owned(), text("Key").unwrap_or_default().into());
            members.insert("VersionId".to_owned(), text("VersionId").map_or(Value::Null, Value::from));
        }
        deleted.push(answer);
    }
    let quiet = call.input.pointer("/Delete/Quiet").and_then(Value::as_bool).unwrap_or_default();
    Ok(if quiet { json!({}) } else { json!({"Deleted": deleted}) })
}

/// Deletes an object: one version for good, or by a marker if the bucket keeps versions.
fn remove(state: &mut State, call: &Call<'_>, key: &str, version: Option<&str>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let fresh = state.ambient.random.secret(32);
    let bucket = bucket_of(state, call)?;
    if let Some(wanted) = version {
        let versions = bucket.objects.entry(key.to_owned()).or_default();
        let named = versions.iter().find(|object| object.version == wanted);
        named.map_or(Ok(()), |object| lock::check_deletion(object, call, now))?;
        let marker = named.is_some_and(|object| object.marker);
        versions.retain(|object| object.version != wanted);
        if versions.is_empty() {
            bucket.objects.remove(key);
        }
        return Ok(json!({"VersionId": wanted, "DeleteMarker": marker.then_some(true)}));
    }
    let version = match bucket.versioning.as_deref() {
        None => {
            bucket.objects.remove(key);
            return Ok(json!({}));
        }
        Some("Enabled") => fresh,
        Some(_) => "null".to_owned(),
    };
    let marker = Object {
        version: version.clone(),
        marker: true,
        body: Bytes::new(),
        etag: String::new(),
        modified: now,
        content_type: String::new(),
        metadata: Map::new(),
        checksums: Map::new(),
        kept: None,
    };
    push(bucket.objects.entry(key.to_owned()).or_default(), marker);
    Ok(json!({"DeleteMarker": true, "VersionId": version}))
}
