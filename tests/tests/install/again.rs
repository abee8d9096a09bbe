//! Later runs: nothing to do, changes, versions, repairs.

use crate::stage::{REGIONS, Stage, ran, shown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_writes_nothing() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    stage.world().calls().clear();
    let again = stage.install(&["--region", "all"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
    insta::assert_snapshot!(shown(&again));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_check_is_an_update_of_that() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let more = stage.install(&["--checks", "direct-internet-access,imds-v2", "--tag", "team=ml"]).await;
    assert_eq!(more.code, 0, "{}", more.shown());
    insta::assert_snapshot!(shown(&more));
    let stack = stage.stack("eu-west-1", "notebook-guard").unwrap();
    assert_eq!(stack.status, "UPDATE_COMPLETE");
    assert!(stack.resources.contains_key("ImdsV2Rule") && !stack.resources.contains_key("RootAccessRule"));
    stage.sandbox.stop().await;
}

/// Another Region joins; the first is left alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_region_joins() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", REGIONS[0]]).await.code, 0);
    stage.world().calls().clear();
    let ran = stage.install(&["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(stage.writes().iter().all(|call| call.region == REGIONS[1]));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_path_cannot_be_changed_and_a_newer_version_is_kept() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let moved = stage.install(&["--role-path", "/elsewhere/"]).await;
    assert_eq!(moved.code, 2, "{}", moved.shown());
    assert!(moved.stderr.contains("--role-path"), "{}", moved.stderr);
    stage.sandbox.stop().await;
}

/// A saved plan is applied as it was reviewed, once; then the world is another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_plan_is_applied_and_then_stale() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let made = ran(stage.installer(&["--region", "all", "--checks", "all", "--dry-run", "--plan-out", path])).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    assert_eq!(stage.writes(), vec![]);
    let applied = stage.install(&["--plan", path]).await;
    assert_eq!(applied.code, 0, "{}", applied.shown());
    assert!(stage.stack("us-east-1", "notebook-guard").unwrap().resources.contains_key("ImdsV2Rule"));
    stage.world().calls().clear();
    let refused = stage.install(&["--plan", path]).await;
    assert_eq!(refused.code, 4, "{}", refused.shown());
    assert!(refused.stderr.contains("stale"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    let mixed = stage.install(&["--plan", path, "--checks", "all"]).await;
    assert_eq!(mixed.code, 2, "{}", mixed.shown());
    stage.sandbox.stop().await;
}
