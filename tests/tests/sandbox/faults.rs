use std::time::{Duration, Instant};

use guard_tests::sandbox::{Effect, Fault, Notebook, Options, Refusal, When};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, REGION, sandbox, started};

const CREATE: &str = "CreateNotebookInstance";

fn notebook() -> Value {
    json!({"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::111122223333:role/x"})
}

#[tokio::test]
async fn a_service_throttles_in_its_own_words() {
    let sandbox = sandbox().await;
    sandbox.world().faults().add(Fault::everywhere(Effect::Throttle));
    let client = Client::new(&sandbox);
    assert_eq!(
        client.refusal("config", "DescribeConfigRules", json!({})).await,
        (400, "ThrottlingException".to_owned())
    );
    let ec2 = client.query("ec2", &[("Action", "DescribeRegions")]).await;
    assert_eq!((ec2.status, ec2.element("Code")), (503, "RequestLimitExceeded".to_owned()));
    let sts = client.query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!((sts.status, sts.element("Code")), (400, "Throttling".to_owned()));
    sandbox.world().faults().clear();
    client.json("config", "DescribeConfigRules", json!({})).await;
    let faulted: Vec<bool> = sandbox.world().calls().all().iter().map(|call| call.faulted).collect();
    assert_eq!(faulted, [true, true, true, false]);
}

#[tokio::test]
async fn server_errors_and_refusals_come_as_scripted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().faults().add(Fault::on("sagemaker", "ListDomains", Effect::ServerError(503)).when(When::Nth(1)));
    let refusal = Refusal::new("AccessDeniedException", "not you");
    sandbox.world().faults().add(Fault::on("sagemaker", "ListDomains", Effect::Refuse(refusal)).when(When::Nth(2)));
    assert_eq!(client.refusal("sagemaker", "ListDomains", json!({})).await.0, 503);
    assert_eq!(client.refusal("sagemaker", "ListDomains", json!({})).await, (400, "AccessDeniedException".to_owned()));
    client.json("sagemaker", "ListDomains", json!({})).await;
}

#[tokio::test]
async fn a_reset_comes_before_the_call_and_a_lost_answer_after_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let there = || !sandbox.world().notebooks(ACCOUNT, REGION).unwrap().is_empty();
    sandbox.world().faults().add(Fault::on("sagemaker", CREATE, Effect::Reset).when(When::Nth(1)));
    sandbox.world().faults().add(Fault::on("sagemaker", CREATE, Effect::LostAnswer).when(When::Nth(2)));
    assert!(client.send_json("sagemaker", CREATE, &notebook().to_string()).await.is_err());
    assert!(!there());
    assert!(client.send_json("sagemaker", CREATE, &notebook().to_string()).await.is_err());
    assert!(there());
    assert_eq!(sandbox.world().calls().count("sagemaker", CREATE), 2);
}

#[tokio::test]
async fn latency_is_waited_for_by_each_call_alone() {
    let latency = Duration::from_millis(100);
    let sandbox = started(Options { latency, ..Options::default() }).await;
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    let client = Client::new(&sandbox);
    let begun = Instant::now();
    let calls =
        (0..20).map(|_| client.json("sagemaker", "DescribeNotebookInstance", json!({"NotebookInstanceName": "n"})));
    futures_util::future::join_all(calls).await;
    assert!(begun.elapsed() >= latency && begun.elapsed() < latency * 10, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn calls_are_recorded_as_lines_for_the_validator() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let sandbox = started(Options { record: Some(file.clone()), ..Options::default() }).await;
    Client::new(&sandbox).json("sagemaker", "ListDomains", json!({"MaxResults": 3})).await;
    let line: Value = serde_json::from_str(std::fs::read_to_string(file).unwrap().trim()).unwrap();
    let expected = json!({
        "service": "sagemaker", "operation": "ListDomains", "protocol": "json", "region": REGION, "account": ACCOUNT,
        "request": "{\"MaxResults\":3}",
        "request_headers": {"content-type": "application/x-amz-json-1.1", "x-amz-target": "SageMaker.ListDomains"},
        "status": 200, "response": "{\"Domains\":[]}", "faulted": false,
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn ids_and_tokens_repeat_with_the_seed() {
    let keys = |seed: u64| async move {
        let sandbox = started(Options { seed, ..Options::default() }).await;
        sandbox.world().administrator(ACCOUNT, REGION).unwrap().access_key_id
    };
    assert_eq!(keys(7).await, keys(7).await);
    assert_ne!(keys(7).await, keys(8).await);
}

#[tokio::test]
async fn an_answer_that_is_odd_on_purpose_is_marked_in_the_log() {
    let sandbox = sandbox().await;
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("odd").odd("RootAccess", json!(5))).unwrap();
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("plain")).unwrap();
    let client = Client::new(&sandbox);
    for name in ["odd", "plain"] {
        client.json("sagemaker", "DescribeNotebookInstance", json!({"NotebookInstanceName": name})).await;
    }
    let marked: Vec<bool> = sandbox.world().calls().all().iter().map(|call| call.faulted).collect();
    assert_eq!(marked, [true, false]);
}
