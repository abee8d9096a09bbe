//! What a stack makes, seen through the services it is made in.

use std::io::{Cursor, Write as _};

use guard_tests::sandbox::{Sandbox, StackView};
use serde_json::json;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::client::{ACCOUNT, Client, NOTEBOOK, REGION};
use super::stacks::{call, create, quick};

pub(crate) const MEMBER: &str = r#"
Parameters: {Bucket: {Type: String, Default: artifacts}, Key: {Type: String, Default: one.zip}, Handler: {Type: String, Default: bootstrap}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /guard, RetentionInDays: 30}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Path: /guard/
      RoleName: !Sub guard-${AWS::Region}
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
      Policies: [{PolicyName: evaluator, PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "config:PutEvaluations", Resource: "*"}]}}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: evaluator
      Runtime: provided.al2023
      Handler: !Ref Handler
      Architectures: [arm64]
      Role: !GetAtt Role.Arn
      Timeout: 300
      Code: {S3Bucket: !Ref Bucket, S3Key: !Ref Key}
      Environment: {Variables: {BEHAVIOUR: variables}}
      LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Group}
  Invoke: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Function, Qualifier: $LATEST, MaximumRetryAttempts: 2}}
  Permission: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !GetAtt Function.Arn, Action: "lambda:InvokeFunction", Principal: config.amazonaws.com, SourceAccount: !Ref AWS::AccountId}}
  Rule:
    Type: AWS::Config::ConfigRule
    DependsOn: Permission
    Properties:
      ConfigRuleName: guard
      InputParameters: {check: direct-internet-access}
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier: !GetAtt Function.Arn
        SourceDetails: [{EventSource: aws.config, MessageType: ScheduledNotification}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {AlarmName: errors, Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 300, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanOrEqualToThreshold, Dimensions: [{Name: FunctionName, Value: !Ref Function}]}
"#;

/// A package whose program writes what it was given to standard error, and answers like the tests' function.
fn package() -> Vec<u8> {
    let binary = std::env::current_exe().unwrap();
    package_of(&format!("exec '{}' --exact sandbox::function::bootstrap --ignored --nocapture", binary.display()))
}

/// A package whose program is a line of shell.
pub(crate) fn package_of(line: &str) -> Vec<u8> {
    let script = format!("#!/bin/sh\n{line}\n");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(script.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Puts the package under two keys.
pub(crate) fn upload(sandbox: &Sandbox, client: &Client, bucket: &str) {
    sandbox.world().put_bucket(ACCOUNT, &client.region, bucket).unwrap();
    for key in ["one.zip", "two.zip"] {
        sandbox.world().put_object(bucket, key, package()).unwrap();
    }
}

pub(crate) async fn member(sandbox: &Sandbox, client: &Client, body: &str) -> StackView {
    create(sandbox, client, "member", &[("TemplateBody", body), ("Capabilities.member.1", "CAPABILITY_NAMED_IAM")])
        .await
}

#[tokio::test]
async fn a_member_stack_is_really_there_and_its_function_runs() {
    let (sandbox, client) = quick().await;
    upload(&sandbox, &client, "artifacts");
    let made = member(&sandbox, &client, MEMBER).await;
    assert_eq!(made.status, "CREATE_COMPLETE", "{made:?}");
    let path = "GET /2015-03-31/functions/evaluator";
    let function = client.rest("lambda", path, &[], "").await.json();
    assert_eq!(function["Configuration"]["Architectures"], json!(["arm64"]));
    assert_eq!(function["Configuration"]["LoggingConfig"], json!({"LogFormat": "JSON", "LogGroup": "/guard"}));
    assert_eq!(function["Tags"]["aws:cloudformation:stack-name"], "member");
    let policy = client.rest("lambda", "GET /2015-03-31/functions/evaluator/policy", &[], "").await.json();
    assert!(policy["Policy"].as_str().unwrap().contains("AWS:SourceAccount"), "{policy}");
    let missing = client.rest("lambda", "GET /2015-03-31/functions/nope", &[], "").await;
    assert!(missing.status == 404 && missing.headers.contains("x-amzn-errortype: resourcenotfoundexception"));
    let global = client.in_region("us-east-1");
    let role = global.query("iam", &[("Action", "GetRole"), ("RoleName", "guard-eu-west-1")]).await;
    assert_eq!(role.element("Arn"), "arn:aws:iam::111122223333:role/guard/guard-eu-west-1");
    let none = global.query("iam", &[("Action", "GetRole"), ("RoleName", "nope")]).await;
    assert_eq!((none.status, none.element("Code").as_str()), (404, "NoSuchEntity"));
    let alarms = client.query("monitoring", &[("Action", "DescribeAlarms")]).await;
    assert_eq!(
        (alarms.element("AlarmName"), alarms.element("StateValue")),
        ("errors".into(), "INSUFFICIENT_DATA".into())
    );
    let ran = sandbox.world().trigger_schedule(ACCOUNT, REGION, "guard").await.unwrap();
    assert!(ran.succeeded(), "{ran:?}");
    assert!(ran.payload["ruleParameters"].as_str().unwrap().contains("direct-internet-access"), "{ran:?}");
    call(&client, "DeleteStack", &[("StackName", "member")]).await;
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "member").unwrap(), None);
    assert_eq!(client.rest("lambda", path, &[], "").await.status, 404);
}

#[tokio::test]
async fn what_lambda_and_config_refuse_fails_the_stack() {
    let (sandbox, client) = quick().await;
    sandbox.world().enable_region(ACCOUNT, "us-east-1").unwrap();
    upload(&sandbox, &client, "artifacts");
    sandbox.world().put_bucket(ACCOUNT, "us-east-1", "elsewhere").unwrap();
    sandbox.world().set_lambda_concurrency(10);
    let scoped =
        format!("      Scope: {{ComplianceResourceTypes: [\"{NOTEBOOK}\"]}}\n      Source:\n        Owner: CUSTOM");
    let cases = [
        (
            "Default: artifacts",
            "Default: elsewhere",
            "S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1",
        ),
        ("Default: artifacts", "Default: nowhere-at-all", "S3 Error Code: NoSuchBucket"),
        ("Default: one.zip", "Default: none.zip", "S3 Error Code: NoSuchKey"),
        (
            "Timeout: 300",
            "ReservedConcurrentExecutions: 5",
            "UnreservedConcurrentExecution below its minimum value of [10]",
        ),
        ("Timeout: 300", "Timeout: 300\n      Bogus: 1", "#: extraneous key [Bogus] is not permitted"),
        ("Principal: config.amazonaws.com", "Principal: events.amazonaws.com", "cannot be invoked"),
        ("SourceAccount: !Ref AWS::AccountId", "SourceAccount: '999999999999'", "cannot be invoked"),
        ("Service: lambda.amazonaws.com", "Service: ec2.amazonaws.com", "cannot be assumed by Lambda"),
        ("      Source:\n        Owner: CUSTOM", scoped.as_str(), "Scope is not supported"),
    ];
    for (old, new, reason) in cases {
        let body = MEMBER.replacen(old, new, 1);
        assert_ne!(body, MEMBER, "{old}");
        let made = member(&sandbox, &client, &body).await;
        assert_eq!(made.status, "ROLLBACK_COMPLETE", "{new}");
        let told = made.events.iter().any(|event| event.2.as_deref().is_some_and(|text| text.contains(reason)));
        assert!(told, "{reason}: {:?}", made.events);
        call(&client, "DeleteStack", &[("StackName", "member")]).await;
    }
    let global = client.in_region("us-east-1");
    let roles = global.query("iam", &[("Action", "ListRoles")]).await;
    assert!(!roles.body.contains("<RoleName>"), "nothing is left: {}", roles.body);
}

#[tokio::test]
async fn names_that_are_taken_are_not_taken_over() {
    let (sandbox, client) = quick().await;
    upload(&sandbox, &client, "artifacts");
    member(&sandbox, &client, MEMBER).await;
    let fields = [("TemplateBody", MEMBER), ("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
    let twin = create(&sandbox, &client, "twin", &fields).await;
    assert_eq!(twin.status, "ROLLBACK_COMPLETE");
    let told = twin.events.iter().filter_map(|event| event.2.as_deref()).collect::<Vec<_>>().join("\n");
    assert!(told.contains("HandlerErrorCode: AlreadyExists"), "{told}");
    assert_eq!(client.rest("lambda", "GET /2015-03-31/functions/evaluator", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_bucket_with_objects_is_kept_or_stands_in_the_way() {
    let (sandbox, client) = quick().await;
    let bucket = |policy: &str| {
        format!(
            "Resources:\n  B: {{Type: AWS::S3::Bucket, DeletionPolicy: {policy}, Properties: {{BucketName: my-bucket}}}}\n  \
         P: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref B, PolicyDocument: {{Statement: [{{Effect: Deny, Principal: '*', Action: 's3:*', Resource: !Sub '${{B.Arn}}/*'}}]}}}}}}\n"
        )
    };
    for (policy, stays) in [("Delete", true), ("RetainExceptOnCreate", false)] {
        let made = create(&sandbox, &client, "s", &[("TemplateBody", &bucket(policy))]).await;
        assert_eq!(made.status, "CREATE_COMPLETE", "{made:?}");
        sandbox.world().put_object("my-bucket", "k", b"x".to_vec()).unwrap();
        call(&client, "DeleteStack", &[("StackName", "s")]).await;
        let left = sandbox.world().stack(ACCOUNT, REGION, "s").unwrap();
        assert_eq!(left.map(|left| left.status), stays.then(|| "DELETE_FAILED".to_owned()));
        assert_eq!(client.rest("s3", "GET /my-bucket/k", &[], "").await.body, "x");
        client.rest("s3", "DELETE /my-bucket/k", &[], "").await;
        call(&client, "DeleteStack", &[("StackName", "s")]).await;
    }
}

#[tokio::test]
async fn quotas_are_told() {
    let (sandbox, client) = quick().await;
    sandbox.world().set_lambda_concurrency(50);
    let fields = json!({"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"});
    assert_eq!(client.json("servicequotas", "GetServiceQuota", fields).await["Quota"]["Value"], 50.0);
    let listed = client.json("servicequotas", "ListServiceQuotas", json!({"ServiceCode": "cloudformation"})).await;
    assert_eq!(listed["Quotas"].as_array().unwrap().len(), 2);
    let refused = client.refusal("servicequotas", "ListServiceQuotas", json!({"ServiceCode": "bogus"})).await;
    assert_eq!(refused.1, "NoSuchResourceException");
    let settings = client.rest("lambda", "GET /2016-08-19/account-settings", &[], "").await.json();
    assert_eq!(settings["AccountLimit"]["ConcurrentExecutions"], 50);
}
