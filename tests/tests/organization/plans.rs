//! A plan that is saved, reviewed, and applied: exactly that, or nothing.

use super::stage::{ACTIVE, HOME, MANAGEMENT, SEARCH, Stage, TEST, ran};

async fn saved(stage: &Stage, path: &str, flags: &[&str]) {
    let made = ran(stage.installer(MANAGEMENT, &[&["--dry-run", "--plan-out", path], flags].concat())).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    assert_eq!(stage.writes(), vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reviewed_plan_is_applied_and_again_is_nothing() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    saved(&stage, path, &["--canary", SEARCH, "--max-concurrent", "50"]).await;
    let applied = stage.install_plan(path).await;
    assert_eq!(applied.code, 0, "{}", applied.shown());
    assert_eq!(stage.covered(HOME), ACTIVE);
    let again = stage.install_plan(path).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_plan_is_refused() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let first = stage.install(&["--ou", "Prod"]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    saved(&stage, path, &["--ou", "Prod", "--ou", "Test"]).await;
    // Meanwhile somebody changes what every account has.
    let other = stage.install(&["--ou", "Prod", "--checks", "all"]).await;
    assert_eq!(other.code, 0, "{}", other.shown());
    stage.world().calls().clear();
    let refused = stage.install_plan(path).await;
    assert_eq!(refused.code, 4, "{}", refused.shown());
    assert!(refused.stderr.contains("the plan is stale"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// Who is in a unit may change: the calls are the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_moves_after_the_review_does_not_make_a_plan_stale() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    saved(&stage, path, &["--ou", "Prod"]).await;
    stage.world().move_account(TEST, &stage.prod).unwrap();
    let applied = stage.install_plan(path).await;
    assert_eq!(applied.code, 0, "{}", applied.shown());
    assert!(stage.covered(HOME).contains(&TEST.to_owned()));
    stage.sandbox.stop().await;
}
