//! A first installation.

use guard_tests::sandbox::{Notebook, RecordedTypes, RecorderState};

use crate::runner::too_wide;
use crate::stage::{ACCOUNT, BOOTSTRAP, REGIONS, Stage, events, ran, shown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_regions() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(shown(&ran));
    for region in REGIONS {
        for stack in ["notebook-guard-artifacts", "notebook-guard"] {
            let seen = stage.stack(region, stack).unwrap();
            assert_eq!(seen.status, "CREATE_COMPLETE", "{region} {stack}");
            assert_eq!(seen.tags["notebook-guard:managed"], "true");
        }
    }
    stage.sandbox.stop().await;
}

/// What was installed judges notebooks: the function is the zip's executable, run as Lambda runs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_installed_judges() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--region", "eu-west-1", "--checks", "all", "--code", BOOTSTRAP]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let world = stage.world();
    world.put_notebook(ACCOUNT, "eu-west-1", Notebook::new("defaults")).unwrap();
    let invocations = world.settle().await;
    assert!(invocations.iter().all(guard_tests::sandbox::Invocation::succeeded), "{invocations:?}");
    for rule in ["direct-internet-access", "inside-vpc", "root-access"] {
        let held = world.compliance(ACCOUNT, "eu-west-1", &format!("notebook-guard-{rule}")).unwrap();
        assert_eq!(held.len(), 1, "{rule}: {held:?}");
        assert_eq!(held[0].compliance_type, "NON_COMPLIANT", "{rule}");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_a_conformance_pack() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--conformance-pack", "--alarms", "off"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let stack = stage.stack("eu-west-1", "notebook-guard").unwrap();
    assert!(stack.resources.contains_key("Pack") && !stack.resources.contains_key("RootAccessRule"));
    assert!(!stack.resources.contains_key("ErrorsAlarm"));
    let again = stage.install(&["--conformance-pack", "--alarms", "off"]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do"), "{}", again.shown());
    stage.sandbox.stop().await;
}

/// A Region whose recorder does not record notebooks is judged on schedule alone, and the others are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_that_leaves_notebooks_out() {
    let stage = Stage::new().await;
    let except = RecorderState::Recording {
        types: RecordedTypes::AllBut(vec!["AWS::SageMaker::NotebookInstance".to_owned()]),
        daily: false,
    };
    stage.world().set_recorder(ACCOUNT, "us-east-1", &except).unwrap();
    let ran = stage.install(&["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let triggers = REGIONS.map(|region| stage.stack(region, "notebook-guard").unwrap().parameters["Triggers"].clone());
    assert_eq!(triggers, ["change-and-schedule", "schedule"]);
    assert!(ran.stdout.contains("the configuration recorder does not record them here"), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let stage = Stage::new().await;
    let dry = ran(stage.installer(&["--region", "all", "--dry-run"])).await;
    assert_eq!(dry.code, 0, "{}", dry.shown());
    assert_eq!(stage.writes(), vec![], "a dry run writes nothing");
    let real = stage.install(&["--region", "all"]).await;
    assert!(real.stdout.starts_with(&dry.stdout), "not the plan that was applied:\n{}\n{}", dry.stdout, real.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_to_ask_is_refused_before_anything_is_written() {
    let stage = Stage::new().await;
    let ran = ran(stage.installer(&["--region", "eu-west-1"])).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_one_event_in_each_line() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--region", "all", "--format", "json"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let events = events(&ran);
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["preflight", "plan", "result"]);
    assert_eq!(events[1]["plan"]["regions"].as_array().unwrap().len(), 2);
    assert_eq!(events[2]["regions"][0]["end"], "done");
    stage.sandbox.stop().await;
}

/// Tags, boundary, path and parameters arrive where they belong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_setting_arrives() {
    let stage = Stage::new().await;
    let ran = stage
        .install(&[
            "--checks",
            "inside-vpc,volume-kms-key,platform-identifier",
            "--schedule",
            "6h",
            "--triggers",
            "schedule",
            "--allowed-subnet",
            "subnet-0a1b2c3d",
            "--allowed-subnet",
            "subnet-0e4f5a6b",
            "--supported-platform",
            "notebook-al2023-v1",
            "--tag",
            "cost-center=4711",
            "--prefix",
            "nb-audit",
            "--role-path",
            "/audit/",
            "--log-retention",
            "30",
            "--alarm-topic",
            "111122223333:security",
        ])
        .await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let stack = stage.stack("eu-west-1", "nb-audit").unwrap();
    for (name, value) in [
        ("InsideVpc", "on"),
        ("RootAccess", "off"),
        ("Frequency", "Six_Hours"),
        ("Triggers", "schedule"),
        ("SubnetIds", "subnet-0a1b2c3d,subnet-0e4f5a6b"),
        ("RolePath", "/audit/"),
        ("LogRetentionDays", "30"),
        ("AlarmTopic", "111122223333:security"),
        ("Prefix", "nb-audit"),
    ] {
        assert_eq!(stack.parameters[name], value, "{name}");
    }
    assert_eq!(stack.tags["cost-center"], "4711");
    assert!(stack.resources["Function"].physical_id.contains("nb-audit-evaluator"));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_of_each_service_are_enough() {
    let stage = Stage::new().await;
    let endpoint = stage.sandbox.world().endpoint();
    let services = ["CLOUDFORMATION", "S3", "LAMBDA", "IAM", "STS", "CONFIG_SERVICE", "CLOUDWATCH", "EC2"];
    let mut command = stage.installer(&["--yes", "--region=all"]);
    command.env_remove("AWS_ENDPOINT_URL");
    command.envs(services.map(|service| (format!("AWS_ENDPOINT_URL_{service}"), endpoint.clone())));
    let by_variables = ran(command).await;
    assert_eq!(by_variables.code, 0, "{}", by_variables.shown());
    assert!(stage.writes().iter().any(|call| call.operation == "PutObject"), "the zip is uploaded");
    stage.sandbox.stop().await;
}
