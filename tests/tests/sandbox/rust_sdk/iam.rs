//! IAM: roles, policies, and what the caller may do.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType, SummaryKeyType};
use guard_tests::sandbox::{Denier, Sandbox};
use serde_json::json;

use super::super::client::{ACCOUNT, REGION, sandbox};
use super::{refusal, sdk};

const ADMINISTRATOR: &str = "arn:aws:iam::111122223333:user/administrator";

async fn client(sandbox: &Sandbox) -> Client {
    Client::new(&sdk(sandbox, ACCOUNT, REGION).await)
}

#[tokio::test]
async fn the_simulator_says_what_a_call_would_say() {
    let sandbox = sandbox().await;
    let iam = client(&sandbox).await;
    let ask = |action: &'static str, resource: &'static str| {
        let call = iam.simulate_principal_policy().policy_source_arn(ADMINISTRATOR);
        let call = call.action_names(action).resource_arns(resource);
        async move { call.send().await.unwrap().evaluation_results()[0].clone() }
    };
    let free = ask("lambda:CreateFunction", "*").await;
    assert_eq!(free.eval_decision(), &PolicyEvaluationDecisionType::Allowed);
    assert!(free.organizations_decision_detail().is_none());
    sandbox.world().deny_action(ACCOUNT, "lambda:Create*", Denier::Organization).unwrap();
    let denied = ask("lambda:CreateFunction", "*").await;
    assert_eq!(denied.eval_decision(), &PolicyEvaluationDecisionType::ImplicitDeny);
    assert!(!denied.organizations_decision_detail().unwrap().allowed_by_organizations());
    sandbox.world().deny_action(ACCOUNT, "iam:PassRole", Denier::Boundary).unwrap();
    let bound = ask("iam:PassRole", "*").await;
    assert!(!bound.permissions_boundary_decision_detail().unwrap().allowed_by_permissions_boundary());
    sandbox.world().deny_action(ACCOUNT, "config:DescribeConfigRules", Denier::Statement).unwrap();
    let explicit = ask("config:DescribeConfigRules", "*").await;
    assert_eq!(explicit.eval_decision(), &PolicyEvaluationDecisionType::ExplicitDeny);
    let config = aws_sdk_config::Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let refused = refusal(config.describe_config_rules().send().await);
    assert_eq!(refused.0, "AccessDeniedException");
    assert!(refused.1.ends_with("with an explicit deny in an identity-based policy"), "{refused:?}");
    sandbox.world().allow_actions(ACCOUNT).unwrap();
    config.describe_config_rules().send().await.unwrap();
}

#[tokio::test]
async fn policies_resources_and_conditions_decide() {
    let sandbox = sandbox().await;
    let iam = client(&sandbox).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "lambda:*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
    ]});
    sandbox.world().set_caller_policies(ACCOUNT, &[policy]).unwrap();
    let call = || iam.simulate_principal_policy().policy_source_arn(ADMINISTRATOR);
    let objects =
        call().action_names("s3:PutObject").resource_arns("arn:aws:s3:::mine/k").resource_arns("arn:aws:s3:::b/k");
    let objects = objects.send().await.unwrap();
    let results = objects.evaluation_results()[0].resource_specific_results();
    let decisions: Vec<&str> = results.iter().map(|result| result.eval_resource_decision().as_str()).collect();
    assert_eq!(decisions, ["allowed", "implicitDeny"]);
    let unknown = call().action_names("lambda:GetFunction").send().await.unwrap();
    assert_eq!(unknown.evaluation_results()[0].missing_context_values(), ["aws:RequestedRegion"]);
    let entry = ContextEntry::builder().context_key_name("aws:RequestedRegion").context_key_values("eu-west-1");
    let entry = entry.context_key_type(ContextKeyTypeEnum::String).build();
    let known = call().action_names("lambda:GetFunction").context_entries(entry).send().await.unwrap();
    assert_eq!(known.evaluation_results()[0].eval_decision(), &PolicyEvaluationDecisionType::Allowed);
    let session = "arn:aws:sts::111122223333:assumed-role/Admin/me";
    let unclear = iam.simulate_principal_policy().policy_source_arn(session).action_names("s3:GetObject").send().await;
    assert_eq!(refusal(unclear).0, "InvalidInput");
    let nobody = iam.simulate_principal_policy().policy_source_arn("arn:aws:iam::111122223333:user/nobody");
    assert_eq!(refusal(nobody.action_names("s3:GetObject").send().await).0, "NoSuchEntity");
    let many = (0..130).map(|at| format!("s3:Action{at}")).collect::<Vec<_>>();
    let mut pages = call().set_action_names(Some(many)).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().evaluation_results().len();
    }
    assert_eq!(count, 130);
}

#[tokio::test]
async fn roles_policies_and_the_summary_are_read() {
    let sandbox = sandbox().await;
    let iam = client(&sandbox).await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let boundary = sandbox.world().put_managed_policy(ACCOUNT, "team/boundary", &json!({"Statement": []})).unwrap();
    let role = json!({"RoleName": "theirs", "Path": "/x/", "AssumeRolePolicyDocument": trust, "PermissionsBoundary": boundary});
    sandbox.world().put_resource(ACCOUNT, REGION, "AWS::IAM::Role", &role).unwrap();
    let shown = iam.get_role().role_name("theirs").send().await.unwrap();
    let shown = shown.role().unwrap();
    assert_eq!(shown.arn(), "arn:aws:iam::111122223333:role/x/theirs");
    assert_eq!(shown.permissions_boundary().unwrap().permissions_boundary_arn(), Some(boundary.as_str()));
    assert!(
        iam.get_role().role_name("nope").send().await.unwrap_err().into_service_error().is_no_such_entity_exception()
    );
    let policy = iam.get_policy().policy_arn(&boundary).send().await.unwrap();
    assert_eq!(policy.policy().unwrap().path(), Some("/team/"));
    iam.get_policy().policy_arn("arn:aws:iam::aws:policy/AdministratorAccess").send().await.unwrap();
    let missing = iam.get_policy().policy_arn("arn:aws:iam::111122223333:policy/nope").send().await;
    assert_eq!(refusal(missing).0, "NoSuchEntity");
    let summary = iam.get_account_summary().send().await.unwrap();
    let of = |key: SummaryKeyType| summary.summary_map().unwrap()[&key];
    assert_eq!((of(SummaryKeyType::Roles), of(SummaryKeyType::RolesQuota)), (1, 1000));
    // What the stack would be told of a boundary that is not there.
    let lost = json!({"RoleName": "lost", "AssumeRolePolicyDocument": trust, "PermissionsBoundary": "arn:aws:iam::111122223333:policy/nope"});
    let refused = sandbox.world().put_resource(ACCOUNT, REGION, "AWS::IAM::Role", &lost).unwrap_err();
    assert!(refused.to_string().contains("does not exist or is not attachable"), "{refused}");
}
