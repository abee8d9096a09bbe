//! Every number of a report is the truth's.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::stage::{AGGREGATOR, BY_ROLE, Stage, Told, counts};
use crate::truth::{
    CHECKS, EMPTY, HOME, MANAGEMENT, OLD, OTHER, PAYMENTS, REGIONS, Result, SEARCH, STUDIO, arn, places, results,
};

/// The totals agree with the results, group by group.
fn assert_totals(told: &Told, truth: &[Result]) {
    let totals = told.totals();
    assert_eq!(totals["evaluations"], counts(truth.iter()));
    let group = |key: fn(&Result) -> &String| {
        let mut groups: BTreeMap<String, Vec<&Result>> = BTreeMap::new();
        for result in truth {
            groups.entry(key(result).clone()).or_default().push(result);
        }
        json!(groups.into_iter().map(|(key, all)| (key, counts(all.into_iter()))).collect::<BTreeMap<_, _>>())
    };
    assert_eq!(totals["checks"], group(|result| &result.check));
    assert_eq!(totals["accounts"], group(|result| &result.account));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_by_account_everything_is_told() {
    let stage = Stage::new().await;
    let told = stage.told(0, &BY_ROLE).await;
    let truth = results();
    assert_eq!(told.results(), truth);
    assert_eq!(told.states(), places().into_iter().collect());
    assert_totals(&told, &truth);
    let totals = told.totals();
    assert_eq!(totals["places"], json!({"read": 5, "incomplete": 1, "unread": 2, "excluded": 2}));
    // Eight notebooks and a domain; `new` was not judged, `gone` is not there any more.
    let resources = json!({"listed": 9, "evaluated": 9, "listedNotEvaluated": 1, "evaluatedNotListed": 1,
        "notJudged": 0});
    assert_eq!(totals["resources"], resources);
    for ((account, region), count) in [((PAYMENTS, HOME), 5), ((SEARCH, HOME), 2), ((SEARCH, OTHER), 0)] {
        assert_eq!(told.place(account, region)["resources"], count, "{account} {region}");
    }
    assert_eq!(told.why(EMPTY, HOME), "no rule of notebook-guard (there is no configuration recorder)");
    assert_eq!(told.why(EMPTY, OTHER), "no rule of notebook-guard (the configuration recorder runs)");
    assert_eq!(told.why(OLD, HOME), "the account is SUSPENDED");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aggregator_tells_the_same_but_for_what_it_does_not_know() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    let told = stage.told(0, &["--region", HOME, "--region", OTHER]).await;
    let truth: Vec<Result> = results().into_iter().filter(|result| result.word != "NOT_APPLICABLE").collect();
    assert_eq!(told.results(), truth);
    assert_totals(&told, &truth);
    let mut expected = places();
    // An account that says that there is nothing to judge looks like one that says nothing.
    expected.insert((SEARCH.to_owned(), OTHER.to_owned()), "unread");
    expected.insert((MANAGEMENT.to_owned(), OTHER.to_owned()), "unread");
    // Nor does it show that `vendor` is exempt.
    expected.insert((PAYMENTS.to_owned(), HOME.to_owned()), "incomplete");
    assert_eq!(told.states(), expected.into_iter().collect());
    let resources = json!({"listed": 9, "evaluated": 9, "listedNotEvaluated": 1, "evaluatedNotListed": 1,
        "notJudged": 0});
    assert_eq!(told.totals()["resources"], resources);
    assert_eq!(told.place(PAYMENTS, HOME)["resources"], 5);
    let hidden = "(an aggregator does not show what is exempt or not applicable)";
    assert_eq!(told.why(PAYMENTS, HOME), format!("no result of root-access for 1 of 4 notebooks {hidden}"));
    assert!(told.why(EMPTY, HOME).starts_with("no result of notebook-guard in the aggregator"), "{:?}", told.0);
    let source = told.0["meta"]["source"].as_str().unwrap();
    assert_eq!(source, format!("aggregator {AGGREGATOR} in {HOME}"));
    assert_eq!(told.0["meta"]["limits"].as_array().unwrap().len(), 3);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_are_told_with_names_times_and_exemptions() {
    let stage = Stage::new().await;
    let told = stage.told(0, &BY_ROLE).await;
    let exempt = &told.evaluation(CHECKS[1], "vendor")["exempt"];
    let expected = json!({"ticket": "SEC-7", "reason": "the vendor's driver (v2) needs it", "owner": "",
        "approvedBy": "", "expires": "2099-01-31", "expired": false});
    assert_eq!(*exempt, expected);
    let late = &told.evaluation(CHECKS[1], "late")["exempt"];
    assert_eq!(
        (&late["ticket"], &late["expires"], &late["expired"]),
        (&json!("SEC-3"), &json!("2026-10-31"), &json!(true))
    );
    assert_eq!(told.evaluation(CHECKS[2], STUDIO.3)["resourceId"], STUDIO.2);
    let fraud = told.evaluation(CHECKS[0], "fraud");
    assert_eq!(fraud["rule"], "notebook-guard-direct-internet-access");
    for time in ["orderingTimestamp", "configRuleInvokedTime", "resultRecordedTime"] {
        assert_eq!(fraud[time], "2026-09-21T14:13:20Z", "{time}");
    }
    assert_eq!(fraud["resourceId"], arn(PAYMENTS, HOME, "fraud"));
    assert_eq!(told.evaluation(CHECKS[0], "ledger")["exempt"], Value::Null);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_tells_who_answers_for_an_exemption() {
    let stage = Stage::new().await;
    let ledger = tempfile::NamedTempFile::new().unwrap();
    let expires = OffsetDateTime::now_utc().date() + time::Duration::days(30);
    let text = format!(
        "exemptions:\n- account: \"{PAYMENTS}\"\n  region: {HOME}\n  notebook: ven*\n  check: root-access\n  ticket: \
         SEC-7\n  expires: {expires}\n  reason: the driver\n  owner: payments\n  approved_by: ciso\n"
    );
    std::fs::write(ledger.path(), text).unwrap();
    let told = stage.told(0, &[&BY_ROLE[..], &["--exemptions", ledger.path().to_str().unwrap()]].concat()).await;
    let exempt = &told.evaluation(CHECKS[1], "vendor")["exempt"];
    assert_eq!((&exempt["owner"], &exempt["approvedBy"]), (&json!("payments"), &json!("ciso")), "{exempt}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_reports_on_itself() {
    let stage = Stage::new().await;
    let ran = stage.run_as(PAYMENTS, &["--region", HOME, "--region", OTHER, "--format", "json"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let told = Told(serde_json::from_str(&ran.stdout).unwrap());
    let truth: Vec<Result> = results().into_iter().filter(|result| result.account == PAYMENTS).collect();
    assert_eq!(told.results(), truth);
    assert_eq!(told.totals()["places"]["read"], 2);
    assert_eq!(stage.world().calls().count("organizations", "DescribeOrganization"), 0);
    stage.sandbox.stop().await;
}

/// The conformance pack's names have an end that AWS makes up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_a_pack_and_of_others() {
    let stage = Stage::new().await;
    let world = stage.world();
    let (of_pack, foreign) = ("notebook-guard-imds-v2-conformance-pack-ab12cd34e", "notebook-guard-imds-v2x");
    for name in [of_pack, foreign] {
        let rule = guard_tests::sandbox::RuleSpec::scheduled(name, "evaluator", json!({"check": "imds-v2"}));
        world.seed_rule(EMPTY, HOME, &rule).unwrap();
    }
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    let id = arn(EMPTY, HOME, "x");
    for name in [of_pack, foreign] {
        use guard_tests::sandbox::{Instant, StoredEvaluation};
        let stored = StoredEvaluation::new(crate::truth::NOTEBOOK, &id, "COMPLIANT", Instant(1_790_000_000_000));
        world.seed_compliance(EMPTY, HOME, name, stored).unwrap();
    }
    for flags in [&BY_ROLE[..], &["--region", HOME]] {
        let told = stage.told(0, flags).await;
        let rows: Vec<&Value> =
            told.0["evaluations"].as_array().unwrap().iter().filter(|row| row["account"] == EMPTY).collect();
        assert_eq!(rows.len(), 1, "{flags:?}");
        assert_eq!((&rows[0]["check"], &rows[0]["rule"]), (&json!("imds-v2"), &json!(of_pack)));
    }
    stage.sandbox.stop().await;
}
