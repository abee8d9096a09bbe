//! What can be set for a bucket: versioning, encryption, ownership, public access, policy, tags.

use serde_json::{Value, json};

use super::bucket_of;
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
    bucket.policy = Some(policy.to_owned());
    Ok(Value::Null)
}

/// Checks what can be told of a bucket policy without evaluating it.
///
/// # Errors
/// `MalformedPolicy`.
pub(crate) fn check_policy(bucket: &str, policy: &str) -> Result<(), Refusal> {
    let malformed = |message: &str| Refusal::new("MalformedPolicy", message);
    let parsed: Value = serde_json::from_str(policy)
        .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let statements = match parsed.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => return Err(malformed("Missing required field Statement")),
    };
    for statement in statements {
        if let Some(missing) = ["Effect", "Principal", "Action", "Resource"]
            .iter()
            .find(|member| statement.get(**member).is_none() && statement.get(format!("Not{member}")).is_none())
        {
            return Err(malformed(&format!("Missing required field {missing}")));
        }
        let resources = match statement.get("Resource") {
            Some(Value::Array(resources)) => resources.clone(),
            Some(resource) => vec![resource.clone()],
            None => Vec::new(),
        };
        let inside = |arn: &str| {
            let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
            resource == bucket || resource.strip_prefix(bucket).is_some_and(|rest| rest.starts_with(['/', '*']))
        };
        if !resources.iter().filter_map(Value::as_str).all(inside) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(())
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
