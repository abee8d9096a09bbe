//! Accounts in which it does not work, each in the words of AWS.

use guard_tests::sandbox::{AccountState, Denier, Quota, ResourceAction};

use crate::sandbox::client::REGION;
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, all_at_once, definition, units};

/// The status, the detailed status and the reason of an instance.
fn instance(stage: &Stage, account: &str, region: &str) -> (&'static str, &'static str, String) {
    let found = stage.set().instances.remove(&(account.to_owned(), region.to_owned())).unwrap();
    (found.status, found.detailed, found.reason.unwrap_or_default())
}

#[tokio::test]
async fn an_operation_that_may_fail_everywhere_succeeds_and_says_how_many_failed() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().fail_resource_in(MEMBERS[1], "Group", ResourceAction::Create, "no room", 2);
    let operation = stage.deploy(&stage.prod).await;
    assert_eq!(operation.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(operation.status_details.unwrap().failed_stack_instances_count, Some(2));
    let (status, detailed, reason) = instance(&stage, MEMBERS[1], REGION);
    assert_eq!((status, detailed), ("OUTDATED", "FAILED"));
    let start = "ResourceLogicalId:Group, ResourceType:AWS::Logs::LogGroup, ResourceStatusReason:Resource handler \
                 returned message: \"no room\" (RequestToken: ";
    assert!(reason.starts_with(start) && reason.ends_with(", HandlerErrorCode: GeneralServiceException)."), "{reason}");
    let results = stage.results(operation.operation_id.as_deref().unwrap()).await;
    let failed: Vec<_> = results.iter().filter(|result| result.status.as_ref().unwrap().as_str() == "FAILED").collect();
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|result| result.account.as_deref() == Some(MEMBERS[1])));
    // The stack is gone: what the results say is all that is left.
    assert_eq!(stage.world().stacks(MEMBERS[1], REGION).unwrap()[0].status, "DELETE_COMPLETE");
    // Another operation tries those that failed again, and leaves the others as they are.
    let again = stage.deploy(&stage.prod).await;
    assert_eq!(again.status_details.unwrap().failed_stack_instances_count, Some(0));
    assert_eq!(instance(&stage, MEMBERS[1], REGION).0, "CURRENT");
    let unchanged = stage.results(again.operation_id.as_deref().unwrap()).await;
    let unchanged = unchanged.iter().filter(|result| result.status_reason.is_some()).count();
    assert_eq!(unchanged, 4, "\"No updates are to be performed.\"");
}

#[tokio::test]
async fn capabilities_that_are_missing_are_found_in_the_accounts() {
    let role = "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r, AssumeRolePolicyDocument: \
                {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}}}}";
    let stage = Stage::new().await;
    definition(&stage.client, role, false, true).set_capabilities(None).send().await.unwrap();
    stage.deploy(&stage.below).await;
    assert_eq!(instance(&stage, MEMBERS[2], REGION).2, "Requires capabilities : [CAPABILITY_NAMED_IAM]");
}

#[tokio::test]
async fn what_was_there_before_is_said_to_exist() {
    let stage = Stage::with_set(GROUP).await;
    let group = serde_json::json!({"LogGroupName": "/group"});
    stage.world().put_resource(MEMBERS[0], REGION, "AWS::Logs::LogGroup", &group).unwrap();
    stage.world().use_up(MEMBERS[2], REGION, Quota::Stacks, 1).unwrap();
    stage.world().set_quota(MEMBERS[2], REGION, Quota::Stacks, 1).unwrap();
    stage.deploy(&stage.prod).await;
    assert!(instance(&stage, MEMBERS[0], REGION).2.contains("already exists."), "{:?}", stage.set());
    assert_eq!(instance(&stage, MEMBERS[2], REGION).2, "Limit for stack has been exceeded");
    assert_eq!(instance(&stage, MEMBERS[2], FAR).0, "CURRENT");
}

#[tokio::test]
async fn accounts_that_are_not_active_are_skipped_and_count_as_no_failure() {
    let stage = Stage::with_set(GROUP).await;
    let world = stage.world();
    for (account, state) in [(MEMBERS[0], AccountState::Suspended), (MEMBERS[1], AccountState::Closed)] {
        world.set_account_state(account, state).unwrap();
    }
    let operation = stage.deploy(&stage.prod).await;
    assert_eq!(operation.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(operation.status_details.unwrap().failed_stack_instances_count, Some(0));
    for account in &MEMBERS[..2] {
        let (status, detailed, reason) = instance(&stage, account, REGION);
        assert_eq!((status, detailed), ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"));
        assert!(reason.starts_with("This account is suspended."), "{reason}");
        assert_eq!(world.stacks(account, REGION).unwrap(), []);
    }
    assert_eq!(instance(&stage, MEMBERS[2], REGION).0, "CURRENT");
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(true).regions(REGION);
    let asked = asked.regions(FAR).deployment_targets(units(&[&stage.prod])).operation_preferences(all_at_once());
    stage.ended(&asked.send().await.unwrap().operation_id.unwrap()).await;
    assert!(stage.set().instances.is_empty(), "with RetainStacks they can be forgotten");
}

#[tokio::test]
async fn a_region_that_is_not_enabled_fails_in_that_account_alone() {
    let stage = Stage::with_set(GROUP).await;
    let world = stage.world();
    world.enable_region(MEMBERS[0], "ap-east-1").unwrap();
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions("ap-east-1");
    let asked = asked.deployment_targets(units(&[&stage.prod])).operation_preferences(all_at_once());
    stage.ended(&asked.clone().send().await.unwrap().operation_id.unwrap()).await;
    let management = instance(&stage, MEMBERS[0], "ap-east-1").2;
    assert!(management.starts_with("STS is not activated in this region for account:111122223333."), "{management}");
    world.enable_region(crate::sandbox::client::ACCOUNT, "ap-east-1").unwrap();
    let operation = stage.ended(&asked.send().await.unwrap().operation_id.unwrap()).await;
    assert_eq!(operation.status_details.unwrap().failed_stack_instances_count, Some(2));
    assert_eq!(instance(&stage, MEMBERS[0], "ap-east-1").0, "CURRENT");
    let reason = "STS is not activated in this region for account:200000000002. Your account administrator can activate \
                  STS in this region using the IAM Console.";
    assert_eq!(instance(&stage, MEMBERS[1], "ap-east-1"), ("OUTDATED", "FAILED", reason.to_owned()));
}

#[tokio::test]
async fn a_service_control_policy_stops_the_stack_or_a_resource_of_it() {
    let stage = Stage::with_set(GROUP).await;
    let world = stage.world();
    world.deny_action(MEMBERS[0], "cloudformation:CreateStack", Denier::Organization).unwrap();
    world.deny_action(MEMBERS[1], "logs:CreateLogGroup", Denier::Organization).unwrap();
    // Whatever people of an account may not do, the role of StackSets may.
    world.deny_action(MEMBERS[2], "logs:*", Denier::Statement).unwrap();
    stage.deploy(&stage.prod).await;
    let whole = instance(&stage, MEMBERS[0], REGION).2;
    let start = "User: arn:aws:sts::200000000001:assumed-role/stacksets-exec-";
    let end = "with an explicit deny in a service control policy";
    assert!(whole.starts_with(start) && whole.ends_with(end), "{whole}");
    assert!(
        whole.contains("cloudformation:CreateStack on resource: arn:aws:cloudformation:eu-west-1:200000000001:stack/")
    );
    let part = instance(&stage, MEMBERS[1], REGION).2;
    assert!(part.starts_with("ResourceLogicalId:Group, ResourceType:AWS::Logs::LogGroup, "), "{part}");
    assert!(part.contains("assumed-role/stacksets-exec-") && part.contains(end), "{part}");
    assert_eq!(instance(&stage, MEMBERS[2], REGION).0, "CURRENT");
}

#[tokio::test]
async fn a_policy_of_the_organization_binds_the_role_too() {
    let stage = Stage::with_set(GROUP).await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"logs:*","Resource":"*"}]}"#;
    let config = crate::sandbox::rust_sdk::sdk(&stage.sandbox, crate::sandbox::client::ACCOUNT, REGION).await;
    let organizations = aws_sdk_organizations::Client::new(&config);
    let made = organizations.create_policy().name("no-logs").description("").content(policy);
    let made = made.r#type(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy).send().await.unwrap();
    let id = made.policy.unwrap().policy_summary.unwrap().id.unwrap();
    organizations.attach_policy().policy_id(id).target_id(&stage.below).send().await.unwrap();
    stage.deploy(&stage.prod).await;
    let reason = instance(&stage, MEMBERS[2], REGION).2;
    assert!(reason.contains("with an explicit deny in a service control policy"), "{reason}");
    assert_eq!(instance(&stage, MEMBERS[0], REGION).0, "CURRENT");
}

#[tokio::test]
async fn an_empty_unit_succeeds_without_results() {
    let stage = Stage::with_set(GROUP).await;
    let empty = stage.world().add_unit(&stage.root, "Empty").unwrap();
    let operation = stage.deploy(&empty).await;
    assert_eq!(operation.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(stage.results(operation.operation_id.as_deref().unwrap()).await.len(), 0);
    assert_eq!(stage.set().targets[&empty], [REGION, FAR]);
}
