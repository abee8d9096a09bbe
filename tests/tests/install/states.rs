//! Stacks in every odd state, ours and others'.

use guard_tests::sandbox::{ResourceAction, StackSpec};

use crate::stage::{ACCOUNT, Stage};

const REGION: &str = "eu-west-1";
const OURS: (&str, &str) = ("notebook-guard:managed", "true");

fn ours(name: &str, status: &str) -> StackSpec {
    StackSpec::new(name, status).tag(OURS.0, OURS.1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_made_is_made_anew() {
    for status in ["ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"] {
        for name in ["notebook-guard", "notebook-guard-artifacts"] {
            let stage = Stage::with(&[REGION]).await;
            stage.world().put_stack_in_state(ACCOUNT, REGION, &ours(name, status)).unwrap();
            let ran = stage.install(&[]).await;
            assert_eq!(ran.code, 0, "{status} {name}: {}", ran.shown());
            assert!(ran.stdout.contains(&format!("- stack {name}: its creation ended in {status}")), "{}", ran.stdout);
            assert_eq!(stage.stack(REGION, name).unwrap().status, "CREATE_COMPLETE");
            stage.sandbox.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_is_not_ours_is_never_touched() {
    for status in ["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "DELETE_FAILED"] {
        let stage = Stage::with(&[REGION]).await;
        stage.world().put_stack_in_state(ACCOUNT, REGION, &StackSpec::new("notebook-guard", status)).unwrap();
        for flags in [&[][..], &["--repair"]] {
            let ran = stage.install(flags).await;
            assert_eq!(ran.code, 2, "{status}: {}", ran.shown());
            assert!(ran.stderr.contains("notebook-guard"), "{}", ran.stderr);
        }
        assert_eq!(stage.writes(), vec![], "{status}");
        assert_eq!(stage.stack(REGION, "notebook-guard").unwrap().status, status);
        stage.sandbox.stop().await;
    }
}

/// An update fails, and so does its rollback.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_that_failed_needs_a_word() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().fail_resource("LogGroup", ResourceAction::Update, "out of order", 2);
    let failed = stage.install(&["--log-retention", "30"]).await;
    assert_eq!(failed.code, 5, "{}", failed.shown());
    let stuck = stage.stack(REGION, "notebook-guard").unwrap();
    assert_eq!(stuck.status, "UPDATE_ROLLBACK_FAILED");
    refused(&stage).await;
    let repaired = stage.install(&["--repair"]).await;
    assert_eq!(repaired.code, 0, "{}", repaired.shown());
    let after = stage.stack(REGION, "notebook-guard").unwrap();
    assert_eq!((after.id, after.status.as_str()), (stuck.id, "UPDATE_ROLLBACK_COMPLETE"));
    stage.sandbox.stop().await;
}

/// Somebody deletes the stack, and a resource stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_failed_needs_a_word() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().set_stack_status(ACCOUNT, REGION, "notebook-guard", "DELETE_FAILED").unwrap();
    refused(&stage).await;
    let repaired = stage.install(&["--repair"]).await;
    assert_eq!(repaired.code, 0, "{}", repaired.shown());
    assert_eq!(stage.stack(REGION, "notebook-guard").unwrap().status, "CREATE_COMPLETE");
    stage.sandbox.stop().await;
}

/// Without the word nothing is done, and the word is told.
async fn refused(stage: &Stage) {
    stage.world().calls().clear();
    let refused = stage.install(&[]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    assert!(refused.stderr.contains("--repair"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
}
