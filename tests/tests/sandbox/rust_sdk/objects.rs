//! S3: what the artifact needs.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::head_bucket::HeadBucketError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, ChecksumAlgorithm, ChecksumMode, CreateBucketConfiguration,
    Delete, ObjectIdentifier, VersioningConfiguration,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guard_tests::sandbox::Sandbox;
use sha2::{Digest as _, Sha256};

use super::super::client::{ACCOUNT, OTHER, REGION, sandbox};
use super::{refusal, sdk};

async fn client(sandbox: &Sandbox, account: &str, region: &str) -> Client {
    let builder = aws_sdk_s3::config::Builder::from(&sdk(sandbox, account, region).await);
    Client::from_conf(builder.force_path_style(true).build())
}

fn status(error: &SdkError<HeadBucketError>) -> u16 {
    error.raw_response().map(|response| response.status().as_u16()).unwrap()
}

#[tokio::test]
async fn an_artifact_is_put_once_with_its_sha_256() {
    let sandbox = sandbox().await;
    let s3 = client(&sandbox, ACCOUNT, REGION).await;
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build();
    s3.create_bucket().bucket("artifacts").create_bucket_configuration(place).send().await.unwrap();
    let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("artifacts").versioning_configuration(versions).send().await.unwrap();
    let zip: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let sha256 = STANDARD.encode(Sha256::digest(&zip));
    let put = || {
        let put = s3.put_object().bucket("artifacts").key("guard/1.0/a b.zip").expected_bucket_owner(ACCOUNT);
        let put = put.if_none_match("*").content_type("application/zip").body(ByteStream::from(zip.clone()));
        put.checksum_algorithm(ChecksumAlgorithm::Sha256).send()
    };
    let answer = put().await.unwrap();
    assert_eq!(answer.checksum_sha256(), Some(sha256.as_str()), "the trailer is S3's to keep");
    assert_eq!(refusal(put().await).0, "PreconditionFailed");
    let head = || s3.head_object().bucket("artifacts").key("guard/1.0/a b.zip");
    let shown = head().expected_bucket_owner(ACCOUNT).checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!((shown.checksum_sha256(), shown.content_length()), (Some(sha256.as_str()), Some(800_000)));
    assert_eq!(head().send().await.unwrap().checksum_sha256(), None, "only on demand");
    let missing = s3.head_object().bucket("artifacts").key("nope").send().await.unwrap_err();
    assert!(missing.as_service_error().unwrap().is_not_found());
    let got = s3.get_object().bucket("artifacts").key("guard/1.0/a b.zip").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), zip);
    // A checksum that the caller has made.
    let given = s3.put_object().bucket("artifacts").key("given").checksum_sha256(&sha256);
    given.body(ByteStream::from(zip.clone())).send().await.unwrap();
    let wrong = s3.put_object().bucket("artifacts").key("wrong").checksum_sha256(&sha256);
    let wrong = refusal(wrong.body(ByteStream::from_static(b"other")).send().await);
    assert!(["BadDigest", "XAmzContentChecksumMismatch"].contains(&wrong.0.as_str()), "{wrong:?}");
}

#[tokio::test]
async fn a_bucket_is_emptied_of_all_versions_and_deleted() {
    let sandbox = sandbox().await;
    let s3 = client(&sandbox, ACCOUNT, REGION).await;
    sandbox.world().put_bucket(ACCOUNT, REGION, "kept").unwrap();
    let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("kept").versioning_configuration(versions).send().await.unwrap();
    for (key, body) in [("a", "1"), ("a", "2"), ("b & c", "3")] {
        s3.put_object().bucket("kept").key(key).body(ByteStream::from(body.as_bytes().to_vec())).send().await.unwrap();
    }
    s3.delete_object().bucket("kept").key("a").send().await.unwrap();
    assert_eq!(refusal(s3.delete_bucket().bucket("kept").send().await).0, "BucketNotEmpty");
    let mut pages = s3.list_object_versions().bucket("kept").max_keys(1).send().await.unwrap();
    let mut found = Vec::new();
    loop {
        let versions = pages.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers = pages.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        let own = |(key, version): (Option<&str>, Option<&str>)| {
            let builder = ObjectIdentifier::builder().key(key.unwrap());
            builder.set_version_id(version.map(ToOwned::to_owned)).build().unwrap()
        };
        found.extend(versions.chain(markers).map(own));
        if pages.is_truncated() != Some(true) {
            break;
        }
        let next = s3.list_object_versions().bucket("kept").max_keys(1);
        let next = next.set_key_marker(pages.next_key_marker().map(ToOwned::to_owned));
        pages = next.set_version_id_marker(pages.next_version_id_marker().map(ToOwned::to_owned)).send().await.unwrap();
    }
    assert_eq!(found.len(), 4, "three versions and a marker");
    let delete = Delete::builder().set_objects(Some(found)).quiet(true).build().unwrap();
    let deleted =
        s3.delete_objects().bucket("kept").expected_bucket_owner(ACCOUNT).delete(delete).send().await.unwrap();
    assert!(deleted.errors().is_empty() && deleted.deleted().is_empty(), "quiet: {deleted:?}");
    s3.delete_bucket().bucket("kept").expected_bucket_owner(ACCOUNT).send().await.unwrap();
    assert!(s3.head_bucket().bucket("kept").send().await.unwrap_err().as_service_error().unwrap().is_not_found());
}

#[tokio::test]
async fn buckets_of_others_and_elsewhere_are_told_apart() {
    let sandbox = sandbox().await;
    sandbox.world().enable_region(ACCOUNT, "us-east-1").unwrap();
    sandbox.world().put_bucket(OTHER, REGION, "foreign").unwrap();
    sandbox.world().put_bucket(ACCOUNT, "us-east-1", "elsewhere").unwrap();
    let s3 = client(&sandbox, ACCOUNT, REGION).await;
    let foreign = s3.head_bucket().bucket("foreign").expected_bucket_owner(ACCOUNT).send().await.unwrap_err();
    assert_eq!(status(&foreign), 403);
    let elsewhere = s3.head_bucket().bucket("elsewhere").send().await.unwrap_err();
    assert_eq!(status(&elsewhere), 301);
    let header = elsewhere.raw_response().unwrap().headers().get("x-amz-bucket-region");
    assert_eq!(header, Some("us-east-1"));
    let place = s3.get_bucket_location().bucket("elsewhere").send().await.unwrap();
    let place = place.location_constraint().map_or("", BucketLocationConstraint::as_str);
    assert_eq!(place, "", "us-east-1 has no name here");
    let taken = s3.create_bucket().bucket("foreign");
    let there = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build();
    assert_eq!(refusal(taken.create_bucket_configuration(there).send().await).0, "BucketAlreadyExists");
    sandbox.world().put_bucket(ACCOUNT, REGION, "mine").unwrap();
    let owner = s3.head_bucket().bucket("mine").expected_bucket_owner(OTHER).send().await.unwrap_err();
    assert_eq!(status(&owner), 403);
    let mine = s3.get_bucket_location().bucket("mine").send().await.unwrap();
    assert_eq!(mine.location_constraint(), Some(&BucketLocationConstraint::EuWest1));
}
