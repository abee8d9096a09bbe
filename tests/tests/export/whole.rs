//! An organization whose truth is known: every number of its bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use guard_tests::process::words;
use guard_tests::sandbox::{Domain, RuleSpec};
use serde_json::{Value, json};

use crate::bundle::{
    PERIOD, Place, deleted, export, export_all, json as read, policy_of_exporter, recorded, rows, stage, verify,
};
use crate::stage::{AGGREGATOR, Stage, Told, counts};
use crate::truth::{CHECKS, HOME, MANAGEMENT, NOTEBOOK, NOTEBOOKS, OTHER, PAYMENTS, REGIONS, arn, places, results};

/// A secret in the parameters of somebody else's rule.
const FOREIGN: &str = "hunter2-of-the-pagers";

/// A bundle in the form in which reports are judged.
fn told(bundle: &Path) -> Told {
    let population = rows(bundle, "population.jsonl");
    let of = |kind: &str| population.iter().filter(|row| row["row"] == kind).cloned().collect::<Vec<_>>();
    Told(json!({"evaluations": rows(bundle, "evaluations.jsonl"), "places": of("place"),
        "resources": of("resource"), "totals": read(bundle, "report.json")["totals"]}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_is_the_truth() {
    let (stage, place) = (stage().await, Place::new());
    let (out, bundle) = (place.text("bundle"), place.path("bundle"));
    stage.world().set_caller_policies(MANAGEMENT, &[policy_of_exporter()]).unwrap();
    let foreign = RuleSpec::scheduled("pagers", "pagers", json!({"webhook": FOREIGN}));
    stage.world().seed_rule(PAYMENTS, HOME, &foreign).unwrap();
    let ran = export_all(&stage, &[&["--out", &out], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    let told = told(&bundle);
    assert_eq!(told.results(), results());
    assert_eq!(told.states(), places());
    assert_eq!(told.0["resources"].as_array().unwrap().len(), NOTEBOOKS.len() + 2, "a domain, and one that is gone");
    let totals = told.totals();
    assert_eq!(totals["evaluations"], counts(results().iter()));
    for check in CHECKS {
        assert_eq!(totals["checks"][check], counts(results().iter().filter(|result| result.check == check)));
    }
    let resources = json!({"listed": 9, "evaluated": 9, "listedNotEvaluated": 1, "evaluatedNotListed": 1,
        "notJudged": 0});
    assert_eq!(totals["resources"], resources);
    assert_eq!(totals["places"], json!({"read": 5, "incomplete": 1, "unread": 2, "excluded": 2}));
    assert_eq!(rows(&bundle, "rules.jsonl").len(), 3 * 6);
    assert_eq!(rows(&bundle, "functions.jsonl").len(), 6);
    // The annotation does not tell who answers for it: the ledger of the artifact does.
    let exempt: Vec<Value> =
        rows(&bundle, "evaluations.jsonl").into_iter().filter(|row| row["exempt"]["ticket"] == "SEC-7").collect();
    assert_eq!((exempt.len(), &exempt[0]["exempt"]["owner"]), (1, &json!("research")));
    assert_eq!(rows(&bundle, "exemptions.jsonl")[0]["matched"], 1);
    let report = read(&bundle, "report.json");
    assert_eq!(report["functions"], json!({"agree": 6, "disagree": 0, "unknown": 0}));
    // What has no data is told there too, and why one notebook has no evaluation.
    let unread: Vec<&str> = report["unread"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let count = |word: &str| unread.iter().filter(|one| one.contains(word)).count();
    assert_eq!((unread.len(), count(" was read in part: "), count(" was not read: ")), (3, 1, 2), "{unread:#?}");
    assert_eq!((&report["unreadCount"], &report["unreadPlaces"]), (&json!(3), &json!(3)));
    let without = report["notEvaluated"].as_array().unwrap();
    assert!(without.len() == 1 && without[0]["why"].is_string(), "{without:#?}");
    let words = words(&ran.stdout);
    let named = format!("without an evaluation: {} of account", without[0]["name"].as_str().unwrap());
    for said in ["1 of them has no evaluation", &named, "8 accounts × Regions are in scope"] {
        assert!(words.contains(said), "`{said}` is missing: {words}");
    }
    let held: BTreeSet<String> =
        rows(&bundle, "functions.jsonl").iter().map(|row| row["heldAgainst"].to_string()).collect();
    assert_eq!(held, BTreeSet::from(["\"artifact\"".to_owned()]));
    answers_of_the_organization(&bundle);
    remediation(&bundle);
    timeline(&bundle);
    forms(&bundle);
    secrets(&stage, &bundle);
    stage.sandbox.stop().await;
}

/// A default installation judges notebooks alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_that_no_installed_check_is_about_is_in_the_population_and_no_gap() {
    let (stage, place) = (stage().await, Place::new());
    let (out, bundle) = (place.text("bundle"), place.path("bundle"));
    stage.world().put_domain(MANAGEMENT, HOME, Domain::new("d-zyxwvutsrqpo", "lab", "VpcOnly")).unwrap();
    stage.delete_rule(CHECKS[2]).await;
    let ran = export_all(&stage, &["--out", &out, "--account", MANAGEMENT]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let told = words(&ran.stdout);
    assert!(told.contains("1 of them is judged by no check, because none that is installed applies."), "{told}");
    let of_domain: Vec<Value> =
        rows(&bundle, "population.jsonl").into_iter().filter(|row| row["name"] == "lab").collect();
    let why = "no installed check applies to Studio domains: studio-vpc-only is not installed";
    assert_eq!((of_domain.len(), &of_domain[0]["notJudged"]), (1, &json!(why)));
    let resources = &read(&bundle, "report.json")["totals"]["resources"];
    assert_eq!((&resources["notJudged"], &resources["listedNotEvaluated"]), (&json!(1), &json!(0)));
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    stage.sandbox.stop().await;
}

/// `fraud` had root access for two days, and has it again since the 20th; all others are as they were judged.
fn remediation(bundle: &Path) {
    const DAY: u64 = 86_400;
    let all = rows(bundle, "remediation.jsonl");
    let fraud: Vec<&Value> = all.iter().filter(|row| row["resourceId"] == arn(PAYMENTS, HOME, "fraud")).collect();
    let story: Vec<_> = fraud
        .iter()
        .map(|row| (row["check"].as_str().unwrap(), row["from"].as_str().unwrap(), row["seconds"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        story,
        [
            (CHECKS[0], "2026-10-02T00:00:00Z", 30 * DAY),
            (CHECKS[1], "2026-10-05T00:00:00Z", 2 * DAY),
            (CHECKS[1], "2026-10-20T00:00:00Z", 12 * DAY),
        ]
    );
    // The recorder and the rules are newer than the period, so that nothing is measured.
    assert!(fraud.iter().all(|row| row["earlier"] == true && row["gap"] == true), "{fraud:?}");
    assert_eq!((&fraud[1]["until"], &fraud[1]["became"]), (&json!("2026-10-07T00:00:00Z"), &json!("COMPLIANT")));
    assert!(fraud[0].get("until").is_none() && fraud[2].get("until").is_none(), "{fraud:?}");
    // With `late`, `index` and the domain, of which only the present result is known.
    assert_eq!(all.len(), 6);
    let root = &read(bundle, "report.json")["remediation"]["root-access"];
    // 2026-09-21T14:13:20Z, when everything was judged, is 40 days, 9 hours, 46 minutes and 40 seconds before the end.
    let late = 40 * DAY + 9 * 3600 + 46 * 60 + 40;
    assert_eq!(
        *root,
        json!({"violations": 3, "open": 2, "remediated": 1, "endedOtherwise": 0, "measured": 0,
            "measuredSeconds": 0, "longestSeconds": late})
    );
}

fn timeline(bundle: &Path) {
    let all = rows(bundle, "timeline.jsonl");
    let gaps = all.iter().filter(|row| row["event"] == "gap" && row.get("resourceId").is_none());
    let mut reasons = BTreeMap::<&str, u64>::new();
    gaps.for_each(|row| *reasons.entry(row["reason"].as_str().unwrap()).or_default() += 1);
    // The recorders and the three rules of six places began after the period; two places have no data.
    assert_eq!(reasons, BTreeMap::from([("not-recorded", 6), ("rule-missing", 18), ("unread", 2)]));
    let items: Vec<&Value> = all.iter().filter(|row| row["event"] == "configuration-item").collect();
    assert_eq!(items.len(), 1, "{items:?}");
    let settings = (&items[0]["at"], &items[0]["configuration"]);
    assert_eq!(settings, (&json!("2026-10-03T00:00:00Z"), &json!({"RootAccess": "Disabled"})));
}

/// The same results in every form.
fn forms(bundle: &Path) {
    let count = results().len();
    let oscal = read(bundle, "oscal/assessment-results.json");
    let result = &oscal["assessment-results"]["results"][0];
    let observations = result["observations"].as_array().unwrap();
    assert_eq!(observations.len(), count + 8, "with one for each check");
    assert_eq!(result["local-definitions"]["inventory-items"].as_array().unwrap().len(), 10);
    let ids: BTreeSet<&str> = observations.iter().map(|one| one["uuid"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), count + 8);
    for finding in result["findings"].as_array().unwrap() {
        // Two places have no data, so that nothing is satisfied.
        assert_eq!(finding["target"]["status"]["state"], "not-satisfied", "{finding}");
        for related in finding["related-observations"].as_array().unwrap() {
            assert!(ids.contains(related["observation-uuid"].as_str().unwrap()), "{finding}");
        }
    }
    let findings = rows(bundle, "ocsf.jsonl");
    assert!(findings.len() >= count && findings.iter().all(|row| row["class_uid"] == 2003), "{}", findings.len());
    let html = std::fs::read_to_string(bundle.join("report.html")).unwrap();
    assert!(html.contains("fraud") && html.contains(PAYMENTS), "{html}");
    let csv = std::fs::read_to_string(bundle.join("evaluations.csv")).unwrap();
    let root = results().iter().filter(|one| one.check == CHECKS[1]).count();
    assert_eq!(csv.lines().filter(|line| line.contains("notebook-guard-root-access")).count(), root);
}

/// What the scope, the StackSets and the policies rest on.
fn answers_of_the_organization(bundle: &Path) {
    let pages = rows(bundle, &format!("raw/{MANAGEMENT}.jsonl"));
    let is_there = |call: &str| pages.iter().any(|page| page["call"] == call);
    for call in [
        "organizations:DescribeOrganization",
        "organizations:ListRoots",
        "organizations:ListAccountsForParent",
        "cloudformation:DescribeStackSet",
        "cloudformation:DescribeStacks",
    ] {
        assert!(
            is_there(call),
            "{call}: {:?}",
            pages.iter().map(|page| page["call"].as_str()).collect::<BTreeSet<_>>()
        );
    }
    // What is in scope rests on the record of targets, whose value is no secret.
    let text = |page: &Value, name: &str| page[name].as_str().unwrap_or_default().to_owned();
    let is_record = |page: &&Value| text(page, "request").contains("notebook-guard-artifacts");
    let record = pages.iter().find(is_record).unwrap();
    assert!(text(record, "body").contains("<OutputKey>Targets</OutputKey><OutputValue>accounts="), "{record}");
    let accounts = pages.iter().find(|page| page["call"] == "organizations:ListAccountsForParent").unwrap();
    assert!(!accounts["body"].as_str().unwrap().contains('@'), "{accounts}");
}

/// What would let somebody in, or put results in our name, is in no byte.
fn secrets(stage: &Stage, bundle: &Path) {
    let world = stage.world();
    let mut secrets = vec!["SecretAccessKey".to_owned(), "SessionToken".to_owned(), "X-Amz-Security-Token".to_owned()];
    secrets.push(world.administrator(MANAGEMENT, HOME).unwrap().secret_access_key);
    secrets.push(world.administrator(MANAGEMENT, HOME).unwrap().access_key_id);
    secrets.push(world.issue_result_token(PAYMENTS, HOME, "notebook-guard-root-access").unwrap());
    secrets.extend(["result-token-of-".to_owned(), FOREIGN.to_owned()]);
    let (mut folders, mut files) = (vec![bundle.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            for secret in &secrets {
                assert!(!text.contains(secret), "{}: {secret}", path.display());
            }
        }
    }
    assert!(files > 15, "{files}");
}

/// Three exemptions of one account, Region and check, two of them by one ticket.
fn ledger(place: &Place) -> String {
    let entry = |notebook: &str, ticket: &str, expires: &str| {
        format!(
            "  - account: \"{PAYMENTS}\"\n    region: {HOME}\n    notebook: {notebook}\n    check: root-access\n    \
             reason: the vendor's driver (v2) needs it\n    owner: research\n    ticket: {ticket}\n    \
             approved_by: ciso@example.com\n    expires: {expires}\n"
        )
    };
    let yaml = [
        "exemptions:\n".to_owned(),
        entry("vendor", "SEC-7", "2027-01-31"),
        entry("late", "SEC-3", "2026-10-31"),
        entry("ledger", "SEC-7", "2027-01-31"),
    ];
    std::fs::write(place.path("exemptions.yaml"), yaml.concat()).unwrap();
    place.text("exemptions.yaml")
}

/// By notebook what became of its exemption, and how many results name it.
fn borne(bundle: &Path) -> BTreeMap<String, (String, u64)> {
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    let told = rows(bundle, "exemptions.jsonl");
    told.iter().map(|row| (text(row, "notebook"), (text(row, "state"), row["matched"].as_u64().unwrap()))).collect()
}

fn expected(states: [(&str, &str, u64); 3]) -> BTreeMap<String, (String, u64)> {
    states.into_iter().map(|(notebook, state, count)| (notebook.to_owned(), (state.to_owned(), count))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_tells_what_applied_expired_and_matched_nothing() {
    let (stage, place) = (stage().await, Place::new());
    let file = ledger(&place);
    for name in ["bundle.zip", "bundle"] {
        let out = place.text(name);
        let ran = export_all(&stage, &["--out", &out, "--exemptions", &file]).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        let verified = verify(&[&out]);
        assert_eq!(verified.code, 0, "{}", verified.shown());
    }
    let states = [("late", "expired", 1), ("vendor", "applied", 1), ("ledger", "unmatched", 0)];
    assert_eq!(borne(&place.path("bundle")), expected(states));
    // A moment has no timeline.
    assert!(!place.path("bundle").join("timeline.jsonl").exists());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notebook_that_is_gone_is_in_the_period_in_which_it_was() {
    let (stage, place) = (stage().await, Place::new());
    recorded(&stage, "gone", 4, NOTEBOOK, &json!({"RootAccess": "Enabled"}));
    deleted(&stage, "gone", 9);
    let results = json!({"configRuleList": [
        {"configRuleName": "notebook-guard-root-access", "complianceType": "NON_COMPLIANT"}]});
    recorded(&stage, "gone", 5, "AWS::Config::ResourceCompliance", &results);
    let out = place.text("bundle");
    let ran = export_all(&stage, &[&["--out", &out], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    let of = |name: &str| -> Vec<Value> {
        let all = rows(&place.path("bundle"), name);
        all.into_iter().filter(|row| row["resourceId"] == arn(PAYMENTS, HOME, "gone")).collect()
    };
    let population = of("population.jsonl");
    assert_eq!(population.len(), 1);
    assert_eq!((&population[0]["known"], &population[0]["name"]), (&json!("deleted"), &json!("gone")));
    let events: Vec<Value> = of("timeline.jsonl").into_iter().map(|row| row["event"].clone()).collect();
    assert_eq!(events, ["configuration-item", "compliance", "configuration-item"]);
    assert_eq!(of("remediation.jsonl").len(), 1);
    // Without a period there is the present alone.
    let ran = export_all(&stage, &["--out", &place.text("moment")]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let all = rows(&place.path("moment"), "population.jsonl");
    assert!(all.iter().all(|row| row["known"] != "deleted"), "{all:?}");
    stage.sandbox.stop().await;
}

/// Of a Region that is not enabled there is the reason, and the ledger is that of the Region that has the stack.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_enabled_is_out_of_scope_of_a_bundle_that_verifies() {
    let (stage, place) = (stage().await, Place::new());
    let (out, bundle) = (place.text("bundle"), place.path("bundle"));
    let file = ledger(&place);
    let ran = export(&stage, &["--out", &out, "--region", "af-south-1", "--region", HOME, "--exemptions", &file]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    let rows = rows(&bundle, "population.jsonl");
    let closed = rows.iter().find(|row| row["region"] == "af-south-1").unwrap();
    assert_eq!(closed["state"], "excluded");
    assert_eq!(closed["asked"][0]["call"], "ec2:DescribeRegions");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_aggregator_cannot_tell_is_a_gap() {
    let (stage, place) = (stage().await, Place::new());
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    let out = place.text("bundle");
    let (both, file) = (["--region", HOME, "--region", OTHER], ledger(&place));
    let ran = export(&stage, &[&["--org", "--out", &out, "--exemptions", &file], &both[..], &PERIOD].concat()).await;
    assert_eq!(ran.code, 3, "there is nothing of the period: {}", ran.shown());
    assert!(ran.stderr.contains("the period: an aggregator does not tell of the past"), "{}", ran.stderr);
    let verified = verify(&[&out]);
    assert_eq!(verified.code, 0, "{}", verified.shown());
    let all = rows(&place.path("bundle"), "timeline.jsonl");
    // What is borne is NOT_APPLICABLE, which an aggregator does not show.
    let states = [("late", "expired", 1), ("vendor", "unknown", 0), ("ledger", "unknown", 0)];
    assert_eq!(borne(&place.path("bundle")), expected(states));
    assert_eq!(all.len(), 8, "a gap for each account and Region in scope: {all:?}");
    assert!(all.iter().all(|row| row["reason"] == "unread"), "{all:?}");
    let pages = rows(&place.path("bundle"), &format!("raw/{MANAGEMENT}.jsonl"));
    for call in ["config:DescribeConfigurationAggregators", "config:SelectAggregateResourceConfig"] {
        assert!(pages.iter().any(|page| page["call"] == call), "{call}");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answers_are_there_page_by_page() {
    let (stage, place) = (stage().await, Place::new());
    let ran = export_all(&stage, &["--out", &place.text("bundle")]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let pages = rows(&place.path("bundle"), &format!("raw/{PAYMENTS}.jsonl"));
    let first = |call: &str, member: &str| -> Value {
        let page = pages.iter().find(|page| page["call"] == call && page["region"] == HOME).unwrap();
        serde_json::from_str(page[member].as_str().unwrap()).unwrap()
    };
    let listed = first("sagemaker:ListNotebookInstances", "body");
    assert_eq!(listed["NotebookInstances"].as_array().unwrap().len(), 4);
    let asked = first("config:GetComplianceDetailsByConfigRule", "request");
    assert!(asked["ConfigRuleName"].as_str().unwrap().starts_with("notebook-guard-"), "{asked}");
    // What AWS sent and what is no business of an auditor has a word in its place.
    let results = first("config:GetComplianceDetailsByConfigRule", "body");
    assert_eq!(results["EvaluationResults"][0]["ResultToken"], "(removed)");
    stage.sandbox.stop().await;
}
