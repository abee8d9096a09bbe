//! The real function, as a package that a stack installs: it runs, with what is beside it, and what differs is told.

use std::io::{Cursor, Write as _};
use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use deployer::artifact::{Artifact, Bootstrap};
use guard_tests::sandbox::{Invocation, Notebook, Outcome, Sandbox, StackView};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::client::{ACCOUNT, Client, REGION};
use super::stacks::{call, create, quick};

const STACK: &str = r#"
Parameters: {Key: {Type: String}, Architecture: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: evaluator
      Runtime: provided.al2023
      Handler: bootstrap
      Architectures: [!Ref Architecture]
      Role: !GetAtt Role.Arn
      Timeout: 60
      Code: {S3Bucket: artifacts, S3Key: !Ref Key}
  Permission: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Function, Action: "lambda:InvokeFunction", Principal: config.amazonaws.com, SourceAccount: !Ref AWS::AccountId}}
  Rule:
    Type: AWS::Config::ConfigRule
    DependsOn: Permission
    Properties:
      ConfigRuleName: root
      InputParameters: {check: root-access}
      Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: !GetAtt Function.Arn, SourceDetails: [{EventSource: aws.config, MessageType: ScheduledNotification}]}
"#;
const HERE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
const ELSEWHERE: &str = if cfg!(target_arch = "aarch64") { "x86_64" } else { "arm64" };

/// The installer's zip, without exemptions.
fn artifact() -> Artifact {
    let bootstrap = Bootstrap::read(Path::new(env!("CARGO_BIN_EXE_bootstrap-under-test"))).unwrap();
    Artifact::build(&bootstrap, json!({"version": 1, "exemptions": []}).to_string().as_bytes()).unwrap()
}

/// The same executable, which is not compressed again, beside other exemptions.
fn with(exemptions: &Value, zip: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    other.raw_copy_file(archive.by_name("bootstrap").unwrap()).unwrap();
    other.start_file("exemptions.json", SimpleFileOptions::default()).unwrap();
    other.write_all(exemptions.to_string().as_bytes()).unwrap();
    other.finish().unwrap().into_inner()
}

fn parameters<'a>(key: &'a str, architecture: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("TemplateBody", STACK),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Parameters.member.1.ParameterKey", "Key"),
        ("Parameters.member.1.ParameterValue", key),
        ("Parameters.member.2.ParameterKey", "Architecture"),
        ("Parameters.member.2.ParameterValue", architecture),
    ]
}

async fn installed(sandbox: &Sandbox, client: &Client, key: &str, architecture: &str) -> StackView {
    let made = create(sandbox, client, "guard", &parameters(key, architecture)).await;
    assert_eq!(made.status, "CREATE_COMPLETE", "{made:?}");
    made
}

async fn swept(sandbox: &Sandbox) -> Invocation {
    sandbox.world().trigger_schedule(ACCOUNT, REGION, "root").await.unwrap()
}

/// What AWS Config holds of the one notebook.
fn held(sandbox: &Sandbox) -> String {
    sandbox.world().compliance(ACCOUNT, REGION, "root").unwrap().remove(0).compliance_type
}

async fn code_sha256(client: &Client) -> String {
    let shown = client.rest("lambda", "GET /2015-03-31/functions/evaluator/configuration", &[], "").await.json();
    shown["CodeSha256"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_zip_runs_with_its_exemptions_until_another_takes_its_place() {
    let (sandbox, client) = quick().await;
    let world = sandbox.world();
    world.put_notebook(ACCOUNT, REGION, Notebook::new("lab")).unwrap();
    world.put_bucket(ACCOUNT, REGION, "artifacts").unwrap();
    let strict = artifact();
    let exempt = json!({"account": ACCOUNT, "region": REGION, "notebook": "lab", "check": "root-access", "reason": "r",
        "owner": "o", "ticket": "T-1", "approved_by": "a", "expires": "2099-12-31"});
    let lenient = with(&json!({"version": 1, "exemptions": [exempt]}), &strict.zip);
    for (key, zip) in [("strict.zip", &strict.zip), ("lenient.zip", &lenient)] {
        world.put_object("artifacts", key, zip.clone()).unwrap();
    }
    installed(&sandbox, &client, "strict.zip", HERE).await;
    assert_eq!(code_sha256(&client).await, strict.code_sha256);
    assert!(swept(&sandbox).await.succeeded());
    assert_eq!(held(&sandbox), "NON_COMPLIANT");
    let fields = [&[("StackName", "guard")], &parameters("lenient.zip", HERE)[..]].concat();
    assert_eq!(call(&client, "UpdateStack", &fields).await.status, 200);
    assert_eq!(code_sha256(&client).await, STANDARD.encode(Sha256::digest(&lenient)));
    let ran = swept(&sandbox).await;
    assert!(ran.succeeded() && ran.attempts[0].init_duration.is_some(), "a cold start of the new code: {ran:?}");
    assert_eq!(held(&sandbox), "NOT_APPLICABLE");
    // Somebody puts the old code back, beside the stack.
    world.set_function_code(ACCOUNT, REGION, "evaluator", strict.zip).unwrap();
    assert_eq!(code_sha256(&client).await, strict.code_sha256);
    assert!(swept(&sandbox).await.succeeded());
    assert_eq!(held(&sandbox), "NON_COMPLIANT");
    // Declared for another processor it is installed, and does not start.
    let fields = [&[("StackName", "guard")], &parameters("strict.zip", ELSEWHERE)[..]].concat();
    assert_eq!(call(&client, "UpdateStack", &fields).await.status, 200);
    let ran = swept(&sandbox).await;
    assert_eq!(ran.error_type(), Some("Runtime.InvalidEntrypoint"));
    let Outcome::Err { error_message, .. } = &ran.attempts[0].outcome else { panic!("{ran:?}") };
    assert!(error_message.contains("exec format error"), "{error_message}");
}

#[tokio::test]
async fn names_that_others_have_taken_fail_the_stack_in_each_service_s_words() {
    let (sandbox, client) = quick().await;
    let world = sandbox.world();
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let rule = json!({"ConfigRuleName": "theirs", "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA"}});
    let alarm = json!({"AlarmName": "theirs", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"});
    let cases = [
        ("AWS::Logs::LogGroup", json!({"LogGroupName": "theirs"}), "already exists."),
        ("AWS::IAM::Role", json!({"RoleName": "theirs", "AssumeRolePolicyDocument": trust}), "already exists."),
        ("AWS::Config::ConfigRule", rule, "already exists."),
        ("AWS::CloudWatch::Alarm", alarm, "already exists."),
        ("AWS::S3::Bucket", json!({"BucketName": "theirs"}), "theirs already exists"),
    ];
    for (kind, properties, words) in cases {
        assert_eq!(world.put_resource(ACCOUNT, REGION, kind, &properties).unwrap(), "theirs");
        let template = json!({"Resources": {"R": {"Type": kind, "Properties": properties}}}).to_string();
        let fields = [("TemplateBody", template.as_str()), ("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
        let made = create(&sandbox, &client, "clash", &fields).await;
        assert_eq!(made.status, "ROLLBACK_COMPLETE", "{kind}");
        let told = made.events.iter().filter_map(|event| event.2.as_deref()).any(|reason| reason.contains(words));
        assert!(told, "{kind}: {made:?}");
        call(&client, "DeleteStack", &[("StackName", "clash")]).await;
        world.remove_resource(ACCOUNT, REGION, kind, "theirs").unwrap();
        let again = create(&sandbox, &client, "clash", &fields).await;
        assert_eq!(again.status, "CREATE_COMPLETE", "{again:?}");
        call(&client, "DeleteStack", &[("StackName", "clash")]).await;
    }
}
