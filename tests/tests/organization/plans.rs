//! A plan that is saved, reviewed, and applied: exactly that, or nothing.

use std::time::Duration;

use guard_tests::process::{at_terminal, words};
use guard_tests::sandbox::{Effect, Fault, Refusal};

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

/// A plan that somebody else may be reviewing is not lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_plan_in_the_file_is_kept() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    for _ in 0..2 {
        saved(&stage, path, &["--ou", "Prod"]).await;
    }
    let before = std::fs::read(path).unwrap();
    let flags = ["--dry-run", "--plan-out", path, "--ou", "Test"];
    let refused = ran(stage.installer(MANAGEMENT, &flags)).await;
    assert_eq!(refused.code, 4, "{}", refused.shown());
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(std::fs::read(path).unwrap(), before);
    let forced = ran(stage.installer(MANAGEMENT, &[&flags[..], &["--force"]].concat())).await;
    assert_eq!(forced.code, 0, "{}", forced.shown());
    assert_ne!(std::fs::read(path).unwrap(), before);
    stage.sandbox.stop().await;
}

/// Ctrl-C at the question, on a terminal.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_at_the_question_is_no_refusal() {
    let stage = Stage::new().await;
    let installer = stage.installer(MANAGEMENT, &[]);
    let asked = move || at_terminal(&installer, ("Type", "\x03"), Duration::from_mins(1));
    let ran = tokio::task::spawn_blocking(asked).await.unwrap().unwrap();
    assert_eq!(ran.code, 130, "{}", ran.shown());
    assert!(ran.stdout.contains("interrupted at the question; nothing was changed"), "{}", ran.shown());
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// AWS fails in the middle: the plan that was reviewed is still the one to be carried out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_failed_half_way_is_carried_on_with() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    saved(&stage, path, &[]).await;
    let refusal = Effect::Refuse(Refusal::new("AccessDenied", "not now"));
    stage.world().faults().add(Fault::on("cloudformation", "CreateStackInstances", refusal));
    let failed = stage.install_plan(path).await;
    assert_eq!(failed.code, 3, "{}", failed.shown());
    assert_eq!(stage.covered(HOME), Vec::<String>::new());
    stage.world().faults().clear();
    let went_on = stage.install_plan(path).await;
    assert_eq!(went_on.code, 0, "{}", went_on.shown());
    let said = words(&went_on.stderr);
    assert!(said.contains("some of the reviewed plan is done already: this is what is left of it"), "{said}");
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
