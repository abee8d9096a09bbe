//! Functions of member accounts are made from a zip in the administrator's bucket, and run.

use serde_json::{Value, json};

use crate::sandbox::client::{ACCOUNT, Client as Raw, REGION};
use crate::sandbox::provisioned::{MEMBER, upload};
use crate::sandbox::stack_sets::{FAR, MEMBERS, SET, Stage, accounts, all_at_once};

use aws_sdk_cloudformation::types::AccountFilterType;

const BUCKET: &str = "artifacts";

/// The policy that lets the organization's `StackSets` read.
fn policy(organization: &str, role: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": ["arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::artifacts/*",
         "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": organization},
            "ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::*:role/{role}")}}},
    ]})
}

async fn stage() -> Stage {
    let stage = Stage::with_set(MEMBER).await;
    upload(&stage.sandbox, &Raw::of(stage.world(), ACCOUNT), BUCKET);
    stage
}

/// Why the first member could not be deployed to, if so.
async fn deployed(stage: &Stage) -> Option<String> {
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(REGION);
    let one = accounts(&stage.root, &[MEMBERS[0]], AccountFilterType::Intersection);
    let sent = asked.deployment_targets(one).operation_preferences(all_at_once()).send().await.unwrap();
    let id = sent.operation_id.unwrap();
    stage.ended(&id).await;
    stage.results(&id).await.remove(0).status_reason
}

#[tokio::test]
async fn the_stack_of_a_member_reads_the_zip_of_the_administrator_and_its_function_runs() {
    let stage = stage().await;
    let organization = stage.world().organization_id().unwrap();
    let administrator = Raw::of(stage.world(), ACCOUNT);
    let allow = policy(&organization, "stacksets-exec-*").to_string();
    assert_eq!(administrator.rest("s3", "PUT /artifacts?policy", &[], &allow).await.status, 200);
    assert_eq!(deployed(&stage).await, None);
    let ran = stage.world().trigger_schedule(MEMBERS[0], REGION, "guard").await.unwrap();
    assert!(ran.succeeded(), "{ran:?}");
    // The bucket is in one Region only.
    let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(FAR);
    let one = accounts(&stage.root, &[MEMBERS[0]], AccountFilterType::Intersection);
    let id = asked.deployment_targets(one).send().await.unwrap().operation_id.unwrap();
    assert_eq!(stage.ended(&id).await.status.unwrap().as_str(), "FAILED");
    let reason = stage.results(&id).await.remove(0).status_reason.unwrap();
    let start = "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler \
                 returned message: \"Error occurred while GetObject. S3 Error Code: PermanentRedirect.";
    assert!(reason.starts_with(start), "{reason}");
    // People of the member account are not the role that the policy is for.
    let people = Raw::of(stage.world(), MEMBERS[0]).rest("s3", "GET /artifacts/one.zip", &[], "").await;
    assert_eq!((people.status, people.element("Code").as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_bucket_that_does_not_let_the_role_in_fails_the_function_in_the_words_of_lambda() {
    let stage = stage().await;
    let organization = stage.world().organization_id().unwrap();
    let start = "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler \
                 returned message: \"Your access has been denied by S3, please make sure your request credentials have \
                 permission to GetObject for artifacts/one.zip. S3 Error Code: AccessDenied.";
    let administrator = Raw::of(stage.world(), ACCOUNT);
    assert!(deployed(&stage).await.unwrap().starts_with(start), "without a policy");
    for (organization, role) in [("o-abcdefghij", "stacksets-exec-*"), (organization.as_str(), "deployer-*")] {
        let policy = policy(organization, role).to_string();
        administrator.rest("s3", "PUT /artifacts?policy", &[], &policy).await;
        assert!(deployed(&stage).await.unwrap().starts_with(start), "{organization} {role}");
    }
    let stack = stage.world().stacks(MEMBERS[0], REGION).unwrap();
    assert!(stack.iter().all(|stack| stack.status == "DELETE_COMPLETE"), "a failed stack is not kept");
    let kept = stage.set().instances.remove(&(MEMBERS[0].to_owned(), REGION.to_owned())).unwrap();
    assert_eq!((kept.status, kept.detailed), ("OUTDATED", "FAILED"));
}

#[tokio::test]
async fn a_policy_for_an_account_lets_its_people_read_and_a_public_one_is_refused() {
    let stage = stage().await;
    let administrator = Raw::of(stage.world(), ACCOUNT);
    let member = Raw::of(stage.world(), MEMBERS[0]);
    let put = async |principal: Value, effect: &str| {
        let policy = json!({"Statement": {"Effect": effect, "Principal": principal, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::artifacts/*"}});
        administrator.rest("s3", "PUT /artifacts?policy", &[], &policy.to_string()).await
    };
    let get =
        async |client: &Raw, key: &str| client.rest("s3", &format!("HEAD /artifacts/{key}"), &[], "").await.status;
    assert_eq!(put(json!({"AWS": MEMBERS[0]}), "Allow").await.status, 200);
    assert_eq!(get(&member, "one.zip").await, 200);
    assert_eq!(get(&member, "nope").await, 403, "who may not list does not learn what is missing");
    assert_eq!(get(&Raw::of(stage.world(), MEMBERS[1]), "one.zip").await, 403);
    assert_eq!(put(json!({"AWS": ACCOUNT}), "Deny").await.status, 200);
    assert_eq!(get(&administrator, "one.zip").await, 403, "a denial holds for the owner too");
    let public = put(json!("*"), "Allow").await;
    assert_eq!((public.status, public.element("Code").as_str()), (403, "AccessDenied"));
}
