//! `deployer doctor` on the sandbox.

use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::process::{ran, words};
use guard_tests::sandbox::{
    Denier, Effect, Fault, Notebook, Options, RecordedTypes, RecorderState, Sandbox, StackSpec,
};
use serde_json::{Value, json};

use crate::runner::{Ran, command, run, too_wide};

pub(crate) const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
pub(crate) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// An account that is ready for an installation.
pub(crate) async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let world = sandbox.world();
    for account in [ACCOUNT, OTHER] {
        world.add_account(account).unwrap();
        for region in REGIONS {
            world.enable_region(account, region).unwrap();
            world.set_recorder(account, region, &RecorderState::ALL).unwrap();
        }
    }
    sandbox
}

pub(crate) fn doctor(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = command(&[&["doctor"], arguments].concat());
    command.envs(sandbox.environment(ACCOUNT, REGIONS[0]).unwrap());
    command
}

pub(crate) async fn ask(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    let ran = ran(doctor(sandbox, arguments)).await;
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    ran
}

/// The findings that are not good, as `level topic`.
pub(crate) async fn troubles(sandbox: &Sandbox, arguments: &[&str]) -> (i32, Vec<String>) {
    let ran = ran(doctor(sandbox, &[&["--format", "json"], arguments].concat())).await;
    assert_eq!(ran.stderr, "");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report.get("findings").and_then(Value::as_array).unwrap();
    let bad = findings.iter().filter(|finding| finding["level"] != "good");
    let line = |finding: &Value| {
        let text = |member: &str| finding[member].as_str().unwrap_or("account").to_owned();
        format!("{} {} {}", text("level"), text("topic"), text("region"))
    };
    (ran.code, bad.map(line).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_account() {
    let sandbox = sandbox().await;
    insta::assert_snapshot!(ask(&sandbox, &["--region", "all"]).await.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_has_everything() {
    let sandbox = sandbox().await;
    sandbox.world().set_recorder(ACCOUNT, REGIONS[0], &RecorderState::Stopped).unwrap();
    insta::assert_snapshot!(ran(doctor(&sandbox, &["--format", "json"])).await.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    let [first, second] = REGIONS;
    world.set_recorder(ACCOUNT, first, &RecorderState::Missing).unwrap();
    let only = RecordedTypes::Only(vec!["AWS::SageMaker::NotebookInstance".to_owned()]);
    world.set_recorder(ACCOUNT, second, &RecorderState::Recording { types: only, daily: true }).unwrap();
    world.put_stack_in_state(ACCOUNT, first, &StackSpec::new("notebook-guard", "CREATE_COMPLETE")).unwrap();
    world.put_bucket(OTHER, second, "notebook-guard-111122223333-us-east-1").unwrap();
    world.deny_action(ACCOUNT, "lambda:CreateFunction", Denier::Nobody).unwrap();
    world.deny_action(ACCOUNT, "iam:CreateRole", Denier::Organization).unwrap();
    world.set_lambda_concurrency(10);
    let regions = ["--region", first, "--region", second, "--region", "eu-wset-1"];
    let ran = ask(&sandbox, &[&regions[..], &["--checks", "all"]].concat()).await;
    insta::assert_snapshot!(ran.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorders_that_do_not_tell_of_changes() {
    let sandbox = sandbox().await;
    let all_but = RecordedTypes::AllBut(vec!["AWS::SageMaker::NotebookInstance".to_owned()]);
    for (state, trouble) in [
        (RecorderState::Missing, "warning recorder eu-west-1"),
        (RecorderState::Stopped, "warning recorder eu-west-1"),
        (RecorderState::Recording { types: all_but, daily: false }, "warning recorded-types eu-west-1"),
        (RecorderState::Recording { types: RecordedTypes::All, daily: true }, "warning recorded-types eu-west-1"),
    ] {
        sandbox.world().set_recorder(ACCOUNT, REGIONS[0], &state).unwrap();
        assert_eq!(troubles(&sandbox, &[]).await, (0, vec![trouble.to_owned()]), "{state:?}");
    }
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stacks_that_are_not_ours_or_stuck() {
    let sandbox = sandbox().await;
    let put = |status: &str, managed: bool| {
        let stack = StackSpec::new("notebook-guard", status);
        let stack = if managed { stack.tag("notebook-guard:managed", "true") } else { stack };
        sandbox.world().put_stack_in_state(ACCOUNT, REGIONS[0], &stack).unwrap();
    };
    let bad = (2, vec!["bad stacks eu-west-1".to_owned()]);
    put("CREATE_COMPLETE", false);
    assert_eq!(troubles(&sandbox, &[]).await, bad);
    assert_eq!(troubles(&sandbox, &["--prefix", "other"]).await, (0, vec![]));
    put("UPDATE_ROLLBACK_FAILED", true);
    assert_eq!(troubles(&sandbox, &[]).await, bad);
    assert_eq!(troubles(&sandbox, &["--repair"]).await, (0, vec!["warning stacks eu-west-1".to_owned()]));
    put("ROLLBACK_COMPLETE", true);
    assert_eq!(troubles(&sandbox, &[]).await, (0, vec!["warning stacks eu-west-1".to_owned()]));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_enabled_is_never_called() {
    let sandbox = sandbox().await;
    let expected = (2, vec!["bad region af-south-1".to_owned()]);
    assert_eq!(troubles(&sandbox, &["--region", "af-south-1"]).await, expected);
    let called = sandbox.world().calls().all();
    assert!(called.iter().all(|call| call.region != "af-south-1" || call.service == "iam"), "{called:?}");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_configured_region_the_named_one_knows_who_calls() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    sandbox.world().add_account(ACCOUNT).unwrap();
    sandbox.world().enable_region(ACCOUNT, "cn-north-1").unwrap();
    sandbox.world().set_recorder(ACCOUNT, "cn-north-1", &RecorderState::ALL).unwrap();
    let environment = sandbox.environment(ACCOUNT, "cn-north-1").unwrap();
    let without = |arguments: &[&str], unset: &[&str]| {
        let mut command = command(&[&["doctor"], arguments].concat());
        command.envs(environment.iter().cloned());
        for name in unset {
            command.env_remove(name);
        }
        command
    };
    let none = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let named = ran(without(&["--region", "cn-north-1"], &none)).await;
    assert!(named.stdout.contains(ACCOUNT), "{}", named.shown());
    let called = sandbox.world().calls().all();
    assert!(!called.is_empty() && called.iter().all(|call| call.region != "us-east-1"), "{called:?}");
    let mut all = without(&["--region", "all"], &none);
    all.env("AWS_ACCESS_KEY_ID", "AKIAOFANOTHERWORLD00");
    let all = ran(all).await;
    assert_eq!(all.code, 2, "{}", all.shown());
    let said = words(&all.stderr);
    assert!(said.contains("in us-east-1") && said.contains("another partition"), "{said}");
    let mut elsewhere = without(&["--region", "cn-north-1"], &[]);
    elsewhere.env("AWS_REGION", "eu-west-1").env("AWS_DEFAULT_REGION", "eu-west-1");
    let elsewhere = ran(elsewhere).await;
    assert!(elsewhere.stdout.contains(ACCOUNT), "{}", elsewhere.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_of_our_name_is_seen_under_any_path() {
    let sandbox = sandbox().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]});
    let role = json!({"RoleName": "notebook-guard-us-east-1", "Path": "/somebody/", "AssumeRolePolicyDocument": trust});
    sandbox.world().put_resource(ACCOUNT, REGIONS[0], "AWS::IAM::Role", &role).unwrap();
    assert_eq!(troubles(&sandbox, &["--region", "all"]).await, (2, vec!["bad role-name account".to_owned()]));
    assert_eq!(troubles(&sandbox, &["--region", REGIONS[0]]).await, (0, vec![]));
    assert_eq!(troubles(&sandbox, &["--region", "all", "--prefix", "other"]).await, (0, vec![]));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_region_costs_more_than_twelve_calls() {
    let sandbox = sandbox().await;
    sandbox.world().put_notebook(ACCOUNT, REGIONS[0], Notebook::new("nb")).unwrap();
    for name in ["notebook-guard", "notebook-guard-artifacts"] {
        let stack = StackSpec::new(name, "CREATE_COMPLETE").tag("notebook-guard:managed", "true");
        sandbox.world().put_stack_in_state(ACCOUNT, REGIONS[0], &stack).unwrap();
    }
    for flags in [&["--region", "all"][..], &["--region", "all", "--conformance-pack"]] {
        sandbox.world().calls().clear();
        assert_eq!(ask(&sandbox, flags).await.code, 0);
        let global = ["iam", "sts", "ec2"];
        for region in REGIONS {
            let calls = sandbox.world().calls().all();
            let mut made: Vec<String> = calls
                .iter()
                .filter(|call| call.region == region && !global.contains(&call.service.as_str()))
                .map(|call| format!("{}:{}", call.service, call.operation))
                .collect();
            made.sort();
            assert!(made.len() <= 12, "{region} {flags:?}: {} calls: {made:?}", made.len());
        }
    }
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_a_failure_of_aws() {
    let sandbox = sandbox().await;
    for (service, operation) in [
        ("cloudformation", "DescribeStacks"),
        ("config", "DescribeConfigRules"),
        ("lambda", "GetFunctionConfiguration"),
    ] {
        sandbox.world().faults().add(Fault::on(service, operation, Effect::ServerError(503)));
    }
    let mut command = doctor(&sandbox, &[]);
    command.env("AWS_MAX_ATTEMPTS", "1");
    let ran = ran(command).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fips_without_endpoints_is_told_before_any_call() {
    let sandbox = sandbox().await;
    let mut command = doctor(&sandbox, &[]);
    command.env("AWS_USE_FIPS_ENDPOINT", "true");
    let ran = ran(command).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("FIPS") && ran.stderr.contains("eu-west-1"), "{}", ran.stderr);
    assert!(sandbox.world().calls().all().is_empty());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_it() {
    let sandbox = sandbox().await;
    sandbox.world().set_latency(Duration::from_secs(20));
    let child = doctor(&sandbox, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran: Ran = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap();
    assert_eq!((ran.code, ran.stdout.as_str()), (130, ""), "{}", ran.stderr);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seventeen_regions_are_read_side_by_side() {
    let sandbox = sandbox().await;
    for number in 1..=15 {
        let region = format!("ap-south-{number}");
        sandbox.world().enable_region(ACCOUNT, &region).unwrap();
        sandbox.world().set_recorder(ACCOUNT, &region, &RecorderState::ALL).unwrap();
    }
    sandbox.world().set_latency(Duration::from_millis(50));
    let begin = std::time::Instant::now();
    let ran = ask(&sandbox, &["--region", "all"]).await;
    let took = begin.elapsed();
    assert_eq!(ran.code, 0, "{}", ran.shown());
    // One after the other, the answers alone would take this long.
    let calls = sandbox.world().calls().all().len();
    let alone = Duration::from_millis(50) * u32::try_from(calls).unwrap();
    println!("{calls} calls in {took:?}, {alone:?} one after the other");
    assert!(took < alone / 2, "{calls} calls in {took:?}");
    sandbox.stop().await;
}

#[test]
fn help_and_faults_of_the_command_line() {
    let help = run(&["doctor", "--help"]);
    assert_eq!(too_wide(&help.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(help.shown());
    insta::assert_snapshot!(run(&["doctor", "--prefix", "A", "--log-retention", "2", "--tag", "a"]).shown());
    insta::assert_snapshot!(run(&["doctor", "--allowed-kms-key", "x"]).shown());
}
