//! What can be set for a bucket: versioning, encryption, ownership, public access, policy, tags.

use serde_json::{Value, json};

use super::bucket_of;
use super::policy::{check_blocked, check_policy};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(super) fn versioning(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({"Status": bucket_of(state, call)?.versioning}))
}

pub(super) fn put_versioning(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let status = call.input.pointer("/VersioningConfiguration/Status").and_then(Value::as_str);
    let bucket = bucket_of(state, call)?;
    let status = status.ok_or_else(|| {
        let message = "The Versioning element must be specified";
        Refusal::new("IllegalVersioningConfigurationException", message)
    })?;
    if bucket.lock.is_some() && status != "Enabled" {
        let message =
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
        return Err(Refusal::new("InvalidBucketState", message).with_status(409));
    }
    bucket.versioning = Some(status.to_owned());
    Ok(Value::Null)
}

pub(super) fn encryption(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({"ServerSideEncryptionConfiguration": bucket_of(state, call)?.encryption}))
}

pub(super) fn put_encryption(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = call.input.get("ServerSideEncryptionConfiguration").cloned().unwrap_or_default();
    bucket_of(state, call)?.encryption = wanted;
    Ok(Value::Null)
}

pub(super) fn ownership(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({"OwnershipControls": bucket_of(state, call)?.ownership}))
}

pub(super) fn put_ownership(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = call.input.get("OwnershipControls").cloned().unwrap_or_default();
    bucket_of(state, call)?.ownership = wanted;
    Ok(Value::Null)
}

pub(super) fn public_access(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let missing = || {
        let message = "The public access block configuration was not found";
        Refusal::new("NoSuchPublicAccessBlockConfiguration", message).with_status(404)
    };
    let found = bucket_of(state, call)?.public_access.clone().ok_or_else(missing)?;
    Ok(json!({"PublicAccessBlockConfiguration": found}))
}

pub(super) fn put_public_access(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = call.input.get("PublicAccessBlockConfiguration").cloned().unwrap_or_default();
    bucket_of(state, call)?.public_access = Some(filled(&wanted));
    Ok(Value::Null)
}

/// All four switches, those left out being off.
fn filled(wanted: &Value) -> Value {
    let names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let on = |name: &str| wanted.get(name).and_then(Value::as_bool).unwrap_or_default();
    names.iter().map(|name| ((*name).to_owned(), Value::from(on(name)))).collect()
}

pub(super) fn policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let missing = || {
        let message = "The bucket policy does not exist";
        Refusal::new("NoSuchBucketPolicy", message).with_status(404)
    };
    Ok(json!({"Policy": bucket_of(state, call)?.policy.clone().ok_or_else(missing)?}))
}

pub(super) fn put_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.required("Bucket");
    let policy = call.required("Policy");
    let bucket = bucket_of(state, call)?;
    check_policy(name, policy)?;
    check_blocked(bucket.public_access.as_ref(), policy)?;
    bucket.policy = Some(policy.to_owned());
    Ok(Value::Null)
}

pub(super) fn delete_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    bucket_of(state, call)?.policy = None;
    Ok(Value::Null)
}

pub(super) fn tagging(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let tags = bucket_of(state, call)?.tags.clone();
    if tags.is_empty() {
        return Err(Refusal::new("NoSuchTagSet", "The TagSet does not exist").with_status(404));
    }
    Ok(json!({"TagSet": tags}))
}

pub(super) fn put_tagging(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let tags = call.input.pointer("/Tagging/TagSet").and_then(Value::as_array).cloned().unwrap_or_default();
    bucket_of(state, call)?.tags = tags;
    Ok(Value::Null)
}
