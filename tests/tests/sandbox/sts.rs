use std::time::Duration;

use guard_tests::sandbox::{AccountState, OrganizationSpec, RoleSpec, Sandbox};
use serde_json::json;

use super::client::{ACCOUNT, Answer, Client, OTHER, REGION, sandbox};

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

fn put(sandbox: &Sandbox, role: &RoleSpec) {
    sandbox.world().put_role(OTHER, role).unwrap();
}

#[tokio::test]
async fn an_assumed_role_works_in_its_account_until_it_expires() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    put(&sandbox, &RoleSpec::new("path/auditor", &[ACCOUNT]));
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
    put(&sandbox, &RoleSpec::new("auditor", &[ACCOUNT]));
    let mut session = session(&client, &assume(&client, "arn:aws:iam::444455556666:role/auditor").await);
    session.credential.session_token = None;
    assert_eq!(session.refusal("sagemaker", "ListDomains", json!({})).await.1, "UnrecognizedClientException");
}

#[tokio::test]
async fn missing_roles_unknown_accounts_and_bad_arns_are_refused() {
    let sandbox = sandbox().await;
    put(&sandbox, &RoleSpec::new("auditor", &[ACCOUNT]));
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

const AUDITOR: &str = "arn:aws:iam::444455556666:role/auditor";

async fn code(client: &Client, fields: &[(&str, &str)]) -> String {
    let asked = [("Action", "AssumeRole"), ("RoleArn", AUDITOR), ("RoleSessionName", "audit")];
    let answer = client.query("sts", &[&asked, fields].concat()).await;
    if answer.status == 200 { "assumed".to_owned() } else { answer.element("Code") }
}

#[tokio::test]
async fn a_role_says_whom_it_trusts_and_on_what_condition() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    put(&sandbox, &RoleSpec::new("auditor", &["999999999999"]));
    assert_eq!(code(&client, &[]).await, "AccessDenied", "another account");
    put(&sandbox, &RoleSpec::new("auditor", &["arn:aws:iam::111122223333:user/somebody"]));
    assert_eq!(code(&client, &[]).await, "AccessDenied", "another user");
    put(&sandbox, &RoleSpec::new("auditor", &["arn:aws:iam::111122223333:user/administrator"]));
    assert_eq!(code(&client, &[]).await, "assumed");
    assert_eq!(code(&client, &[("DurationSeconds", "7200")]).await, "ValidationError", "longer than the role allows");
    let trust = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "word"}}}]});
    put(&sandbox, &RoleSpec::new("auditor", &[]).trust(trust).longest(7200));
    assert_eq!(code(&client, &[]).await, "AccessDenied", "without the external id");
    assert_eq!(code(&client, &[("ExternalId", "word"), ("DurationSeconds", "7200")]).await, "assumed");
    put(&sandbox, &RoleSpec::new("path/auditor", &[ACCOUNT]));
    assert_eq!(code(&client, &[]).await, "AccessDenied", "the ARN without the role's path");
}

#[tokio::test]
async fn a_session_may_do_what_its_role_allows() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let policy = json!({"Statement": {"Effect": "Allow", "Action": "config:Describe*", "Resource": "*"}});
    put(&sandbox, &RoleSpec::new("auditor", &[ACCOUNT]).policy(policy));
    let session = session(&client, &assume(&client, AUDITOR).await);
    session.json("config", "DescribeConfigRules", json!({})).await;
    assert_eq!(session.refusal("sagemaker", "ListDomains", json!({})).await.1, "AccessDeniedException");
}

#[tokio::test]
async fn the_organization_of_caller_and_role_has_its_say() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    world.put_organization(&OrganizationSpec::new(ACCOUNT, &[REGION]).account("", OTHER)).unwrap();
    let trust = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": world.organization_id().unwrap()}}}]});
    put(&sandbox, &RoleSpec::new("auditor", &[]).trust(trust));
    let client = Client::new(&sandbox);
    assert_eq!(code(&client, &[]).await, "assumed");
    world.set_account_state(OTHER, AccountState::Suspended).unwrap();
    assert_eq!(code(&client, &[]).await, "AccessDenied", "a suspended account");
    world.set_account_state(OTHER, AccountState::Active).unwrap();
    world.leave(ACCOUNT).unwrap();
    assert_eq!(code(&client, &[]).await, "AccessDenied", "a caller from outside");
}
