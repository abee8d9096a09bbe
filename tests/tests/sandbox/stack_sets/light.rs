//! Ten thousand accounts: instances that are only records.

use std::time::Instant;

use aws_sdk_cloudformation::types::{StackInstanceFilter, StackInstanceFilterName};
use guard_tests::sandbox::LightStackSets;

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{GROUP, SET, Stage, all_at_once, units};

const DENIED: &str = "User: arn:aws:sts::1:assumed-role/stacksets-exec-1/x is not authorized";

fn accounts(count: u64) -> impl Iterator<Item = String> {
    (0..count).map(|at| (300_000_000_000 + at).to_string())
}

#[tokio::test]
async fn records_without_stacks_fail_in_the_share_that_was_asked_for_and_always_the_same() {
    let stage = Stage::with_set(GROUP).await;
    let unit = stage.world().add_unit(&stage.root, "Many").unwrap();
    stage.world().join_many(accounts(2000), &unit).unwrap();
    let light = LightStackSets::default().failing(50_000, "no recorder").failing(20_000, DENIED);
    stage.world().set_light_stack_sets(Some(light));
    let operation = stage.deploy(&unit).await;
    let failed = operation.status_details.unwrap().failed_stack_instances_count.unwrap();
    assert!((200..=360).contains(&failed), "7 % of 4,000 are 280, not {failed}");
    let id = operation.operation_id.unwrap();
    let results = stage.results(&id).await;
    assert_eq!(results.len(), 4000);
    let denied = results.iter().filter(|result| result.status_reason.as_deref() == Some(DENIED)).count();
    assert!((50..=120).contains(&denied), "{denied}");
    let again = stage.deploy(&unit).await.status_details.unwrap().failed_stack_instances_count;
    assert_eq!(again, Some(failed), "those that have failed fail again");
    stage.world().set_light_stack_sets(Some(LightStackSets::default()));
    assert_eq!(stage.deploy(&unit).await.status_details.unwrap().failed_stack_instances_count, Some(0));
    let filter = StackInstanceFilter::builder().name(StackInstanceFilterName::DetailedStatus).values("SUCCEEDED");
    let asked = stage.client.list_stack_instances().stack_set_name(SET).filters(filter.build());
    let listed = asked.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(listed.len(), 4000);
    let stack = listed[0].stack_id.as_deref().unwrap();
    assert!(stack.starts_with("arn:aws:cloudformation:"), "{stack}");
}

#[tokio::test]
async fn a_set_holds_a_hundred_thousand_instances() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().set_light_stack_sets(Some(LightStackSets::default()));
    let unit = stage.world().add_unit(&stage.root, "Many").unwrap();
    stage.world().join_many(accounts(10_000), &unit).unwrap();
    let regions = (0..11).map(|at| format!("eu-test-{at}"));
    let ask = |regions: Vec<String>| {
        let asked = stage.client.create_stack_instances().stack_set_name(SET).set_regions(Some(regions));
        asked.deployment_targets(units(&[&unit])).operation_preferences(all_at_once()).send()
    };
    assert_eq!(refusal(ask(regions.clone().collect()).await).0, "LimitExceededException");
    let begun = Instant::now();
    let id = ask(regions.skip(1).collect()).await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    let deployed = begun.elapsed();
    assert_eq!(stage.set().instances.len(), 100_000);
    assert_eq!(refusal(ask(vec![REGION.to_owned()]).await).0, "LimitExceededException");
    assert!(deployed.as_secs() < 60, "{deployed:?}");
}
