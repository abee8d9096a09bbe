//! How many at once, how many may fail, and what is cancelled then.

use std::time::Duration;

use aws_sdk_cloudformation::types::{
    ConcurrencyMode, RegionConcurrencyType, StackSetOperation, StackSetOperationPreferences,
};
use guard_tests::sandbox::ResourceAction;

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, units};

type Preferences = aws_sdk_cloudformation::types::builders::StackSetOperationPreferencesBuilder;

async fn deploy(stage: &Stage, preferences: Preferences) -> StackSetOperation {
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(REGION).regions(FAR);
    let asked = asked.deployment_targets(units(&[&stage.prod])).operation_preferences(preferences.build());
    stage.ended(&asked.send().await.unwrap().operation_id.unwrap()).await
}

/// The outcomes by Region and account.
async fn outcomes(stage: &Stage, operation: &StackSetOperation) -> Vec<(String, String, String)> {
    let results = stage.results(operation.operation_id.as_deref().unwrap()).await;
    let shown = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut outcomes: Vec<_> = results
        .iter()
        .map(|result| {
            let status = result.status.as_ref().unwrap().as_str();
            (shown(result.region()), shown(result.account()), status.to_owned())
        })
        .collect();
    outcomes.sort();
    outcomes
}

fn words(outcomes: &[(String, String, String)]) -> Vec<&str> {
    outcomes.iter().map(|(_, _, outcome)| outcome.as_str()).collect()
}

#[tokio::test]
async fn without_preferences_the_first_failure_ends_the_operation_and_the_rest_is_cancelled() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[1], "Group", ResourceAction::Create, "no", 1);
    let operation = deploy(&stage, StackSetOperationPreferences::builder()).await;
    assert_eq!(operation.status.as_ref().unwrap().as_str(), "FAILED");
    let seen = outcomes(&stage, &operation).await;
    let cancelled = "CANCELLED";
    assert_eq!(words(&seen), ["SUCCEEDED", "FAILED", cancelled, cancelled, cancelled, cancelled]);
    let results = stage.results(operation.operation_id.as_deref().unwrap()).await;
    let reasons = results.iter().filter(|result| result.status.as_ref().unwrap().as_str() == cancelled);
    for result in reasons {
        assert_eq!(result.status_reason.as_deref(), Some("Cancelled since failure tolerance has exceeded"));
    }
    assert_eq!(stage.world().stacks(MEMBERS[0], FAR).unwrap(), []);
    let shown = operation.operation_preferences.unwrap();
    assert_eq!((shown.max_concurrent_count, shown.failure_tolerance_count), (Some(1), Some(0)));
}

#[tokio::test]
async fn the_tolerance_is_counted_in_each_region() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[0], "Group", ResourceAction::Create, "no", 9);
    let one = StackSetOperationPreferences::builder().failure_tolerance_percentage(34).max_concurrent_percentage(100);
    let operation = deploy(&stage, one).await;
    assert_eq!(operation.status.as_ref().unwrap().as_str(), "SUCCEEDED", "one of three is 34 %, rounded down");
    let seen = outcomes(&stage, &operation).await;
    assert_eq!(words(&seen), ["FAILED", "SUCCEEDED", "SUCCEEDED", "FAILED", "SUCCEEDED", "SUCCEEDED"]);
}

#[tokio::test]
async fn regions_go_in_their_order_and_one_that_fails_stops_those_after_it_unless_they_are_parallel() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[0], "Group", ResourceAction::Create, "no", 9);
    let order = StackSetOperationPreferences::builder().region_order(FAR).region_order(REGION);
    let seen = outcomes(&stage, &deploy(&stage, order.max_concurrent_count(3)).await).await;
    // Strict: one at a time, as nothing may fail.
    let cancelled = "CANCELLED";
    assert_eq!(words(&seen), [cancelled, cancelled, cancelled, "FAILED", cancelled, cancelled]);
    let parallel = StackSetOperationPreferences::builder().region_concurrency_type(RegionConcurrencyType::Parallel);
    let soft = parallel.concurrency_mode(ConcurrencyMode::SoftFailureTolerance).max_concurrent_count(3);
    let operation = deploy(&stage, soft).await;
    assert_eq!(operation.status.as_ref().unwrap().as_str(), "FAILED");
    let seen = outcomes(&stage, &operation).await;
    assert_eq!(words(&seen), ["FAILED", "SUCCEEDED", "SUCCEEDED", "FAILED", "SUCCEEDED", "SUCCEEDED"]);
}

#[tokio::test]
async fn accounts_are_worked_on_side_by_side_as_many_as_allowed() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().set_stack_delay(Duration::from_mins(1));
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(REGION);
    let two = StackSetOperationPreferences::builder().max_concurrent_count(2);
    let two = two.concurrency_mode(ConcurrencyMode::SoftFailureTolerance).build();
    let asked = asked.deployment_targets(units(&[&stage.prod])).operation_preferences(two);
    let id = asked.send().await.unwrap().operation_id.unwrap();
    let seen = async || {
        let results = stage.results(&id).await;
        results.iter().map(|result| result.status.as_ref().unwrap().as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen().await, ["PENDING"; 3]);
    stage.world().clock().advance(Duration::from_mins(1));
    assert_eq!(seen().await, ["RUNNING", "RUNNING", "PENDING"]);
    assert_eq!(stage.operation(&id).await.status.unwrap().as_str(), "RUNNING");
    for _ in 0..12 {
        stage.world().clock().advance(Duration::from_mins(1));
        seen().await;
    }
    assert_eq!(seen().await, ["SUCCEEDED"; 3]);
    assert_eq!(stage.operation(&id).await.status.unwrap().as_str(), "SUCCEEDED");
}

#[tokio::test]
async fn a_number_and_a_share_of_the_same_are_refused() {
    let stage = Stage::with_set(GROUP).await;
    let both = StackSetOperationPreferences::builder().max_concurrent_count(1).max_concurrent_percentage(1).build();
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(REGION);
    let asked = asked.deployment_targets(units(&[&stage.prod])).operation_preferences(both);
    assert_eq!(refusal(asked.send().await).0, "ValidationError");
}
