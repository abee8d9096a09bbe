//! AWS fails: throttling, denials, resources that cannot be made, an interrupt.

use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::sandbox::{Denier, Effect, Fault, Refusal, ResourceAction, When};

use crate::runner::Ran;
use crate::stage::{ACCOUNT, REGIONS, Stage, shown};

const REGION: &str = "eu-west-1";

/// Every second call is throttled, and everything is installed all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_waited_out() {
    let stage = Stage::with(&[REGION]).await;
    for service in ["cloudformation", "config", "lambda", "s3"] {
        for operation in stage_operations(service) {
            stage.world().faults().add(Fault::on(service, operation, Effect::Throttle).when(When::Times(2)));
        }
    }
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    stage.sandbox.stop().await;
}

fn stage_operations(service: &str) -> &'static [&'static str] {
    match service {
        "cloudformation" => {
            &["DescribeStacks", "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents"]
        }
        "config" => &["DescribeConfigRules", "DescribeConfigurationRecorders"],
        "lambda" => &["GetFunctionConfiguration"],
        _ => &["PutObject", "HeadObject"],
    }
}

/// One Region fails, the other is installed: partial, with the reason and its fix.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_region_that_fails_does_not_stop_the_other() {
    let stage = Stage::new().await;
    let denied = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: cloudformation:CreateChangeSet";
    let refusal = Effect::Refuse(Refusal::new("AccessDenied", denied));
    stage.world().faults().add(Fault::on("cloudformation", "CreateChangeSet", refusal).at(ACCOUNT, REGIONS[1]));
    let ran = stage.install(&["--region", "all"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    insta::assert_snapshot!(shown(&ran));
    assert!(stage.stack(REGIONS[0], "notebook-guard").is_some());
    stage.world().faults().clear();
    let again = stage.install(&["--region", "all"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    stage.sandbox.stop().await;
}

/// A resource cannot be made: CloudFormation takes everything back, the reason is on top, a second run succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resource_that_fails_is_named_with_its_fix() {
    let stage = Stage::with(&[REGION]).await;
    let reason = "Resource handler returned message: \"notebook-guard-evaluator already exists\"";
    stage.world().fail_resource("AWS::Lambda::Function", ResourceAction::Create, reason, 1);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    insta::assert_snapshot!(shown(&ran));
    assert!(stage.stack(REGION, "notebook-guard").is_none(), "a creation that failed leaves nothing behind");
    let again = stage.install(&[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    stage.sandbox.stop().await;
}

/// An update that fails is rolled back, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_fails_is_rolled_back() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().fail_resource("ImdsV2Rule", ResourceAction::Create, "LimitExceededException: too many", 1);
    let ran = stage.install(&["--checks", "all"]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    assert!(ran.stderr.contains("ImdsV2Rule") && ran.stderr.contains("quota"), "{}", ran.stderr);
    assert_eq!(stage.stack(REGION, "notebook-guard").unwrap().status, "UPDATE_ROLLBACK_COMPLETE");
    let again = stage.install(&["--checks", "all"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    stage.sandbox.stop().await;
}

/// Ctrl-C leaves CloudFormation at work; the same command waits for it and finishes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_detaches_and_the_next_run_finishes() {
    let stage = Stage::with(&[REGION]).await;
    stage.world().set_stack_delay(Duration::from_millis(400));
    let child = stage.installer(&["--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The member stack is being made when its zip is there.
    while stage.world().calls().count("cloudformation", "ExecuteChangeSet") < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran: Ran = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap();
    assert_eq!(ran.code, 130, "{}", ran.shown());
    assert!(ran.stdout.contains("CloudFormation goes on with stack notebook-guard"), "{}", ran.stdout);
    let again = stage.install(&[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(stage.stack(REGION, "notebook-guard").unwrap().status, "CREATE_COMPLETE");
    stage.sandbox.stop().await;
}

/// A denied read stops before anything is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_stops_before_anything_is_written() {
    let stage = Stage::with(&[REGION]).await;
    let refusal =
        Effect::Refuse(Refusal::new("AccessDenied", "not authorized to perform: cloudformation:DescribeStacks"));
    stage.world().faults().add(Fault::on("cloudformation", "DescribeStacks", refusal));
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("cloudformation:DescribeStacks"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// A change set that fails, and a stack that then cannot be removed at once: the next run still knows it as ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failed_change_set_leaves_is_known_as_ours() {
    let stage = Stage::with(&[REGION]).await;
    let refusal = Effect::Refuse(Refusal::new("AccessDenied", "not now"));
    stage.world().faults().add(Fault::on("cloudformation", "ExecuteChangeSet", refusal.clone()));
    stage.world().faults().add(Fault::on("cloudformation", "DeleteStack", refusal));
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    assert_eq!(stage.stack(REGION, "notebook-guard-artifacts").unwrap().status, "REVIEW_IN_PROGRESS");
    stage.world().faults().clear();
    let again = stage.install(&[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    stage.sandbox.stop().await;
}

/// A change set fails before anything is made: its status names no resource, the events of the change set do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_early_validation_found_is_told() {
    let stage = Stage::with(&[REGION]).await;
    let reason = "Resource of type 'AWS::Lambda::Function' with identifier 'notebook-guard-evaluator' already exists.";
    stage.world().fail_validation("AWS::Lambda::Function", reason);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    insta::assert_snapshot!(shown(&ran));
    assert_eq!(stage.world().calls().count("cloudformation", "DescribeEvents"), 1);
    assert!(stage.stack(REGION, "notebook-guard").is_none(), "nothing is left behind");
    // Whoever may not ask is told the reason of the change set.
    stage.world().deny_action(ACCOUNT, "cloudformation:DescribeEvents", Denier::Nobody).unwrap();
    stage.world().fail_validation("AWS::Lambda::Function", reason);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("ResourceExistenceCheck") && !said.contains("already exists"), "{said}");
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.sandbox.stop().await;
}
