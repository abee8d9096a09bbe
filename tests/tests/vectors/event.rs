//! The event of a vector: what AWS Config sends, with the vector's changes.

use guard_tests::sandbox::World;
use serde_json::{Value, json};

use crate::names::{ACCOUNT, CAPTURED, NOTEBOOK, REGION, RULE, SCHEDULED, id, overlay};

pub(crate) fn build(vector: &Value, world: &World) -> Value {
    let event = &vector["event"];
    let invoking = match event["kind"].as_str().unwrap() {
        "schedule" => json!({"awsAccountId": ACCOUNT, "notificationCreationTime": SCHEDULED,
            "messageType": "ScheduledNotification", "recordVersion": "1.0"}),
        "snapshot" => json!({"configSnapshotId": "s", "s3ObjectKey": "k", "s3Bucket": "b", "recordVersion": "1.1",
            "notificationCreationTime": SCHEDULED, "messageType": "ConfigurationSnapshotDeliveryCompleted"}),
        "change" => json!({"configurationItemDiff": null, "configurationItem": item(event, "configurationItem"),
            "notificationCreationTime": "2023-04-27T15:03:13.332Z", "recordVersion": "1.3",
            "messageType": "ConfigurationItemChangeNotification"}),
        // The reduced form of AWS's documentation: neither notificationCreationTime nor recordVersion.
        "oversized" => json!({"configurationItemSummary": item(event, "summary"),
            "messageType": "OversizedConfigurationItemChangeNotification"}),
        "raw" => event["invokingEvent"].clone(),
        other => panic!("no such kind of event: {other}"),
    };
    let token =
        event["token"].as_str().map_or_else(|| world.issue_result_token(ACCOUNT, REGION, RULE).unwrap(), str::to_owned);
    let mut envelope = json!({
        "version": "1.0",
        "invokingEvent": invoking.to_string(),
        "ruleParameters": "{}",
        "resultToken": token,
        "eventLeftScope": false,
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
        "configRuleArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-abcdef"),
        "configRuleName": RULE,
        "configRuleId": "config-rule-abcdef",
        "accountId": ACCOUNT,
        "evaluationMode": "DETECTIVE",
    });
    overlay(&mut envelope, &event["envelope"]);
    envelope
}

fn item(event: &Value, form: &str) -> Value {
    let mut item = json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": CAPTURED,
        "configurationStateId": 1_682_607_791_636_u64,
        "awsAccountId": ACCOUNT,
        "configurationItemStatus": "OK",
        "resourceType": NOTEBOOK,
        "resourceId": id("arn(mynb)"),
        "resourceName": null,
        "ARN": id("arn(mynb)"),
        "awsRegion": REGION,
        "availabilityZone": null,
        "configurationStateMd5Hash": "",
        "resourceCreationTime": null,
    });
    if form == "summary" {
        item["changeType"] = json!("UPDATE");
    } else {
        item["relatedEvents"] = json!([]);
        item["relationships"] = json!([]);
        item["supplementaryConfiguration"] = json!({});
        item["tags"] = json!({});
        item["configuration"] = Value::Null;
    }
    overlay(&mut item, &event["item"]);
    item
}
