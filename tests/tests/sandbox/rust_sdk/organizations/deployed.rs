//! Service control policies and the role that StackSets work with.

use aws_sdk_cloudformation::types::StackSetOperationStatusDetails;
use aws_sdk_organizations::Client;
use serde_json::{Value, json};

use super::super::super::client::{ACCOUNT, REGION};
use super::super::super::stack_sets::{GROUP, MEMBERS, Stage};
use super::{policy_call, sdk};

async fn deny(stage: &Stage, name: &str, condition: Value) {
    let client = Client::new(&sdk(&stage.sandbox, ACCOUNT, REGION).await);
    let statement = json!({"Effect": "Deny", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:log-group:/group*",
        "Condition": condition});
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let made = policy_call(&client, name, &content).send().await.unwrap();
    let id = made.policy().unwrap().policy_summary().unwrap().id().unwrap();
    client.attach_policy().policy_id(id).target_id(MEMBERS[1]).send().await.unwrap();
}

#[tokio::test]
async fn a_policy_that_forgets_the_role_keeps_stack_sets_out_of_an_account() {
    let stage = Stage::with_set(GROUP).await;
    deny(&stage, "careful", json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/stacksets-exec-*"}})).await;
    let well = stage.deploy(&stage.prod.clone()).await;
    let failed = well.status_details().and_then(StackSetOperationStatusDetails::failed_stack_instances_count);
    assert_eq!(failed, Some(0), "{well:?}");

    let stage = Stage::with_set(GROUP).await;
    deny(&stage, "careless", json!({"StringEquals": {"aws:RequestedRegion": REGION}})).await;
    let operation = stage.deploy(&stage.prod.clone()).await;
    let results = stage.results(operation.operation_id().unwrap()).await;
    let reasons: Vec<_> = results.iter().filter(|result| result.status_reason().is_some()).collect();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert_eq!((reasons[0].account(), reasons[0].region()), (Some(MEMBERS[1]), Some(REGION)));
    let reason = reasons[0].status_reason().unwrap();
    assert!(reason.starts_with("ResourceLogicalId:Group, ResourceType:AWS::Logs::LogGroup"), "{reason}");
    let caller = format!("User: arn:aws:sts::{}:assumed-role/stacksets-exec-", MEMBERS[1]);
    assert!(reason.contains(&caller), "{reason}");
    assert!(reason.contains("with an explicit deny in a service control policy (Service: Logs"), "{reason}");
}
