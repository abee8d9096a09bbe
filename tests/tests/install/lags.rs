//! Reads that lag behind writes: nothing is taken for missing that is only late.

use guard_tests::sandbox::{Lag, Lagging};

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_late_is_waited_for() {
    for lagging in
        [Lagging::ChangeSets, Lagging::StackEvents, Lagging::ConfigRules, Lagging::Functions, Lagging::Alarms]
    {
        let stage = Stage::with(&["eu-west-1"]).await;
        stage.world().set_lag(lagging, Some(Lag::Reads(3)));
        let ran = stage.install(&[]).await;
        assert_eq!(ran.code, 0, "{lagging:?}: {}", ran.shown());
        let again = stage.install(&[]).await;
        assert_eq!(again.code, 0, "{lagging:?}: {}", again.shown());
        assert!(again.stdout.contains("Nothing to do"), "{lagging:?}: {}", again.stdout);
        stage.sandbox.stop().await;
    }
}

/// A stack is not found for some looks after its change set was made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_is_late_is_waited_for() {
    let stage = Stage::with(&["eu-west-1"]).await;
    stage.world().set_late_stacks(3);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    stage.sandbox.stop().await;
}
