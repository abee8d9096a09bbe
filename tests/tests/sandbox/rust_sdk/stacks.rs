//! CloudFormation: change sets, stacks, and getting them out of trouble.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, ChangeAction, ChangeSetStatus, ChangeSetType, DeletionMode, ExecutionStatus, OnStackFailure, Parameter,
    Replacement, StackStatus, Tag, TemplateStage,
};
use guard_tests::sandbox::{ResourceAction, Sandbox, StackSpec};

use super::super::client::{ACCOUNT, REGION, sandbox};
use super::super::stacks::GROUP;
use super::{refusal, sdk};

async fn quick() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    sandbox.world().set_stack_delay(Duration::ZERO);
    let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    (sandbox, client)
}

/// Makes a change set; gives its id and status.
async fn proposed(client: &Client, kind: ChangeSetType, template: &str, days: &str) -> (String, ChangeSetStatus) {
    let mut call = client.create_change_set().stack_name("guard").change_set_name("c1").client_token("t-1");
    if kind == ChangeSetType::Create {
        call = call.on_stack_failure(OnStackFailure::Delete);
    }
    let call = call.change_set_type(kind).template_body(template).description("made by a test");
    let call = call.parameters(Parameter::builder().parameter_key("Days").parameter_value(days).build());
    let call = call.tags(Tag::builder().key("app").value("guard").build());
    let made = call.capabilities(Capability::CapabilityNamedIam).send().await.unwrap();
    let shown = client.describe_change_set().change_set_name(made.id().unwrap()).send().await.unwrap();
    (made.id().unwrap().to_owned(), shown.status().unwrap().clone())
}

async fn status(client: &Client) -> StackStatus {
    let shown = client.describe_stacks().stack_name("guard").send().await.unwrap();
    shown.stacks()[0].stack_status().unwrap().clone()
}

#[tokio::test]
async fn a_stack_is_made_and_changed_by_change_sets() {
    let (sandbox, client) = quick().await;
    let (id, ready) = proposed(&client, ChangeSetType::Create, GROUP, "30").await;
    assert_eq!((ready, status(&client).await), (ChangeSetStatus::CreateComplete, StackStatus::ReviewInProgress));
    let shown = client.describe_change_set().change_set_name(&id).send().await.unwrap();
    assert_eq!(shown.execution_status(), Some(&ExecutionStatus::Available));
    assert_eq!(shown.on_stack_failure(), Some(&OnStackFailure::Delete));
    let change = shown.changes()[0].resource_change().unwrap();
    assert_eq!((change.action(), change.resource_type()), (Some(&ChangeAction::Add), Some("AWS::Logs::LogGroup")));
    let listed = client.list_change_sets().stack_name("guard").send().await.unwrap();
    assert_eq!(listed.summaries()[0].change_set_name(), Some("c1"));
    client.execute_change_set().change_set_name(&id).client_request_token("run-1").send().await.unwrap();
    assert_eq!(status(&client).await, StackStatus::CreateComplete);
    let events = client.describe_stack_events().stack_name("guard").send().await.unwrap();
    assert_eq!(events.stack_events()[0].client_request_token(), Some("run-1"));
    let listed = client.list_stack_resources().stack_name("guard").send().await.unwrap();
    assert_eq!(listed.stack_resource_summaries()[0].physical_resource_id(), Some("/group"));
    let described = client.describe_stack_resources().stack_name("guard").send().await.unwrap();
    assert_eq!(described.stack_resources()[0].logical_resource_id(), Some("Group"));
    let template = client.get_template().stack_name("guard").template_stage(TemplateStage::Original);
    assert_eq!(template.send().await.unwrap().template_body(), Some(GROUP));
    // The same again is nothing to do; other days are a change.
    let (same, failed) = proposed(&client, ChangeSetType::Update, GROUP, "30").await;
    let reason = client.describe_change_set().change_set_name(&same).send().await.unwrap();
    assert_eq!(failed, ChangeSetStatus::Failed);
    assert!(reason.status_reason().unwrap().starts_with("The submitted information didn't contain changes."));
    client.delete_change_set().change_set_name(&same).send().await.unwrap();
    assert!(
        client
            .describe_change_set()
            .change_set_name(&same)
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_change_set_not_found_exception()
    );
    let (other, _) = proposed(&client, ChangeSetType::Update, GROUP, "90").await;
    let shown = client.describe_change_set().change_set_name(&other).send().await.unwrap();
    assert_eq!(shown.changes()[0].resource_change().unwrap().replacement(), Some(&Replacement::False));
    client.execute_change_set().change_set_name(&other).disable_rollback(false).send().await.unwrap();
    let stack = client.describe_stacks().stack_name("guard").send().await.unwrap().stacks()[0].clone();
    assert_eq!(stack.stack_status(), Some(&StackStatus::UpdateComplete));
    assert_eq!((stack.tags()[0].key(), stack.parameters().len()), (Some("app"), 2));
    assert_eq!(stack.outputs()[0].output_value(), Some("arn:aws:logs:eu-west-1:111122223333:log-group:/group:*"));
    drop(sandbox);
}

#[tokio::test]
async fn what_fails_is_deleted_rolled_back_or_left_as_asked() {
    let (sandbox, client) = quick().await;
    sandbox.world().fail_resource("Group", ResourceAction::Create, "out of luck", 1);
    let (id, _) = proposed(&client, ChangeSetType::Create, GROUP, "30").await;
    client.execute_change_set().change_set_name(&id).send().await.unwrap();
    let stack = sandbox.world().stacks(ACCOUNT, REGION).unwrap();
    assert_eq!(stack[0].status, "DELETE_COMPLETE", "OnStackFailure=DELETE");
    let (id, _) = proposed(&client, ChangeSetType::Create, GROUP, "30").await;
    client.execute_change_set().change_set_name(&id).send().await.unwrap();
    // An update that can neither go on nor back.
    sandbox.world().fail_resource("Group", ResourceAction::Update, "no", 2);
    let (id, _) = proposed(&client, ChangeSetType::Update, GROUP, "90").await;
    client.execute_change_set().change_set_name(&id).send().await.unwrap();
    assert_eq!(status(&client).await, StackStatus::UpdateRollbackFailed);
    client.continue_update_rollback().stack_name("guard").client_request_token("again").send().await.unwrap();
    assert_eq!(status(&client).await, StackStatus::UpdateRollbackComplete);
    client
        .update_termination_protection()
        .stack_name("guard")
        .enable_termination_protection(true)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(client.delete_stack().stack_name("guard").send().await).0, "ValidationError");
    let off = client.update_termination_protection().stack_name("guard").enable_termination_protection(false);
    off.send().await.unwrap();
    sandbox.world().fail_resource("Group", ResourceAction::Delete, "stays", 2);
    client.delete_stack().stack_name("guard").send().await.unwrap();
    assert_eq!(status(&client).await, StackStatus::DeleteFailed);
    let retained = client.delete_stack().stack_name("guard").retain_resources("Group").send().await;
    retained.unwrap();
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "guard").unwrap(), None);
    let broken = StackSpec::new("broken", "DELETE_FAILED").resource("Group", "AWS::Logs::LogGroup", "/group");
    sandbox.world().put_stack_in_state(ACCOUNT, REGION, &broken).unwrap();
    let force = client.delete_stack().stack_name("broken").deletion_mode(DeletionMode::ForceDeleteStack);
    force.send().await.unwrap();
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "broken").unwrap(), None);
    let missing = refusal(client.describe_stacks().stack_name("guard").send().await);
    assert_eq!(missing, ("ValidationError".into(), "Stack with id guard does not exist".into()));
}

#[tokio::test]
async fn limits_are_told_and_held() {
    let (sandbox, client) = quick().await;
    let limits = client.describe_account_limits().send().await.unwrap();
    let of = |name: &str| limits.account_limits().iter().find(|limit| limit.name() == Some(name)).unwrap().value();
    assert_eq!((of("StackLimit"), of("StackOutputsLimit")), (Some(2000), Some(200)));
    drop(sandbox);
}

const KEPT: &str = "Resources: {Bucket: {Type: 'AWS::S3::Bucket', DeletionPolicy: RetainExceptOnCreate, \
    Properties: {BucketName: artifacts-of-mine}}, Role: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /new}}}";

#[tokio::test]
async fn a_bucket_that_was_kept_is_taken_in_again() {
    let (sandbox, client) = quick().await;
    sandbox.world().put_bucket(ACCOUNT, REGION, "artifacts-of-mine").unwrap();
    sandbox.world().put_object("artifacts-of-mine", "old", b"zip".to_vec()).unwrap();
    let change = |template: &str| {
        let call = client.create_change_set().stack_name("artifacts").change_set_name("adopt").template_body(template);
        call.change_set_type(ChangeSetType::Create).import_existing_resources(true).send()
    };
    let loose = change(&KEPT.replace("DeletionPolicy: RetainExceptOnCreate, ", "")).await.unwrap();
    let failed = client.describe_change_set().change_set_name(loose.id().unwrap()).send().await.unwrap();
    assert!(failed.status_reason().unwrap().contains("Bucket ({BucketName=artifacts-of-mine})"), "{failed:?}");
    client.delete_change_set().change_set_name(loose.id().unwrap()).send().await.unwrap();
    let made = change(KEPT).await.unwrap();
    let shown = client.describe_change_set().change_set_name(made.id().unwrap()).send().await.unwrap();
    let actions: Vec<_> = shown.changes().iter().filter_map(|change| change.resource_change()?.action()).collect();
    assert_eq!(actions, [&ChangeAction::Import, &ChangeAction::Add], "{shown:?}");
    client.execute_change_set().change_set_name(made.id().unwrap()).send().await.unwrap();
    let stack = sandbox.world().stack(ACCOUNT, REGION, "artifacts").unwrap().unwrap();
    assert_eq!(
        (stack.status.as_str(), stack.resources["Bucket"].status.as_str()),
        ("CREATE_COMPLETE", "IMPORT_COMPLETE")
    );
    assert_eq!(sandbox.world().object("artifacts-of-mine", "old").unwrap(), b"zip");
    client.delete_stack().stack_name("artifacts").send().await.unwrap();
    assert!(sandbox.world().object("artifacts-of-mine", "old").is_some(), "kept");
    // A stack that fails leaves what it has not made.
    sandbox.world().fail_resource("Role", ResourceAction::Create, "no", 1);
    let made = change(KEPT).await.unwrap();
    client.execute_change_set().change_set_name(made.id().unwrap()).send().await.unwrap();
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "artifacts").unwrap().unwrap().status, "ROLLBACK_COMPLETE");
    assert!(sandbox.world().object("artifacts-of-mine", "old").is_some(), "still kept");
}
