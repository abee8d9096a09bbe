//! What cannot be read is listed, and nothing is dropped.

use std::collections::BTreeSet;

use guard_tests::sandbox::{Effect, Fault};
use serde_json::Value;

use crate::bundle::{PERIOD, Place, export_all, json, policy, policy_of_exporter, rows, stage, verify};
use crate::truth::{EMPTY, HOME, MANAGEMENT, OTHER, PAYMENTS, SEARCH, results};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttled_and_denied_accounts_are_listed() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    let throttled = Fault::on("config", "GetComplianceDetailsByConfigRule", Effect::Throttle);
    world.faults().add(throttled.at(PAYMENTS, OTHER));
    stage.put_role(SEARCH, &[serde_json::json!({"Statement": []})]);
    world.remove_role(EMPTY, "Reader").unwrap();
    let (out, bundle) = (place.text("bundle"), place.path("bundle"));
    let ran = export_all(&stage, &[&["--out", &out], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    let is_there = |account: &str, region: &str| account != SEARCH && (account, region) != (PAYMENTS, OTHER);
    let expected = results().iter().filter(|one| is_there(&one.account, &one.region)).count();
    assert_eq!(rows(&bundle, "evaluations.jsonl").len(), expected);
    let totals = json(&bundle, "report.json")["totals"]["places"].clone();
    assert_eq!(totals, serde_json::json!({"read": 3, "incomplete": 1, "unread": 4, "excluded": 2}));
    let gaps = rows(&bundle, "timeline.jsonl");
    for (account, region) in [(SEARCH, HOME), (SEARCH, OTHER), (EMPTY, HOME), (EMPTY, OTHER)] {
        let is_its = |row: &&Value| row["account"] == account && row["region"] == region;
        let own: Vec<&Value> = gaps.iter().filter(is_its).collect();
        assert!(own.len() == 1 && own[0]["reason"] == "unread", "{account} {region}: {own:?}");
    }
    // The throttled answers are kept too.
    let refused = rows(&bundle, &format!("raw/{PAYMENTS}.jsonl")).iter().filter(|page| page["status"] == 400).count();
    assert!(refused >= 2, "{refused}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_that_cannot_be_read_is_a_gap() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    world.faults().add(Fault::on("config", "GetResourceConfigHistory", Effect::Throttle).at(SEARCH, HOME));
    let ran = export_all(&stage, &[&["--out", &place.text("bundle")], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let gaps = rows(&place.path("bundle"), "timeline.jsonl");
    let unread = gaps.iter().filter(|row| row["reason"] == "unread" && row.get("resourceId").is_some()).count();
    assert_eq!(unread, 2 * 3, "settings and results of three notebooks");
    let report = json(&place.path("bundle"), "report.json");
    assert_eq!(report["unread"].as_array().unwrap().len(), 6, "{report:#}");
    stage.sandbox.stop().await;
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let actions = policy["Statement"].as_array().unwrap().iter().flat_map(|statement| match &statement["Action"] {
        Value::Array(many) => many.clone(),
        one => vec![one.clone()],
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// What an account is read with is enough; the calls are in proportion to the notebooks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_is_enough_and_the_calls_are_few() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    world.set_caller_policies(MANAGEMENT, &[policy_of_exporter()]).unwrap();
    world.calls().clear();
    let ran = export_all(&stage, &[&["--out", &place.text("bundle")], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let allowed = &actions(&policy_of_exporter()) | &actions(&policy(&["--account", PAYMENTS]));
    for call in world.calls().all() {
        let action = format!("{}:{}", call.service, call.operation);
        assert!(allowed.contains(&action), "{action}");
        assert!(call.error.as_deref().is_none_or(|code| !code.contains("Denied")), "{call:?}");
    }
    let calls = world.calls();
    // Settings and results of each resource, each in one page but for the results of the notebook that has items of more
    // than seven days: a page covers no more.
    let asked = calls.all().into_iter().filter(|call| call.operation == "GetResourceConfigHistory");
    let mut histories: Vec<String> = asked.map(|call| format!("{} {}", call.region, call.body)).collect();
    histories.sort();
    assert_eq!(histories.len(), 2 * 10 + 1, "{histories:#?}");
    assert_eq!(calls.count("config", "DescribeRetentionConfigurations"), 6);
    assert_eq!(calls.count("config", "DescribeConfigRules"), 8);
    assert_eq!(calls.count("lambda", "GetFunctionConfiguration"), 6);
    stage.sandbox.stop().await;
}
