//! Aggregators of an organization: who may make them, what they show, and what they do not.

use std::time::Duration;

use guard_tests::sandbox::{
    AccountState, Denier, Instant, Notebook, Options, OrganizationSpec, RecorderState, RoleSpec, RuleSpec, Sandbox,
    StoredEvaluation, World,
};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, NOTEBOOK, OTHER, REGION, empty};

const THIRD: &str = "777788889999";
const ROLE: &str = "arn:aws:iam::111122223333:role/aggregator";
const RULE: &str = "notebook-guard-root-access";

fn role() -> RoleSpec {
    let trust = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    RoleSpec::new("aggregator", &[]).trust(trust)
}

fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{account}:notebook-instance/{name}")
}

fn result(world: &World, account: &str, name: &str, compliance: &str) {
    let id = arn(account, REGION, name);
    let stored = StoredEvaluation::new(NOTEBOOK, &id, compliance, Instant(1_700_000_000_000));
    world.seed_compliance(account, REGION, RULE, stored).unwrap();
}

/// Three accounts in two Regions; in the first Region two have results, and one has a rule without any.
async fn organization() -> (Sandbox, Client) {
    let sandbox = empty(Options::default()).await;
    let world = sandbox.world();
    let spec = OrganizationSpec::new(ACCOUNT, &[REGION, "us-east-1"]).account("", OTHER).account("Prod", THIRD);
    world.put_organization(&spec).unwrap();
    world.put_role(ACCOUNT, &role()).unwrap();
    for account in [ACCOUNT, OTHER, THIRD] {
        world.set_recorder(account, REGION, &RecorderState::ALL).unwrap();
        world.seed_rule(account, REGION, &RuleSpec::scheduled(RULE, "f", Value::Null)).unwrap();
    }
    for name in ["a", "b"] {
        world.put_notebook(OTHER, REGION, Notebook::new(name)).unwrap();
    }
    result(world, ACCOUNT, "m", "COMPLIANT");
    result(world, OTHER, "a", "NON_COMPLIANT");
    result(world, OTHER, "b", "COMPLIANT");
    result(world, OTHER, "c", "NOT_APPLICABLE");
    let client = Client::of(world, ACCOUNT);
    (sandbox, client)
}

fn request() -> Value {
    let source = json!({"RoleArn": ROLE, "AwsRegions": [REGION]});
    json!({"ConfigurationAggregatorName": "all", "OrganizationAggregationSource": source})
}

async fn made() -> (Sandbox, Client) {
    let (sandbox, client) = organization().await;
    client.json("config", "PutConfigurationAggregator", request()).await;
    (sandbox, client)
}

fn all(more: &Value) -> Value {
    let mut input = json!({"ConfigurationAggregatorName": "all"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

async fn listed(client: &Client, operation: &str, member: &str, input: &Value) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), Value::Null);
    loop {
        let mut asked = all(input);
        asked["NextToken"] = next.clone();
        let answer = client.json("config", operation, asked).await;
        found.extend(answer[member].as_array().unwrap().iter().cloned());
        next = answer["NextToken"].clone();
        if next.is_null() {
            return found;
        }
    }
}

#[tokio::test]
async fn an_administrator_of_the_organization_makes_an_aggregator_with_a_role() {
    let (sandbox, client) = organization().await;
    let world = sandbox.world();
    let mut other_role = request();
    other_role["OrganizationAggregationSource"]["RoleArn"] = json!("arn:aws:iam::111122223333:role/none");
    assert_eq!(client.refusal("config", "PutConfigurationAggregator", other_role).await.1, "InvalidRoleException");
    let both = json!({"ConfigurationAggregatorName": "all", "OrganizationAggregationSource":
        {"RoleArn": ROLE, "AwsRegions": [REGION], "AllAwsRegions": true}});
    assert_eq!(client.refusal("config", "PutConfigurationAggregator", both).await.1, "InvalidParameterValueException");
    let made = client.json("config", "PutConfigurationAggregator", request()).await;
    let known = client.json("config", "DescribeConfigurationAggregators", json!({})).await;
    assert_eq!(known["ConfigurationAggregators"][0], made["ConfigurationAggregator"]);
    let again = client.json("config", "PutConfigurationAggregator", request()).await;
    let arn = "/ConfigurationAggregator/ConfigurationAggregatorArn";
    assert_eq!(again.pointer(arn), made.pointer(arn), "the same one");

    let other = Client::of(world, OTHER);
    let code = async || other.refusal("config", "PutConfigurationAggregator", request()).await.1;
    assert_eq!(code().await, "OrganizationAccessDeniedException");
    world.delegate(OTHER, "config.amazonaws.com").unwrap();
    assert_eq!(code().await, "InvalidRoleException", "a role of another account");
    world.leave(OTHER).unwrap();
    assert_eq!(code().await, "NoAvailableOrganizationException");
    client.json("config", "DeleteConfigurationAggregator", all(&json!({}))).await;
    let gone = client.refusal("config", "SelectAggregateResourceConfig", all(&json!({"Expression": "SELECT *"}))).await;
    assert_eq!(gone.1, "NoSuchConfigurationAggregatorException");
    world.deny_action(ACCOUNT, "organizations:EnableAWSServiceAccess", Denier::Nobody).unwrap();
    client.json("config", "PutConfigurationAggregator", request()).await;
}

#[tokio::test]
async fn there_are_fifty_aggregators_and_no_more() {
    let (_sandbox, client) = organization().await;
    for at in 0..50 {
        let name = format!("aggregator-{at}");
        let input = json!({"ConfigurationAggregatorName": name, "AccountAggregationSources":
            [{"AccountIds": [ACCOUNT], "AllAwsRegions": true}]});
        client.json("config", "PutConfigurationAggregator", input).await;
    }
    assert_eq!(client.refusal("config", "PutConfigurationAggregator", request()).await.1, "LimitExceededException");
}

#[tokio::test]
async fn sources_are_the_active_accounts_and_say_how_they_are() {
    let (sandbox, client) = made().await;
    let world = sandbox.world();
    world.fail_source(THIRD, REGION, Some(("AccessDenied", "no"))).unwrap();
    world.stop_source(OTHER, REGION, true).unwrap();
    let status = async |input: &Value| {
        let found =
            listed(&client, "DescribeConfigurationAggregatorSourcesStatus", "AggregatedSourceStatusList", input).await;
        let text = |shown: &Value, member: &str| shown[member].as_str().unwrap_or("-").to_owned();
        let words = ["SourceType", "SourceId", "LastUpdateStatus", "LastErrorCode"];
        found.iter().map(|shown| words.map(|word| text(shown, word)).join(" ")).collect::<Vec<_>>()
    };
    let id = world.organization_id().unwrap();
    let expected = [
        format!("ORGANIZATION {id} SUCCEEDED -"),
        format!("ACCOUNT {ACCOUNT} SUCCEEDED -"),
        format!("ACCOUNT {OTHER} OUTDATED -"),
        format!("ACCOUNT {THIRD} FAILED AccessDenied"),
    ];
    assert_eq!(status(&json!({"Limit": 1})).await, expected);
    assert_eq!(status(&json!({"UpdateStatus": ["FAILED"]})).await, [expected[3].clone()]);
    world.set_account_state(OTHER, AccountState::Suspended).unwrap();
    world.remove_role(ACCOUNT, "aggregator").unwrap();
    let after = status(&json!({})).await;
    assert_eq!(after.len(), 3, "{after:?}");
    assert_eq!(after[0], format!("ORGANIZATION {id} FAILED InvalidRoleException"));
}

#[tokio::test]
async fn compliance_by_rule_shows_only_what_has_results() {
    let (sandbox, client) = made().await;
    let world = sandbox.world();
    let by_rule = async |input: &Value| {
        let found =
            listed(&client, "DescribeAggregateComplianceByConfigRules", "AggregateComplianceByConfigRules", input)
                .await;
        let shown = |found: &Value| {
            let count = &found["Compliance"]["ComplianceContributorCount"]["CappedCount"];
            let text = |pointer: &str| found.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            format!("{} {} {count}", text("/AccountId"), text("/Compliance/ComplianceType"))
        };
        found.iter().map(shown).collect::<Vec<_>>()
    };
    let expected = [format!("{ACCOUNT} COMPLIANT 1"), format!("{OTHER} NON_COMPLIANT 1")];
    assert_eq!(by_rule(&json!({})).await, expected, "the third account has no results");
    assert_eq!(by_rule(&json!({"Limit": 1})).await, expected);
    assert_eq!(by_rule(&json!({"Filters": {"AccountId": OTHER}})).await, expected[1..]);
    assert_eq!(by_rule(&json!({"Filters": {"ComplianceType": "COMPLIANT"}})).await, expected[..1]);
    world.set_hollow_aggregate_pages(true);
    assert_eq!(by_rule(&json!({})).await, expected, "after an empty page");
    let unknown = json!({"Filters": {"ComplianceType": "NOT_APPLICABLE"}});
    let refused = client.refusal("config", "DescribeAggregateComplianceByConfigRules", all(&unknown)).await;
    assert_eq!(refused.1, "ValidationException");
    world.stop_source(OTHER, REGION, true).unwrap();
    result(world, OTHER, "a", "COMPLIANT");
    assert_eq!(by_rule(&json!({})).await, expected, "an outdated source shows what it had");
    world.fail_source(OTHER, REGION, Some(("AccessDenied", "no"))).unwrap();
    assert_eq!(by_rule(&json!({})).await, expected[..1], "a failed one nothing");
}

#[tokio::test]
async fn details_are_of_one_rule_in_one_place_and_never_not_applicable() {
    let (_sandbox, client) = made().await;
    let input = json!({"ConfigRuleName": RULE, "AccountId": OTHER, "AwsRegion": REGION, "Limit": 1});
    let details = async |input: &Value| {
        listed(&client, "GetAggregateComplianceDetailsByConfigRule", "AggregateEvaluationResults", input).await
    };
    let found = details(&input).await;
    let words: Vec<&str> = found.iter().map(|found| found["ComplianceType"].as_str().unwrap()).collect();
    assert_eq!(words, ["NON_COMPLIANT", "COMPLIANT"]);
    assert_eq!((&found[0]["AccountId"], &found[0]["AwsRegion"]), (&json!(OTHER), &json!(REGION)));
    let id = found[0].pointer("/EvaluationResultIdentifier/EvaluationResultQualifier/ResourceId").unwrap();
    assert_eq!(id, &json!(arn(OTHER, REGION, "a")));
    let nowhere = json!({"ConfigRuleName": RULE, "AccountId": OTHER, "AwsRegion": "us-east-1"});
    assert!(details(&nowhere).await.is_empty());
    let mut bad = all(&input);
    bad["ComplianceType"] = json!("NOT_APPLICABLE");
    let refused = client.refusal("config", "GetAggregateComplianceDetailsByConfigRule", bad).await;
    assert_eq!(refused.1, "ValidationException");
    let mut large = all(&input);
    large["Limit"] = json!(101);
    assert_eq!(client.refusal("config", "GetAggregateComplianceDetailsByConfigRule", large).await.0, 400);
}

#[tokio::test]
async fn queries_find_what_is_recorded() {
    let (sandbox, client) = made().await;
    let world = sandbox.world();
    let select = async |expression: &str| {
        let input = json!({"Expression": expression, "Limit": 1});
        let found = listed(&client, "SelectAggregateResourceConfig", "Results", &input).await;
        let object = |found: &Value| serde_json::from_str::<Value>(found.as_str().unwrap()).unwrap();
        found.iter().map(object).collect::<Vec<_>>()
    };
    let notebooks = "WHERE resourceType = 'AWS::SageMaker::NotebookInstance'";
    let found = select(&format!("SELECT accountId, resourceId, configuration.RootAccess {notebooks}")).await;
    let row = |name: &str| {
        json!({"accountId": OTHER, "resourceId": arn(OTHER, REGION, name),
        "configuration": {"RootAccess": "Enabled"}})
    };
    assert_eq!(found, [row("a"), row("b")]);
    let sorted = select(&format!("SELECT resourceName {notebooks} ORDER BY resourceName DESC")).await;
    assert_eq!(sorted, [json!({"resourceName": "b"}), json!({"resourceName": "a"})]);
    let counted = select(&format!("SELECT accountId, COUNT(*) {notebooks} GROUP BY accountId")).await;
    assert_eq!(counted, [json!({"accountId": OTHER, "COUNT(*)": 2})]);
    world.remove_notebook(OTHER, REGION, "a").unwrap();
    assert_eq!(select(&format!("SELECT resourceName {notebooks}")).await, [json!({"resourceName": "b"})]);
    let refused = all(&json!({"Expression": "SELECT resourceId FROM notebooks"}));
    let refused = client.refusal("config", "SelectAggregateResourceConfig", refused).await;
    assert_eq!(refused.1, "InvalidExpressionException");
}

#[tokio::test]
async fn an_aggregator_takes_its_time() {
    let (sandbox, client) = organization().await;
    sandbox.world().set_aggregation_delay(Duration::from_mins(5));
    client.json("config", "PutConfigurationAggregator", request()).await;
    let count = async || {
        let answer = client.json("config", "DescribeAggregateComplianceByConfigRules", all(&json!({}))).await;
        answer["AggregateComplianceByConfigRules"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0);
    sandbox.world().clock().advance(Duration::from_mins(6));
    assert_eq!(count().await, 2);
}
