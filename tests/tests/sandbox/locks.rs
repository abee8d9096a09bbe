//! Object lock of buckets.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guard_tests::sandbox::{Denier, Instant, Sandbox};
use md5::{Digest as _, Md5};

use super::client::{ACCOUNT, Answer, Client, REGION, sandbox};

async fn stage() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    sandbox.world().put_bucket(ACCOUNT, REGION, "evidence").unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client)
}

async fn put(client: &Client, headers: &[(&str, &str)]) -> Answer {
    let digest = STANDARD.encode(Md5::digest("body"));
    let with_digest = [headers, &[("content-md5", digest.as_str())]].concat();
    client.rest("s3", "PUT /evidence/b.zip", &with_digest, "body").await
}

fn days(sandbox: &Sandbox, days: u64) -> String {
    let until: Instant = sandbox.world().clock().now().plus(Duration::from_hours(24 * days));
    until.iso()
}

fn version(answer: &Answer) -> String {
    let (_, rest) = answer.headers.split_once("x-amz-version-id: ").unwrap();
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_bucket_says_whether_it_locks() {
    let (sandbox, client) = stage().await;
    let get = async || client.rest("s3", "GET /evidence?object-lock", &[], "").await;
    let none = get().await;
    assert_eq!((none.status, none.element("Code")), (404, "ObjectLockConfigurationNotFoundError".to_owned()));
    let until = days(&sandbox, 1);
    let asked = [("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-retain-until-date", until.as_str())];
    let refused = put(&client, &asked).await;
    assert_eq!((refused.status, refused.element("Code")), (400, "InvalidRequest".to_owned()));
    sandbox.world().lock_bucket("evidence", Some(("GOVERNANCE", 30))).unwrap();
    let some = get().await;
    assert_eq!((some.element("Mode"), some.element("Days")), ("GOVERNANCE".to_owned(), "30".to_owned()));
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    let refused = client.rest("s3", "PUT /evidence?versioning", &[], suspend).await;
    assert_eq!(refused.element("Code"), "InvalidBucketState");
}

#[tokio::test]
async fn what_is_locked_cannot_be_deleted_before_its_day() {
    let (sandbox, client) = stage().await;
    sandbox.world().lock_bucket("evidence", None).unwrap();
    let until = days(&sandbox, 10);
    let date = ("x-amz-object-lock-retain-until-date", until.as_str());
    let half = put(&client, &[date]).await;
    assert_eq!(half.element("Code"), "InvalidArgument");
    let past = days(&sandbox, 0);
    let mode = ("x-amz-object-lock-mode", "COMPLIANCE");
    let late = put(&client, &[mode, ("x-amz-object-lock-retain-until-date", &past)]).await;
    assert_eq!(late.element("Code"), "InvalidArgument");
    let unchecked = client.rest("s3", "PUT /evidence/b.zip", &[mode, date], "body").await;
    assert_eq!(unchecked.element("Code"), "InvalidRequest", "without a checksum");
    let done = put(&client, &[mode, date]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let seen = client.rest("s3", "HEAD /evidence/b.zip", &[], "").await;
    assert!(seen.headers.contains("x-amz-object-lock-mode: compliance"), "{}", seen.headers);
    let line = format!("DELETE /evidence/b.zip?versionId={}", original_version(&sandbox, &done));
    let refused = client.rest("s3", &line, &[("x-amz-bypass-governance-retention", "true")], "").await;
    assert_eq!((refused.status, refused.element("Code")), (403, "AccessDenied".to_owned()));
    sandbox.world().clock().advance(Duration::from_hours(24 * 11));
    assert_eq!(client.rest("s3", &line, &[], "").await.status, 204);
}

/// The client's headers are in lower case, and versions are not.
fn original_version(sandbox: &Sandbox, answer: &Answer) -> String {
    let lower = version(answer);
    let known = sandbox.world().versions("evidence", "b.zip");
    known.into_iter().find(|version| version.to_lowercase() == lower).unwrap()
}

#[tokio::test]
async fn a_default_locks_what_says_nothing() {
    let (sandbox, client) = stage().await;
    sandbox.world().lock_bucket("evidence", Some(("GOVERNANCE", 5))).unwrap();
    let done = put(&client, &[]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let line = format!("DELETE /evidence/b.zip?versionId={}", original_version(&sandbox, &done));
    assert_eq!(client.rest("s3", &line, &[], "").await.status, 403);
    let bypassed = client.rest("s3", &line, &[("x-amz-bypass-governance-retention", "true")], "").await;
    assert_eq!(bypassed.status, 204);
}

#[tokio::test]
async fn a_lock_is_told_to_who_may_read_it() {
    let (sandbox, client) = stage().await;
    let retention = async || client.rest("s3", "GET /evidence/b.zip?retention", &[], "").await;
    assert_eq!(put(&client, &[]).await.status, 200);
    let without = retention().await;
    assert_eq!((without.status, without.element("Code")), (400, "InvalidRequest".to_owned()));
    sandbox.world().lock_bucket("evidence", None).unwrap();
    let none = retention().await;
    assert_eq!((none.status, none.element("Code")), (404, "NoSuchObjectLockConfiguration".to_owned()));
    let until = days(&sandbox, 10);
    let asked = [("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-retain-until-date", until.as_str())];
    assert_eq!(put(&client, &asked).await.status, 200);
    let kept = retention().await;
    assert_eq!((kept.element("Mode"), kept.element("RetainUntilDate")), ("COMPLIANCE".to_owned(), until));
    let missing = client.rest("s3", "GET /evidence/c.zip?retention", &[], "").await;
    assert_eq!(missing.element("Code"), "NoSuchKey");
    sandbox.world().deny_action(ACCOUNT, "s3:GetObjectRetention", Denier::Nobody).unwrap();
    let refused = retention().await;
    assert_eq!((refused.status, refused.element("Code")), (403, "AccessDenied".to_owned()));
    let head = client.rest("s3", "HEAD /evidence/b.zip", &[], "").await;
    assert_eq!(head.status, 200);
    assert!(!head.headers.contains("x-amz-object-lock"), "{}", head.headers);
}
