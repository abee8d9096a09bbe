use guard_tests::sandbox::{Effect, Fault, RuleSpec, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{ACCOUNT, Client, NOTEBOOK, OTHER, REGION, sandbox};
use super::function::{FUNCTION, install};

async fn with_rule() -> (Sandbox, Client, TempDir) {
    let sandbox = sandbox().await;
    let folder = install(&sandbox, |spec| spec);
    sandbox.world().put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled("r", FUNCTION, Value::Null)).unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client, folder)
}

fn evaluation(id: &str, compliance: &str, time: f64) -> Value {
    json!({
        "ComplianceResourceType": NOTEBOOK, "ComplianceResourceId": id,
        "ComplianceType": compliance, "OrderingTimestamp": time,
    })
}

fn token(sandbox: &Sandbox) -> String {
    sandbox.world().issue_result_token(ACCOUNT, REGION, "r").unwrap()
}

fn stored(sandbox: &Sandbox) -> Vec<(String, String)> {
    let stored = sandbox.world().compliance(ACCOUNT, REGION, "r").unwrap();
    stored.into_iter().map(|stored| (stored.resource_id, stored.compliance_type)).collect()
}

#[tokio::test]
async fn put_evaluations_refuses_what_aws_refuses() {
    let (sandbox, client, _folder) = with_rule().await;
    let token = token(&sandbox);
    let with = |member: &str, value: Value| {
        let mut evaluation = evaluation("a", "COMPLIANT", 1.0);
        evaluation[member] = value;
        json!({"ResultToken": token, "Evaluations": [evaluation]})
    };
    let many = json!({"ResultToken": token, "Evaluations": vec![evaluation("a", "COMPLIANT", 1.0); 101]});
    let cases = [
        (
            many,
            "ValidationException",
            "at 'evaluations' failed to satisfy constraint: Member must have length less than or equal to 100",
        ),
        (with("Annotation", json!("x".repeat(257))), "ValidationException", "at 'evaluations.1.member.annotation'"),
        (with("Annotation", json!("")), "ValidationException", "Member must have length greater than or equal to 1"),
        (with("ComplianceType", json!("MAYBE")), "ValidationException", "enum value set"),
        (with("ComplianceType", json!("INSUFFICIENT_DATA")), "InvalidParameterValueException", "INSUFFICIENT_DATA"),
        (
            with("ComplianceResourceType", json!("AWS::Account")),
            "InvalidParameterValueException",
            "The resource type AWS::Account is invalid",
        ),
        (with("ComplianceResourceId", json!("x".repeat(769))), "ValidationException", "complianceResourceId"),
        (with("OrderingTimestamp", Value::Null), "ValidationException", "orderingTimestamp"),
        (
            with("OrderingTimestamp", json!("2023-04-27T13:26:17.741Z")),
            "SerializationException",
            "milliseconds since epoch",
        ),
        (json!({"Evaluations": []}), "ValidationException", "Value null at 'resultToken'"),
        (
            json!({"ResultToken": "rubbish", "Evaluations": []}),
            "InvalidResultTokenException",
            "Result Token provided is invalid",
        ),
    ];
    for (request, code, message) in cases {
        let answer = client.send_json("config", "PutEvaluations", &request.to_string()).await.unwrap();
        assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!(code)), "{}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(message), "{}", answer.body);
    }
    assert!(stored(&sandbox).is_empty());
}

#[tokio::test]
async fn an_older_ordering_timestamp_never_overwrites_a_newer_one() {
    let (sandbox, client, _folder) = with_rule().await;
    let put = |compliance: &'static str, time: f64| {
        let request = json!({"ResultToken": token(&sandbox), "Evaluations": [evaluation("a", compliance, time)]});
        let client = client.clone();
        async move { client.json("config", "PutEvaluations", request).await }
    };
    put("NON_COMPLIANT", 2000.5).await;
    put("COMPLIANT", 1000.0).await;
    assert_eq!(stored(&sandbox), [("a".to_owned(), "NON_COMPLIANT".to_owned())]);
    put("NOT_APPLICABLE", 2000.5).await;
    assert_eq!(stored(&sandbox), [("a".to_owned(), "NOT_APPLICABLE".to_owned())]);
    sandbox.world().clean_not_applicable(ACCOUNT, REGION).unwrap();
    assert!(stored(&sandbox).is_empty());
}

#[tokio::test]
async fn of_two_evaluations_of_one_resource_in_one_call_the_last_is_kept() {
    let (sandbox, client, _folder) = with_rule().await;
    let evaluations = [evaluation("a", "COMPLIANT", 1.0), evaluation("a", "NON_COMPLIANT", 1.0)];
    client.json("config", "PutEvaluations", json!({"ResultToken": token(&sandbox), "Evaluations": evaluations})).await;
    assert_eq!(stored(&sandbox), [("a".to_owned(), "NON_COMPLIANT".to_owned())]);
}

#[tokio::test]
async fn a_token_is_good_for_its_own_rule_and_place_only() {
    let (sandbox, client, _folder) = with_rule().await;
    let token = token(&sandbox);
    assert!((1024..2048).contains(&token.len()), "{}", token.len());
    let request = json!({"ResultToken": token, "Evaluations": []});
    let other = Client::of(sandbox.world(), OTHER);
    assert_eq!(other.refusal("config", "PutEvaluations", request.clone()).await.1, "InvalidResultTokenException");
    client.json("config", "PutEvaluations", request.clone()).await;
    client.json("config", "DeleteConfigRule", json!({"ConfigRuleName": "r"})).await;
    assert_eq!(client.refusal("config", "PutEvaluations", request.clone()).await.1, "NoSuchConfigRuleException");
    // Another rule of the same name is another rule.
    sandbox.world().put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled("r", FUNCTION, Value::Null)).unwrap();
    assert_eq!(client.refusal("config", "PutEvaluations", request).await.1, "NoSuchConfigRuleException");
}

#[tokio::test]
async fn test_mode_wants_a_token_but_not_a_valid_one_and_stores_nothing() {
    let (sandbox, client, _folder) = with_rule().await;
    let request =
        json!({"ResultToken": "TESTMODE", "TestMode": true, "Evaluations": [evaluation("a", "COMPLIANT", 1.0)]});
    assert_eq!(client.json("config", "PutEvaluations", request).await, json!({"FailedEvaluations": []}));
    let missing = client.refusal("config", "PutEvaluations", json!({"TestMode": true})).await;
    assert_eq!(missing.1, "ValidationException");
    assert!(stored(&sandbox).is_empty());
}

#[tokio::test]
async fn scripted_evaluations_fail_inside_a_call_that_succeeds() {
    let (sandbox, client, _folder) = with_rule().await;
    let effect = Effect::FailedEvaluations(vec!["b".to_owned()]);
    sandbox.world().faults().add(Fault::on("config", "PutEvaluations", effect));
    let evaluations = [evaluation("a", "COMPLIANT", 1.5), evaluation("b", "COMPLIANT", 1.5)];
    let request = json!({"ResultToken": token(&sandbox), "Evaluations": evaluations});
    let answer = client.json("config", "PutEvaluations", request).await;
    assert_eq!(answer, json!({"FailedEvaluations": [evaluations[1]]}));
    assert_eq!(stored(&sandbox), [("a".to_owned(), "COMPLIANT".to_owned())]);
    assert_eq!(sandbox.world().calls().puts().len(), 1);
}

#[tokio::test]
async fn a_region_may_refuse_a_type_that_others_know() {
    let (sandbox, client, _folder) = with_rule().await;
    sandbox.world().refuse_resource_type(ACCOUNT, REGION, NOTEBOOK).unwrap();
    let request = json!({"ResultToken": token(&sandbox), "Evaluations": [evaluation("a", "COMPLIANT", 1.0)]});
    assert_eq!(client.refusal("config", "PutEvaluations", request).await.1, "InvalidParameterValueException");
    let mut account = evaluation(ACCOUNT, "NOT_APPLICABLE", 1.0);
    account["ComplianceResourceType"] = json!("AWS::::Account");
    client.json("config", "PutEvaluations", json!({"ResultToken": token(&sandbox), "Evaluations": [account]})).await;
}
