//! Drift of stacks: changes beside them.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    DifferenceType, StackDriftDetectionStatus, StackDriftStatus, StackResourceDrift, StackResourceDriftStatus,
};
use guard_tests::sandbox::StackSpec;
use serde_json::json;

use super::super::client::{ACCOUNT, Client as Raw, REGION};
use super::super::provisioned::{MEMBER, member, upload};
use super::super::stacks::quick;
use super::{refusal, sdk};

async fn detected(client: &Client) -> (StackDriftStatus, i32) {
    let id = client.detect_stack_drift().stack_name("member").send().await.unwrap();
    let id = id.stack_drift_detection_id().unwrap().to_owned();
    let status = client.describe_stack_drift_detection_status().stack_drift_detection_id(id).send().await.unwrap();
    assert_eq!(status.detection_status(), Some(&StackDriftDetectionStatus::DetectionComplete));
    (status.stack_drift_status().unwrap().clone(), status.drifted_stack_resource_count().unwrap())
}

async fn drifted(client: &Client) -> Vec<StackResourceDrift> {
    let call = client.describe_stack_resource_drifts().stack_name("member");
    let call = call.stack_resource_drift_status_filters(StackResourceDriftStatus::Modified);
    let call = call.stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted);
    call.send().await.unwrap().stack_resource_drifts().to_vec()
}

#[tokio::test]
async fn what_is_changed_or_deleted_beside_a_stack_is_drift_but_code_is_not() {
    let (sandbox, raw): (_, Raw) = quick().await;
    upload(&sandbox, &raw, "artifacts");
    assert_eq!(member(&sandbox, &raw, MEMBER).await.status, "CREATE_COMPLETE");
    let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let before = client.describe_stacks().stack_name("member").send().await.unwrap();
    let drift = before.stacks()[0].drift_information().unwrap().stack_drift_status().cloned();
    assert_eq!(drift, Some(StackDriftStatus::NotChecked));
    assert_eq!(detected(&client).await, (StackDriftStatus::InSync, 0), "{:?}", drifted(&client).await);

    let world = sandbox.world();
    let other = super::super::provisioned::package_of("echo other");
    let sha256 = |function: &serde_json::Value| function["CodeSha256"].as_str().unwrap().to_owned();
    let path = "GET /2015-03-31/functions/evaluator/configuration";
    let was = sha256(&raw.rest("lambda", path, &[], "").await.json());
    world.set_function_code(ACCOUNT, REGION, "evaluator", other).unwrap();
    assert_ne!(sha256(&raw.rest("lambda", path, &[], "").await.json()), was);
    assert_eq!(detected(&client).await.0, StackDriftStatus::InSync, "code is write-only");

    let group = ("AWS::Logs::LogGroup", "/guard");
    world.change_resource(ACCOUNT, REGION, group, &json!({"RetentionInDays": 1})).unwrap();
    world.change_resource(ACCOUNT, REGION, ("AWS::Lambda::Function", "evaluator"), &json!({"Timeout": 3})).unwrap();
    world.remove_resource(ACCOUNT, REGION, "AWS::Config::ConfigRule", "guard").unwrap();
    world.remove_resource(ACCOUNT, REGION, "AWS::CloudWatch::Alarm", "errors").unwrap();
    assert_eq!(detected(&client).await, (StackDriftStatus::Drifted, 4));
    let found = drifted(&client).await;
    let of = |logical: &str| found.iter().find(|drift| drift.logical_resource_id() == Some(logical)).unwrap();
    assert_eq!(of("Rule").stack_resource_drift_status(), Some(&StackResourceDriftStatus::Deleted));
    let difference = &of("Group").property_differences()[0];
    assert_eq!(difference.property_path(), Some("/RetentionInDays"));
    assert_eq!((difference.expected_value(), difference.actual_value()), (Some("30"), Some("1")));
    assert_eq!(difference.difference_type(), Some(&DifferenceType::NotEqual));
    assert_eq!(of("Function").property_differences().len(), 1, "{:?}", of("Function"));
    let listed = client.list_stack_resources().stack_name("member").send().await.unwrap();
    let rule = listed.stack_resource_summaries().iter().find(|shown| shown.logical_resource_id() == Some("Rule"));
    let status = rule.unwrap().drift_information().unwrap().stack_resource_drift_status().cloned();
    assert_eq!(status, Some(StackResourceDriftStatus::Deleted));
}

#[tokio::test]
async fn a_search_takes_time_and_some_types_and_states_cannot_be_searched() {
    let (sandbox, _) = quick().await;
    let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let spec = StackSpec::new("member", "CREATE_COMPLETE").resource("Other", "AWS::Other::Thing", "x");
    sandbox.world().put_stack_in_state(ACCOUNT, REGION, &spec).unwrap();
    assert_eq!(detected(&client).await, (StackDriftStatus::NotChecked, 0));
    sandbox.world().set_stack_delay(Duration::from_mins(1));
    let id = client.detect_stack_drift().stack_name("member").send().await.unwrap();
    let status = client.describe_stack_drift_detection_status();
    let status = status.stack_drift_detection_id(id.stack_drift_detection_id().unwrap()).send().await.unwrap();
    assert_eq!(status.detection_status(), Some(&StackDriftDetectionStatus::DetectionInProgress));
    let busy = StackSpec::new("member", "UPDATE_FAILED");
    sandbox.world().put_stack_in_state(ACCOUNT, REGION, &busy).unwrap();
    assert_eq!(refusal(client.detect_stack_drift().stack_name("member").send().await).0, "ValidationError");
}
