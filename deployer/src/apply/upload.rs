//! The function's zip into the artifact bucket.

use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::aws::{AwsRefusal, Clients, refused};

/// S3 reads its own writes, but a bucket that was made a moment ago may not be known everywhere.
const NEW_BUCKET: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
];

/// Uploads share the line with each other: more at once would only make each slower.
const UPLOADS_AT_ONCE: usize = 4;
/// 15 MB, four at a time, at 1 Mbit/s.
const LONGEST: Duration = Duration::from_mins(10);

/// The uploads of all Regions take turns.
pub(super) fn turns() -> Semaphore {
    Semaphore::new(UPLOADS_AT_ONCE)
}

/// Uploads the zip, only into a bucket of this account and never over another object. S3 checks the SHA-256 and keeps
/// it, so that later looks need not read the object.
pub(super) async fn upload(
    clients: &Clients,
    (bucket, key): (&str, &str),
    account: &str,
    zip: &[u8],
    turns: &Semaphore,
) -> Result<(), AwsRefusal> {
    // Nobody closes it.
    let _turn = turns.acquire().await.ok();
    let mut pauses = NEW_BUCKET.into_iter();
    loop {
        let put = clients.s3.put_object().bucket(bucket).key(key).expected_bucket_owner(account).if_none_match("*");
        let put = put
            .content_type("application/zip")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(zip.to_vec()));
        let patient = aws_sdk_s3::config::Config::builder()
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(LONGEST).build());
        let refusal = match put.customize().config_override(patient).send().await {
            Ok(_) => return Ok(()),
            Err(error) => refused("s3:PutObject", &clients.region, &error),
        };
        match (refusal.code.as_deref(), pauses.next()) {
            // Another run was faster. The key is the SHA-256 of the bytes, and the verification looks at the function.
            (Some("PreconditionFailed"), _) => return Ok(()),
            (Some("NoSuchBucket" | "ConditionalRequestConflict"), Some(pause)) => sleep(pause).await,
            _ => return Err(refusal),
        }
    }
}
