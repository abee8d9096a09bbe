//! The artifact bucket: what is in it, emptying it, deleting it.

use std::time::Duration;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use tokio::time::sleep;

use crate::aws::{AwsRefusal, Clients, refused};
use crate::names::Names;
use crate::observe::Read;

/// Keys that are not ours and are shown by name.
const SHOWN: usize = 5;
/// S3 may list an object for a moment after its deletion, and refuse to delete a bucket that it takes as not empty.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(5)];

/// What is in a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Versions of objects under our prefix.
    pub(super) versions: usize,
    /// Delete markers under our prefix.
    pub(super) markers: usize,
    /// The size of those versions, in bytes.
    pub(super) bytes: u64,
    /// Versions and delete markers of objects that are not under our prefix.
    pub(super) foreign: usize,
    /// The first of their keys.
    pub(super) foreign_keys: Vec<String>,
}

/// Counts what is in a bucket.
pub(super) async fn contents(clients: &Clients, bucket: &str, names: Names<'_>) -> Read<Contents> {
    let mut found = Contents::default();
    let mut from = (None, None);
    loop {
        let page = page(clients, bucket, names.account, from).await?;
        count(&page, names, &mut found);
        if page.is_truncated() != Some(true) {
            return Ok(found);
        }
        from = (page.next_key_marker, page.next_version_id_marker);
    }
}

fn count(page: &ListObjectVersionsOutput, names: Names<'_>, found: &mut Contents) {
    let mut foreign = |key: &str| {
        found.foreign += 1;
        if found.foreign_keys.len() < SHOWN && !found.foreign_keys.iter().any(|known| known == key) {
            found.foreign_keys.push(key.to_owned());
        }
    };
    for version in page.versions() {
        let key = version.key().unwrap_or_default();
        if is_our_key(key, names) {
            found.versions += 1;
            found.bytes += u64::try_from(version.size().unwrap_or_default()).unwrap_or_default();
        } else {
            foreign(key);
        }
    }
    for marker in page.delete_markers() {
        let key = marker.key().unwrap_or_default();
        if is_our_key(key, names) {
            found.markers += 1;
        } else {
            foreign(key);
        }
    }
}

/// Whether an installation puts objects under such a key.
fn is_our_key(key: &str, names: Names<'_>) -> bool {
    key.strip_prefix(names.prefix).is_some_and(|rest| rest.starts_with('/'))
}

async fn page(
    clients: &Clients,
    bucket: &str,
    account: &str,
    (key, version): (Option<String>, Option<String>),
) -> Read<ListObjectVersionsOutput> {
    let call = clients.s3.list_object_versions().bucket(bucket).expected_bucket_owner(account);
    let answer = call.set_key_marker(key).set_version_id_marker(version).send().await;
    answer.map_err(|error| refused("s3:ListBucketVersions", &clients.region, &error))
}

/// Deletes every version and delete marker under our prefix, for good.
pub(super) async fn empty(clients: &Clients, bucket: &str, names: Names<'_>) -> Read<()> {
    let mut from = (None, None);
    loop {
        let page = page(clients, bucket, names.account, from).await?;
        let doomed: Vec<ObjectIdentifier> = identifiers(&page, names);
        if !doomed.is_empty() {
            delete_objects(clients, bucket, names.account, doomed).await?;
        }
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
        from = (page.next_key_marker, page.next_version_id_marker);
    }
}

fn identifiers(page: &ListObjectVersionsOutput, names: Names<'_>) -> Vec<ObjectIdentifier> {
    let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    let ours = versions.chain(markers).filter_map(|(key, version)| Some((key?, version)));
    ours.filter(|(key, _)| is_our_key(key, names))
        .filter_map(|(key, version)| {
            ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned)).build().ok()
        })
        .collect()
}

/// At most a page of them, which is as many as S3 takes: a thousand.
async fn delete_objects(
    clients: &Clients,
    bucket: &str,
    account: &str,
    doomed: Vec<ObjectIdentifier>,
) -> Result<(), AwsRefusal> {
    let failed = |code: Option<String>, message: String| AwsRefusal {
        call: "s3:DeleteObjectVersion".to_owned(),
        region: clients.region.clone(),
        code,
        message,
        request_id: None,
    };
    let list = Delete::builder().set_objects(Some(doomed)).quiet(true).build();
    let list = list.map_err(|error| failed(None, error.to_string()))?;
    let call = clients.s3.delete_objects().bucket(bucket).expected_bucket_owner(account).delete(list);
    let answer = call.send().await.map_err(|error| refused("s3:DeleteObjectVersion", &clients.region, &error))?;
    match answer.errors().first() {
        None => Ok(()),
        Some(first) => {
            let (key, words) = (first.key().unwrap_or_default(), first.message().unwrap_or_default());
            Err(failed(first.code().map(str::to_owned), format!("{words} (object {key} in {bucket})")))
        }
    }
}

/// Deletes a bucket that was emptied. One that is gone is no failure.
pub(super) async fn delete(clients: &Clients, bucket: &str, names: Names<'_>) -> Read<()> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let call = clients.s3.delete_bucket().bucket(bucket).expected_bucket_owner(names.account);
        let Err(error) = call.send().await else { return Ok(()) };
        let refusal = refused("s3:DeleteBucket", &clients.region, &error);
        match (refusal.code.as_deref(), pauses.next()) {
            (Some("NoSuchBucket"), _) => return Ok(()),
            (Some("BucketNotEmpty" | "OperationAborted"), Some(pause)) => {
                sleep(pause).await;
                empty(clients, bucket, names).await?;
            }
            _ => return Err(refusal),
        }
    }
}
