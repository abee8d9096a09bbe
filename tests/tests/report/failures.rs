//! What cannot be read is told with its reason, costs exit code 3, and takes nothing else with it.

use guard_tests::sandbox::{Denier, Effect, Fault, FunctionSpec};

use crate::stage::{AGGREGATOR, BY_ROLE, ROLE, Stage, Told, policy};
use crate::truth::{ACCOUNT_TYPE, EMPTY, HOME, MANAGEMENT, OTHER, PAYMENTS, REGIONS, Result, SEARCH, results};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttled_and_denied_accounts_are_listed_and_nothing_else_is_missing() {
    let stage = Stage::new().await;
    let world = stage.world();
    let throttled = Fault::on("config", "GetComplianceDetailsByConfigRule", Effect::Throttle);
    world.faults().add(throttled.at(PAYMENTS, OTHER));
    stage.put_role(SEARCH, &[serde_json::json!({"Statement": []})]);
    world.remove_role(EMPTY, "Reader").unwrap();
    let told = stage.told(3, &BY_ROLE).await;
    let is_missing =
        |result: &Result| result.account == SEARCH || (result.account == PAYMENTS && result.region == OTHER);
    let rest: Vec<Result> = results().into_iter().filter(|result| !is_missing(result)).collect();
    assert_eq!(told.results(), rest);
    // The notebook was listed.
    assert_eq!(told.states()[&(PAYMENTS.to_owned(), OTHER.to_owned())], "incomplete");
    let why = told.why(PAYMENTS, OTHER);
    assert!(why.contains("GetComplianceDetailsByConfigRule") && why.contains("Throttling"), "{why}");
    for region in [HOME, OTHER] {
        assert_eq!(told.states()[&(SEARCH.to_owned(), region.to_owned())], "unread");
        let why = told.why(SEARCH, region);
        assert!(why.contains("config:DescribeConfigRules") && why.contains("AccessDenied"), "{why}");
        let why = told.why(EMPTY, region);
        assert!(why.contains(&format!("role arn:aws:iam::{EMPTY}:role/audit/Reader cannot be assumed")), "{why}");
    }
    assert_eq!(told.totals()["places"]["unread"], 4);
    let ran = stage.run(&[&["--org"], &BY_ROLE[..]].concat()).await;
    assert!(ran.stderr.contains("5 accounts × Regions could not be read"), "{}", ran.stderr);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_population_that_cannot_be_listed_is_told() {
    let stage = Stage::new().await;
    stage.world().deny_action(MANAGEMENT, "sagemaker:ListNotebookInstances", Denier::Nobody).unwrap();
    let told = stage.told(3, &[&BY_ROLE[..], &["--account", MANAGEMENT]].concat()).await;
    assert_eq!(told.states()[&(MANAGEMENT.to_owned(), HOME.to_owned())], "incomplete");
    assert!(told.why(MANAGEMENT, HOME).contains("sagemaker:ListNotebookInstances"), "{}", told.why(MANAGEMENT, HOME));
    // What has results is known by them.
    assert_eq!(told.totals()["resources"]["evaluatedNotListed"], 1);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_could_be_read_is_another_exit_code() {
    let stage = Stage::new().await;
    let throttled = Fault::on("config", "DescribeConfigRules", Effect::Throttle);
    stage.world().faults().add(throttled.at(PAYMENTS, OTHER));
    stage.world().faults().add(Fault::on("sagemaker", "ListNotebookInstances", Effect::Throttle).at(PAYMENTS, OTHER));
    stage.world().faults().add(Fault::on("sagemaker", "ListDomains", Effect::Throttle).at(PAYMENTS, OTHER));
    let ran = stage.run_as(PAYMENTS, &["--region", OTHER]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    assert!(ran.stdout.contains("Throttling"), "the report tells why: {}", ran.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_without_results_and_notebooks_without_rules_are_no_data() {
    let stage = Stage::new().await;
    stage.put_rule(PAYMENTS, OTHER, "imds-v2");
    stage.world().put_notebook(EMPTY, HOME, guard_tests::sandbox::Notebook::new("stray")).unwrap();
    let told = stage.told(0, &BY_ROLE).await;
    assert_eq!(told.states()[&(PAYMENTS.to_owned(), OTHER.to_owned())], "incomplete");
    let why = told.why(PAYMENTS, OTHER);
    assert!(why.starts_with("no result of imds-v2: it has not run yet"), "{why}");
    assert_eq!(told.states()[&(EMPTY.to_owned(), HOME.to_owned())], "incomplete");
    let why = told.why(EMPTY, HOME);
    assert!(why.contains("no rule of notebook-guard") && why.contains("nothing judges the notebook"), "{why}");
    stage.told(3, &[&BY_ROLE[..], &["--fail-on", "no-data"]].concat()).await;
    stage.sandbox.stop().await;
}

/// That another check or another notebook has a result says nothing of this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_check_did_not_judge_is_told_with_its_name() {
    let stage = Stage::new().await;
    stage.put_rule(PAYMENTS, HOME, "imds-v2");
    stage.put_result(&Result {
        account: PAYMENTS.to_owned(),
        region: HOME.to_owned(),
        check: "imds-v2".to_owned(),
        kind: ACCOUNT_TYPE.to_owned(),
        id: PAYMENTS.to_owned(),
        word: "NOT_APPLICABLE".to_owned(),
        annotation: None,
    });
    let told = stage.told(0, &BY_ROLE).await;
    assert_eq!(told.why(PAYMENTS, HOME), "no result of imds-v2 for 4 of 4 notebooks");
    assert_eq!(told.why(SEARCH, HOME), "no result of direct-internet-access, root-access for 1 of 2 notebooks");
    // Elsewhere there is no such rule, and nobody said that there has to be.
    assert_eq!(told.states()[&(PAYMENTS.to_owned(), OTHER.to_owned())], "read");
    assert_eq!(told.totals()["checkResources"]["imds-v2"]["listedNotEvaluated"], 8);
    let root = serde_json::json!({"violating": 2, "insufficientData": 0, "exempt": 1, "compliant": 5,
        "notApplicable": 0, "listedNotEvaluated": 1});
    assert_eq!(told.totals()["checkResources"]["root-access"], root);
    let named = ["--check", "imds-v2", "--check", "root-access"];
    let told = stage.told(0, &[&BY_ROLE[..], &named].concat()).await;
    assert_eq!(told.why(PAYMENTS, OTHER), "no rule of imds-v2");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_is_less_sure_says_so() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    for action in ["organizations:ListRoots", "cloudformation:DescribeStacks"] {
        stage.world().deny_action(MANAGEMENT, action, Denier::Nobody).unwrap();
    }
    let told = stage.told(0, &["--region", HOME]).await;
    let limits: Vec<&str> =
        told.0["meta"]["limits"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(limits[0].starts_with("which accounts and Regions the installation covers is not known"), "{limits:?}");
    assert!(limits[1].contains("accounts cannot be listed") && limits[1].contains("AccessDenied"), "{limits:?}");
    stage.sandbox.stop().await;
}

/// Somebody deleted a rule, and the others are still there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_the_stack_has_on_and_that_is_gone_is_told() {
    let stage = Stage::new().await;
    let parameters = [("RootAccess", "on"), ("ImdsV2", "on"), ("OpenIngress", "off")];
    stage.put_stack("notebook-guard", serde_json::json!({"Any": {"Value": "1"}}), &parameters).await;
    let told = stage.told(0, &BY_ROLE).await;
    assert_eq!(told.why(MANAGEMENT, HOME), "no rule of imds-v2");
    assert_eq!(told.states()[&(MANAGEMENT.to_owned(), HOME.to_owned())], "incomplete");
    // Of the other Region no stack says anything.
    assert_eq!(told.states()[&(MANAGEMENT.to_owned(), OTHER.to_owned())], "read");
    stage.sandbox.stop().await;
}

/// Nobody can know the name of a stack that a StackSet made; what it has on is in the StackSet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_the_stack_set_has_on_and_that_is_gone_in_a_member_account_is_told() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage.record(&format!("units=;accounts={PAYMENTS},{SEARCH};exclude=;regions={HOME};management=on")).await;
    let on = ["DirectInternetAccess", "RootAccess", "StudioVpcOnly", "InsideVpc"];
    stage.put_stack_set(&on.map(|name| (name, "on"))).await;
    let told = stage.told(0, &["--assume-role", ROLE]).await;
    for account in [PAYMENTS, SEARCH] {
        let at = (account.to_owned(), HOME.to_owned());
        assert_eq!(told.states()[&at], "incomplete", "{account}");
        assert!(told.why(account, HOME).starts_with("no rule of inside-vpc"), "{}", told.why(account, HOME));
    }
    // No StackSet covers the management account.
    assert_eq!(told.states()[&(MANAGEMENT.to_owned(), HOME.to_owned())], "read");
    let checks = ["direct-internet-access", "inside-vpc", "root-access", "studio-vpc-only"];
    assert_eq!(told.place(PAYMENTS, HOME)["checks"], serde_json::json!(checks));
    assert_eq!(stage.world().calls().count("cloudformation", "DescribeStackSet"), 1);
    assert_eq!(stage.world().calls().count_in(PAYMENTS, OTHER), 0);
    let told = stage.told(0, &[]).await;
    let lacks = "no result of inside-vpc for 4 of 4 notebooks";
    assert!(told.why(PAYMENTS, HOME).contains(lacks), "{}", told.why(PAYMENTS, HOME));
    stage.sandbox.stop().await;
}

/// Without the StackSet, the function tells which stack made it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_leads_to_the_stack_that_says_what_is_on() {
    let stage = Stage::new().await;
    let stack = "StackSet-notebook-guard-0a1b2c3d-0000-4000-8000-0123456789ab";
    let parameters = [("RootAccess", "on"), ("ImdsV2", "on"), ("OpenIngress", "off")];
    stage.put_stack(stack, serde_json::json!({"Any": {"Value": "1"}}), &parameters).await;
    let function = FunctionSpec::new("notebook-guard-evaluator", "/bin/true");
    stage.world().install_function(MANAGEMENT, HOME, function).unwrap();
    let tag = ("aws:cloudformation:stack-name", stack);
    stage.world().tag_function(MANAGEMENT, HOME, "notebook-guard-evaluator", tag).unwrap();
    // What `render operator-policy --purpose report` prints is enough for that.
    stage.world().set_caller_policies(MANAGEMENT, &[policy(MANAGEMENT)]).unwrap();
    let ran = stage.run(&["--region", HOME, "--format", "json", "--fail-on", "no-data"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let told = Told(serde_json::from_str(&ran.stdout).unwrap());
    assert_eq!(told.why(MANAGEMENT, HOME), "no rule of imds-v2");
    // What cannot be looked at is not known, and no failure.
    stage.world().deny_action(MANAGEMENT, "lambda:ListTags", Denier::Nobody).unwrap();
    let ran = stage.run(&["--region", HOME, "--fail-on", "no-data"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    stage.sandbox.stop().await;
}
