//! Organizations that are made at once.

use guard_tests::sandbox::OrganizationSpec;

use super::super::super::client::Client as Raw;
use super::{ACCOUNT, Client, OTHER, REGION, sandbox, sdk};

#[tokio::test]
async fn a_whole_organization_is_one_value() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    let spec = OrganizationSpec::new(ACCOUNT, &[REGION, "us-east-1"]);
    let spec = spec.account("Prod/Payments", "222233334444").account("Prod", OTHER).account("", "333344445555");
    let spec = spec.without_region("333344445555", "us-east-1").crowd(25, 2);
    let units = world.put_organization(&spec).unwrap();
    let paths: Vec<&str> = units.keys().map(String::as_str).collect();
    assert_eq!(paths, ["", "Prod", "Prod/Payments", "unit-001", "unit-002"]);
    let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let inside = async |path: &str| {
        let mut pages = client.list_accounts_for_parent().parent_id(&units[path]).into_paginator().send();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            ids.extend(page.unwrap().accounts().iter().map(|account| account.id().unwrap().to_owned()));
        }
        ids
    };
    assert_eq!(inside("Prod/Payments").await, ["222233334444"]);
    assert_eq!(inside("").await, [ACCOUNT, "333344445555"]);
    assert_eq!((inside("unit-001").await.len(), inside("unit-002").await.len()), (13, 12));
    // Whoever calls a Region that is not enabled is not known there.
    let there = Raw::of(world, "333344445555").in_region("us-east-1");
    let refused = there.refusal("config", "DescribeConfigRules", serde_json::json!({})).await;
    assert_eq!(refused.1, "UnrecognizedClientException");
    let elsewhere = Raw::of(world, "222233334444").in_region("us-east-1");
    elsewhere.json("config", "DescribeConfigRules", serde_json::json!({})).await;
}
