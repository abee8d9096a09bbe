//! Accounts that come, move and go.

use guard_tests::sandbox::AccountState;

use crate::sandbox::client::{OTHER, REGION};
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, all_at_once, auto_deployment, create, units};

async fn stage() -> Stage {
    let stage = Stage::new().await;
    create(&stage.client, GROUP, true, true).await;
    stage.deploy(&stage.prod).await;
    stage
}

/// The Regions that an account has an instance in.
fn regions(stage: &Stage, account: &str) -> Vec<String> {
    stage.set().instances.into_keys().filter(|(found, _)| found == account).map(|(_, region)| region).collect()
}

#[tokio::test]
async fn an_account_that_joins_a_target_is_deployed_to_by_an_operation_of_its_own() {
    let stage = stage().await;
    stage.world().enable_region(OTHER, FAR).unwrap();
    stage.world().join(OTHER, &stage.root).unwrap();
    assert_eq!(regions(&stage, OTHER), Vec::<String>::new());
    stage.world().move_account(OTHER, &stage.below).unwrap();
    assert_eq!(regions(&stage, OTHER), [REGION, FAR]);
    let operation = stage.set().operations.pop().unwrap();
    assert_eq!((operation.action, operation.status, operation.instances), ("CREATE", "SUCCEEDED", 2));
    assert_eq!(stage.world().stacks(OTHER, REGION).unwrap()[0].status, "CREATE_COMPLETE");
    let listed = stage.client.list_stack_set_auto_deployment_targets().stack_set_name(SET).send().await.unwrap();
    let target = &listed.summaries()[0];
    assert_eq!(target.organizational_unit_id.as_deref(), Some(stage.prod.as_str()));
    assert_eq!(target.regions(), [REGION, FAR]);
}

#[tokio::test]
async fn an_account_that_leaves_loses_its_stacks_unless_they_are_retained() {
    let stage = stage().await;
    stage.world().move_account(MEMBERS[0], &stage.below).unwrap();
    assert_eq!(regions(&stage, MEMBERS[0]), [REGION, FAR], "within the target nothing changes");
    assert_eq!(stage.set().operations.len(), 1);
    stage.world().move_account(MEMBERS[0], &stage.root).unwrap();
    assert_eq!(regions(&stage, MEMBERS[0]), Vec::<String>::new());
    assert_eq!(stage.world().stacks(MEMBERS[0], REGION).unwrap()[0].status, "DELETE_COMPLETE");
    assert_eq!(stage.set().operations.last().unwrap().action, "DELETE");
    let keep = aws_sdk_cloudformation::types::AutoDeployment::builder().enabled(true);
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let update = update.auto_deployment(keep.retain_stacks_on_account_removal(true).build());
    stage.ended(&update.send().await.unwrap().operation_id.unwrap()).await;
    stage.world().move_account(MEMBERS[1], &stage.root).unwrap();
    assert_eq!(regions(&stage, MEMBERS[1]), Vec::<String>::new());
    assert_eq!(stage.world().stacks(MEMBERS[1], REGION).unwrap()[0].status, "CREATE_COMPLETE");
}

#[tokio::test]
async fn nothing_is_deployed_by_itself_while_it_is_off_nor_to_accounts_that_are_not_active() {
    let stage = stage().await;
    stage.world().move_account(MEMBERS[2], &stage.root).unwrap();
    stage.world().set_account_state(MEMBERS[2], AccountState::Suspended).unwrap();
    stage.world().move_account(MEMBERS[2], &stage.prod).unwrap();
    assert_eq!(regions(&stage, MEMBERS[2]), Vec::<String>::new());
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let update = update.auto_deployment(auto_deployment(false)).operation_preferences(all_at_once());
    stage.ended(&update.send().await.unwrap().operation_id.unwrap()).await;
    let before = stage.set().operations.len();
    stage.world().enable_region(OTHER, FAR).unwrap();
    stage.world().join(OTHER, &stage.prod).unwrap();
    assert_eq!(regions(&stage, OTHER), Vec::<String>::new());
    assert_eq!(stage.set().operations.len(), before);
    // An account that has left in the meantime is still found by the unit it was deployed through.
    stage.world().move_account(MEMBERS[0], &stage.root).unwrap();
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(false).regions(REGION);
    let id = asked.deployment_targets(units(&[&stage.prod])).send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    assert_eq!(regions(&stage, MEMBERS[0]), [FAR]);
}

#[tokio::test]
async fn automatic_operations_wait_their_turn() {
    let stage = Stage::new().await;
    create(&stage.client, GROUP, true, false).await;
    stage.deploy(&stage.prod).await;
    stage.world().enable_region(OTHER, FAR).unwrap();
    let foreign = stage.world().begin_foreign_operation(REGION, SET).unwrap();
    stage.world().join(OTHER, &stage.prod).unwrap();
    assert_eq!(stage.set().operations.pop().unwrap().status, "QUEUED");
    stage.world().end_foreign_operation(REGION, SET, &foreign).unwrap();
    assert_eq!(stage.set().operations.pop().unwrap().status, "SUCCEEDED");
    assert_eq!(regions(&stage, OTHER), [REGION, FAR]);
}
