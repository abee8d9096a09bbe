//! AWS Config's cycle: schedule, change, deletion, oversized changes, one result for one notebook throughout.

use std::time::Duration;

use guard_tests::sandbox::{FunctionSpec, Oversized};
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, FUNCTION, REGION, arn, held, hybrid, log_line, notebook, record, sandbox};

#[tokio::test]
async fn a_change_and_a_schedule_speak_of_the_same_resource() {
    let sandbox = sandbox(1).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "root-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    assert!(world.settle().await.iter().all(guard_tests::sandbox::Invocation::succeeded));
    assert_eq!(held(world, "root-access"), [(arn("nb"), "NON_COMPLIANT".to_owned())].into());

    world.update_notebook(ACCOUNT, REGION, "nb", |nb| nb.root_access = Some("Disabled".to_owned())).unwrap();
    world.settle().await;
    assert_eq!(held(world, "root-access"), [(arn("nb"), "COMPLIANT".to_owned())].into());

    assert!(world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap().succeeded());
    assert_eq!(held(world, "root-access"), [(arn("nb"), "COMPLIANT".to_owned())].into());

    world.remove_notebook(ACCOUNT, REGION, "nb").unwrap();
    world.settle().await;
    assert_eq!(held(world, "root-access"), [(arn("nb"), "NOT_APPLICABLE".to_owned())].into());
    sandbox.stop().await;
}

#[tokio::test]
async fn an_oversized_change_is_judged_like_any_other() {
    let sandbox = sandbox(2).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "direct-internet-access");
    for form in [Oversized::Full, Oversized::Bare] {
        world.set_oversized(form);
        world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
        world.settle().await;
        assert_eq!(held(world, "direct-internet-access"), [(arn("nb"), "NON_COMPLIANT".to_owned())].into());
        world.remove_notebook(ACCOUNT, REGION, "nb").unwrap();
        world.settle().await;
        assert_eq!(held(world, "direct-internet-access"), [(arn("nb"), "NOT_APPLICABLE".to_owned())].into());
    }
    assert!(world.calls().count("config", "GetResourceConfigHistory") >= 2);
    assert_eq!(world.calls().count("sagemaker", "DescribeNotebookInstance"), 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_sweep_needs_no_recorder() {
    let sandbox = sandbox(3).await;
    let world = sandbox.world();
    world.set_rules_need_recorder(false);
    hybrid(world, "root-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb").hardened()).unwrap();
    assert!(world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap().succeeded());
    assert_eq!(held(world, "root-access"), [(arn("nb"), "COMPLIANT".to_owned())].into());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_failed_invocation_is_tried_again_and_then_succeeds() {
    use guard_tests::sandbox::{Effect, Fault, Refusal, When};
    let sandbox = sandbox(4).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "root-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    world.settle().await;
    let denied = Effect::Refuse(Refusal::new("AccessDeniedException", "not now"));
    world.faults().add(Fault::on("sagemaker", "DescribeNotebookInstance", denied).when(When::Times(1)));
    let invocation = world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap();
    assert_eq!(invocation.attempts.len(), 2, "{invocation:#?}");
    assert!(invocation.succeeded());
    assert_eq!(held(world, "root-access"), [(arn("nb"), "NON_COMPLIANT".to_owned())].into());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_sweep_that_cannot_finish_reports_before_it_is_killed() {
    use guard_tests::sandbox::{Effect, Fault};
    let sandbox = sandbox(5).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "root-access");
    let slow = FunctionSpec::new(FUNCTION, env!("CARGO_BIN_EXE_bootstrap-under-test")).timeout(Duration::from_secs(6));
    world.install_function(ACCOUNT, REGION, slow).unwrap();
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    world.settle().await;
    let hang = Effect::Delay(Duration::from_secs(30));
    world.faults().add(Fault::on("config", "PutEvaluations", hang));
    let invocation = world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap();
    assert_eq!(invocation.error_type(), Some("DeadlineReached"), "{invocation:#?}");
    sandbox.stop().await;
}

#[tokio::test]
async fn every_line_of_the_log_is_json_and_metrics_follow_the_embedded_format() {
    let sandbox = sandbox(6).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "root-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    world.settle().await;
    let invocation = world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap();
    let log = log_line(invocation.logs());
    assert_eq!((log["check"].as_str(), log["delivered"].as_u64()), (Some("root-access"), Some(1)), "{log}");
    let metrics: Vec<Value> = invocation
        .logs()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line.get("_aws").is_some())
        .collect();
    assert_eq!(metrics.len(), 1);
    let directive = &metrics[0]["_aws"]["CloudWatchMetrics"][0];
    assert!(metrics[0]["_aws"]["Timestamp"].as_u64().is_some_and(|time| time > 1_700_000_000_000));
    assert_eq!(directive["Namespace"], "NotebookGuard");
    for metric in directive["Metrics"].as_array().unwrap() {
        let name = metric["Name"].as_str().unwrap();
        assert!(metrics[0][name].is_number(), "{name} has no value: {}", metrics[0]);
    }
    for dimension in directive["Dimensions"][0].as_array().unwrap() {
        assert!(metrics[0][dimension.as_str().unwrap()].is_string(), "{dimension} has no value");
    }
    assert_eq!((&metrics[0]["NonCompliant"], &metrics[0]["Swept"]), (&json!(1), &json!(1)));
    sandbox.stop().await;
}
