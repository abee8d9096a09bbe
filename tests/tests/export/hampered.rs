//! What cannot be read is listed, and nothing is dropped.

use std::collections::BTreeSet;

use guard_tests::process::words;
use guard_tests::sandbox::{Effect, Fault, FunctionSpec, Refusal, StackSpec};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bundle::{
    FUNCTION, PERIOD, Place, artifact, export_all, export_as, json, policy, policy_of_exporter, rows, stage, verify,
};
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
    // Whoever verifies the bundle hears of it, and so does who asks for a notebook there.
    let told = words(&verified.stdout);
    assert!(told.contains("not whole: of 8 accounts × Regions in scope 4 were not read at all, 1 was"), "{told}");
    let asked = crate::runner::run(&["evidence", "show", "none", &out, "--account", EMPTY, "--region", HOME]);
    let words = words(&asked.stderr);
    let why = format!("it may be in account {EMPTY} in {HOME}, which could not be read: role");
    assert!(asked.code == 2 && words.contains(&why), "{words}");
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
    // Beside them the account × Region that was read in part, and the two of which there is no data.
    let unread = report["unread"].as_array().unwrap().len();
    assert_eq!((unread, &report["unreadCount"], &report["unreadPlaces"]), (9, &9.into(), &3.into()), "{report:#}");
    // At the terminal, the same of six is told once.
    let said = words(&ran.stderr);
    assert_eq!(said.matches("config:GetResourceConfigHistory").count(), 1, "{said}");
    assert!(said.contains("(and 5 more like it)") && !said.contains("operator-policy"), "{said}");
    stage.sandbox.stop().await;
}

/// What is not allowed is told with one sentence that says what to allow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_allowed_is_told_once_with_what_to_allow() {
    let (stage, place) = (stage().await, Place::new());
    let denied = || Effect::Refuse(Refusal::new("AccessDeniedException", "not authorized to do this to that notebook"));
    stage.world().faults().add(Fault::on("config", "GetResourceConfigHistory", denied()).at(SEARCH, HOME));
    stage.world().faults().add(Fault::on("config", "DescribeConfigRules", denied()).at(PAYMENTS, OTHER));
    let ran = export_all(&stage, &[&["--out", &place.text("bundle")], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let said = words(&ran.stderr);
    assert_eq!(said.matches("not authorized to do this").count(), 1, "{said}");
    let allow = "allow config:DescribeConfigRules, config:GetResourceConfigHistory there: `deployer render \
                 operator-policy --purpose evidence`";
    assert_eq!(said.matches(allow).count(), 1, "{said}");
    stage.sandbox.stop().await;
}

/// A function with other code, one that is gone, and a ledger that nobody can read: the bundle is not whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_certain_is_told() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    world.install_function(PAYMENTS, HOME, FunctionSpec::new(FUNCTION, "/does/not/exist")).unwrap();
    let silent = StackSpec::new("notebook-guard", "CREATE_COMPLETE");
    world.put_stack_in_state(SEARCH, HOME, &silent).unwrap();
    world.faults().add(Fault::on("s3", "GetObject", Effect::Throttle));
    let ran = export_all(&stage, &["--out", &place.text("bundle")]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let report = json(&place.path("bundle"), "report.json");
    assert_eq!(report["functions"], serde_json::json!({"agree": 4, "disagree": 1, "unknown": 1}));
    let unread: Vec<&str> = report["unread"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    for said in ["other code than the artifact", "names its artifact", "the ledger of exemptions"] {
        assert_eq!(unread.iter().filter(|one| one.contains(said)).count(), 1, "{said}: {unread:?}");
    }
    assert_eq!(unread.iter().filter(|one| !one.contains(" was ")).count(), 3, "{unread:?}");
    stage.sandbox.stop().await;
}

/// Where nothing is recorded of an installation, its policies cannot be there, and that is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_without_a_record_is_told() {
    let (stage, place) = (crate::stage::Stage::new().await, Place::new());
    let ran = export_all(&stage, &["--out", &place.text("bundle")]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let report = json(&place.path("bundle"), "report.json");
    let told =
        report["unread"].as_array().unwrap().iter().filter(|one| one.as_str().unwrap().contains("--home-region"));
    assert_eq!(told.count(), 1, "{report:#}");
    stage.sandbox.stop().await;
}

/// In the account of a member the stack has the name that the StackSet gave it, and the artifact is another account's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_holds_its_function_against_what_its_stack_names() {
    let (stage, place) = (crate::stage::Stage::new().await, Place::new());
    let (world, zip) = (stage.world(), artifact());
    let digits: Vec<String> = Sha256::digest(&zip).iter().map(|byte| format!("{byte:02x}")).collect();
    let text = |default: &str| serde_json::json!({"Type": "String", "Default": default});
    let parameters = serde_json::json!({"Version": text("1.0.0"), "ArtifactSha256": text(&digits.concat()),
        "Architecture": text("arm64"), "ArtifactBucketPrefix": text(&format!("notebook-guard-{MANAGEMENT}"))});
    let template = serde_json::json!({"Parameters": parameters, "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}});
    let name = "StackSet-notebook-guard-0a1b2c3d-0000-4000-8000-0123456789ab";
    let stack = StackSpec { template: Some(template.to_string()), ..StackSpec::new(name, "CREATE_COMPLETE") };
    world.put_stack_in_state(SEARCH, HOME, &stack).unwrap();
    world.install_function(SEARCH, HOME, FunctionSpec::new(FUNCTION, "/does/not/exist")).unwrap();
    world.set_function_code(SEARCH, HOME, FUNCTION, zip).unwrap();
    let tag = |key: &str, value: &str| world.tag_function(SEARCH, HOME, FUNCTION, (key, value)).unwrap();
    tag("aws:cloudformation:stack-name", name);
    let export = async |name: &str, more: &[&str]| {
        let out = place.text(name);
        let ran = export_as(&stage, SEARCH, &[&["--region", HOME, "--out", &out], more].concat()).await;
        let function = rows(&place.path(name), "functions.jsonl").remove(0);
        assert_eq!(function["agrees"], true, "{function:#}");
        (ran, function["heldAgainst"].clone())
    };
    std::fs::write(place.path("none.yaml"), "exemptions: []\n").unwrap();
    let (ran, held) = export("bundle", &["--exemptions", &place.text("none.yaml")]).await;
    assert_eq!((ran.code, held), (0, "stack".into()), "{}", ran.shown());
    // Without the ledger that is what is not known, and how to give it.
    let (ran, _) = export("without", &[]).await;
    assert!(ran.code == 3 && ran.stderr.contains("--exemptions FILE"), "{}", ran.shown());
    // Of a stack that cannot be read the function's own tag is left.
    tag("notebook-guard:artifact-sha256", &digits.concat());
    let denied = Effect::Refuse(Refusal::new("AccessDenied", "no"));
    world.faults().add(Fault::on("cloudformation", "DescribeStacks", denied).at(SEARCH, HOME));
    let (_, held) = export("tag", &["--exemptions", &place.text("none.yaml")]).await;
    assert_eq!(held, "tag");
    stage.sandbox.stop().await;
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let listed = policy["Statement"].as_array().unwrap().iter().map(|statement| &statement["Action"]);
    let actions = listed.flat_map(|action| action.as_array().cloned().unwrap_or_else(|| vec![action.clone()]));
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
