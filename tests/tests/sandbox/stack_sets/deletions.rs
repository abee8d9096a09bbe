//! Taking instances away, and what resists.

use aws_sdk_cloudformation::types::{AccountFilterType, StackSetOperation};
use guard_tests::sandbox::{AccountState, ResourceAction};

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, accounts, all_at_once, units};

async fn delete(stage: &Stage, retain: bool) -> StackSetOperation {
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(retain).regions(REGION);
    let asked = asked.regions(FAR).deployment_targets(units(&[&stage.prod])).operation_preferences(all_at_once());
    stage.ended(&asked.send().await.unwrap().operation_id.unwrap()).await
}

fn left(stage: &Stage) -> Vec<(String, String)> {
    stage.set().instances.into_keys().collect()
}

fn living(stage: &Stage, account: &str, region: &str) -> usize {
    let stacks = stage.world().stacks(account, region).unwrap();
    stacks.iter().filter(|stack| stack.status != "DELETE_COMPLETE").count()
}

#[tokio::test]
async fn stacks_are_deleted_with_their_instances_or_kept_without_them() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.prod).await;
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(true).regions(REGION);
    let one = accounts(&stage.prod, &[MEMBERS[0]], AccountFilterType::Intersection);
    let id = asked.deployment_targets(one).send().await.unwrap().operation_id.unwrap();
    let operation = stage.ended(&id).await;
    assert_eq!((operation.action.unwrap().as_str(), operation.retain_stacks), ("DELETE", Some(true)));
    assert_eq!((left(&stage).len(), living(&stage, MEMBERS[0], REGION)), (5, 1));
    assert_eq!(stage.set().targets[&stage.prod], [REGION, FAR], "the unit is a target still");
    delete(&stage, false).await;
    assert_eq!(left(&stage), []);
    assert_eq!(living(&stage, MEMBERS[0], REGION), 1, "what was retained is nobody's");
    assert_eq!(living(&stage, MEMBERS[1], REGION), 0);
    assert!(stage.set().targets.is_empty());
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(false).regions(REGION);
    let again = asked.deployment_targets(units(&[&stage.prod])).send().await;
    assert_eq!(refusal(again).1, format!("Organizational unit {} not found in StackSet", stage.prod));
}

#[tokio::test]
async fn a_stack_that_cannot_be_deleted_is_inoperable_until_it_is_retained() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.prod).await;
    stage.world().fail_resource_in(MEMBERS[0], "Group", ResourceAction::Delete, "held", 1);
    let name = stage.world().stacks(MEMBERS[1], REGION).unwrap().remove(0).name;
    stage.world().set_stack_protected(MEMBERS[1], REGION, &name, true).unwrap();
    stage.world().set_account_state(MEMBERS[2], AccountState::Suspended).unwrap();
    let operation = delete(&stage, false).await;
    assert_eq!(operation.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(operation.status_details.unwrap().failed_stack_instances_count, Some(2));
    let mut instances = stage.set().instances;
    assert_eq!(instances.len(), 4, "one of each, and two of the account that is suspended");
    let region = instances.keys().find(|(account, _)| account == MEMBERS[0]).unwrap().1.clone();
    let wreck = instances.remove(&(MEMBERS[0].to_owned(), region)).unwrap();
    assert_eq!((wreck.status, wreck.detailed), ("INOPERABLE", "INOPERABLE"));
    assert!(wreck.reason.unwrap().contains("\"held\""));
    let protected = instances.remove(&(MEMBERS[1].to_owned(), REGION.to_owned())).unwrap();
    assert_eq!((protected.status, protected.detailed), ("OUTDATED", "FAILED"));
    let message = format!("Stack [{name}] cannot be deleted while TerminationProtection is enabled");
    assert_eq!(protected.reason.as_deref(), Some(message.as_str()));
    assert!(instances.values().all(|instance| instance.detailed == "SKIPPED_SUSPENDED_ACCOUNT"));
    // What is inoperable is left out of updates.
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let id = update.operation_preferences(all_at_once()).send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    assert_eq!(stage.results(&id).await.len(), 3);
    delete(&stage, true).await;
    assert_eq!(left(&stage), []);
    stage.client.delete_stack_set().stack_set_name(SET).send().await.unwrap();
}

#[tokio::test]
async fn a_test_can_leave_an_instance_inoperable() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.below).await;
    stage.world().set_instance_inoperable(REGION, SET, (MEMBERS[2], REGION)).unwrap();
    let asked = stage.client.list_stack_instances().stack_set_name(SET).stack_instance_region(REGION);
    let listed = asked.send().await.unwrap();
    assert_eq!(listed.summaries()[0].status.as_ref().unwrap().as_str(), "INOPERABLE");
}
