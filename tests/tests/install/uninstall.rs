//! `deployer uninstall`: everything goes that is ours, nothing else, and a second run has nothing to do.

use std::process::Stdio;
use std::time::Duration;

use guard_tests::kill::run_until;
use guard_tests::process::{at_terminal, words};
use guard_tests::sandbox::{Hold, ResourceAction, StackSpec};
use serde_json::json;

use crate::runner::{Ran, too_wide};
use crate::stage::{ACCOUNT, REGIONS, Stage, events, ran, scrubbed};

const REGION: &str = "eu-west-1";
const BUCKET: &str = "notebook-guard-111122223333-eu-west-1";
const OURS: (&str, &str) = ("notebook-guard:managed", "true");

async fn uninstall(stage: &Stage, arguments: &[&str]) -> Ran {
    ran(stage.deployer(&[&["uninstall", "--yes"], arguments].concat())).await
}

/// Nothing of an installation is there any more.
fn assert_gone(stage: &Stage) {
    assert_eq!(stage.end_state(), Vec::<String>::new());
    for region in REGIONS {
        assert!(!stage.world().has_bucket(&format!("notebook-guard-{ACCOUNT}-{region}")), "{region}");
    }
}

/// A second run looks, says so, and writes nothing.
async fn assert_nothing_to_do(stage: &Stage, arguments: &[&str]) {
    stage.world().calls().clear();
    let again = uninstall(stage, arguments).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(again.stdout.contains("Nothing to uninstall"), "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_in_two_regions() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    stage.world().calls().clear();
    let dry = ran(stage.deployer(&["uninstall", "--region", "all", "--dry-run"])).await;
    assert_eq!((dry.code, stage.writes()), (0, vec![]), "{}", dry.shown());
    assert_eq!(too_wide(&dry.stdout), Vec::<&str>::new());
    insta::assert_snapshot!("uninstall_dry_run", scrubbed(&dry.shown()));
    let done = uninstall(&stage, &["--region", "all"]).await;
    assert_eq!(done.code, 0, "{}", done.shown());
    let summary: String = done.stdout.split_inclusive('\n').skip_while(|line| !line.starts_with("Removed")).collect();
    insta::assert_snapshot!("uninstall_summary", summary);
    assert_gone(&stage);
    assert_nothing_to_do(&stage, &["--region", "all"]).await;
    // And what was there before can be there again.
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_goes_too() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&["--conformance-pack", "--check", "all"]).await.code, 0);
    let done = uninstall(&stage, &[]).await;
    assert_eq!(done.code, 0, "{}", done.shown());
    assert!(done.stdout.contains("notebook-guard, with its rules and their results"), "{}", done.stdout);
    assert_gone(&stage);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn artifacts_can_be_kept() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let done = uninstall(&stage, &["--keep-artifacts"]).await;
    assert_eq!(done.code, 0, "{}", done.shown());
    assert!(done.stdout.contains(&format!("= bucket {BUCKET} stays")), "{}", done.stdout);
    assert!(stage.world().has_bucket(BUCKET) && stage.stack(REGION, "notebook-guard-artifacts").is_some());
    assert!(stage.stack(REGION, "notebook-guard").is_none());
    assert_nothing_to_do(&stage, &["--keep-artifacts"]).await;
    let status = ran(stage.deployer(&["status"])).await;
    assert_eq!(
        (status.code, status.stdout.contains("Artifacts are kept in eu-west-1.")),
        (0, true),
        "{}",
        status.stdout
    );
    assert_eq!(uninstall(&stage, &[]).await.code, 0);
    assert_gone(&stage);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_there_to_ask() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().calls().clear();
    for format in ["text", "json"] {
        let ran = ran(stage.deployer(&["uninstall", "--format", format])).await;
        assert_eq!(ran.code, 4, "{}", ran.shown());
        assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    }
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// At a terminal (of util-linux's `script`) the word `yes` is taken for one, and nothing else.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_yes_is_yes() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    for (typed, code) in [("y\n", 4), ("\n", 4), ("", 4), ("yes\n", 0)] {
        stage.world().calls().clear();
        let ran = asked(&stage, typed).await;
        assert_eq!((ran.code, stage.writes().is_empty()), (code, code == 4), "{typed:?}: {}", ran.shown());
        assert!(ran.stdout.contains("Remove Notebook Guard from account 111122223333 in 1 Region?"), "{}", ran.stdout);
    }
    assert_gone(&stage);
    stage.sandbox.stop().await;
}

#[cfg(target_os = "linux")]
async fn asked(stage: &Stage, typed: &'static str) -> Ran {
    let command = stage.deployer(&["uninstall"]);
    // The end of the input is no `yes` either.
    let run = move || at_terminal(&command, ("Type", typed), Duration::from_mins(1));
    tokio::task::spawn_blocking(run).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_ours_is_never_touched() {
    let stage = Stage::with(&[REGION]).await;
    for name in ["notebook-guard", "notebook-guard-artifacts"] {
        stage.world().put_stack_in_state(ACCOUNT, REGION, &StackSpec::new(name, "CREATE_COMPLETE")).unwrap();
    }
    stage.world().put_bucket(ACCOUNT, REGION, BUCKET).unwrap();
    assert_nothing_to_do(&stage, &[]).await;
    assert!(stage.world().has_bucket(BUCKET));
    stage.sandbox.stop().await;
}

/// A foreign object in the bucket: the rest goes, the bucket stays as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_others_keep_the_bucket() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().put_object(BUCKET, "reports/2026.csv", b"precious".to_vec()).unwrap();
    let done = uninstall(&stage, &[]).await;
    assert_eq!(done.code, 3, "{}", done.shown());
    insta::assert_snapshot!(scrubbed(&done.stderr));
    assert!(stage.stack(REGION, "notebook-guard").is_none());
    assert!(stage.stack(REGION, "notebook-guard-artifacts").is_some());
    assert_eq!(stage.world().object(BUCKET, "reports/2026.csv").unwrap(), b"precious");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_fails_is_tried_again() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().fail_resource("Role", ResourceAction::Delete, "Cannot delete entity, must detach all policies", 1);
    assert_eq!(uninstall(&stage, &[]).await.code, 0);
    assert_gone(&stage);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_fails_twice_is_explained() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    let denied = "User is not authorized to perform: cloudwatch:DeleteAlarms";
    for alarm in ["ErrorsAlarm", "RootAccessAlarm"] {
        // Both Regions try twice.
        stage.world().fail_resource(alarm, ResourceAction::Delete, denied, 4);
    }
    let done = uninstall(&stage, &["--region", "all"]).await;
    assert_eq!(done.code, 5, "{}", done.shown());
    let told: String = done.stderr.lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(scrubbed(&told));
    for region in REGIONS {
        assert!(stage.world().has_bucket(&format!("notebook-guard-{ACCOUNT}-{region}")), "not before the member stack");
    }
    assert_eq!(uninstall(&stage, &["--region", "all"]).await.code, 0);
    assert_gone(&stage);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_stack_fails_its_region_only() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    stage.world().set_stack_protected(ACCOUNT, REGION, "notebook-guard", true).unwrap();
    let done = uninstall(&stage, &["--region", "all"]).await;
    assert_eq!(done.code, 3, "{}", done.shown());
    let told = words(&done.stderr);
    let command = "aws cloudformation update-termination-protection --no-enable-termination-protection \
                   --stack-name notebook-guard --region eu-west-1";
    assert!(told.contains(command), "{}", done.stderr);
    assert!(stage.stack(REGION, "notebook-guard").is_some() && stage.world().has_bucket(BUCKET));
    assert!(stage.stack(REGIONS[1], "notebook-guard").is_none());
    stage.sandbox.stop().await;
}

/// The bucket of an organization's administrator is not for one account to take away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_keeps_its_artifacts() {
    let stage = Stage::with(&[REGION]).await;
    let template = "Parameters: {OrgId: {Type: String, Default: o-abcdefghij}}\n\
                    Resources: {Bucket: {Type: 'AWS::S3::Bucket'}}";
    let mut stack = StackSpec::new("notebook-guard-artifacts", "CREATE_COMPLETE").tag(OURS.0, OURS.1);
    stack.template = Some(template.to_owned());
    stage.world().put_stack_in_state(ACCOUNT, REGION, &stack).unwrap();
    stage.world().calls().clear();
    let ran = uninstall(&stage, &[]).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert!(ran.stderr.contains("o-abcdefghij") && ran.stderr.contains("--keep-artifacts"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    assert_eq!(uninstall(&stage, &["--keep-artifacts"]).await.code, 0);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stacks_in_odd_states_go_too() {
    for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"] {
        let stage = Stage::with(&[REGION]).await;
        for name in ["notebook-guard", "notebook-guard-artifacts"] {
            let stack = StackSpec::new(name, status).tag(OURS.0, OURS.1);
            stage.world().put_stack_in_state(ACCOUNT, REGION, &stack).unwrap();
        }
        let done = uninstall(&stage, &[]).await;
        assert_eq!(done.code, 0, "{status}: {}", done.shown());
        assert_gone(&stage);
        stage.sandbox.stop().await;
    }
}

/// Killed after each of its calls in turn, as by a power cut; the next run comes to the same end. Before a call, AWS is
/// as it was after the one before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_is_finished_by_the_next() {
    let stage = Stage::with(&[REGION]).await;
    stage.world().set_stack_delay(Duration::from_millis(1));
    for number in 1.. {
        assert_eq!(stage.install(&[]).await.code, 0, "before call {number}");
        let command = stage.deployer(&["uninstall", "--yes"]).into();
        let killed = run_until(stage.world(), command, number, Hold::After).await.unwrap();
        let done = uninstall(&stage, &[]).await;
        assert_eq!(done.code, 0, "{:?}: {}", killed.killed_at, done.shown());
        assert_gone(&stage);
        if killed.killed_at.is_none() {
            assert!(number > 20, "only {number} calls");
            break;
        }
    }
    stage.sandbox.stop().await;
}

/// Ctrl-C, and a process that is killed: CloudFormation goes on, and the same command waits for it and finishes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_says_how_to_resume() {
    let stage = Stage::with(&[REGION]).await;
    for signal in ["-INT", "-KILL"] {
        assert_eq!(stage.install(&[]).await.code, 0);
        stage.world().set_stack_delay(Duration::from_millis(150));
        stage.world().calls().clear();
        let mut command = stage.deployer(&["uninstall", "--yes"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while stage.world().calls().count("cloudformation", "DescribeStackEvents") < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let left: Ran = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap();
        if signal == "-INT" {
            assert_eq!(left.code, 130, "{}", left.shown());
            let told =
                "eu-west-1: AWS goes on with the removal of stack notebook-guard\nFinish it with the same command.";
            assert!(left.stdout.contains(told), "{}", left.stdout);
        }
        let done = uninstall(&stage, &[]).await;
        assert_eq!(done.code, 0, "{}", done.shown());
        assert_gone(&stage);
        stage.world().set_stack_delay(Duration::from_millis(10));
    }
    stage.sandbox.stop().await;
}

/// What no stack holds is named, with the command that removes it, and left alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_stack_holds_is_named() {
    let stage = Stage::with(&[REGION]).await;
    let alarm = json!({
        "AlarmName": "notebook-guard-errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum",
        "Period": 300, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    stage.world().put_resource(ACCOUNT, REGION, "AWS::CloudWatch::Alarm", &alarm).unwrap();
    stage.world().calls().clear();
    let ran = uninstall(&stage, &[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stderr.contains("aws cloudwatch delete-alarms --alarm-names notebook-guard-errors"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_one_object_in_each_line() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let dry = ran(stage.deployer(&["uninstall", "--dry-run", "--format", "json"])).await;
    let told = events(&dry);
    assert_eq!((dry.code, &told[1]["regions"][0]["end"]), (0, &json!("planned")), "{}", dry.shown());
    let done = uninstall(&stage, &["--format", "json"]).await;
    let told = events(&done);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.shown());
    assert_eq!(told[0]["event"], "plan");
    assert_eq!(told[0]["regions"][0]["bucket"]["versions"], 1);
    assert_eq!(told[0]["regions"][0]["memberStack"]["ours"], true);
    assert_eq!(told[1], json!({"event": "result", "dryRun": false, "regions": [{"region": REGION, "end": "gone"}]}));
    stage.sandbox.stop().await;
}
