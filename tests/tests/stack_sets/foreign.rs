//! Operations of others: waited for by their id, with a limit.

use std::time::Duration;

use deployer::organization::apply::{SetEnd, SetWhat};
use deployer::organization::plan::{Reach, SetStep};
use deployer::stack_set::SetFailure;
use guard_tests::sandbox::{Effect, Fault, Refusal, When};

use crate::stage::{HOME, SET, Stage, deploy, plan};

fn update() -> SetStep {
    SetStep::Update { deploy: deploy("two"), on: Reach::Everything, canary: None }
}

/// With managed execution CloudFormation queues what it cannot do now.
#[tokio::test]
async fn an_operation_that_is_queued_is_followed() {
    let stage = Stage::new(2).await;
    stage.apply(&[stage.fresh(0)]).await;
    let other = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    let end = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        stage.world().end_foreign_operation(HOME, SET, &other).unwrap();
    };
    let plans = [plan(SET, vec![update()])];
    let (applied, ()) = tokio::join!(stage.apply(&plans), end);
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    let is_queued = |what: &SetWhat| matches!(what, SetWhat::Progress { status, .. } if status == "QUEUED");
    assert!(stage.events.borrow().iter().any(is_queued));
}

/// What is before it may never end.
#[tokio::test]
async fn a_queue_that_does_not_move_is_left_with_a_word_on_how_to_go_on() {
    let mut stage = Stage::new(2).await;
    stage.apply(&[stage.fresh(0)]).await;
    let other = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    stage.patience = Duration::from_millis(600);
    let plans = [plan(SET, vec![update()])];
    let applied = stage.apply(&plans).await;
    let SetEnd::Failed(failure @ SetFailure::Queued { operation, .. }) = &applied.sets[0].end else {
        panic!("{applied:?}")
    };
    assert!(failure.to_string().contains("has not begun after"), "{failure}");
    assert!(failure.advice().contains("run the same command again later"), "{}", failure.advice());
    let began = stage.set().operations.len();
    stage.patience = Duration::from_secs(20);
    let end = async {
        tokio::time::sleep(Duration::from_secs(16)).await;
        stage.world().end_foreign_operation(HOME, SET, &other).unwrap();
    };
    let (again, ()) = tokio::join!(stage.apply(&plans), end);
    let is_counted = |what: &SetWhat| matches!(what, SetWhat::Progress { ended: Some((0, 4)), .. });
    assert!(stage.events.borrow().iter().any(is_counted), "{:?}", stage.events.borrow());
    assert_eq!(again.sets[0].end, SetEnd::Done, "{again:?}");
    let set = stage.set();
    assert!(set.operations.len() == began && set.operations.iter().any(|one| one.id == *operation), "attached");
}

fn in_progress() -> Fault {
    let refusal = Refusal::new("OperationInProgressException", "Another Operation is in progress").with_status(409);
    Fault::on("cloudformation", "UpdateStackSet", Effect::Refuse(refusal))
}

/// Without it the call is refused while another operation runs.
#[tokio::test]
async fn an_operation_in_progress_is_waited_for_by_its_id() {
    let stage = Stage::new(2).await;
    stage.apply(&[stage.fresh(0)]).await;
    let other = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    stage.world().faults().add(in_progress().when(When::Times(1)));
    let end = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(stage.calls("UpdateStackSet"), 2, "tried again while the other runs");
        stage.world().end_foreign_operation(HOME, SET, &other).unwrap();
    };
    let plans = [plan(SET, vec![update()])];
    let (applied, ()) = tokio::join!(stage.apply(&plans), end);
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    let waits = |what: &SetWhat| *what == SetWhat::Waiting { operation: other.clone(), is_ours: false };
    assert!(stage.events.borrow().iter().any(waits));
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let mut stage = Stage::new(2).await;
    stage.apply(&[stage.fresh(0)]).await;
    let other = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    stage.world().faults().add(in_progress());
    stage.patience = Duration::from_millis(600);
    let applied = stage.apply(&[plan(SET, vec![update()])]).await;
    let SetEnd::Failed(failure @ SetFailure::Busy { operation, .. }) = &applied.sets[0].end else {
        panic!("{applied:?}")
    };
    assert_eq!(operation.as_deref(), Some(other.as_str()));
    assert!(failure.advice().contains("stop-stack-set-operation"), "{}", failure.advice());
    assert_eq!(stage.calls("StopStackSetOperation"), 0);
}
