//! Stacks in every odd state, ours and others'.

use guard_tests::sandbox::StackSpec;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stuck_needs_a_word() {
    for status in ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"] {
        let stage = Stage::with(&[REGION]).await;
        assert_eq!(stage.install(&[]).await.code, 0);
        let stack = stage.stack(REGION, "notebook-guard").unwrap();
        stage.world().set_stack_status(ACCOUNT, REGION, "notebook-guard", status).unwrap();
        stage.world().calls().clear();
        let refused = stage.install(&[]).await;
        assert_eq!(refused.code, 2, "{status}: {}", refused.shown());
        assert!(refused.stderr.contains("--repair"), "{}", refused.stderr);
        assert_eq!(stage.writes(), vec![]);
        let repaired = stage.install(&["--repair"]).await;
        assert_eq!(repaired.code, 0, "{status}: {}", repaired.shown());
        let after = stage.stack(REGION, "notebook-guard").unwrap();
        assert_eq!(after.id == stack.id, status == "UPDATE_ROLLBACK_FAILED");
        stage.sandbox.stop().await;
    }
}
