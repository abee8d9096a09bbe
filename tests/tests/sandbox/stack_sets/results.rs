//! Reading instances and results: pages, filters, and what appears late.

use aws_sdk_cloudformation::types::{
    OperationResultFilter, OperationResultFilterName, StackInstanceFilter, StackInstanceFilterName,
};
use guard_tests::sandbox::ResourceAction;

use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{GROUP, MEMBERS, SET, Stage, all_at_once, units};

#[tokio::test]
async fn results_and_instances_are_filtered_and_cut_into_pages() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[1], "Group", ResourceAction::Create, "no", 2);
    let first = stage.deploy(&stage.prod).await.operation_id.unwrap();
    let filter = |value: &str| {
        let name = OperationResultFilterName::OperationResultStatus;
        OperationResultFilter::builder().name(name).values(value).build()
    };
    let asked = || stage.client.list_stack_set_operation_results().stack_set_name(SET).operation_id(&first);
    let failed = asked().filters(filter("FAILED")).send().await.unwrap();
    assert_eq!(failed.summaries().len(), 2);
    let pages: Vec<_> = asked().max_results(4).into_paginator().send().collect::<Result<_, _>>().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.summaries().len()).collect::<Vec<_>>(), [4, 2]);
    let other = stage.client.list_stack_set_operation_results().stack_set_name(SET).operation_id(&first);
    let foreign = other.next_token("bm8").send().await;
    assert_eq!(refusal(foreign).0, "ValidationError");
    let second = stage.deploy(&stage.below).await.operation_id.unwrap();
    let count = async |name: StackInstanceFilterName, value: &str| {
        let filter = StackInstanceFilter::builder().name(name).values(value).build();
        let asked = stage.client.list_stack_instances().stack_set_name(SET).filters(filter).max_results(1);
        asked.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap().len()
    };
    assert_eq!(count(StackInstanceFilterName::DetailedStatus, "FAILED").await, 2);
    assert_eq!(count(StackInstanceFilterName::LastOperationId, &second).await, 2);
    assert_eq!(count(StackInstanceFilterName::LastOperationId, &first).await, 4);
    let asked = stage.client.list_stack_instances().stack_set_name(SET).stack_instance_account(MEMBERS[0]);
    assert_eq!(asked.send().await.unwrap().summaries().len(), 2);
    let missing = stage.client.describe_stack_instance().stack_set_name(SET).stack_instance_account("999999999999");
    let missing = missing.stack_instance_region("eu-west-1").send().await;
    assert_eq!(refusal(missing).0, "StackInstanceNotFoundException");
    let missing = stage.client.list_stack_set_operation_results().stack_set_name(SET).operation_id("nope");
    assert_eq!(refusal(missing.send().await).0, "OperationNotFoundException");
}

#[tokio::test]
async fn results_and_instances_may_appear_late_although_the_operation_has_ended() {
    let stage = Stage::with_set(GROUP).await;
    let id = stage.deploy(&stage.prod).await.operation_id.unwrap();
    stage.world().set_late_results(3, 2);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let asked = stage.client.list_stack_set_operation_results().stack_set_name(SET).operation_id(&id);
        let results = asked.max_results(2).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        seen.push(results.unwrap().len());
    }
    assert_eq!(seen, [3, 3, 6]);
    stage.world().set_late_instances(5, 1);
    let count = async || {
        let asked = stage.client.list_stack_instances().stack_set_name(SET).max_results(2);
        asked.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap().len()
    };
    assert_eq!([count().await, count().await], [5, 6]);
}

#[tokio::test]
async fn a_client_that_was_killed_finds_its_operation_again() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().set_stack_delay(std::time::Duration::from_millis(20));
    let begin = || {
        let asked = stage.client.create_stack_instances().stack_set_name(SET).operation_id("ng-add-1");
        let asked = asked.regions("eu-west-1").deployment_targets(units(&[&stage.prod]));
        asked.operation_preferences(all_at_once()).send()
    };
    begin().await.unwrap();
    assert_eq!(refusal(begin().await).0, "OperationIdAlreadyExistsException");
    assert_eq!(stage.ended("ng-add-1").await.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(refusal(begin().await).0, "OperationIdAlreadyExistsException", "also afterwards");
    assert_eq!(stage.set().operations.len(), 1);
}
