//! A StackSet taken away, with what cannot be removed.

use std::cell::RefCell;
use std::time::Duration;

use deployer::organization::CallAs;
use deployer::organization::settings::Pace;
use deployer::stack_set::{Removed, Remover, Removing};
use guard_tests::sandbox::AccountState;

use crate::stage::{HOME, MANAGEMENT, SET, Stage};

async fn removed(stage: &Stage) -> Removed {
    removed_with(stage, false).await
}

async fn removed_with(stage: &Stage, releases_stuck: bool) -> Removed {
    let sets = stage.sets(MANAGEMENT, CallAs::Own).await;
    let set = sets.find(SET).await.unwrap().unwrap();
    let events = RefCell::new(Vec::new());
    let on = |event: Removing| events.borrow_mut().push(event);
    let patience = Duration::from_secs(20);
    let pace = Pace::default();
    let (administrator, regions) = (MANAGEMENT, None);
    let remover = Remover { sets: &sets, administrator, regions, pace, releases_stuck, patience, on: &on };
    remover.remove(&set).await.unwrap()
}

#[tokio::test]
async fn all_is_gone() {
    let stage = Stage::new(4).await;
    stage.apply(&[stage.fresh(0)]).await;
    stage.world().set_late_instances(3, 1);
    let removed = removed(&stage).await;
    assert_eq!((removed.leftovers.len(), removed.is_gone), (0, true));
    assert_eq!(stage.world().stack_set(HOME, SET), None);
}

#[tokio::test]
async fn what_can_never_be_removed_is_released_and_told() {
    let stage = Stage::new(4).await;
    stage.apply(&[stage.fresh(0)]).await;
    let accounts: Vec<String> = stage.covered.keys().cloned().collect();
    stage.world().set_account_state(&accounts[0], AccountState::Suspended).unwrap();
    let removed = removed(&stage).await;
    assert_eq!((removed.removed, removed.is_gone), (6, true), "{removed:?}");
    let left: Vec<(&str, bool)> = removed.leftovers.iter().map(|one| (&*one.account, one.is_released)).collect();
    assert_eq!(left, [(accounts[0].as_str(), true), (accounts[0].as_str(), true)]);
    assert_eq!(stage.world().stack_set(HOME, SET), None);
}

#[tokio::test]
async fn an_empty_stack_set_goes_without_an_operation_on_instances() {
    let stage = Stage::new(0).await;
    stage.apply(&[stage.fresh(0)]).await;
    assert!(removed(&stage).await.is_gone);
    assert_eq!(stage.calls("DeleteStackInstances"), 0);
}
