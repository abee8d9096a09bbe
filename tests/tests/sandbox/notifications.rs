use std::collections::BTreeSet;

use guard_tests::sandbox::{Invocation, Notebook, Oversized, RuleSpec, Sandbox, Triggers};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{ACCOUNT, Client, NOTEBOOK, REGION, moment, sandbox};
use super::function::{FUNCTION, install};

async fn with_rule(triggers: Triggers) -> (Sandbox, TempDir) {
    let sandbox = sandbox().await;
    let folder = install(&sandbox, |spec| spec);
    let mut rule = RuleSpec::hybrid("r", FUNCTION, json!({"check": "root-access"}), NOTEBOOK);
    rule.triggers = triggers;
    sandbox.world().put_config_rule(ACCOUNT, REGION, &rule).unwrap();
    (sandbox, folder)
}

fn inner(invocation: &Invocation) -> Value {
    serde_json::from_str(invocation.payload["invokingEvent"].as_str().unwrap()).unwrap()
}

fn recorded(name: &str) -> Value {
    let path = format!("{}/cases/recorded/config-events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn kinds(value: &Value) -> Vec<(&str, &'static str)> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    value.as_object().unwrap().iter().map(|(key, value)| (key.as_str(), kind(value))).collect()
}

#[tokio::test]
async fn a_change_has_the_shape_of_a_recorded_one() {
    let (sandbox, _folder) = with_rule(Triggers::ALL).await;
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    sandbox
        .world()
        .update_notebook(ACCOUNT, REGION, "n", |notebook| notebook.root_access = Some("Disabled".to_owned()))
        .unwrap();
    let sent = sandbox.world().settle().await;
    let real = recorded("change");
    assert_eq!(sent.len(), 2);
    assert_eq!(kinds(&sent[1].payload), kinds(&real));
    let (event, real) =
        (inner(&sent[1]), serde_json::from_str::<Value>(real["invokingEvent"].as_str().unwrap()).unwrap());
    assert_eq!(kinds(&event), kinds(&real));
    assert_eq!(keys(&event["configurationItem"]), keys(&real["configurationItem"]));
    let change = json!({"previousValue": "Enabled", "updatedValue": "Disabled", "changeType": "UPDATE"});
    let expected = json!({"changedProperties": {"Configuration.RootAccess": change}, "changeType": "UPDATE"});
    assert_eq!(event["configurationItemDiff"], expected);
    assert_eq!(inner(&sent[0])["configurationItemDiff"], Value::Null);
    assert_eq!(sent[1].payload["ruleParameters"], "{\"check\":\"root-access\"}");
    assert_ne!(sent[0].payload["resultToken"], sent[1].payload["resultToken"]);
}

#[tokio::test]
async fn a_schedule_has_the_shape_of_a_recorded_one() {
    let (sandbox, _folder) = with_rule(Triggers::ALL).await;
    let sent = sandbox.world().trigger_schedule(ACCOUNT, REGION, "r").await.unwrap();
    let real = recorded("scheduled");
    assert_eq!(kinds(&sent.payload), kinds(&real));
    let real: Value = serde_json::from_str(real["invokingEvent"].as_str().unwrap()).unwrap();
    assert_eq!(kinds(&inner(&sent)), kinds(&real));
    assert_eq!(inner(&sent)["awsAccountId"], ACCOUNT);
    assert!(sandbox.world().settle().await.is_empty(), "it is not reported twice");
}

#[tokio::test]
async fn a_deletion_says_what_is_left() {
    let (sandbox, _folder) = with_rule(Triggers::CHANGE).await;
    let client = Client::new(&sandbox);
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n").status("Stopped")).unwrap();
    client.json("sagemaker", "DeleteNotebookInstance", json!({"NotebookInstanceName": "n"})).await;
    client.json("sagemaker", "ListNotebookInstances", json!({})).await;
    let sent = sandbox.world().settle().await;
    let item = &inner(&sent[1])["configurationItem"];
    let gone = ["configuration", "resourceCreationTime", "availabilityZone"].map(|member| item[member].is_null());
    assert_eq!((gone, &item["configurationItemStatus"]), ([true; 3], &json!("ResourceDeleted")));
    assert_eq!((&item["tags"], &item["relationships"]), (&json!({}), &json!([])));
    assert_eq!(
        (&sent[1].payload["eventLeftScope"], &inner(&sent[1])["configurationItemDiff"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(item["ARN"], "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n");
}

#[tokio::test]
async fn an_oversized_change_has_a_summary_and_its_item_is_in_the_history() {
    for (form, members) in [(Oversized::Full, 5), (Oversized::Bare, 2)] {
        let (sandbox, _folder) = with_rule(Triggers::CHANGE).await;
        sandbox.world().set_oversized(form);
        sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
        let sent = sandbox.world().settle().await;
        let event = inner(&sent[0]);
        assert_eq!(event["messageType"], "OversizedConfigurationItemChangeNotification");
        assert_eq!(keys(&event).len(), members, "{event}");
        let summary = &event["configurationItemSummary"];
        assert_eq!((&summary["changeType"], summary["configurationStateId"].is_number()), (&json!("CREATE"), true));
        let request = json!({"resourceType": NOTEBOOK, "resourceId": summary["resourceId"]});
        let history = Client::new(&sandbox).json("config", "GetResourceConfigHistory", request).await;
        let captured = summary["configurationStateId"].as_i64().unwrap();
        assert_eq!(history["configurationItems"][0]["configurationStateId"], captured.to_string());
    }
}

#[tokio::test]
async fn a_rule_is_told_of_what_its_trigger_and_scope_ask_for() {
    let (sandbox, _folder) = with_rule(Triggers::CHANGE).await;
    let world = sandbox.world();
    world.put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled("scheduled", FUNCTION, Value::Null)).unwrap();
    let mut domains = RuleSpec::hybrid("domains", FUNCTION, Value::Null, "AWS::SageMaker::Domain");
    domains.triggers = Triggers::CHANGE;
    world.put_config_rule(ACCOUNT, REGION, &domains).unwrap();
    world.put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    let told: Vec<_> = world.settle().await.iter().map(|sent| sent.payload["configRuleName"].clone()).collect();
    assert_eq!(told, ["r"]);
}

#[tokio::test]
async fn losing_a_tag_may_mean_leaving_the_scope() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    let details = json!([{"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}]);
    let source = json!({
        "Owner": "CUSTOM_LAMBDA", "SourceDetails": details,
        "SourceIdentifier": "arn:aws:lambda:eu-west-1:111122223333:function:evaluator",
    });
    let rule = json!({"ConfigRuleName": "tagged", "Source": source, "Scope": {"TagKey": "team"}});
    client.json("config", "PutConfigRule", json!({"ConfigRule": rule})).await;
    let mut notebook = Notebook::new("n");
    sandbox.world().put_notebook(ACCOUNT, REGION, notebook.clone()).unwrap();
    notebook.tags.insert("team".to_owned(), "a".to_owned());
    sandbox.world().put_notebook(ACCOUNT, REGION, notebook.clone()).unwrap();
    notebook.tags.clear();
    sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    let left: Vec<_> =
        sandbox.world().settle().await.iter().map(|sent| sent.payload["eventLeftScope"].clone()).collect();
    assert_eq!(left, [false, true]);
}

#[tokio::test]
async fn an_evaluation_on_demand_replays_old_items_under_a_new_date() {
    let (sandbox, _folder) = with_rule(Triggers::CHANGE).await;
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    let first = inner(&sandbox.world().settle().await[0]);
    moment().await;
    let start = json!({"ConfigRuleNames": ["r"]});
    Client::new(&sandbox).json("config", "StartConfigRulesEvaluation", start).await;
    let sent = sandbox.world().settle().await;
    let again = inner(&sent[0]);
    assert_eq!((sent.len(), &again["configurationItem"]), (1, &first["configurationItem"]));
    assert_eq!(again["configurationItemDiff"], Value::Null);
    assert_ne!(again["notificationCreationTime"], first["notificationCreationTime"]);
}

#[tokio::test]
async fn with_nothing_to_replay_a_change_rule_is_called_without_an_item() {
    let (sandbox, _folder) = with_rule(Triggers::CHANGE).await;
    let start = json!({"ConfigRuleNames": ["r"]});
    Client::new(&sandbox).json("config", "StartConfigRulesEvaluation", start).await;
    let sent = sandbox.world().settle().await;
    assert_eq!(inner(&sent[0])["messageType"], "ScheduledNotification");
}
