//! Roots, units and accounts.

use aws_sdk_organizations::types::{
    AccountState as State, AccountStatus, ChildType, OrganizationFeatureSet, ParentType,
};
use guard_tests::sandbox::AccountState;

use super::{ACCOUNT, DELEGATE, OTHER, Stage, reasoned, refusal};

#[tokio::test]
async fn any_account_of_the_organization_learns_of_it_and_no_other() {
    let stage = Stage::new().await;
    for account in [ACCOUNT, OTHER] {
        let shown = stage.of(account).await.describe_organization().send().await.unwrap();
        let shown = shown.organization().unwrap();
        assert_eq!(shown.master_account_id(), Some(ACCOUNT));
        assert_eq!(shown.feature_set(), Some(&OrganizationFeatureSet::All));
        let id = stage.sandbox.world().organization_id().unwrap();
        let arn = format!("arn:aws:organizations::{ACCOUNT}:organization/{id}");
        assert_eq!((shown.id(), shown.arn()), (Some(id.as_str()), Some(arn.as_str())));
    }
    stage.sandbox.world().set_all_features(false).unwrap();
    let billing = stage.client.describe_organization().send().await.unwrap();
    assert_eq!(billing.organization().unwrap().feature_set(), Some(&OrganizationFeatureSet::ConsolidatedBilling));
    stage.sandbox.world().leave(OTHER).unwrap();
    let outside = stage.of(OTHER).await.describe_organization().send().await;
    assert_eq!(refusal(outside).0, "AWSOrganizationsNotInUseException");
}

#[tokio::test]
async fn members_may_not_look_around_but_delegated_administrators_may() {
    let stage = Stage::new().await;
    stage.sandbox.world().delegate(DELEGATE, "config.amazonaws.com").unwrap();
    let member = stage.of(OTHER).await;
    assert_eq!(refusal(member.list_roots().send().await).0, "AccessDeniedException");
    assert_eq!(refusal(member.list_accounts().send().await).0, "AccessDeniedException");
    let delegate = stage.of(DELEGATE).await;
    assert_eq!(delegate.list_roots().send().await.unwrap().roots()[0].id(), Some(stage.root.as_str()));
    let close = delegate.close_account().account_id(OTHER).send().await;
    assert_eq!(refusal(close).0, "AccessDeniedException", "they may only read");
}

#[tokio::test]
async fn the_tree_is_walked_down_and_up() {
    let stage = Stage::new().await;
    let client = &stage.client;
    let units = client.list_organizational_units_for_parent().parent_id(&stage.root).send().await.unwrap();
    assert_eq!(units.organizational_units()[0].name(), Some("Prod"));
    let unit = client.describe_organizational_unit().organizational_unit_id(&stage.payments).send().await.unwrap();
    let id = stage.sandbox.world().organization_id().unwrap();
    let path = format!("{id}/{}/{}/{}/", stage.root, stage.prod, stage.payments);
    assert_eq!(unit.organizational_unit().unwrap().path(), Some(path.as_str()));
    let accounts = client.list_accounts_for_parent().parent_id(&stage.payments).send().await.unwrap();
    let account = &accounts.accounts()[0];
    assert_eq!((account.id(), account.state()), (Some(OTHER), Some(&State::Active)));
    assert_eq!(account.paths(), [format!("{path}{OTHER}/")]);
    let children = client.list_children().parent_id(&stage.prod).child_type(ChildType::Account).send().await.unwrap();
    assert_eq!(children.children()[0].id(), Some(DELEGATE));
    let parents = client.list_parents().child_id(OTHER).send().await.unwrap();
    let parent = &parents.parents()[0];
    assert_eq!((parent.id(), parent.r#type()), (Some(stage.payments.as_str()), Some(&ParentType::OrganizationalUnit)));
    let top = client.list_parents().child_id(&stage.prod).send().await.unwrap();
    assert_eq!(top.parents()[0].r#type(), Some(&ParentType::Root));
    let missing = client.list_parents().child_id("999999999999").send().await;
    assert_eq!(refusal(missing).0, "ChildNotFoundException");
    let missing = client.list_accounts_for_parent().parent_id("ou-aaaa-aaaaaaaa").send().await;
    assert_eq!(refusal(missing).0, "ParentNotFoundException");
    let wrong = client.list_accounts_for_parent().parent_id("prod").send().await;
    assert_eq!(reasoned(wrong), ("InvalidInputException".to_owned(), "INVALID_PATTERN".to_owned()));
}

#[tokio::test]
async fn listings_come_in_pages_of_twenty_that_may_be_empty() {
    let stage = Stage::new().await;
    let world = stage.sandbox.world();
    for at in 0..42 {
        let account = format!("{:012}", 500_000_000_000_u64 + at);
        world.add_account(&account).unwrap();
        world.join(&account, &stage.root).unwrap();
    }
    world.set_empty_organization_pages(true);
    let mut pages = stage.client.list_accounts().into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().accounts().len());
    }
    assert_eq!(sizes, [0, 20, 20, 5]);
    let many = stage.client.list_accounts().max_results(21).send().await;
    assert_eq!(reasoned(many).1, "MAX_VALUE_EXCEEDED");
    let wrong = stage.client.list_accounts().next_token("x").send().await;
    assert_eq!(reasoned(wrong).1, "INVALID_NEXT_TOKEN");
}

#[tokio::test]
async fn accounts_move_close_and_have_states() {
    let stage = Stage::new().await;
    let world = stage.sandbox.world();
    let go = |from: &str, to: &str| {
        stage.client.move_account().account_id(OTHER).source_parent_id(from).destination_parent_id(to).send()
    };
    assert_eq!(refusal(go(&stage.root, &stage.prod).await).0, "SourceParentNotFoundException");
    assert_eq!(refusal(go(&stage.payments, &stage.payments).await).0, "DuplicateAccountException");
    go(&stage.payments, &stage.root).await.unwrap();
    let parents = stage.client.list_parents().child_id(OTHER).send().await.unwrap();
    assert_eq!(parents.parents()[0].id(), Some(stage.root.as_str()));
    let told = async || {
        let shown = stage.client.describe_account().account_id(OTHER).send().await.unwrap();
        shown.account().unwrap().state().cloned()
    };
    world.set_account_state(OTHER, AccountState::Suspended).unwrap();
    assert_eq!(told().await, Some(State::Suspended));
    world.set_account_state(OTHER, AccountState::Active).unwrap();
    world.set_organization_delay(std::time::Duration::from_mins(1));
    stage.client.close_account().account_id(OTHER).send().await.unwrap();
    assert_eq!(told().await, Some(State::PendingClosure));
    let again = stage.client.close_account().account_id(OTHER).send().await;
    assert_eq!(refusal(again).0, "AccountAlreadyClosedException");
    world.clock().advance(std::time::Duration::from_secs(61));
    assert_eq!(told().await, Some(State::Closed));
    let own = stage.client.close_account().account_id(ACCOUNT).send().await;
    assert_eq!(reasoned(own).1, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT");
}

#[tokio::test]
async fn the_retired_status_is_shown_on_request_only() {
    let stage = Stage::new().await;
    let shown = async || {
        let shown = stage.client.describe_account().account_id(OTHER).send().await.unwrap();
        shown.account().unwrap().status().cloned()
    };
    assert_eq!(shown().await, None);
    stage.sandbox.world().set_account_status(true);
    assert_eq!(shown().await, Some(AccountStatus::Active));
}
