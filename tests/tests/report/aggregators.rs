//! An aggregator: which one, and what it does not hold.

use guard_tests::sandbox::{Denier, Domain};
use serde_json::json;

use crate::stage::{AGGREGATOR, Stage};
use crate::truth::{CHECKS, EMPTY, HOME, MANAGEMENT, OTHER, PAYMENTS, REGIONS, Result, SEARCH, results};

const BOTH: [&str; 4] = ["--region", HOME, "--region", OTHER];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_aggregator_and_a_role_both_ways_are_named() {
    let stage = Stage::new().await;
    let ran = stage.run(&["--org"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
    for way in ["there is no aggregator of an organization in eu-west-1", "--aggregator NAME", "--assume-role NAME"] {
        assert!(ran.stderr.contains(way), "{way}: {}", ran.stderr);
    }
    stage.aggregate("one", &[HOME]).await;
    stage.aggregate("two", &REGIONS).await;
    let ran = stage.run(&["--org"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("there are 2 aggregators of an organization in eu-west-1: one, two"), "{}", ran.stderr);
    let ran = stage.run(&["--org", "--aggregator", "three"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("there is no aggregator three in eu-west-1; there are: one, two"), "{}", ran.stderr);
    let told = stage.told(0, &["--aggregator", "one"]).await;
    assert_eq!(told.0["meta"]["source"], "aggregator one in eu-west-1");
    // Nobody recorded the Regions: they are those of the aggregator.
    assert!(told.states().keys().all(|(_, region)| region == HOME));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_failed_is_no_data_and_says_why() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.world().stop_source(SEARCH, HOME, true).unwrap();
    stage.world().fail_source(PAYMENTS, OTHER, Some(("AccessDenied", "the account said no"))).unwrap();
    let told = stage.told(3, &BOTH).await;
    let is_there =
        |result: &Result| result.word != "NOT_APPLICABLE" && !(result.account == PAYMENTS && result.region == OTHER);
    assert_eq!(told.results(), results().into_iter().filter(is_there).collect::<Vec<_>>());
    assert_eq!(told.states()[&(PAYMENTS.to_owned(), OTHER.to_owned())], "unread");
    let why = "the aggregator's source failed: AccessDenied (the account said no)";
    assert_eq!(told.why(PAYMENTS, OTHER), why);
    assert_eq!(told.states()[&(SEARCH.to_owned(), HOME.to_owned())], "incomplete");
    assert_eq!(told.why(SEARCH, HOME), "the aggregator's source is outdated");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_pages_are_not_the_last_ones() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.world().set_hollow_aggregate_pages(true);
    let told = stage.told(0, &BOTH).await;
    let truth: Vec<Result> = results().into_iter().filter(|result| result.word != "NOT_APPLICABLE").collect();
    assert_eq!(told.results(), truth);
    assert_eq!(told.totals()["resources"]["listed"], 9);
    stage.sandbox.stop().await;
}

/// An aggregator does not show rules without results: that there is none is no proof that none is installed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_without_a_result_is_no_data_where_nobody_says_what_is_installed() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.world().put_domain(MANAGEMENT, HOME, Domain::new("d-zyxwvutsrqpo", "lab", "VpcOnly")).unwrap();
    stage.delete_rule(CHECKS[2]).await;
    let told = stage.told(3, &["--fail-on", "no-data", "--account", MANAGEMENT, "--region", HOME]).await;
    let resources = &told.totals()["resources"];
    assert_eq!((&resources["listedNotEvaluated"], &resources["notJudged"]), (&json!(1), &json!(0)));
    let flags = ["--fail-on", "no-data", "--account", MANAGEMENT, "--region", HOME, "--check", "root-access"];
    let told = stage.told(0, &flags).await;
    assert_eq!(told.totals()["resources"]["listedNotEvaluated"], 0, "who asks says what should judge");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_collected_from_is_told() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &[HOME]).await;
    let told = stage.told(3, &BOTH).await;
    assert_eq!(told.states()[&(PAYMENTS.to_owned(), OTHER.to_owned())], "unread");
    assert_eq!(told.why(PAYMENTS, OTHER), "the aggregator does not collect from the Region");
    assert_eq!(told.states()[&(EMPTY.to_owned(), HOME.to_owned())], "unread");
    stage.sandbox.stop().await;
}

/// The aggregator is in an account that may not list the organization's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_list_accounts_has_those_of_the_aggregator() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.world().deny_action(MANAGEMENT, "organizations:ListRoots", Denier::Nobody).unwrap();
    let told = stage.told(0, &BOTH).await;
    let truth: Vec<Result> = results().into_iter().filter(|result| result.word != "NOT_APPLICABLE").collect();
    assert_eq!(told.results(), truth);
    let ran = stage.run(&["--org", "--ou", "Prod", "--region", HOME]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("the accounts of the organization cannot be listed"), "{}", ran.stderr);
    stage.sandbox.stop().await;
}
