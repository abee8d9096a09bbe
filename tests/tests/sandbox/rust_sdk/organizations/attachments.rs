//! Policies on roots, units and accounts, and the policy type that has to be in force.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus, TargetType};

use super::{OTHER, Stage, reasoned, refusal};

async fn on(stage: &Stage, target: &str) -> BTreeSet<String> {
    let call = stage.client.list_policies_for_target().target_id(target).filter(PolicyType::ServiceControlPolicy);
    call.send().await.unwrap().policies().iter().map(|policy| policy.id().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_policy_is_attached_once_and_something_always_stays() {
    let stage = Stage::new().await;
    let client = &stage.client;
    let policy = stage.policy("network").await;
    let attach = |policy: &str, target: &str| client.attach_policy().policy_id(policy).target_id(target).send();
    let detach = |policy: &str, target: &str| client.detach_policy().policy_id(policy).target_id(target).send();
    attach(&policy, &stage.prod).await.unwrap();
    assert_eq!(refusal(attach(&policy, &stage.prod).await).0, "DuplicatePolicyAttachmentException");
    assert_eq!(refusal(attach("p-aaaaaaaaaa", &stage.prod).await).0, "PolicyNotFoundException");
    assert_eq!(refusal(attach(&policy, "999999999999").await).0, "TargetNotFoundException");
    assert_eq!(on(&stage, &stage.prod).await, BTreeSet::from(["p-FullAWSAccess".to_owned(), policy.clone()]));
    attach(&policy, OTHER).await.unwrap();
    let targets = client.list_targets_for_policy().policy_id(&policy).send().await.unwrap();
    let kinds: Vec<_> = targets.targets().iter().map(|target| target.r#type().unwrap().clone()).collect();
    assert_eq!(kinds, [TargetType::Account, TargetType::OrganizationalUnit]);
    assert_eq!(targets.targets()[1].name(), Some("Prod"));
    assert_eq!(refusal(client.delete_policy().policy_id(&policy).send().await).0, "PolicyInUseException");
    detach("p-FullAWSAccess", OTHER).await.unwrap();
    assert_eq!(reasoned(detach(&policy, OTHER).await).1, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
    detach(&policy, &stage.prod).await.unwrap();
    assert_eq!(refusal(detach(&policy, &stage.prod).await).0, "PolicyNotAttachedException");
}

#[tokio::test]
async fn ten_policies_fit_on_a_target() {
    let stage = Stage::new().await;
    for at in 1..10 {
        let policy = stage.policy(&format!("policy-{at}")).await;
        stage.client.attach_policy().policy_id(policy).target_id(&stage.root).send().await.unwrap();
    }
    let eleventh = stage.policy("one-more").await;
    let refused = stage.client.attach_policy().policy_id(eleventh).target_id(&stage.root).send().await;
    assert_eq!(reasoned(refused).1, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn the_type_comes_into_force_after_a_while_with_full_access_everywhere() {
    let stage = Stage::new().await;
    let world = stage.sandbox.world();
    world.disable_policies().unwrap();
    world.set_organization_delay(Duration::from_mins(1));
    let types = async || {
        let roots = stage.client.list_roots().send().await.unwrap();
        roots.roots()[0].policy_types().iter().map(|shown| shown.status().unwrap().clone()).collect::<Vec<_>>()
    };
    assert_eq!(types().await, []);
    let policy = stage.policy("network").await;
    let attach = || stage.client.attach_policy().policy_id(&policy).target_id(&stage.prod).send();
    assert_eq!(refusal(attach().await).0, "PolicyTypeNotEnabledException");
    let enable = || {
        let call = stage.client.enable_policy_type().root_id(&stage.root);
        call.policy_type(PolicyType::ServiceControlPolicy).send()
    };
    enable().await.unwrap();
    assert_eq!(types().await, [PolicyTypeStatus::PendingEnable]);
    assert_eq!(refusal(enable().await).0, "PolicyChangesInProgressException");
    assert_eq!(refusal(attach().await).0, "PolicyTypeNotEnabledException");
    world.clock().advance(Duration::from_secs(61));
    assert_eq!(types().await, [PolicyTypeStatus::Enabled]);
    assert_eq!(refusal(enable().await).0, "PolicyTypeAlreadyEnabledException");
    assert_eq!(on(&stage, OTHER).await, BTreeSet::from(["p-FullAWSAccess".to_owned()]));
    attach().await.unwrap();
}
