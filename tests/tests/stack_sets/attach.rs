//! Runs that end before their operations do.

use std::future::pending;
use std::time::Duration;

use deployer::organization::apply::{SetEnd, SetWhat};
use deployer::organization::plan::{Reach, SetStep};
use deployer::stack_set::{Begun, Counts};

use crate::stage::{HOME, SET, Stage, add, deploy, plan};

/// Operations that take a while.
fn slow(stage: &Stage) {
    stage.world().set_stack_delay(Duration::from_millis(300));
}

async fn until(stage: &Stage, is_it: impl Fn(&SetWhat) -> bool) {
    while !stage.events.borrow().iter().any(&is_it) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn is_running(what: &SetWhat) -> bool {
    matches!(what, SetWhat::Progress { .. })
}

/// The run is gone in the middle of an operation; the same run follows it to its end and begins no other.
#[tokio::test]
async fn the_same_run_attaches_to_its_operation() {
    let stage = Stage::new(6).await;
    slow(&stage);
    let plans = [stage.fresh(0)];
    tokio::select! {
        _ = stage.apply(&plans) => panic!("it ended before it could be left"),
        () = until(&stage, is_running) => {}
    }
    stage.events.borrow_mut().clear();
    assert_eq!(stage.set().operations.len(), 1);
    let applied = stage.apply(&plans).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert_eq!(applied.counts, Counts { good: 12, ..Counts::default() });
    assert_eq!(applied.sets[0].phases[1].operations[0].begun, Begun::Attached);
    let adding = stage.set().operations.iter().filter(|operation| operation.action == "CREATE").count();
    assert_eq!(adding, 1, "{:?}", stage.set().operations);
}

/// Also if another operation has ended meanwhile, on which the ids of new ones depend.
#[tokio::test]
async fn an_operation_that_runs_is_known_by_what_it_does() {
    let stage = Stage::new(6).await;
    let first = stage.canary(2);
    let mut rest = stage.canary(6);
    rest.accounts.drain(..2);
    let all = |chunks| plan(SET, vec![SetStep::Create(deploy("one")), add(Reach::Everything, chunks)]);
    let plans = [all(vec![first, rest.clone()])];
    let in_second = |what: &SetWhat| matches!(what, SetWhat::Progress { part: 2, .. });
    slow(&stage);
    tokio::select! {
        _ = stage.apply(&plans) => panic!("it ended before it could be left"),
        () = until(&stage, in_second) => {}
    }
    assert_eq!(stage.set().operations.len(), 2);
    // What is done is not planned again.
    let applied = stage.apply(&[all(vec![rest])]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert_eq!(stage.set().operations.len(), 2, "{:?}", stage.set().operations);
}

/// A new attempt after the end is a new operation.
#[tokio::test]
async fn the_same_again_after_the_end_is_another_operation() {
    let stage = Stage::new(2).await;
    stage.apply(&[stage.fresh(0)]).await;
    let before = stage.set().operations.len();
    let plans = [plan(SET, vec![add(Reach::Everything, vec![stage.canary(1)])])];
    for more in 1..=2 {
        let applied = stage.apply(&plans).await;
        assert_eq!(applied.sets[0].phases[0].operations[0].begun, Begun::Started, "{applied:?}");
        assert_eq!(stage.set().operations.len(), before + more);
    }
}

#[tokio::test]
async fn whoever_leaves_hears_what_goes_on_and_can_stop_it() {
    let stage = Stage::new(6).await;
    slow(&stage);
    let plans = [stage.fresh(0)];
    let (told, hears) = tokio::sync::oneshot::channel::<()>();
    let interrupt = async {
        if hears.await.is_err() {
            pending::<()>().await;
        }
    };
    let press = async {
        until(&stage, is_running).await;
        told.send(()).unwrap();
    };
    let (applied, ()) = tokio::join!(stage.apply_until(&plans, interrupt), press);
    let running = stage.set().operations[0].clone();
    assert_eq!(applied.going_on(), [(SET, running.id.as_str())]);
    assert!(applied.is_detached() && running.status == "RUNNING", "{running:?}");
    assert_eq!(stage.calls("StopStackSetOperation"), 0);
}

/// Whoever stops an operation stops the run that follows it.
#[tokio::test]
async fn a_stopped_operation_is_the_last() {
    let mut stage = Stage::new(40).await;
    stage.pace.max_concurrent = 10;
    slow(&stage);
    let plans = [stage.fresh(0)];
    let sdk = aws_sdk_cloudformation::Client::new(&stage.sdk_of_management().await);
    let stop = async {
        until(&stage, is_running).await;
        let id = stage.set().operations[0].id.clone();
        sdk.stop_stack_set_operation().stack_set_name(SET).operation_id(id).send().await.unwrap();
    };
    let (applied, ()) = tokio::join!(stage.apply(&plans), stop);
    assert!(matches!(applied.sets[0].end, SetEnd::Stopped { .. }), "{:?}", applied.sets[0].end);
    assert!(applied.counts.cancelled > 0 && applied.counts.total() == 80, "{:?}", applied.counts);
    assert!(!stage.world().stack_set(HOME, SET).unwrap().auto_deployment);
}
