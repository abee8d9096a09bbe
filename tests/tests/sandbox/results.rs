use guard_tests::sandbox::{Instant, RuleSpec, Sandbox, StoredEvaluation};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{ACCOUNT, Client, NOTEBOOK, REGION, sandbox};
use super::function::{FUNCTION, install};

async fn with_results(results: &[(&str, &str)]) -> (Sandbox, Client, TempDir) {
    let sandbox = sandbox().await;
    let folder = install(&sandbox, |spec| spec);
    sandbox.world().put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled("r", FUNCTION, Value::Null)).unwrap();
    for (id, compliance) in results {
        let time = Instant::parse("2023-04-27T13:26:17.741Z").unwrap();
        let stored = StoredEvaluation::new(NOTEBOOK, id, compliance, time);
        sandbox.world().seed_compliance(ACCOUNT, REGION, "r", stored).unwrap();
    }
    let client = Client::new(&sandbox);
    (sandbox, client, folder)
}

async fn ids(client: &Client, mut request: Value) -> (Vec<String>, usize) {
    let (mut ids, mut pages) = (Vec::new(), 0);
    request["ConfigRuleName"] = json!("r");
    loop {
        let page = client.json("config", "GetComplianceDetailsByConfigRule", request.clone()).await;
        let results = page["EvaluationResults"].as_array().unwrap();
        let qualifier = |result: &Value| result["EvaluationResultIdentifier"]["EvaluationResultQualifier"].clone();
        ids.extend(results.iter().map(|result| qualifier(result)["ResourceId"].as_str().unwrap().to_owned()));
        pages += 1;
        request["NextToken"] = page["NextToken"].clone();
        if request["NextToken"].is_null() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn details_come_in_pages_of_ten_and_may_be_filtered() {
    let names: Vec<String> = (0..23).map(|at| format!("n{at:02}")).collect();
    let kinds = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"];
    let results: Vec<_> = names.iter().zip(kinds.iter().cycle()).map(|(name, kind)| (name.as_str(), *kind)).collect();
    let (_sandbox, client, _folder) = with_results(&results).await;
    assert_eq!(ids(&client, json!({})).await, (names.clone(), 3));
    assert_eq!(ids(&client, json!({"Limit": 100})).await.1, 1);
    assert_eq!(ids(&client, json!({"Limit": 0})).await.1, 3);
    let (applicable, _) = ids(&client, json!({"ComplianceTypes": ["COMPLIANT", "NON_COMPLIANT"], "Limit": 5})).await;
    assert_eq!(applicable.len(), 16);
    let (gone, _) = ids(&client, json!({"ComplianceTypes": ["NOT_APPLICABLE"]})).await;
    assert_eq!(gone.len(), 7);
}

#[tokio::test]
async fn a_result_is_shown_with_what_identifies_it() {
    let (_sandbox, client, _folder) = with_results(&[("a", "COMPLIANT")]).await;
    let page = client.json("config", "GetComplianceDetailsByConfigRule", json!({"ConfigRuleName": "r"})).await;
    let identifier = &page["EvaluationResults"][0]["EvaluationResultIdentifier"];
    let qualifier =
        json!({"ConfigRuleName": "r", "ResourceType": NOTEBOOK, "ResourceId": "a", "EvaluationMode": "DETECTIVE"});
    assert_eq!(identifier, &json!({"EvaluationResultQualifier": qualifier, "OrderingTimestamp": 1_682_601_977.741}));
    let request = json!({"ResourceType": NOTEBOOK, "ResourceId": "a"});
    let by_resource = client.json("config", "GetComplianceDetailsByResource", request).await;
    assert_eq!(by_resource["EvaluationResults"], page["EvaluationResults"]);
}

#[tokio::test]
async fn details_refuse_what_aws_refuses() {
    let (sandbox, client, _folder) = with_results(&[]).await;
    let cases = [
        (json!({"ConfigRuleName": "nope"}), "NoSuchConfigRuleException"),
        (json!({"ConfigRuleName": "r", "Limit": 101}), "ValidationException"),
        (json!({"ConfigRuleName": "r", "NextToken": "rubbish"}), "InvalidNextTokenException"),
        (json!({"ConfigRuleName": "r", "ComplianceTypes": ["INSUFFICIENT_DATA"]}), "InvalidParameterValueException"),
    ];
    for (request, code) in cases {
        assert_eq!(client.refusal("config", "GetComplianceDetailsByConfigRule", request).await.1, code);
    }
    let long = json!({"ConfigRuleName": "x".repeat(65)});
    for (short, code) in [(false, "NoSuchConfigRuleException"), (true, "ValidationException")] {
        sandbox.world().set_short_rule_names(short);
        assert_eq!(client.refusal("config", "GetComplianceDetailsByConfigRule", long.clone()).await.1, code);
    }
}

#[tokio::test]
async fn a_rule_rolls_up_to_its_worst_result() {
    let one = json!({"CappedCount": 1, "CapExceeded": false});
    let cases = [
        (&[][..], json!({"ComplianceType": "INSUFFICIENT_DATA"})),
        (&[("a", "NOT_APPLICABLE")][..], json!({"ComplianceType": "INSUFFICIENT_DATA"})),
        (&[("a", "COMPLIANT"), ("b", "NOT_APPLICABLE")][..], json!({"ComplianceType": "COMPLIANT"})),
        (
            &[("a", "COMPLIANT"), ("b", "NON_COMPLIANT")][..],
            json!({"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": one}),
        ),
    ];
    for (results, expected) in cases {
        let (_sandbox, client, _folder) = with_results(results).await;
        let rolled = client.json("config", "DescribeComplianceByConfigRule", json!({})).await;
        assert_eq!(rolled["ComplianceByConfigRules"][0]["Compliance"], expected, "{results:?}");
    }
}

#[tokio::test]
async fn resources_roll_up_page_by_page() {
    let (_sandbox, client, _folder) =
        with_results(&[("a", "COMPLIANT"), ("b", "NON_COMPLIANT"), ("c", "NOT_APPLICABLE")]).await;
    let first = client.json("config", "DescribeComplianceByResource", json!({"Limit": 2})).await;
    assert_eq!(first["ComplianceByResources"].as_array().unwrap().len(), 2);
    let rest = json!({"Limit": 2, "NextToken": first["NextToken"]});
    let rest = client.json("config", "DescribeComplianceByResource", rest).await;
    assert_eq!(rest["ComplianceByResources"][0]["Compliance"]["ComplianceType"], "INSUFFICIENT_DATA");
    let bad = json!({"ComplianceTypes": ["NON_COMPLIANT"], "ResourceType": NOTEBOOK});
    let bad = client.json("config", "DescribeComplianceByResource", bad).await;
    assert_eq!(bad["ComplianceByResources"][0]["ResourceId"], "b");
}

#[tokio::test]
async fn results_are_deleted() {
    let (sandbox, client, _folder) = with_results(&[("a", "COMPLIANT")]).await;
    client.json("config", "DeleteEvaluationResults", json!({"ConfigRuleName": "r"})).await;
    assert!(sandbox.world().compliance(ACCOUNT, REGION, "r").unwrap().is_empty());
}
