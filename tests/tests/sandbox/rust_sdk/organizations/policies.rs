//! Service control policies: made, changed, listed, deleted, and what is refused.

use std::collections::BTreeSet;

use aws_sdk_organizations::types::{PolicyType, Tag};
use guard_tests::sandbox::{Lag, Lagging};

use super::{DELEGATE, DENY, Stage, policy_call, reasoned, refusal};

#[tokio::test]
async fn policies_are_made_changed_tagged_and_deleted() {
    let stage = Stage::new().await;
    let client = &stage.client;
    let tag = Tag::builder().key("team").value("security").build().unwrap();
    let made = policy_call(client, "network", DENY).tags(tag.clone()).send().await.unwrap();
    let summary = made.policy().unwrap().policy_summary().unwrap().clone();
    let id = summary.id().unwrap();
    assert!(summary.arn().unwrap().ends_with(&format!("/service_control_policy/{id}")), "{summary:?}");
    let tags = client.list_tags_for_resource().resource_id(id).send().await.unwrap();
    assert_eq!(tags.tags(), std::slice::from_ref(&tag));
    client.untag_resource().resource_id(id).tag_keys("team").send().await.unwrap();
    assert!(client.list_tags_for_resource().resource_id(id).send().await.unwrap().tags().is_empty());
    let content = DENY.replace("CreateDomain", "UpdateDomain");
    client.update_policy().policy_id(id).content(&content).send().await.unwrap();
    let shown = client.describe_policy().policy_id(id).send().await.unwrap();
    let shown = shown.policy().unwrap();
    assert_eq!(shown.content(), Some(content.as_str()));
    assert_eq!(shown.policy_summary().unwrap().name(), Some("network"), "the rest is as it was");
    client.delete_policy().policy_id(id).send().await.unwrap();
    assert_eq!(refusal(client.describe_policy().policy_id(id).send().await).0, "PolicyNotFoundException");
    let aws = client.describe_policy().policy_id("p-FullAWSAccess").send().await.unwrap();
    assert!(aws.policy().unwrap().policy_summary().unwrap().aws_managed());
    let theirs = client.delete_policy().policy_id("p-FullAWSAccess").send().await;
    assert_eq!(reasoned(theirs), ("InvalidInputException".to_owned(), "IMMUTABLE_POLICY".to_owned()));
}

#[tokio::test]
async fn a_policy_that_is_none_too_long_or_there_already_is_refused() {
    let stage = Stage::new().await;
    let client = &stage.client;
    let make = |name: &'static str, content: String| policy_call(client, name, &content).send();
    for broken in ["{", "[]", r#"{"Statement": 1}"#, r#"{"Version": "2012-10-17"}"#] {
        let refused = refusal(make("broken", broken.to_owned()).await);
        assert_eq!(refused.0, "MalformedPolicyDocumentException", "{broken}");
    }
    let long = |length: usize| format!("{DENY}{}", " ".repeat(length - DENY.len()));
    assert_eq!(reasoned(make("long", long(10_241)).await).1, "POLICY_CONTENT_LIMIT_EXCEEDED");
    make("long", long(10_240)).await.unwrap();
    assert_eq!(refusal(make("long", DENY.to_owned()).await).0, "DuplicatePolicyException");
    let policy = stage.policy("other").await;
    let renamed = client.update_policy().policy_id(policy).name("long").send().await;
    assert_eq!(refusal(renamed).0, "DuplicatePolicyException");
    let twice = Tag::builder().key("k").value("v").build().unwrap();
    let call = policy_call(client, "tagged", DENY).tags(twice.clone()).tags(twice).send().await;
    assert_eq!(reasoned(call).1, "DUPLICATE_TAG_KEY");
    stage.sandbox.world().set_all_features(false).unwrap();
    let refused = refusal(make("billing", DENY.to_owned()).await);
    assert_eq!(refused.0, "PolicyTypeNotAvailableForOrganizationException");
    stage.sandbox.world().delegate(DELEGATE, "config.amazonaws.com").unwrap();
    let delegate = policy_call(&stage.of(DELEGATE).await, "theirs", DENY).send().await;
    assert_eq!(refusal(delegate).0, "AccessDeniedException");
}

#[tokio::test]
async fn a_new_policy_may_be_missing_in_the_list_for_a_while() {
    let stage = Stage::new().await;
    stage.sandbox.world().set_lag(Lagging::Policies, Some(Lag::Reads(1)));
    let policy = stage.policy("network").await;
    let listed = async || {
        let listed = stage.client.list_policies().filter(PolicyType::ServiceControlPolicy).send().await.unwrap();
        listed.policies().iter().map(|policy| policy.id().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let aws = "p-FullAWSAccess".to_owned();
    assert_eq!(listed().await, BTreeSet::from([aws.clone()]));
    assert_eq!(listed().await, BTreeSet::from([aws, policy]));
}
