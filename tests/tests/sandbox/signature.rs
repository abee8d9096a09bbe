use std::time::Duration;

use guard_tests::sandbox::RoleSpec;
use serde_json::json;

use super::client::{ACCOUNT, Client, OTHER, exchange, sandbox};

#[tokio::test]
async fn a_signed_call_is_answered_for_the_account_of_its_key() {
    let sandbox = sandbox().await;
    let answer = Client::of(sandbox.world(), OTHER).query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(answer.element("Account"), OTHER);
    assert!(answer.headers.contains("x-amzn-requestid: "), "{}", answer.headers);
}

#[tokio::test]
async fn a_call_without_signature_is_refused() {
    let sandbox = sandbox().await;
    let headers =
        [("x-amz-target".to_owned(), "SageMaker.ListDomains".to_owned()), ("host".to_owned(), "x".to_owned())];
    let answer = exchange(&sandbox.endpoint(), "POST /", &headers, "{}").await.unwrap();
    assert_eq!((answer.status, &answer.json()["__type"]), (403, &json!("MissingAuthenticationTokenException")));
    let answer =
        exchange(&sandbox.endpoint(), "POST /", &[], "Action=GetCallerIdentity&Version=2011-06-15").await.unwrap();
    assert_eq!((answer.status, answer.element("Code")), (403, "MissingAuthenticationToken".to_owned()));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_in_each_protocol() {
    let sandbox = sandbox().await;
    let mut client = Client::new(&sandbox);
    "wrong".clone_into(&mut client.credential.secret_access_key);
    assert_eq!(client.refusal("sagemaker", "ListDomains", json!({})).await.1, "InvalidSignatureException");
    let sts = client.query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!((sts.status, sts.element("Code")), (403, "SignatureDoesNotMatch".to_owned()));
    let ec2 = client.query("ec2", &[("Action", "DescribeRegions")]).await;
    assert_eq!((ec2.status, ec2.element("Code")), (401, "AuthFailure".to_owned()));
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let sandbox = sandbox().await;
    let mut client = Client::new(&sandbox);
    "AKIAAAAAAAAAAAAAAAAA".clone_into(&mut client.credential.access_key_id);
    assert_eq!(client.refusal("config", "DescribeConfigRules", json!({})).await.1, "UnrecognizedClientException");
    let sts = client.query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!((sts.status, sts.element("Code")), (403, "InvalidClientTokenId".to_owned()));
}

#[tokio::test]
async fn a_date_more_than_five_minutes_off_is_refused() {
    let sandbox = sandbox().await;
    for (minutes, accepted) in [(4, true), (6, false)] {
        for date in [
            Client::new(&sandbox).date - Duration::from_mins(minutes),
            Client::new(&sandbox).date + Duration::from_mins(minutes),
        ] {
            let client = Client { date, ..Client::new(&sandbox) };
            let answer = client.send_json("sagemaker", "ListDomains", "{}").await.unwrap();
            assert_eq!(answer.status == 200, accepted, "{minutes} minutes: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_refused() {
    let sandbox = sandbox().await;
    let client = Client { region: "ap-east-1".to_owned(), ..Client::new(&sandbox) };
    assert_eq!(client.refusal("sagemaker", "ListDomains", json!({})).await.1, "UnrecognizedClientException");
    // The global endpoint of STS is in a Region that this account has not.
    let client = Client { region: "us-east-1".to_owned(), ..Client::new(&sandbox) };
    assert_eq!(client.query("sts", &[("Action", "GetCallerIdentity")]).await.status, 200);
}

#[tokio::test]
async fn what_the_sandbox_does_not_have_it_says_it_does_not_have() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    assert_eq!(
        client.refusal("sagemaker", "ListModels", json!({})).await,
        (400, "UnknownOperationException".to_owned())
    );
    let ec2 = client.query("ec2", &[("Action", "DescribeInstances")]).await;
    assert_eq!((ec2.status, ec2.element("Code")), (400, "InvalidAction".to_owned()));
    let other = client.query("autoscaling", &[("Action", "DescribeTags")]).await;
    assert_eq!((other.status, other.element("Code")), (400, "InvalidAction".to_owned()));
}

#[tokio::test]
async fn the_log_has_no_secrets() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_role(OTHER, &RoleSpec::new("x", &[ACCOUNT])).unwrap();
    let role = [("Action", "AssumeRole"), ("RoleArn", "arn:aws:iam::444455556666:role/x"), ("RoleSessionName", "me")];
    let secret = client.query("sts", &role).await.element("SecretAccessKey");
    let log = format!("{:?}", sandbox.world().calls().all());
    assert!(!log.contains(&secret) && !log.contains("AWS4-HMAC"), "{log}");
}

#[tokio::test]
async fn a_target_that_is_not_signed_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    // Signed as a query, then turned into another call by a header that the signature does not cover.
    let headers = client.signed("sagemaker", &[], "{}");
    let target = [("x-amz-target".to_owned(), "SageMaker.ListDomains".to_owned())];
    let headers: Vec<_> = headers.into_iter().chain(target).collect();
    let answer = exchange(&sandbox.endpoint(), "POST /", &headers, "{}").await.unwrap();
    assert_eq!(answer.json()["__type"], "InvalidSignatureException", "{}", answer.body);
    assert!(answer.body.contains("'x-amz-target' must be a 'SignedHeader'"), "{}", answer.body);
}

#[tokio::test]
async fn a_changed_body_is_refused() {
    let sandbox = sandbox().await;
    let headers = Client::new(&sandbox).signed("sts", &[], "Action=GetCallerIdentity&Version=2011-06-15");
    let forged = "Action=AssumeRole&Version=2011-06-15";
    let answer = exchange(&sandbox.endpoint(), "POST /", &headers, forged).await.unwrap();
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
}
