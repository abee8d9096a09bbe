//! Service control policies bind the people of member accounts, and nobody else.

use std::time::Duration;

use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::types::OrganizationsDecisionDetail;
use aws_sdk_sts::Client as Sts;
use guard_tests::sandbox::{Denier, RoleSpec};
use serde_json::{Value, json};

use super::super::super::client::Client as Raw;
use super::super::super::stacks::{GROUP, call};
use super::{ACCOUNT, OTHER, REGION, Stage, policy_call, sdk};

/// No notebook with direct internet access, without a subnet or with root, but for one role.
fn network() -> String {
    let deny = |sid: &str, action: &str, operator: &str, key: &str, value: Value| {
        json!({"Sid": sid, "Effect": "Deny", "Action": format!("sagemaker:{action}"), "Resource": "*", "Condition": {
            operator: {format!("sagemaker:{key}"): value},
            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/BreakGlass"},
        }})
    };
    json!({"Version": "2012-10-17", "Statement": [
        deny("Internet", "CreateNotebookInstance", "StringNotEquals", "DirectInternetAccess", json!("Disabled")),
        deny("Subnet", "CreateNotebookInstance", "Null", "VpcSubnets", json!("true")),
        deny("RootOnCreate", "CreateNotebookInstance", "StringNotEquals", "RootAccess", json!("Disabled")),
        deny("RootOnUpdate", "UpdateNotebookInstance", "StringEquals", "RootAccess", json!("Enabled")),
        deny("Domain", "CreateDomain", "StringNotEquals", "AppNetworkAccessType", json!("VpcOnly")),
    ]})
    .to_string()
}

impl Stage {
    async fn attached(&self, name: &str, content: &str, target: &str) -> String {
        let made = policy_call(&self.client, name, content).send().await.unwrap();
        let id = made.policy().unwrap().policy_summary().unwrap().id().unwrap().to_owned();
        self.client.attach_policy().policy_id(&id).target_id(target).send().await.unwrap();
        id
    }

    pub(super) fn raw(&self, account: &str) -> Raw {
        Raw::of(self.sandbox.world(), account)
    }
}

fn notebook(name: &str, account: &str, more: &Value) -> Value {
    let mut request = json!({"NotebookInstanceName": name, "InstanceType": "ml.t3.medium",
        "RoleArn": format!("arn:aws:iam::{account}:role/x")});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

fn good() -> Value {
    json!({"DirectInternetAccess": "Disabled", "RootAccess": "Disabled", "SubnetId": "subnet-0a1b2c3d4e5f60718",
        "SecurityGroupIds": ["sg-0a000000000000001"]})
}

/// What a call answers: its message if it is denied.
async fn outcome(client: &Raw, operation: &str, request: Value) -> Result<(), String> {
    let answer = client.send_json("sagemaker", operation, &request.to_string()).await.unwrap();
    if answer.status == 200 { Ok(()) } else { Err(answer.json()["message"].as_str().unwrap().to_owned()) }
}

#[tokio::test]
async fn a_public_notebook_is_denied_and_a_closed_one_is_made() {
    let stage = Stage::new().await;
    stage.attached("network", &network(), &stage.prod).await;
    let client = stage.raw(OTHER);
    let make =
        async |name: &str, more: &Value| outcome(&client, "CreateNotebookInstance", notebook(name, OTHER, more)).await;
    let message = make("bare", &json!({})).await.unwrap_err();
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::{OTHER}:user/administrator is not authorized to perform: \
             sagemaker:CreateNotebookInstance on resource: arn:aws:sagemaker:{REGION}:{OTHER}:notebook-instance/bare \
             with an explicit deny in a service control policy"
        )
    );
    for wrong in ["DirectInternetAccess", "RootAccess", "SubnetId"] {
        let mut request = good();
        request.as_object_mut().unwrap().remove(wrong);
        make("almost", &request).await.unwrap_err();
    }
    make("closed", &good()).await.unwrap();
    let update = json!({"NotebookInstanceName": "closed", "RootAccess": "Enabled"});
    let denied = outcome(&client, "UpdateNotebookInstance", update).await.unwrap_err();
    assert!(denied.contains("explicit deny in a service control policy"), "{denied}");
    let domain = json!({"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {}});
    let denied = outcome(&client, "CreateDomain", domain).await.unwrap_err();
    assert!(denied.contains("service control policy"), "{denied}");
}

#[tokio::test]
async fn it_binds_below_its_target_only_and_never_the_management_account() {
    let stage = Stage::new().await;
    let policy = stage.attached("network", &network(), &stage.root).await;
    outcome(&stage.raw(ACCOUNT), "CreateNotebookInstance", notebook("a", ACCOUNT, &json!({}))).await.unwrap();
    let client = stage.raw(OTHER);
    let make = async |name: &str| outcome(&client, "CreateNotebookInstance", notebook(name, OTHER, &json!({}))).await;
    make("b").await.unwrap_err();
    stage.client.detach_policy().policy_id(&policy).target_id(&stage.root).send().await.unwrap();
    make("c").await.unwrap();
    stage.client.attach_policy().policy_id(&policy).target_id(&stage.payments).send().await.unwrap();
    make("d").await.unwrap_err();
    stage.sandbox.world().move_account(OTHER, &stage.root).unwrap();
    make("e").await.unwrap();
    stage.sandbox.world().move_account(OTHER, &stage.payments).unwrap();
    stage.sandbox.world().disable_policies().unwrap();
    make("f").await.unwrap();
}

#[tokio::test]
async fn a_role_that_is_let_through_is() {
    let stage = Stage::new().await;
    stage.attached("network", &network(), OTHER).await;
    let sts = Sts::new(&sdk(&stage.sandbox, ACCOUNT, REGION).await);
    for (role, passes) in [("BreakGlass", true), ("Developer", false)] {
        stage.sandbox.world().put_role(OTHER, &RoleSpec::new(role, &[ACCOUNT])).unwrap();
        let call = sts.assume_role().role_arn(format!("arn:aws:iam::{OTHER}:role/{role}")).role_session_name("me");
        let session = call.send().await.unwrap().credentials().unwrap().clone();
        let mut client = stage.raw(OTHER);
        session.access_key_id().clone_into(&mut client.credential.access_key_id);
        session.secret_access_key().clone_into(&mut client.credential.secret_access_key);
        client.credential.session_token = Some(session.session_token().to_owned());
        let made = outcome(&client, "CreateNotebookInstance", notebook(role, OTHER, &json!({}))).await;
        assert_eq!(made.is_ok(), passes, "{made:?}");
    }
}

#[tokio::test]
async fn what_no_policy_allows_is_denied_too() {
    let stage = Stage::new().await;
    let only =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sagemaker:*","sts:*"],"Resource":"*"}}"#;
    stage.attached("sagemaker-only", only, OTHER).await;
    let client = stage.raw(OTHER);
    stage.client.detach_policy().policy_id("p-FullAWSAccess").target_id(OTHER).send().await.unwrap();
    outcome(&client, "CreateNotebookInstance", notebook("a", OTHER, &json!({}))).await.unwrap();
    let refused = client.message("config", "DescribeConfigRules", json!({})).await;
    assert!(
        refused.ends_with("because no service control policy allows the config:DescribeConfigRules action"),
        "{refused}"
    );
    let iam = Iam::new(&sdk(&stage.sandbox, OTHER, REGION).await);
    assert!(iam.list_roles().send().await.is_err());
}

#[tokio::test]
async fn steps_of_stacks_are_judged_by_their_resources() {
    let stage = Stage::new().await;
    stage.sandbox.world().set_stack_delay(Duration::ZERO);
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "logs:CreateLogGroup",
        "Resource": "arn:aws:logs:*:*:log-group:/secret*"}]});
    stage.attached("logs", &deny.to_string(), &stage.root).await;
    let client = stage.raw(OTHER);
    let made = async |name: &str, group: &str| {
        let parameter = ("Parameters.member.1.ParameterKey", "Name");
        let value = ("Parameters.member.1.ParameterValue", group);
        let fields = [("StackName", name), ("TemplateBody", GROUP), parameter, value];
        assert_eq!(call(&client, "CreateStack", &fields).await.status, 200);
        stage.sandbox.world().stack(OTHER, REGION, name).unwrap().unwrap()
    };
    assert_eq!(made("open", "/open").await.status, "CREATE_COMPLETE");
    let failed = made("secret", "/secret").await;
    assert_eq!(failed.status, "ROLLBACK_COMPLETE");
    let reasons: String = failed.events.iter().filter_map(|event| event.2.clone()).collect();
    let words = format!(
        "is not authorized to perform: logs:CreateLogGroup on resource: \
         arn:aws:logs:{REGION}:{OTHER}:log-group:/secret with an explicit deny in a service control policy"
    );
    assert!(reasons.contains(&words), "{reasons}");
}

#[tokio::test]
async fn what_cannot_be_told_is_refused_and_says_so() {
    let stage = Stage::new().await;
    let odd = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sagemaker:List*",
        "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "curl"}}}]});
    stage.attached("odd", &odd.to_string(), OTHER).await;
    let refused = outcome(&stage.raw(OTHER), "ListNotebookInstances", json!({})).await.unwrap_err();
    assert!(refused.contains("the sandbox cannot tell"), "{refused}");
}

#[tokio::test]
async fn the_simulator_knows_the_organization_and_scripted_denials_stay() {
    let stage = Stage::new().await;
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"lambda:*","Resource":"*"}}"#;
    stage.attached("no-lambda", deny, OTHER).await;
    let iam = Iam::new(&sdk(&stage.sandbox, OTHER, REGION).await);
    let ask = async |action: &str| {
        let call =
            iam.simulate_principal_policy().policy_source_arn(format!("arn:aws:iam::{OTHER}:user/administrator"));
        let answer = call.action_names(action).send().await.unwrap();
        let result = answer.evaluation_results()[0].clone();
        let allowed = result.organizations_decision_detail().map(OrganizationsDecisionDetail::allowed_by_organizations);
        (result.eval_decision().as_str().to_owned(), allowed)
    };
    assert_eq!(ask("lambda:GetFunction").await, ("implicitDeny".to_owned(), Some(false)));
    assert_eq!(ask("s3:GetObject").await, ("allowed".to_owned(), Some(true)));
    stage.sandbox.world().deny_action(OTHER, "config:*", Denier::Organization).unwrap();
    let refused = stage.raw(OTHER).message("config", "DescribeConfigRules", json!({})).await;
    assert!(refused.ends_with("with an explicit deny in a service control policy"), "{refused}");
}
