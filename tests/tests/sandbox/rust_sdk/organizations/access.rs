//! How the service is reached, and the access that `CloudFormation` has to the organization.

use aws_sdk_cloudformation::Client as CloudFormation;
use aws_sdk_cloudformation::types::{CallAs, OrganizationStatus};
use guard_tests::sandbox::{Effect, Fault, StackSetsAccess, When};

use super::{ACCOUNT, Client, DELEGATE, OTHER, REGION, Stage, refusal, sdk};

const MEMBER: &str = "member.org.stacksets.cloudformation.amazonaws.com";

async fn stacks(stage: &Stage, account: &str) -> CloudFormation {
    CloudFormation::new(&sdk(&stage.sandbox, account, REGION).await)
}

#[tokio::test]
async fn the_api_is_global() {
    let stage = Stage::new().await;
    // The account has not enabled us-east-1; the endpoint of every partition is in one Region all the same.
    let global = Client::new(&sdk(&stage.sandbox, ACCOUNT, "us-east-1").await);
    global.list_roots().send().await.unwrap();
}

#[tokio::test]
async fn it_is_slow_where_a_test_wants_it_to_be() {
    let stage = Stage::new().await;
    stage.sandbox.world().throttle_organizations();
    for _ in 0..2 {
        stage.client.list_roots().send().await.unwrap();
    }
    assert_eq!(refusal(stage.client.list_roots().send().await).0, "TooManyRequestsException");
    stage.client.list_accounts().send().await.unwrap();
    stage.sandbox.world().faults().clear();
    stage.client.list_roots().send().await.unwrap();
    let times = Fault::on("organizations", "ListRoots", Effect::Throttle).when(When::Nth(1));
    stage.sandbox.world().faults().add(times);
    assert_eq!(refusal(stage.client.list_roots().send().await).0, "TooManyRequestsException");
    stage.client.list_roots().send().await.unwrap();
}

#[tokio::test]
async fn stack_sets_are_activated_by_the_management_account() {
    let stage = Stage::new().await;
    let own = stacks(&stage, ACCOUNT).await;
    let status = async |client: &CloudFormation, call_as: CallAs| {
        client.describe_organizations_access().call_as(call_as).send().await.map(|shown| shown.status().cloned())
    };
    assert_eq!(status(&own, CallAs::SelfValue).await.unwrap(), Some(OrganizationStatus::Disabled));
    // Trust alone is not enough.
    stage.client.enable_aws_service_access().service_principal(MEMBER).send().await.unwrap();
    assert_eq!(status(&own, CallAs::SelfValue).await.unwrap(), Some(OrganizationStatus::Disabled));
    let member = stacks(&stage, OTHER).await;
    assert_eq!(refusal(member.activate_organizations_access().send().await).0, "InvalidOperationException");
    own.activate_organizations_access().send().await.unwrap();
    assert_eq!(status(&own, CallAs::SelfValue).await.unwrap(), Some(OrganizationStatus::Enabled));
    let trusted = stage.client.list_aws_service_access_for_organization().send().await.unwrap();
    assert_eq!(trusted.enabled_service_principals().len(), 2);
    own.deactivate_organizations_access().send().await.unwrap();
    assert_eq!(status(&own, CallAs::SelfValue).await.unwrap(), Some(OrganizationStatus::Disabled));
    stage.sandbox.world().set_stack_sets_access(StackSetsAccess::DisabledPermanently).unwrap();
    assert_eq!(status(&own, CallAs::SelfValue).await.unwrap(), Some(OrganizationStatus::DisabledPermanently));
    assert_eq!(refusal(own.activate_organizations_access().send().await).0, "InvalidOperationException");
}

#[tokio::test]
async fn delegated_administrators_have_to_say_that_they_are() {
    let stage = Stage::new().await;
    stage.sandbox.world().set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
    stage.sandbox.world().delegate(DELEGATE, MEMBER).unwrap();
    let ask = async |account: &str, call_as: CallAs| {
        let client = stacks(&stage, account).await;
        client.describe_organizations_access().call_as(call_as).send().await
    };
    let shown = ask(DELEGATE, CallAs::DelegatedAdmin).await.unwrap();
    assert_eq!(shown.status(), Some(&OrganizationStatus::Enabled));
    let message = refusal(ask(DELEGATE, CallAs::SelfValue).await).1;
    assert!(message.starts_with("You must be the management account or delegated admin account"), "{message}");
    let message = refusal(ask(OTHER, CallAs::DelegatedAdmin).await).1;
    assert_eq!(message, "Account used is not a delegated administrator");
}
