//! No more calls than paging needs.

use guard_tests::sandbox::Notebook;

use crate::stage::{AGGREGATOR, BY_ROLE, Stage};
use crate::truth::{CHECKS, EMPTY, HOME, NOTEBOOK, OTHER, PAYMENTS, REGIONS, Result, arn};

/// How many notebooks there are more, all judged by the first check.
const MORE: usize = 250;

async fn crowded() -> Stage {
    let stage = Stage::new().await;
    for number in 0..MORE {
        let name = format!("many-{number}");
        stage.world().put_notebook(PAYMENTS, HOME, Notebook::new(&name)).unwrap();
        stage.put_result(&Result {
            account: PAYMENTS.to_owned(),
            region: HOME.to_owned(),
            check: CHECKS[0].to_owned(),
            kind: NOTEBOOK.to_owned(),
            id: arn(PAYMENTS, HOME, &name),
            word: "COMPLIANT".to_owned(),
            annotation: None,
        });
    }
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_by_account() {
    let stage = crowded().await;
    stage.world().calls().clear();
    let told = stage.told(0, &BY_ROLE).await;
    assert_eq!(told.totals()["resources"]["listed"], 259);
    let calls = stage.world().calls();
    // One for each account but the caller's, whatever its Regions; one list of rules for each of eight places.
    assert_eq!(calls.count("sts", "AssumeRole"), 3, "{}", calls.summary());
    assert_eq!(calls.count("config", "DescribeConfigRules"), 8);
    // Three rules in six places, and two pages more where 254 results are.
    assert_eq!(calls.count("config", "GetComplianceDetailsByConfigRule"), 3 * 6 + 2);
    assert_eq!(calls.count("sagemaker", "ListNotebookInstances"), 8 + 2);
    assert_eq!(calls.count("sagemaker", "ListDomains"), 8);
    // Why there is no data is asked only where there is none.
    assert_eq!(calls.by_place().keys().filter(|of| of.operation == "DescribeConfigurationRecorders").count(), 2);
    assert_eq!(calls.count("config", "DescribeConfigurationRecorders"), 2);
    // Which stack made the function of the rules, in six places: no stack of a known name is there.
    assert_eq!(calls.count("lambda", "ListTags"), 6);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_an_aggregator() {
    let stage = crowded().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.world().calls().clear();
    let told = stage.told(0, &["--region", HOME, "--region", OTHER]).await;
    assert_eq!(told.totals()["resources"]["listed"], 259);
    let calls = stage.world().calls();
    assert_eq!(calls.count("config", "DescribeConfigurationAggregators"), 1);
    assert_eq!(calls.count("config", "DescribeConfigurationAggregatorSourcesStatus"), 1);
    assert_eq!(calls.count("config", "DescribeAggregateComplianceByConfigRules"), 1);
    assert_eq!(calls.count("config", "SelectAggregateResourceConfig"), 3, "259 notebooks and domains");
    // One for each rule with results of a place: two in four places but for a domain's, and two pages more.
    let told_rules = 2 + 3 + 2 + 2;
    assert_eq!(calls.count("config", "GetAggregateComplianceDetailsByConfigRule"), told_rules + 2);
    assert_eq!(calls.count("sts", "AssumeRole"), 0);
    for account in [PAYMENTS, EMPTY] {
        assert_eq!(calls.count_in(account, HOME), 0, "members are not asked");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_check_only_what_it_judges_is_asked() {
    let stage = Stage::new().await;
    stage.world().calls().clear();
    stage.told(0, &[&BY_ROLE[..], &["--check", "studio-vpc-only"]].concat()).await;
    let calls = stage.world().calls();
    assert_eq!(calls.count("sagemaker", "ListNotebookInstances"), 0);
    assert_eq!(calls.count("config", "GetComplianceDetailsByConfigRule"), 6);
    stage.sandbox.stop().await;
}
