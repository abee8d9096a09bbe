use guard_tests::sandbox::RuleSpec;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, Client, REGION, exchange, sandbox};
use super::function::{FUNCTION, install};

async fn control(endpoint: &str, line: &str, body: &Value) -> Answer {
    let headers = [("host".to_owned(), "x".to_owned()), ("content-type".to_owned(), "application/json".to_owned())];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    exchange(endpoint, line, &headers, &body).await.unwrap()
}

#[tokio::test]
async fn a_script_can_run_a_rule_and_read_what_happened() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    sandbox.world().put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled("r", FUNCTION, Value::Null)).unwrap();
    let at = sandbox.endpoint();
    let place = format!("account={ACCOUNT}&region={REGION}");
    let credentials = control(&at, &format!("GET /_sandbox/credentials?{place}"), &Value::Null).await.json();
    assert_eq!(credentials["AWS_ENDPOINT_URL"], at);
    let run = json!({"account": ACCOUNT, "region": REGION, "rule": "r"});
    let invocation = control(&at, "POST /_sandbox/schedule", &run).await.json();
    assert_eq!(invocation["attempts"][0]["response"]["configRuleName"], "r");
    let stored = control(&at, &format!("GET /_sandbox/compliance?{place}&rule=r"), &Value::Null).await.json();
    assert_eq!(stored, json!({"evaluations": []}));
    assert_eq!(control(&at, "POST /_sandbox/settle", &Value::Null).await.json(), json!({"invocations": []}));
    Client::new(&sandbox).json("sagemaker", "ListDomains", json!({})).await;
    let calls = control(&at, "GET /_sandbox/calls", &Value::Null).await.json();
    assert_eq!(calls["calls"], json!([{"service": "sagemaker", "operation": "ListDomains", "count": 1}]));
}

#[tokio::test]
async fn a_script_can_add_and_remove_faults() {
    let sandbox = sandbox().await;
    let (at, client) = (sandbox.endpoint(), Client::new(&sandbox));
    let fault = json!({"service": "sagemaker", "when": {"times": 5}, "effect": "throttle"});
    assert_eq!(control(&at, "POST /_sandbox/faults", &fault).await.status, 200);
    assert_eq!(client.refusal("sagemaker", "ListDomains", json!({})).await.1, "ThrottlingException");
    control(&at, "DELETE /_sandbox/faults", &Value::Null).await;
    client.json("sagemaker", "ListDomains", json!({})).await;
}

#[tokio::test]
async fn mistakes_are_answered_with_what_is_wrong() {
    let sandbox = sandbox().await;
    let at = sandbox.endpoint();
    let unknown = json!({"account": ACCOUNT, "region": REGION, "rule": "nope"});
    assert_eq!(control(&at, "POST /_sandbox/schedule", &unknown).await.status, 404);
    let bad = control(&at, "POST /_sandbox/faults", &json!({"effect": "explode"})).await;
    assert!(bad.status == 400 && bad.body.contains("explode"), "{}", bad.body);
    assert_eq!(control(&at, "GET /_sandbox/nothing", &Value::Null).await.status, 404);
    let form = [("host".to_owned(), "x".to_owned()), ("content-type".to_owned(), "text/plain".to_owned())];
    assert_eq!(exchange(&at, "POST /_sandbox/faults", &form, "{}").await.unwrap().status, 415);
}
