use guard_tests::sandbox::{RecorderState, RuleSpec};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, NOTEBOOK, REGION, sandbox};
use super::function::{FUNCTION, install};

const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:evaluator";

fn scheduled() -> Value {
    let details = json!([{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}]);
    let source = json!({"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": ARN, "SourceDetails": details});
    json!({"ConfigRuleName": "r", "Source": source})
}

fn with(path: &str, value: Value) -> Value {
    let mut rule = scheduled();
    let (parent, member) = path.rsplit_once('/').unwrap();
    rule.pointer_mut(parent).unwrap()[member] = value;
    rule
}

#[tokio::test]
async fn a_rule_is_put_described_and_deleted() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    client.json("config", "PutConfigRule", json!({"ConfigRule": scheduled()})).await;
    let names = json!({"ConfigRuleNames": ["r"]});
    let shown = client.json("config", "DescribeConfigRules", names.clone()).await["ConfigRules"][0].clone();
    assert_eq!(shown["ConfigRuleState"], "ACTIVE");
    assert_eq!(shown["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"], "TwentyFour_Hours");
    let id = shown["ConfigRuleId"].as_str().unwrap();
    assert_eq!(shown["ConfigRuleArn"], format!("arn:aws:config:eu-west-1:111122223333:config-rule/{id}"));
    // Put again: the same rule, changed.
    client.json("config", "PutConfigRule", json!({"ConfigRule": with("/InputParameters", json!("{}"))})).await;
    let again = client.json("config", "DescribeConfigRules", names.clone()).await["ConfigRules"][0].clone();
    assert_eq!((&again["ConfigRuleId"], &again["InputParameters"]), (&shown["ConfigRuleId"], &json!("{}")));
    let status = client.json("config", "DescribeConfigRuleEvaluationStatus", names.clone()).await;
    let status = &status["ConfigRulesEvaluationStatus"][0];
    assert!(
        status.get("LastSuccessfulInvocationTime").is_none() && status["FirstEvaluationStarted"] == false,
        "{status}"
    );
    client.json("config", "DeleteConfigRule", json!({"ConfigRuleName": "r"})).await;
    assert_eq!(client.refusal("config", "DescribeConfigRules", names).await.1, "NoSuchConfigRuleException");
}

#[tokio::test]
async fn put_config_rule_refuses_what_aws_refuses() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    let change = json!([{
        "EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification",
        "MaximumExecutionFrequency": "One_Hour",
    }]);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1024));
    let cases = [
        (with("/Scope", json!({"ComplianceResourceTypes": [NOTEBOOK]})), "InvalidParameterValueException"),
        (with("/InputParameters", json!("{")), "InvalidParameterValueException"),
        (with("/InputParameters", json!("[]")), "InvalidParameterValueException"),
        (with("/InputParameters", json!(long)), "ValidationException"),
        (with("/ConfigRuleName", json!("x".repeat(129))), "ValidationException"),
        (with("/ConfigRuleId", json!("config-rule-abcdef")), "InvalidParameterValueException"),
        (with("/ConfigRuleState", json!("DELETING")), "InvalidParameterValueException"),
        (with("/Source/SourceIdentifier", json!(format!("{ARN}x"))), "InsufficientPermissionsException"),
        (with("/Source/SourceIdentifier", json!(format!("{ARN}:$LATEST"))), "InvalidParameterValueException"),
        (with("/Source/SourceIdentifier", json!("evaluator")), "InvalidParameterValueException"),
        (with("/Source/SourceDetails", json!([])), "InvalidParameterValueException"),
        (with("/Source/SourceDetails", change), "InvalidParameterValueException"),
        (with("/Source/Owner", json!("ME")), "ValidationException"),
        (with("/Source/Owner", json!("AWS")), "InvalidParameterValueException"),
    ];
    for (rule, code) in cases {
        let refused = client.refusal("config", "PutConfigRule", json!({"ConfigRule": rule})).await;
        assert_eq!(refused, (400, code.to_owned()), "{rule}");
    }
    assert!(
        client.json("config", "DescribeConfigRules", json!({})).await["ConfigRules"].as_array().unwrap().is_empty()
    );
}

#[tokio::test]
async fn a_recorder_may_be_asked_for() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    sandbox.world().set_recorder(ACCOUNT, REGION, &RecorderState::Missing).unwrap();
    client.json("config", "PutConfigRule", json!({"ConfigRule": scheduled()})).await;
    sandbox.world().set_rules_need_recorder(true);
    let refused = client.refusal("config", "PutConfigRule", json!({"ConfigRule": scheduled()})).await;
    assert_eq!(refused.1, "NoAvailableConfigurationRecorderException");
}

#[tokio::test]
async fn a_managed_rule_is_kept_and_never_runs() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let source = json!({"Owner": "AWS", "SourceIdentifier": "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS"});
    client
        .json("config", "PutConfigRule", json!({"ConfigRule": {"ConfigRuleName": "managed", "Source": source}}))
        .await;
    client.json("config", "StartConfigRulesEvaluation", json!({"ConfigRuleNames": ["managed"]})).await;
    assert!(sandbox.world().settle().await.is_empty());
}

#[tokio::test]
async fn an_evaluation_is_started_once_a_minute() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    for name in ["r1", "r2"] {
        sandbox.world().put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled(name, FUNCTION, Value::Null)).unwrap();
    }
    let start = |names: Value| json!({"ConfigRuleNames": names});
    client.json("config", "StartConfigRulesEvaluation", start(json!(["r1"]))).await;
    let refused = client.refusal("config", "StartConfigRulesEvaluation", start(json!(["r2", "r1"]))).await;
    assert_eq!(refused.1, "LimitExceededException");
    assert_eq!(sandbox.world().settle().await.len(), 1);
    sandbox.world().clock().advance(std::time::Duration::from_mins(1));
    client.json("config", "StartConfigRulesEvaluation", start(json!(["r2", "r1"]))).await;
    assert_eq!(sandbox.world().settle().await.len(), 2);
    let unknown = client.refusal("config", "StartConfigRulesEvaluation", start(json!(["nope"]))).await;
    assert_eq!(unknown.1, "NoSuchConfigRuleException");
    let many = client.refusal("config", "StartConfigRulesEvaluation", start(json!(vec!["r1"; 26]))).await;
    assert_eq!(many.1, "ValidationException");
}
