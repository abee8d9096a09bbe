//! Buckets: making, finding and removing them.

use serde_json::{Value, json};

use super::{Bucket, Lock, bucket_of, check_absent, lock_bucket};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    check_absent(call, &["ACL", "GrantFullControl", "GrantRead", "GrantWrite"])?;
    let name = call.required("Bucket");
    let wanted = call.input.pointer("/CreateBucketConfiguration/LocationConstraint").and_then(Value::as_str);
    let fits = match wanted {
        // us-east-1 has no location of its own, so that its endpoint takes any.
        None => call.region == "us-east-1",
        Some(wanted) => wanted == call.region && wanted != "us-east-1",
    };
    if !fits && (wanted.is_none() || call.region != "us-east-1") {
        let shown = wanted.unwrap_or("unspecified");
        let message = format!(
            "The {shown} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        return Err(Refusal::new("IllegalLocationConstraintException", message));
    }
    if !fits {
        let message = "The specified location-constraint is not valid";
        return Err(Refusal::new("InvalidLocationConstraint", message));
    }
    let place = Place::new(call.account, call.region);
    check_namespace(&place, name, call.text("BucketNamespace"))?;
    create_at(state, &place, name)?;
    if call.flag("ObjectLockEnabledForBucket") {
        lock_bucket(state, name, Lock::default())?;
    }
    if let Some(wanted) = call.text("ObjectOwnership")
        && let Some(bucket) = state.s3.get_mut(name)
    {
        bucket.ownership = json!({"Rules": [{"ObjectOwnership": wanted}]});
    }
    Ok(json!({"Location": format!("/{name}")}))
}

/// Makes a bucket.
///
/// # Errors
/// `InvalidBucketName`, `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`.
pub(crate) fn create_at(state: &mut State, place: &Place, name: &str) -> Result<(), Refusal> {
    if !check_name(name) {
        let refusal = Refusal::new("InvalidBucketName", "The specified bucket is not valid.");
        return Err(refusal.with_detail("BucketName", name));
    }
    let taken = state.s3.get(name).map(|bucket| bucket.owner == place.account);
    let conflict = match taken {
        None => {
            let bucket = Bucket::new(place, state.ambient.clock.now());
            state.s3.insert(name.to_owned(), bucket);
            return Ok(());
        }
        Some(true) => Refusal::new(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        ),
        Some(false) => Refusal::new(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
             Please select a different name and try again.",
        ),
    };
    Err(conflict.with_status(409).with_detail("BucketName", name))
}

/// Names in an account's own name space say so:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>.
///
/// # Errors
/// `InvalidBucketName`.
pub(crate) fn check_namespace(place: &Place, name: &str, namespace: Option<&str>) -> Result<(), Refusal> {
    let own = name.ends_with(&format!("-{}-{}-an", place.account, place.region));
    if own || namespace != Some("account-regional") {
        return Ok(());
    }
    let refusal = Refusal::new("InvalidBucketName", "The specified bucket is not valid.");
    Err(refusal.with_detail("BucketName", name))
}

/// The rules for names: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
fn check_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let edges = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    let ip = name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    (3..=63).contains(&name.len())
        && edges
        && name.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'.')
        && !name.contains("..")
        && !ip
        && !name.starts_with("xn--")
        && !name.ends_with("-s3alias")
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    bucket_of(state, call)?;
    delete_at(state, call.required("Bucket"))?;
    Ok(Value::Null)
}

/// Removes a bucket, if it is empty.
///
/// # Errors
/// `BucketNotEmpty`.
pub(crate) fn delete_at(state: &mut State, name: &str) -> Result<(), Refusal> {
    if state.s3.get(name).is_some_and(|bucket| !bucket.objects.is_empty()) {
        let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
        return Err(Refusal::new("BucketNotEmpty", message).with_status(409).with_detail("BucketName", name));
    }
    state.s3.remove(name);
    Ok(())
}

pub(super) fn head(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let bucket = bucket_of(state, call)?;
    Ok(json!({"BucketRegion": bucket.region, "AccessPointAlias": false}))
}

pub(super) fn location(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.required("Bucket");
    // The one operation that every Region answers for every bucket.
    let region = state.s3.get(name).map_or_else(|| call.region.to_owned(), |bucket| bucket.region.clone());
    let there = Call { region: &region, ..*call };
    let bucket = bucket_of(state, &there)?;
    let place = Some(bucket.region.clone()).filter(|region| region != "us-east-1");
    Ok(json!({"LocationConstraint": place}))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let prefix = call.text("Prefix").unwrap_or_default();
    let mine = state.s3.iter().filter(|(name, bucket)| bucket.owner == call.account && name.starts_with(prefix));
    let wanted = call.text("BucketRegion");
    let mine = mine.filter(|(_, bucket)| wanted.is_none_or(|region| region == bucket.region));
    let shown = mine.map(
        |(name, bucket)| json!({"Name": name, "CreationDate": bucket.created.epoch(), "BucketRegion": bucket.region}),
    );
    Ok(json!({"Buckets": shown.collect::<Vec<_>>(), "Owner": {"ID": call.account}}))
}

#[cfg(test)]
mod tests {
    #[test]
    fn bucket_names_follow_the_rules() {
        for good in ["nb-guard-111122223333-eu-west-1", "a.b", "123"] {
            assert!(super::check_name(good), "{good}");
        }
        for bad in ["ab", "Upper", "a_b", "-a-", "a..b", "10.0.0.1", "xn--abc"] {
            assert!(!super::check_name(bad), "{bad}");
        }
    }
}
