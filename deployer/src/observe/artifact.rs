//! The artifact bucket and the artifact in it.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{ChecksumMode, Tag};
use sha2::{Digest as _, Sha256};

use super::Read;
use crate::aws::{AwsRefusal, Clients, refused};
use crate::digest::{from_base64, hexadecimal};
use crate::names::{MANAGED_TAG, Names};

/// CloudFormation's tag with the name of the stack that made a resource.
const STACK_TAG: &str = "aws:cloudformation:stack-name";

/// The artifact bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketState {
    /// It is in this account and Region; where no stack of ours has it, it has our tag.
    Present,
    /// It is in this account and Region, in no stack of ours, and without our tag: somebody's own.
    Unmarked,
    /// Nobody has it.
    Missing,
    /// Its name belongs to somebody else, or we may not look.
    Foreign,
    /// It is in another Region.
    Elsewhere,
}

/// An object in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectState {
    /// There is none, or no bucket.
    Missing,
    /// It has these bytes.
    Present {
        /// Their SHA-256, hexadecimal.
        sha256: String,
    },
}

pub(super) async fn read(
    clients: &Clients,
    bucket: &str,
    key: &str,
    account: &str,
) -> (Read<BucketState>, Read<ObjectState>) {
    let object = read_object(clients, bucket, key, account).await;
    // An object proves its bucket: a call that most runs can do without.
    let bucket = match &object {
        Ok(ObjectState::Present { .. }) => Ok(BucketState::Present),
        Ok(ObjectState::Missing) | Err(_) => read_bucket(clients, bucket, account).await,
    };
    (bucket, object)
}

pub(crate) async fn read_bucket(clients: &Clients, bucket: &str, account: &str) -> Read<BucketState> {
    match clients.s3.head_bucket().bucket(bucket).expected_bucket_owner(account).send().await {
        Ok(_) => Ok(BucketState::Present),
        // An answer to HEAD has no body: only the status tells.
        Err(error) => match status(&error) {
            Some(404) => Ok(BucketState::Missing),
            Some(403) => Ok(BucketState::Foreign),
            Some(301) => Ok(BucketState::Elsewhere),
            _ => Err(told("s3:ListBucket", clients, bucket, &refused("s3:HeadBucket", &clients.region, &error))),
        },
    }
}

/// Whether a bucket in no stack of ours is ours: it has our tag, and was made by a stack of our name, if by any.
pub(crate) async fn is_marked(clients: &Clients, bucket: &str, names: Names<'_>) -> Read<bool> {
    match clients.s3.get_bucket_tagging().bucket(bucket).expected_bucket_owner(names.account).send().await {
        Ok(answer) => {
            let value = |wanted: &str| answer.tag_set().iter().find(|tag| tag.key() == wanted).map(Tag::value);
            let stack = names.artifact_stack();
            Ok(value(MANAGED_TAG) == Some("true") && value(STACK_TAG).is_none_or(|made_by| made_by == stack))
        }
        Err(error) => {
            let refusal = refused("s3:GetBucketTagging", &clients.region, &error);
            let has_none = matches!(refusal.code.as_deref(), Some("NoSuchTagSet" | "NoSuchBucket"));
            if has_none { Ok(false) } else { Err(refusal) }
        }
    }
}

pub(crate) async fn read_object(clients: &Clients, bucket: &str, key: &str, account: &str) -> Read<ObjectState> {
    if key.is_empty() {
        return Ok(ObjectState::Missing);
    }
    let head = clients.s3.head_object().bucket(bucket).key(key).expected_bucket_owner(account);
    match head.checksum_mode(ChecksumMode::Enabled).send().await {
        Ok(answer) => match answer.checksum_sha256().and_then(from_base64) {
            Some(sha256) => Ok(ObjectState::Present { sha256 }),
            None => download(clients, bucket, key, account).await,
        },
        Err(error) => match status(&error) {
            // Without s3:ListBucket, a missing object is a 403, and so is an object in somebody else's bucket, of which
            // the bucket's own state tells.
            Some(404 | 403 | 301) => Ok(ObjectState::Missing),
            _ => Err(told("s3:GetObject", clients, bucket, &refused("s3:HeadObject", &clients.region, &error))),
        },
    }
}

/// An object that was uploaded by hand may have no SHA-256 at S3: its bytes tell.
async fn download(clients: &Clients, bucket: &str, key: &str, account: &str) -> Read<ObjectState> {
    let get = clients.s3.get_object().bucket(bucket).key(key).expected_bucket_owner(account).send().await;
    let body = get.map_err(|error| refused("s3:GetObject", &clients.region, &error))?.body;
    let bytes = body.collect().await.map_err(|error| AwsRefusal {
        call: "s3:GetObject".to_owned(),
        region: clients.region.clone(),
        code: None,
        message: error.to_string(),
        request_id: None,
    })?;
    let digest = Sha256::digest(bytes.into_bytes());
    Ok(ObjectState::Present { sha256: hexadecimal(&digest) })
}

fn told(call: &str, clients: &Clients, bucket: &str, refusal: &AwsRefusal) -> AwsRefusal {
    AwsRefusal {
        call: call.to_owned(),
        message: format!("{} (bucket {bucket})", refusal.message),
        region: clients.region.clone(),
        ..refusal.clone()
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
