//! Accounts that are not as one would wish: full, forbidden, half set up.

use guard_tests::sandbox::{Denier, Quota, RecorderState, Sandbox};
use serde_json::json;

use super::client::{ACCOUNT, Client, OTHER, REGION};
use super::provisioned::{MEMBER, member, upload};
use super::stacks::{GROUP, call, create, quick, refused};

/// Everything that a stack's events say.
async fn told(sandbox: &Sandbox, client: &Client) -> String {
    let made = member(sandbox, client, MEMBER).await;
    assert_eq!(made.status, "ROLLBACK_COMPLETE", "{made:?}");
    call(client, "DeleteStack", &[("StackName", "member")]).await;
    made.events.iter().filter_map(|event| event.2.as_deref()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn full_accounts_say_which_quota_is_used_up() {
    let (sandbox, client) = quick().await;
    let world = sandbox.world();
    upload(&sandbox, &client, "artifacts");
    world.use_up(ACCOUNT, REGION, Quota::ConfigRules, 1000).unwrap();
    assert!(told(&sandbox, &client).await.contains("maximum number of config rules: 1000"), "rules");
    world.set_quota(ACCOUNT, REGION, Quota::LambdaCode, 1_000_000).unwrap();
    world.use_up(ACCOUNT, REGION, Quota::LambdaCode, 999_999).unwrap();
    let settings = client.rest("lambda", "GET /2016-08-19/account-settings", &[], "").await.json();
    assert_eq!(settings["AccountUsage"]["TotalCodeSize"], 999_999);
    assert!(told(&sandbox, &client).await.contains("Code storage limit exceeded."), "code");
    world.use_up(ACCOUNT, REGION, Quota::Roles, 1000).unwrap();
    assert!(told(&sandbox, &client).await.contains("Cannot exceed quota for RolesPerAccount: 1000"), "roles");
    world.set_quota(ACCOUNT, REGION, Quota::Stacks, 20).unwrap();
    world.use_up(ACCOUNT, REGION, Quota::Stacks, 20).unwrap();
    let full = refused(&client, "CreateStack", &[("StackName", "s"), ("TemplateBody", GROUP)]).await;
    assert_eq!(full.0, "LimitExceededException");
    let change = [("StackName", "s"), ("ChangeSetName", "c"), ("ChangeSetType", "CREATE"), ("TemplateBody", GROUP)];
    assert_eq!(refused(&client, "CreateChangeSet", &change).await.0, "LimitExceededException");
    let other = Client::of(world, OTHER);
    world.use_up(OTHER, REGION, Quota::ConformancePacks, 50).unwrap();
    let body =
        "Resources: {R: {Type: 'AWS::Config::ConfigRule', Properties: {Source: {Owner: AWS, SourceIdentifier: X}}}}";
    let pack = json!({"ConformancePackName": "one-more", "TemplateBody": body});
    let packs = other.refusal("config", "PutConformancePack", pack).await;
    assert_eq!(packs.1, "MaxNumberOfConformancePacksExceededException");
    assert!(world.set_quota(ACCOUNT, REGION, Quota::ConfigRules, 2000).is_err(), "not adjustable");
}

#[tokio::test]
async fn forbidden_actions_are_refused_in_each_service_s_words_and_in_stacks() {
    let (sandbox, client) = quick().await;
    let world = sandbox.world();
    upload(&sandbox, &client, "artifacts");
    world.deny_action(ACCOUNT, "lambda:CreateFunction", Denier::Organization).unwrap();
    let events = told(&sandbox, &client).await;
    assert!(events.contains("is not authorized to perform: lambda:CreateFunction"), "{events}");
    assert!(events.contains("with an explicit deny in a service control policy (Service: Lambda, Status Code: 403"));
    assert!(events.contains("HandlerErrorCode: AccessDenied"), "{events}");
    for action in ["cloudformation:DescribeStacks", "lambda:Get*", "s3:*", "ec2:DescribeRegions", "cloudwatch:*"] {
        world.deny_action(ACCOUNT, action, Denier::Nobody).unwrap();
    }
    let stacks = refused(&client, "DescribeStacks", &[("StackName", "s")]).await;
    assert_eq!(stacks.0, "AccessDenied");
    assert!(stacks.1.ends_with("because no identity-based policy allows the cloudformation:DescribeStacks action"));
    let function = client.rest("lambda", "GET /2015-03-31/functions/evaluator", &[], "").await;
    assert_eq!(function.status, 403);
    assert!(function.headers.contains("x-amzn-errortype: accessdeniedexception"), "{}", function.headers);
    assert!(function.json()["Message"].as_str().unwrap().contains("lambda:GetFunction"), "{}", function.body);
    let object = client.rest("s3", "GET /artifacts/one.zip", &[], "").await;
    assert_eq!((object.status, object.element("Code").as_str()), (403, "AccessDenied"));
    assert!(object.element("Message").contains("is not authorized to perform: s3:GetObject"), "{}", object.body);
    let regions = client.query("ec2", &[("Action", "DescribeRegions")]).await;
    assert_eq!((regions.status, regions.element("Code").as_str()), (403, "UnauthorizedOperation"));
    let alarms = client.query("monitoring", &[("Action", "DescribeAlarms")]).await;
    assert_eq!((alarms.status, alarms.element("Code").as_str()), (403, "AccessDenied"));
    world.allow_actions(ACCOUNT).unwrap();
    assert_eq!(member(&sandbox, &client, MEMBER).await.status, "CREATE_COMPLETE");
    // Who may not list does not learn that nothing is there.
    world.deny_action(ACCOUNT, "s3:ListBucket", Denier::Statement).unwrap();
    assert_eq!(client.rest("s3", "GET /artifacts/nope", &[], "").await.status, 403);
}

#[tokio::test]
async fn recorders_of_services_and_missing_channels_are_told() {
    let (sandbox, client) = quick().await;
    let world = sandbox.world();
    let other = Client::of(world, OTHER);
    let service = "securityhub.amazonaws.com";
    world.set_service_linked_recorder(OTHER, REGION, Some(service)).unwrap();
    let own = other.json("config", "DescribeConfigurationRecorders", json!({})).await;
    assert_eq!(own["ConfigurationRecorders"], json!([]), "only the customer's own");
    let linked = json!({"ServicePrincipal": service});
    let shown = other.json("config", "DescribeConfigurationRecorders", linked.clone()).await;
    assert_eq!(shown["ConfigurationRecorders"][0]["recordingScope"], "INTERNAL");
    let status = other.json("config", "DescribeConfigurationRecorderStatus", linked.clone()).await;
    assert_eq!(status["ConfigurationRecordersStatus"][0]["recording"], true);
    let missing = client.refusal("config", "DescribeConfigurationRecorders", linked).await;
    assert_eq!(missing.1, "NoSuchConfigurationRecorderException");
    world.set_rules_need_recorder(true);
    let rule = json!({"ConfigRule": {"ConfigRuleName": "r", "Source": {"Owner": "AWS", "SourceIdentifier": "X"}}});
    let refused = other.refusal("config", "PutConfigRule", rule).await;
    assert_eq!(refused.1, "NoAvailableConfigurationRecorderException");
    world.set_recorder(ACCOUNT, REGION, &RecorderState::ALL).unwrap();
    world.remove_delivery_channel(ACCOUNT, REGION).unwrap();
    let channels = client.json("config", "DescribeDeliveryChannels", json!({})).await;
    assert_eq!(channels["DeliveryChannels"], json!([]));
}

#[tokio::test]
async fn a_bucket_name_of_somebody_else_fails_the_stack() {
    let (sandbox, client) = quick().await;
    sandbox.world().put_bucket(OTHER, REGION, "taken-by-others").unwrap();
    let template = "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: taken-by-others}}}";
    let made = create(&sandbox, &client, "artifacts", &[("TemplateBody", template)]).await;
    assert_eq!(made.status, "ROLLBACK_COMPLETE");
    let words = "taken-by-others already exists";
    assert!(
        made.events.iter().any(|event| event.2.as_deref().is_some_and(|reason| reason.contains(words))),
        "{made:?}"
    );
    assert_eq!(client.rest("s3", "HEAD /taken-by-others", &[], "").await.status, 403);
}
