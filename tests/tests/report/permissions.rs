//! What `render operator-policy --purpose report` prints is enough, and each action of it has a use.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stage::{AGGREGATOR, BY_ROLE, ROLE, Stage, policies, policy};
use crate::truth::{HOME, MANAGEMENT, OTHER, PAYMENTS, REGIONS, SEARCH};

fn actions(policies: &[Value]) -> BTreeSet<String> {
    let listed = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    let listed = listed.flat_map(|statement| {
        let action = &statement["Action"];
        action.as_array().cloned().unwrap_or_else(|| vec![action.clone()])
    });
    listed.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_enough_and_nothing_in_it_is_without_use() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.put_rule(PAYMENTS, OTHER, "imds-v2");
    let world = stage.world();
    // An account that the aggregator does not know in the second Region, and the record that says where StackSets are.
    world.add_account("666666666666").unwrap();
    world.enable_region("666666666666", HOME).unwrap();
    world.join("666666666666", &stage.root().await).unwrap();
    stage.put_role("666666666666", &[policy("666666666666")]);
    stage
        .record(&format!("units={};accounts=;exclude=;regions={HOME},{OTHER};management=on", stage.root().await))
        .await;
    let organization = policies(&["--account", MANAGEMENT, "--org", "--assume-role", ROLE]);
    world.set_caller_policies(MANAGEMENT, &organization).unwrap();
    world.set_caller_policies(SEARCH, &[policy(SEARCH)]).unwrap();
    world.calls().clear();
    stage.told(0, &BY_ROLE).await;
    stage.told(3, &["--region", HOME, "--region", OTHER]).await;
    let ran = stage.run_as(SEARCH, &["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let mut called = BTreeSet::new();
    for call in world.calls().all() {
        assert!(!call.error.as_deref().is_some_and(|code| code.starts_with("AccessDenied")), "{call:?}");
        called.insert(format!("{}:{}", call.service, call.operation));
    }
    assert_eq!(actions(&organization), called);
    stage.sandbox.stop().await;
}
