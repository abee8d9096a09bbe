//! Reads that lag behind writes.

use std::time::Duration;

use guard_tests::sandbox::{Lag, Lagging};
use serde_json::json;

use super::client::{ACCOUNT, REGION};
use super::provisioned::{MEMBER, member, upload};
use super::stacks::{GROUP, call, quick, refused};

#[tokio::test]
async fn what_a_stack_has_made_is_seen_late_and_the_function_becomes_active() {
    let (sandbox, client) = quick().await;
    upload(&sandbox, &client, "artifacts");
    for kind in [Lagging::ConfigRules, Lagging::Alarms, Lagging::Functions, Lagging::StackEvents] {
        sandbox.world().set_lag(kind, Some(Lag::Reads(2)));
    }
    assert_eq!(member(&sandbox, &client, MEMBER).await.status, "CREATE_COMPLETE");
    let path = "GET /2015-03-31/functions/evaluator/configuration";
    for late in [true, true, false] {
        let rules = client.json("config", "DescribeConfigRules", json!({})).await;
        assert_eq!(rules["ConfigRules"].as_array().unwrap().is_empty(), late);
        let alarms = client.query("monitoring", &[("Action", "DescribeAlarms")]).await;
        assert_eq!(alarms.body.contains("<AlarmName>errors"), !late);
        let function = client.rest("lambda", path, &[], "").await.json();
        assert_eq!(function["State"], if late { "Pending" } else { "Active" });
        let events = call(&client, "DescribeStackEvents", &[("StackName", "member")]).await;
        assert_eq!(events.status, if late { 400 } else { 200 });
    }
    let timeout = json!({"Timeout": 9});
    sandbox.world().change_resource(ACCOUNT, REGION, ("AWS::Lambda::Function", "evaluator"), &timeout).unwrap();
    let function = client.rest("lambda", path, &[], "").await.json();
    assert_eq!(
        (function["State"].as_str(), function["LastUpdateStatus"].as_str()),
        (Some("Active"), Some("InProgress"))
    );
}

#[tokio::test]
async fn time_makes_up_for_it() {
    let (sandbox, client) = quick().await;
    sandbox.world().set_lag(Lagging::ConfigRules, Some(Lag::Time(Duration::from_mins(1))));
    sandbox.world().set_lag(Lagging::ChangeSets, Some(Lag::Reads(1)));
    let rule = json!({"ConfigRuleName": "late", "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA"}});
    client.json("config", "PutConfigRule", json!({"ConfigRule": rule})).await;
    let by_name = json!({"ConfigRuleNames": ["late"]});
    let unknown = client.refusal("config", "DescribeConfigRules", by_name.clone()).await;
    assert_eq!(unknown.1, "NoSuchConfigRuleException");
    sandbox.world().clock().advance(Duration::from_mins(1));
    client.json("config", "DescribeConfigRules", by_name).await;
    let fields = [("StackName", "s"), ("ChangeSetName", "c"), ("ChangeSetType", "CREATE"), ("TemplateBody", GROUP)];
    let id = call(&client, "CreateChangeSet", &fields).await.element("Id");
    let late = refused(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(late.0, "ChangeSetNotFound");
    assert_eq!(call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await.status, 200);
    sandbox.world().set_lag(Lagging::ConfigRules, None);
}
