//! What an operation did: also what it failed at in silence, and what shows late.

use std::cell::RefCell;

use deployer::organization::CallAs;
use deployer::organization::apply::{SetEnd, SetsApplied};
use deployer::stack_set::{Cause, Counts, Instance, Interner, Retry, retry};
use futures_util::TryStreamExt as _;
use guard_tests::sandbox::AccountState;

use crate::stage::{MANAGEMENT, SET, Stage, plan, regions};

const DENIED: &str = "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource \
                      handler returned message: \"User: x is not authorized to perform: lambda:CreateFunction with an \
                      explicit deny in a service control policy\"";

async fn instances(stage: &Stage) -> Vec<Instance> {
    let (sets, seen, regions) =
        (stage.sets(MANAGEMENT, CallAs::Own).await, RefCell::new(Interner::default()), regions());
    let pages: Vec<Vec<Instance>> = sets.instances(SET, &regions, None, &seen).try_collect().await.unwrap();
    pages.concat()
}

async fn again(stage: &Stage) -> (Retry, SetsApplied) {
    let again = retry(instances(stage).await.iter(), |_| true);
    let applied = stage.apply(&[plan(SET, again.steps.clone())]).await;
    (again, applied)
}

/// With full tolerance an operation succeeds although instances failed.
#[tokio::test]
async fn failures_of_an_operation_that_succeeded_are_told_and_exactly_they_are_retried() {
    let stage = Stage::new(40).await;
    stage.failing(150_000, DENIED);
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    let failed = applied.counts.failed;
    assert!(failed > 3 && failed < 40, "{failed}");
    assert_eq!(applied.counts, Counts { good: 80 - failed, failed, ..Counts::default() });
    assert_eq!(
        applied.groups.iter().map(|group| (group.cause, group.instances)).collect::<Vec<_>>(),
        [(Cause::DeniedByScp, failed)]
    );
    assert_eq!(stage.set().operations[0].status, "SUCCEEDED");

    stage.failing(0, "");
    let before = stage.set().operations.len();
    let (retried, applied) = again(&stage).await;
    assert_eq!((retried.instances, applied.counts.good, applied.counts.total()), (failed, failed, failed));
    let touched: usize = stage.set().operations[before..].iter().map(|operation| operation.instances).sum();
    assert_eq!(touched, failed);
    assert_eq!(stage.statuses(), [("CURRENT", 80)].into());
    assert_eq!(again(&stage).await.0, Retry::default());
}

#[tokio::test]
async fn rows_that_show_late_are_waited_for() {
    let stage = Stage::new(70).await;
    stage.world().set_late_results(100, 2);
    stage.world().set_late_instances(30, 2);
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert_eq!((applied.counts, applied.incomplete), (Counts { good: 140, ..Counts::default() }, None));
}

#[tokio::test]
async fn failures_that_show_late_are_waited_for() {
    let stage = Stage::new(70).await;
    stage.failing(100_000, DENIED);
    stage.world().set_late_results(1, 2);
    stage.world().set_late_instances(1, 2);
    let applied = stage.apply(&[stage.fresh(0)]).await;
    let failed = stage.set().instances.values().filter(|instance| instance.detailed == "FAILED").count();
    assert_eq!((applied.counts.failed, applied.counts.good), (failed, 140 - failed));
    assert_eq!(applied.incomplete, None);
}

/// Suspended accounts are left out: neither a failure nor waited for.
#[tokio::test]
async fn suspended_and_closed_accounts_are_skipped() {
    let mut stage = Stage::new(5).await;
    let mut accounts = stage.covered.keys().cloned().collect::<Vec<_>>().into_iter();
    for state in [AccountState::Suspended, AccountState::Closed] {
        let account = accounts.next().unwrap();
        stage.world().set_account_state(&account, state).unwrap();
        stage.covered.remove(&account);
    }
    // This one is suspended after the plan was made.
    stage.world().set_account_state(&accounts.next().unwrap(), AccountState::Suspended).unwrap();
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert_eq!(applied.counts, Counts { good: 4, skipped: 6, ..Counts::default() });
    assert!(applied.groups.is_empty() && applied.incomplete.is_none());
}

/// Regions whose failures differ are retried each for itself.
#[tokio::test]
async fn a_retry_names_no_account_in_a_region_where_it_is_well() {
    let stage = Stage::new(60).await;
    stage.failing(400_000, "Region is not enabled");
    let applied = stage.apply(&[stage.fresh(0)]).await;
    let failed: Vec<(String, String)> = stage
        .set()
        .instances
        .into_iter()
        .filter_map(|(place, instance)| (instance.status == "OUTDATED").then_some(place))
        .collect();
    assert_eq!((applied.counts.skipped, applied.not_enabled, applied.counts.bad()), (failed.len(), failed.len(), 0));
    let before = stage.set().operations.len();
    stage.failing(0, "");
    again(&stage).await;
    let touched: usize = stage.set().operations[before..].iter().map(|operation| operation.instances).sum();
    assert_eq!(touched, failed.len());
    assert_eq!(stage.statuses(), [("CURRENT", 120)].into());
}
