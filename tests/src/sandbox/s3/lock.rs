//! Object lock: versions that nobody can delete before a day.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::object::{no_such_key, version_of};
use super::{Object, State, bucket_of, no_such_bucket};
use crate::sandbox::clock::Instant;
use crate::sandbox::iam;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;

/// A bucket's lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The mode, and the days for which every new version is locked.
    pub(crate) default: Option<(String, u64)>,
}

/// How long a version is kept, and whether somebody may still delete it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    mode: String,
    until: Instant,
}

/// Turns the lock of a bucket on, and with it versioning.
///
/// # Errors
/// `NoSuchBucket`.
pub(crate) fn lock_bucket(state: &mut State, name: &str, lock: Lock) -> Result<(), Refusal> {
    let bucket = state.s3.get_mut(name).ok_or_else(|| no_such_bucket(name))?;
    bucket.versioning = Some("Enabled".to_owned());
    bucket.lock = Some(lock);
    Ok(())
}

pub(super) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let missing = || {
        let message = "Object Lock configuration does not exist for this bucket";
        Refusal::new("ObjectLockConfigurationNotFoundError", message).with_status(404)
    };
    let lock = bucket_of(state, call)?.lock.clone().ok_or_else(missing)?;
    let mut configuration = json!({"ObjectLockEnabled": "Enabled"});
    if let (Value::Object(members), Some((mode, days))) = (&mut configuration, lock.default) {
        members.insert("Rule".to_owned(), json!({"DefaultRetention": {"Mode": mode, "Days": days}}));
    }
    Ok(json!({"ObjectLockConfiguration": configuration}))
}

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Refusal::new("MalformedXML", message)
    };
    let asked = call.input.get("ObjectLockConfiguration").ok_or_else(malformed)?;
    let default = asked.pointer("/Rule/DefaultRetention").map(|rule| {
        let number = |member: &str| rule.get(member).and_then(Value::as_u64);
        let days = match (number("Days"), number("Years")) {
            (Some(days), None) => Some(days),
            (None, Some(years)) => Some(365 * years),
            _ => None,
        };
        let mode = rule.get("Mode").and_then(Value::as_str).map(ToOwned::to_owned);
        mode.zip(days.filter(|days| *days > 0)).ok_or_else(malformed)
    });
    let default = default.transpose()?;
    let bucket = bucket_of(state, call)?;
    if bucket.versioning.as_deref() != Some("Enabled") {
        let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        return Err(Refusal::new("InvalidBucketState", message).with_status(409));
    }
    bucket.lock = Some(Lock { default });
    Ok(Value::Null)
}

/// What a call that puts an object asks for, or its bucket gives it.
///
/// # Errors
/// `InvalidRequest`, `InvalidArgument`, `AccessDenied`.
pub(super) fn kept(state: &State, call: &Call<'_>, checked: bool) -> Result<Option<Kept>, Refusal> {
    let now = state.ambient.clock.now();
    let lock = state.s3.get(call.required("Bucket")).and_then(|bucket| bucket.lock.as_ref());
    let until = call.input.get("ObjectLockRetainUntilDate").and_then(Instant::from_epoch);
    let kept = match (call.text("ObjectLockMode"), until, lock) {
        (None, None, lock) => {
            let default = lock.and_then(|lock| lock.default.clone());
            default.map(|(mode, days)| Kept { mode, until: now.plus(Duration::from_hours(24 * days)) })
        }
        (_, _, None) => {
            return Err(Refusal::new("InvalidRequest", "Bucket is missing Object Lock Configuration"));
        }
        (Some(mode), Some(until), Some(_)) if until > now => Some(Kept { mode: mode.to_owned(), until }),
        (Some(_), Some(_), Some(_)) => {
            return Err(Refusal::new("InvalidArgument", "The retain until date must be in the future!"));
        }
        _ => {
            let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            return Err(Refusal::new("InvalidArgument", message));
        }
    };
    let account = state.accounts.get(call.account);
    if call.text("ObjectLockMode").is_some()
        && account.is_some_and(|account| iam::lacks(account, "s3:PutObjectRetention"))
    {
        return Err(super::denied());
    }
    if kept.is_some() && !checked {
        let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
        return Err(Refusal::new("InvalidRequest", message));
    }
    Ok(kept)
}

/// `GetObjectRetention`.
pub(super) fn retention(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let bucket = bucket_of(state, call)?;
    if bucket.lock.is_none() {
        return Err(Refusal::new("InvalidRequest", "Bucket is missing Object Lock Configuration"));
    }
    let none = || {
        let message = "The specified object does not have a ObjectLock configuration";
        Refusal::new("NoSuchObjectLockConfiguration", message).with_status(404)
    };
    let kept = version_of(bucket, call, &no_such_key)?.kept.as_ref().ok_or_else(none)?;
    Ok(json!({"Retention": {"Mode": kept.mode, "RetainUntilDate": kept.until.epoch()}}))
}

/// Whether reads show a lock to whoever calls: the headers need the permission of `GetObjectRetention`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
pub(super) fn is_told(state: &State, call: &Call<'_>) -> bool {
    !state.accounts.get(call.account).is_some_and(|account| iam::lacks(account, "s3:GetObjectRetention"))
}

/// What reads show of it.
pub(super) fn shown(object: &Object) -> Map<String, Value> {
    let kept = object.kept.iter();
    let members = kept.flat_map(|kept| {
        [
            ("ObjectLockMode".to_owned(), Value::from(kept.mode.as_str())),
            ("ObjectLockRetainUntilDate".to_owned(), kept.until.epoch()),
        ]
    });
    members.collect()
}

/// Refuses to delete a version that is kept.
///
/// # Errors
/// `AccessDenied`.
pub(super) fn check_deletion(object: &Object, call: &Call<'_>, now: Instant) -> Result<(), Refusal> {
    let kept = object.kept.as_ref().filter(|kept| kept.until > now);
    if kept.is_none_or(|kept| kept.mode == "GOVERNANCE" && call.flag("BypassGovernanceRetention")) {
        return Ok(());
    }
    let message = "Access Denied because object protected by object lock.";
    Err(Refusal::new("AccessDenied", message).with_status(403))
}
