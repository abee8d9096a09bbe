//! `deployer retry`: exactly what failed, and nothing else.

use deployer::organization::plan::{Reach, SetStep};
use guard_tests::sandbox::RecorderState;
use serde_json::Value;

use crate::stage::{HOME, OTHER, PAYMENTS, SEARCH, SET, Stage, words};

/// Scenario 8: an operation succeeded although some accounts failed.
async fn partly_failed() -> Stage {
    let stage = Stage::new().await;
    stage.world().set_rules_need_recorder(true);
    stage.world().set_recorder(PAYMENTS, HOME, &RecorderState::Missing).unwrap();
    stage.world().set_recorder(SEARCH, HOME, &RecorderState::Missing).unwrap();
    stage.world().set_recorder(SEARCH, OTHER, &RecorderState::Missing).unwrap();
    stage.install().await;
    stage
}

fn status_of<'a>(stage: &'a Stage, account: &str, region: &str) -> &'a str {
    stage.set().unwrap().instances[&(account.to_owned(), region.to_owned())].status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_failed_is_repeated() {
    let stage = partly_failed().await;
    let before = stage.set().unwrap();
    stage.world().set_recorder(PAYMENTS, HOME, &RecorderState::ALL).unwrap();
    stage.world().calls().clear();
    let ran = stage.run(&["retry", "--yes", "--format", "json"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["stackSets"][0]["instances"], 3);
    assert_eq!(
        (&events[1]["counts"]["good"], &events[1]["counts"]["failed"]),
        (&1.into(), &2.into()),
        "{}",
        ran.stdout
    );
    assert_eq!(events[1]["reasons"][0]["cause"], "no-recorder");
    // The two accounts need different Regions: two calls, and nobody else in them.
    assert_eq!(stage.world().calls().count("cloudformation", "CreateStackInstances"), 2);
    assert_eq!(status_of(&stage, PAYMENTS, HOME), "CURRENT");
    assert_eq!(status_of(&stage, SEARCH, HOME), "OUTDATED");
    let touched = |view: &guard_tests::sandbox::StackSetView| {
        let others = view.instances.iter().filter(|((account, _), _)| account != PAYMENTS && account != SEARCH);
        others.map(|(place, one)| (place.clone(), one.stack.clone())).collect::<Vec<_>>()
    };
    assert_eq!(touched(&before), touched(&stage.set().unwrap()));
    for region in [HOME, OTHER] {
        stage.world().set_recorder(SEARCH, region, &RecorderState::ALL).unwrap();
    }
    let ran = stage.run(&["retry", "--yes"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("2 stack instances as they should be now, none not."), "{}", ran.stdout);
    let ran = stage.run(&["retry", "--yes"]).await;
    assert_eq!((ran.code, ran.stdout.contains("There is nothing to repeat.")), (0, true), "{}", ran.shown());
    assert_eq!(stage.run(&["status", "--org"]).await.code, 0);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_and_no_answer_change_nothing() {
    let stage = partly_failed().await;
    stage.world().calls().clear();
    let ran = stage.run(&["retry", "--dry-run"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("3 stack instances in 2 accounts"), "{text}");
    assert!(text.contains("no configuration recorder"), "{text}");
    let ran = stage.run(&["retry"]).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert_eq!(stage.writes(), []);
    let ran = stage.run(&["retry", "--dry-run", "--region", OTHER]).await;
    assert!(words(&ran.stdout).contains("1 stack instance in 1 account"), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_is_waited_for_and_what_is_stuck_is_named() {
    let stage = partly_failed().await;
    stage.world().set_instance_inoperable(HOME, SET, (SEARCH, HOME)).unwrap();
    let foreign = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    let world = stage.world().clone();
    let ends = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        world.end_foreign_operation(HOME, SET, &foreign).unwrap();
    });
    stage.world().set_recorder(PAYMENTS, HOME, &RecorderState::ALL).unwrap();
    stage.world().set_recorder(SEARCH, OTHER, &RecorderState::ALL).unwrap();
    let ran = stage.run(&["retry", "--yes"]).await;
    ends.await.unwrap();
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(words(&ran.stdout).contains("not 1 stack instance: a deletion failed there before"), "{}", ran.stdout);
    assert_eq!(status_of(&stage, PAYMENTS, HOME), "CURRENT");
    stage.sandbox.stop().await;
}

/// An update of canary accounts makes everything outdated: the rest waits for an installation, and is not repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_past_a_canary() {
    let stage = Stage::installed().await;
    let deploy = stage.deploy(|parameters| drop(parameters.insert("LogRetentionDays".to_owned(), "30".to_owned())));
    let canary = Some(stage.only(&[PAYMENTS]));
    stage.sets(vec![SetStep::Update { deploy, on: Reach::Canary, canary }]).await;
    assert_eq!(status_of(&stage, SEARCH, HOME), "OUTDATED");
    stage.world().calls().clear();
    let ran = stage.run(&["retry", "--yes"]).await;
    assert_eq!((ran.code, stage.writes()), (3, Vec::new()), "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("not 6 stack instances: older version or older settings"), "{text}");
    assert!(text.contains("deployer install --org"), "{text}");
    let status = stage.run(&["status", "--org"]).await;
    let text = words(&status.stdout);
    assert!(text.contains("deployer install --org --home-region eu-west-1"), "{text}");
    assert!(!text.contains("deployer retry"), "{text}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_installation_there_is_nothing_to_repeat() {
    let stage = Stage::new().await;
    let ran = stage.run(&["retry"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("--home-region"), "{}", ran.stderr);
    stage.sandbox.stop().await;
}
