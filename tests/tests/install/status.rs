//! `deployer status`: what is said of healthy installations, of broken ones, and of none.

use std::collections::BTreeMap;

use guard_tests::process::words;
use guard_tests::sandbox::{Clock, Effect, Fault, RecorderState, Refusal, StackSpec, StoredEvaluation};
use serde_json::{Value, json};

use crate::runner::{Ran, too_wide};
use crate::stage::{ACCOUNT, REGIONS, Stage, ran, scrubbed};

const REGION: &str = "eu-west-1";
const RULE: &str = "notebook-guard-root-access";
/// The most calls for each Region, besides those that are made once for the account.
const CALLS: usize = 12;

async fn status(stage: &Stage, arguments: &[&str]) -> Ran {
    ran(stage.deployer(&[&["status"], arguments].concat())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthy_regions_are_told_together() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    let ran = status(&stage, &["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    assert!(stage.writes().iter().all(|call| call.operation != "DetectStackDrift"));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_installation_is_no_fault() {
    let stage = Stage::new().await;
    let ran = status(&stage, &[]).await;
    assert_eq!((ran.code, ran.stdout.contains("It is not installed in eu-west-1.")), (0, true), "{}", ran.shown());
    assert_eq!(stage.install(&["--region", REGION]).await.code, 0);
    let ran = status(&stage, &["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("It is not installed in 1 other Region."), "{}", ran.stdout);
    assert!(!ran.stdout.contains("us-east-1"), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_holds_everything() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", REGION, "--schedule", "6h"]).await.code, 0);
    seed(&stage, RULE, 3);
    let ran = status(&stage, &["--region", "all", "--format", "json"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.shown());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["healthy"], true);
    let [installed, absent] = [&report["regions"][0], &report["regions"][1]];
    assert_eq!((&installed["state"], &absent["state"]), (&json!("installed"), &json!("absent")));
    assert_eq!(absent["installation"], Value::Null);
    let installation = &installed["installation"];
    assert_eq!(installation["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(installation["schedule"], "Six_Hours");
    let digest = &installation["artifact"]["installedSha256"];
    assert_eq!((digest, digest), (&installation["function"]["sha256"], &installation["artifact"]["bucket"]["sha256"]));
    let rules = installation["rules"].as_array().unwrap();
    assert_eq!((rules.len(), installation["alarms"].as_array().unwrap().len()), (4, 5));
    let judged = rules.iter().find(|rule| rule["name"] == RULE).unwrap();
    assert_eq!(judged["results"], json!({"compliance": "NON_COMPLIANT", "resources": 3, "more": false}));
    assert_eq!(installation["drift"], Value::Null);
    stage.sandbox.stop().await;
}

/// Puts results of so many notebooks that do not comply.
fn seed(stage: &Stage, rule: &str, notebooks: usize) {
    let now = Clock::default().now();
    for index in 0..notebooks {
        let id = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/nb-{index}");
        let result = StoredEvaluation::new("AWS::SageMaker::NotebookInstance", &id, "NON_COMPLIANT", now);
        stage.world().seed_compliance(ACCOUNT, REGION, rule, result).unwrap();
    }
}

/// Rules in a pack have names of AWS Config's making.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_in_a_conformance_pack() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&["--conformance-pack", "--check", "all"]).await.code, 0);
    let ran = status(&stage, &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    stage.world().remove_resource(ACCOUNT, REGION, "AWS::Config::ConformancePack", "notebook-guard").unwrap();
    let ran = status(&stage, &[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("the conformance pack notebook-guard is gone"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("the rule notebook-guard"), "told once: {}", ran.stdout);
    let fix = "deployer install --region eu-west-1 --check all --conformance-pack --repair";
    assert!(words(&ran.stdout).contains(fix), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

/// A function's zip, but not ours.
fn another_zip() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Everything that somebody can break, broken at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_broken_by_hand_is_told_with_its_fix() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let world = stage.world();
    world.set_function_code(ACCOUNT, REGION, "notebook-guard-evaluator", another_zip()).unwrap();
    world.remove_resource(ACCOUNT, REGION, "AWS::Config::ConfigRule", RULE).unwrap();
    let elsewhere = "arn:aws:lambda:eu-west-1:111122223333:function:mine";
    let source = json!({"Source": {
        "Owner": "CUSTOM_LAMBDA", "SourceIdentifier": elsewhere,
        "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}],
    }, "Scope": null});
    let other = guard_tests::sandbox::FunctionSpec::new("mine", env!("CARGO_BIN_EXE_bootstrap-under-test"));
    world.install_function(ACCOUNT, REGION, other).unwrap();
    let kind = ("AWS::Config::ConfigRule", "notebook-guard-inside-vpc");
    world.change_resource(ACCOUNT, REGION, kind, &source).unwrap();
    world.remove_resource(ACCOUNT, REGION, "AWS::CloudWatch::Alarm", "notebook-guard-errors").unwrap();
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Missing).unwrap();
    let ran = status(&stage, &[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drift_is_looked_for_when_asked() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let ran = status(&stage, &["--drift"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("nothing differs from the template"), "{}", ran.stdout);
    let group = ("AWS::Logs::LogGroup", "/notebook-guard/evaluator");
    stage.world().change_resource(ACCOUNT, REGION, group, &json!({"RetentionInDays": 1})).unwrap();
    assert_eq!(status(&stage, &[]).await.code, 0, "only CloudFormation sees it");
    let ran = status(&stage, &["--drift"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let told = "LogGroup (AWS::Logs::LogGroup) was changed by hand: /RetentionInDays";
    assert!(words(&ran.stdout).contains(told), "{}", ran.stdout);
    let ran = status(&stage, &["--drift", "--format", "json"]).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["regions"][0]["installation"]["drift"]["resources"][0]["logicalId"], "LogGroup");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stacks_that_are_no_installation() {
    let ours = |status: &str| StackSpec::new("notebook-guard", status).tag("notebook-guard:managed", "true");
    let cases = [
        (StackSpec::new("notebook-guard", "CREATE_COMPLETE"), 0, "foreign", "deployer did not make"),
        (ours("ROLLBACK_COMPLETE"), 3, "unsettled", "was never made: its creation ended in ROLLBACK_COMPLETE"),
        (ours("DELETE_FAILED"), 3, "unsettled", "the deletion of stack notebook-guard stopped half-way"),
        (ours("UPDATE_IN_PROGRESS"), 3, "unsettled", "an operation runs on stack notebook-guard"),
    ];
    for (stack, code, state, told) in cases {
        let stage = Stage::with(&[REGION]).await;
        stage.world().put_stack_in_state(ACCOUNT, REGION, &stack).unwrap();
        let ran = status(&stage, &[]).await;
        assert_eq!(ran.code, code, "{}", ran.shown());
        assert!(words(&ran.stdout).contains(told), "{}", ran.stdout);
        let ran = status(&stage, &["--format", "json"]).await;
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.code, &report["regions"][0]["state"]), (code, &json!(state)));
        stage.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_never_healthy() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    let denied = || Effect::Refuse(Refusal::new("AccessDenied", "not for you").with_status(403));
    let faults = stage.world().faults();
    faults.add(Fault::on("monitoring", "DescribeAlarms", denied()).at(ACCOUNT, REGIONS[1]));
    let ran = status(&stage, &["--region", "all"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    faults.add(Fault::on("cloudformation", "DescribeStacks", denied()).at(ACCOUNT, REGIONS[1]));
    let ran = status(&stage, &["--region", "all"]).await;
    assert_eq!((ran.code, ran.stdout.contains("not for you")), (3, true), "{}", ran.shown());
    faults.add(Fault::on("cloudformation", "DescribeStacks", denied()));
    let ran = status(&stage, &["--region", "all"]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prefix_that_cannot_be_one_is_told_before_any_call() {
    let stage = Stage::with(&[REGION]).await;
    for command in ["status", "uninstall"] {
        let ran = ran(stage.deployer(&[command, "--prefix", "Nope"])).await;
        assert_eq!((ran.code, ran.stderr.contains("--prefix Nope")), (2, true), "{}", ran.shown());
    }
    assert!(stage.world().calls().all().is_empty());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_calls_for_each_region() {
    for flags in [&["--region", "all", "--check", "all"][..], &["--region", "all", "--conformance-pack"]] {
        let stage = Stage::new().await;
        assert_eq!(stage.install(flags).await.code, 0);
        stage.world().calls().clear();
        assert_eq!(status(&stage, &["--region", "all"]).await.code, 0);
        let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for call in stage.world().calls().all() {
            if !["sts", "ec2"].contains(&call.service.as_str()) {
                calls.entry(call.region).or_default().push(format!("{}:{}", call.service, call.operation));
            }
        }
        let most = calls.values().map(Vec::len).max().unwrap();
        eprintln!("status, {}: {most} AWS calls for each Region", flags.last().unwrap());
        assert!(most <= CALLS, "{calls:?}");
        stage.sandbox.stop().await;
    }
}
