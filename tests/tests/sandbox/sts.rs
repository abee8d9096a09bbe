use std::time::Duration;

use serde_json::json;

use super::client::{Answer, Client, OTHER, sandbox};

async fn assume(client: &Client, role: &str) -> Answer {
    client.query("sts", &[("Action", "AssumeRole"), ("RoleArn", role), ("RoleSessionName", "audit")]).await
}

fn session(client: &Client, answer: &Answer) -> Client {
    let mut session = client.clone();
    session.credential.access_key_id = answer.element("AccessKeyId");
    session.credential.secret_access_key = answer.element("SecretAccessKey");
    session.credential.session_token = Some(answer.element("SessionToken"));
    session
}

#[tokio::test]
async fn an_assumed_role_works_in_its_account_until_it_expires() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let answer = assume(&client, "arn:aws:iam::444455556666:role/path/auditor").await;
    let session = session(&client, &answer);
    let identity = session.query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(identity.element("Account"), OTHER);
    assert_eq!(identity.element("Arn"), "arn:aws:sts::444455556666:assumed-role/auditor/audit");
    session.json("sagemaker", "ListDomains", json!({})).await;
    sandbox.world().clock().advance(Duration::from_mins(61));
    assert_eq!(session.refusal("sagemaker", "ListDomains", json!({})).await.1, "ExpiredTokenException");
}

#[tokio::test]
async fn a_session_without_its_token_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut session = session(&client, &assume(&client, "arn:aws:iam::444455556666:role/auditor").await);
    session.credential.session_token = None;
    assert_eq!(session.refusal("sagemaker", "ListDomains", json!({})).await.1, "UnrecognizedClientException");
}

#[tokio::test]
async fn missing_roles_unknown_accounts_and_bad_arns_are_refused() {
    let sandbox = sandbox().await;
    sandbox.world().remove_role(OTHER, "auditor").unwrap();
    let client = Client::new(&sandbox);
    for role in ["arn:aws:iam::444455556666:role/auditor", "arn:aws:iam::999999999999:role/auditor"] {
        let answer = assume(&client, role).await;
        assert_eq!((answer.status, answer.element("Code")), (403, "AccessDenied".to_owned()));
    }
    for role in ["arn:aws:iam::444455556666:user/auditor", "short"] {
        assert_eq!(assume(&client, role).await.element("Code"), "ValidationError");
    }
}
