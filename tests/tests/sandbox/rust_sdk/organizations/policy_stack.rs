//! `AWS::Organizations::Policy` in stacks.

use std::time::Duration;

use guard_tests::sandbox::StackView;

use super::super::super::stacks::call;
use super::{ACCOUNT, OTHER, REGION, Stage};

const TEMPLATE: &str = "Parameters: {Targets: {Type: CommaDelimitedList}, Action: {Type: String, Default: CreateDomain}}\n\
     Resources:\n  Policy:\n    Type: AWS::Organizations::Policy\n    Properties:\n      Name: network\n      \
     Type: SERVICE_CONTROL_POLICY\n      TargetIds: !Ref Targets\n      Content:\n        Version: '2012-10-17'\n        \
     Statement: [{Effect: Deny, Action: !Sub 'sagemaker:${Action}', Resource: '*'}]\n      \
     Tags: [{Key: team, Value: security}]\nOutputs: {Id: {Value: !Ref Policy}, Arn: {Value: !GetAtt Policy.Arn}}\n";

async fn run(stage: &Stage, account: &str, action: &str, parameters: &[(&str, &str)]) -> StackView {
    let names: Vec<(String, String)> = (1..=parameters.len())
        .map(|at| (format!("Parameters.member.{at}.ParameterKey"), format!("Parameters.member.{at}.ParameterValue")))
        .collect();
    let mut fields = vec![("StackName", "guardrail"), ("TemplateBody", TEMPLATE)];
    for ((key, value), (name, given)) in names.iter().zip(parameters) {
        fields.extend([(key.as_str(), *name), (value.as_str(), *given)]);
    }
    let answer = call(&stage.raw(account), action, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    stage.sandbox.world().stack(account, REGION, "guardrail").unwrap().unwrap()
}

async fn targets(stage: &Stage, policy: &str) -> Vec<String> {
    let listed = stage.client.list_targets_for_policy().policy_id(policy).send().await.unwrap();
    listed.targets().iter().map(|target| target.target_id().unwrap().to_owned()).collect()
}

fn reasons(view: &StackView) -> String {
    view.events.iter().filter_map(|event| event.2.clone()).collect()
}

#[tokio::test]
async fn a_stack_makes_attaches_changes_and_deletes_a_policy() {
    let stage = Stage::new().await;
    stage.sandbox.world().set_stack_delay(Duration::ZERO);
    let made = run(&stage, ACCOUNT, "CreateStack", &[("Targets", &format!("{OTHER},{}", stage.prod))]).await;
    assert_eq!(made.status, "CREATE_COMPLETE", "{made:?}");
    let policy = made.resources["Policy"].physical_id.clone();
    assert_eq!(targets(&stage, &policy).await, [OTHER.to_owned(), stage.prod.clone()]);
    let shown = stage.client.describe_policy().policy_id(&policy).send().await.unwrap();
    let shown = shown.policy().unwrap().clone();
    assert!(shown.content().unwrap().contains("sagemaker:CreateDomain"), "{shown:?}");
    let tags = stage.client.list_tags_for_resource().resource_id(&policy).send().await.unwrap();
    assert!(tags.tags().iter().any(|tag| tag.key() == "team" && tag.value() == "security"), "{tags:?}");
    let changed = [("Targets", stage.payments.as_str()), ("Action", "UpdateDomain")];
    assert_eq!(run(&stage, ACCOUNT, "UpdateStack", &changed).await.status, "UPDATE_COMPLETE");
    assert_eq!(targets(&stage, &policy).await, std::slice::from_ref(&stage.payments));
    let shown = stage.client.describe_policy().policy_id(&policy).send().await.unwrap();
    assert!(shown.policy().unwrap().content().unwrap().contains("sagemaker:UpdateDomain"), "the id is the same");
    call(&stage.raw(ACCOUNT), "DeleteStack", &[("StackName", "guardrail")]).await;
    stage.client.describe_policy().policy_id(&policy).send().await.unwrap_err();
}

#[tokio::test]
async fn what_cannot_be_attached_is_rolled_back_without_a_trace() {
    let stage = Stage::new().await;
    stage.sandbox.world().set_stack_delay(Duration::ZERO);
    let failed = run(&stage, ACCOUNT, "CreateStack", &[("Targets", &format!("{OTHER},999999999999"))]).await;
    assert_eq!(failed.status, "ROLLBACK_COMPLETE");
    assert!(reasons(&failed).contains("You specified a target that doesn't exist. (Service: Organizations"));
    let left = stage.client.list_policies();
    let left = left.filter(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy).send().await.unwrap();
    assert_eq!(left.policies().len(), 1, "AWS's own");
    let member = run(&stage, OTHER, "CreateStack", &[("Targets", OTHER)]).await;
    assert!(reasons(&member).contains("HandlerErrorCode: AccessDenied"), "{}", reasons(&member));
}
