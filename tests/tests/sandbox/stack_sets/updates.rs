//! Another definition: for some first, then for all.

use aws_sdk_cloudformation::types::{AccountFilterType, StackInstanceSummary};
use guard_tests::sandbox::ResourceAction;

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::definitions::parameter;
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, accounts, all_at_once, units};

async fn instances(stage: &Stage) -> Vec<StackInstanceSummary> {
    let asked = stage.client.list_stack_instances().stack_set_name(SET);
    asked.into_paginator().items().send().collect::<Result<_, _>>().await.unwrap()
}

fn current(instances: &[StackInstanceSummary]) -> usize {
    instances.iter().filter(|instance| instance.status().is_some_and(|status| status.as_str() == "CURRENT")).count()
}

#[tokio::test]
async fn a_canary_is_updated_first_and_all_others_are_outdated_until_they_follow() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.prod).await;
    assert_eq!(current(&instances(&stage).await), 6);
    let update = || {
        let asked = stage.client.update_stack_set().stack_set_name(SET).template_body(GROUP);
        asked.parameters(parameter("Days", "90")).operation_preferences(all_at_once())
    };
    let canary = accounts(&stage.prod, &[MEMBERS[2]], AccountFilterType::Intersection);
    let first = update().deployment_targets(canary).regions(REGION).send().await.unwrap().operation_id.unwrap();
    stage.ended(&first).await;
    assert_eq!(stage.results(&first).await.len(), 1);
    let seen = instances(&stage).await;
    assert_eq!(current(&seen), 1);
    let days = |account: &str| {
        let stack = stage.world().stacks(account, REGION).unwrap().remove(0);
        (stack.status, stack.parameters["Days"].clone())
    };
    assert_eq!(days(MEMBERS[2]), ("UPDATE_COMPLETE".to_owned(), "90".to_owned()));
    assert_eq!(days(MEMBERS[0]), ("CREATE_COMPLETE".to_owned(), "30".to_owned()));
    let all = update().send().await.unwrap().operation_id.unwrap();
    assert_eq!(stage.ended(&all).await.status.unwrap().as_str(), "SUCCEEDED");
    let results = stage.results(&all).await;
    assert_eq!(results.len(), 6);
    let unchanged: Vec<_> = results.iter().filter(|result| result.status_reason.is_some()).collect();
    assert_eq!(unchanged.len(), 1, "the canary has nothing to do");
    assert_eq!(unchanged[0].status_reason.as_deref(), Some("No updates are to be performed."));
    assert_eq!(unchanged[0].status.as_ref().unwrap().as_str(), "SUCCEEDED");
    assert_eq!(current(&instances(&stage).await), 6);
}

#[tokio::test]
async fn an_update_that_fails_leaves_the_old_stack_and_the_new_definition() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.prod).await;
    stage.world().fail_resource_in(MEMBERS[0], "Group", ResourceAction::Update, "busy", 1);
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let update = update.parameters(parameter("Days", "90")).operation_preferences(all_at_once());
    let id = update.send().await.unwrap().operation_id.unwrap();
    assert_eq!(stage.ended(&id).await.status_details.unwrap().failed_stack_instances_count, Some(1));
    assert_eq!(stage.set().parameters["Days"], "90");
    let failed = stage.results(&id).await.into_iter().find(|result| result.status_reason.is_some()).unwrap();
    let reason = failed.status_reason.unwrap();
    assert!(reason.starts_with("ResourceLogicalId:Group, ResourceType:AWS::Logs::LogGroup, "), "{reason}");
    let region = failed.region.unwrap();
    assert_eq!(stage.world().stacks(MEMBERS[0], &region).unwrap()[0].status, "UPDATE_ROLLBACK_COMPLETE");
    // A stack that cannot be updated says so.
    let name = stage.world().stacks(MEMBERS[1], REGION).unwrap().remove(0).name;
    stage.world().set_stack_status(MEMBERS[1], REGION, &name, "UPDATE_ROLLBACK_FAILED").unwrap();
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let update = update.parameters(parameter("Days", "60")).operation_preferences(all_at_once());
    let id = update.send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    let failed = stage.results(&id).await.into_iter().find(|result| result.status_reason.is_some()).unwrap();
    assert!(failed.status_reason.unwrap().ends_with("is in UPDATE_ROLLBACK_FAILED state and can not be updated."));
}

#[tokio::test]
async fn an_update_makes_the_stacks_that_failed_before() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[0], "Group", ResourceAction::Create, "no", 1);
    stage.deploy(&stage.prod).await;
    assert_eq!(current(&instances(&stage).await), 5);
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let id = update.operation_preferences(all_at_once()).send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    assert_eq!(current(&instances(&stage).await), 6);
}

#[tokio::test]
async fn instances_can_have_values_of_their_own_and_an_update_of_them_adds_none() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.below).await;
    let ask = |unit: &str| {
        let asked = stage.client.update_stack_instances().stack_set_name(SET).operation_preferences(all_at_once());
        asked.deployment_targets(units(&[unit])).parameter_overrides(parameter("Days", "7"))
    };
    let id = ask(&stage.below).regions(REGION).send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    let shown = stage.client.describe_stack_instance().stack_set_name(SET).stack_instance_region(REGION);
    let shown = shown.stack_instance_account(MEMBERS[2]).send().await.unwrap().stack_instance.unwrap();
    assert_eq!(shown.parameter_overrides()[0].parameter_value(), Some("7"));
    let stack = stage.world().stacks(MEMBERS[2], REGION).unwrap().remove(0);
    assert_eq!(stack.parameters["Days"], "7");
    // They outlive an update of the set.
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let update = update.parameters(parameter("Days", "90")).operation_preferences(all_at_once());
    stage.ended(&update.send().await.unwrap().operation_id.unwrap()).await;
    let days = |region: &str| stage.world().stacks(MEMBERS[2], region).unwrap().remove(0).parameters["Days"].clone();
    assert_eq!([days(REGION), days(FAR)], ["7", "90"]);
    let other = stage.world().add_unit(&stage.root, "Other").unwrap();
    let unknown = refusal(ask(&other).regions(REGION).send().await);
    assert_eq!(unknown.1, format!("Organizational unit {other} not found in StackSet"));
    let region = refusal(ask(&stage.below).regions("ap-east-1").send().await);
    assert_eq!(region.0, "StackInstanceNotFoundException");
    let nobody = accounts(&stage.below, &[MEMBERS[0]], AccountFilterType::Intersection);
    let nobody = ask(&stage.below).regions(REGION).deployment_targets(nobody).send().await;
    assert_eq!(refusal(nobody).0, "StackInstanceNotFoundException");
    let unknown = ask(&stage.below).regions(REGION).parameter_overrides(parameter("Nope", "1")).send().await;
    assert_eq!(refusal(unknown).1, "Parameters: [Nope] do not exist in the template");
}
