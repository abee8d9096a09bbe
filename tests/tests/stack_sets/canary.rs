//! The accounts that go first: if one is not well, nothing follows.

use deployer::organization::apply::{Phase, SetEnd, SetWhat};
use deployer::organization::plan::{Reach, SetStep};
use deployer::stack_set::Cause;

use guard_tests::sandbox::AccountState;

use crate::stage::{SET, Stage, add, deploy, plan};

const NO_RECORDER: &str = "ResourceLogicalId:RootAccessRule, ResourceType:AWS::Config::ConfigRule, \
                           ResourceStatusReason:NoAvailableConfigurationRecorderException";

#[tokio::test]
async fn nothing_follows_a_canary_that_fails() {
    let stage = Stage::new(5).await;
    stage.failing(1_000_000, NO_RECORDER);
    let applied = stage.apply(&[stage.fresh(2)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::CanaryFailed, "{applied:?}");
    assert_eq!((applied.counts.failed, applied.counts.total()), (4, 4));
    assert_eq!(applied.groups.len(), 1);
    let group = &applied.groups[0];
    assert_eq!((group.cause, group.accounts, group.regions), (Cause::NoRecorder, 2, 2));
    let set = stage.set();
    assert!(!set.auto_deployment);
    assert_eq!((set.operations.len(), set.instances.len()), (1, 4));
}

/// Automatic deployment knows no filter of accounts: it stays off while only some are installed.
#[tokio::test]
async fn automatic_deployment_is_off_until_all_are_through() {
    let stage = Stage::new(3).await;
    let steps = vec![SetStep::Create(deploy("one")), add(Reach::Canary, vec![stage.canary(1)])];
    let applied = stage.apply(&[plan(SET, steps)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert!(!stage.set().auto_deployment);
    assert_eq!(stage.set().instances.len(), 2);
    let updates = stage.calls("UpdateStackSet");
    assert_eq!(updates, 0);
}

/// A canary that was left out tells nothing.
#[tokio::test]
async fn nothing_follows_a_canary_where_nothing_was_made() {
    let stage = Stage::new(3).await;
    let first = stage.covered.keys().next().unwrap();
    stage.world().set_account_state(first, AccountState::Suspended).unwrap();
    let applied = stage.apply(&[stage.fresh(1)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::CanaryFailed, "{applied:?}");
    assert_eq!((applied.counts.skipped, stage.set().auto_deployment), (2, false));
}

/// Sets are worked on side by side, and the canary accounts of one speak for all.
#[tokio::test]
async fn a_canary_of_one_set_holds_the_others_back() {
    let stage = Stage::new(3).await;
    let mut second = stage.fresh(1);
    second.name = format!("{SET}-set-2");
    let before = plan(SET, vec![SetStep::Create(deploy("one")), add(Reach::Everything, vec![stage.canary(1)])]);
    assert_eq!(stage.apply(&[before]).await.sets[0].end, SetEnd::Done);
    stage.failing(1_000_000, NO_RECORDER);
    let rest = SetStep::AutoDeployment { on: true };
    let applied = stage.apply(&[plan(SET, vec![rest]), second]).await;
    let ends: Vec<&SetEnd> = applied.sets.iter().map(|set| &set.end).collect();
    assert_eq!(ends, [&SetEnd::HeldBack, &SetEnd::CanaryFailed]);
    assert!(!stage.set().auto_deployment);
}

#[tokio::test]
async fn two_sets_are_worked_on_side_by_side() {
    let stage = Stage::new(3).await;
    let mut second = stage.fresh(1);
    second.name = format!("{SET}-set-2");
    let applied = stage.apply(&[stage.fresh(1), second]).await;
    assert_eq!((applied.counts.good, applied.is_through()), (12, true), "{applied:?}");
    let finished = |what: &SetWhat| matches!(what, SetWhat::Finished { phase: Phase::CanaryAdd, .. });
    let began_all = |what: &SetWhat| matches!(what, SetWhat::Began(Phase::Add));
    let events = stage.events.borrow();
    let last_canary = events.iter().rposition(finished).unwrap();
    let first_rest = events.iter().position(began_all).unwrap();
    assert!(last_canary < first_rest, "{events:?}");
}

#[tokio::test]
async fn more_failures_than_tolerated_end_the_run_and_are_told_by_their_cause() {
    let mut stage = Stage::new(20).await;
    stage.pace.failure_tolerance = 0;
    stage.pace.max_concurrent = 10;
    stage.failing(300_000, "Cannot exceed quota for RolesPerAccount: 1000");
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert!(matches!(applied.sets[0].end, SetEnd::GaveUp { .. }), "{:?}", applied.sets[0].end);
    assert!(!stage.set().auto_deployment);
    let causes: Vec<Cause> = applied.groups.iter().map(|group| group.cause).collect();
    // What was only left out comes last, although it is more.
    assert_eq!(causes, [Cause::Quota, Cause::ToleranceExceeded]);
    assert!(applied.groups[1].instances > applied.groups[0].instances);
    assert_eq!(applied.counts.total(), 40);
}
