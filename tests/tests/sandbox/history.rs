use std::time::Duration;

use guard_tests::sandbox::{
    ConfigurationItem, Instant, Notebook, RecordedTypes, RecorderState, RuleSpec, Sandbox, StoredEvaluation,
};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, NOTEBOOK, REGION, sandbox};

const ARN: &str = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n";

fn request() -> Value {
    json!({"resourceType": NOTEBOOK, "resourceId": ARN})
}

#[tokio::test]
async fn only_what_config_can_see_makes_an_item() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    world.put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    world.update_notebook(ACCOUNT, REGION, "n", |notebook| "Stopped".clone_into(&mut notebook.status)).unwrap();
    world
        .update_notebook(ACCOUNT, REGION, "n", |notebook| notebook.minimum_imds_version = Some("2".to_owned()))
        .unwrap();
    world.update_notebook(ACCOUNT, REGION, "n", |notebook| notebook.root_access = Some("Disabled".to_owned())).unwrap();
    world.remove_notebook(ACCOUNT, REGION, "n").unwrap();
    let items = world.history(ACCOUNT, REGION, NOTEBOOK, ARN).unwrap();
    let statuses: Vec<&str> = items.iter().map(|item| item.status.as_str()).collect();
    assert_eq!(statuses, ["ResourceDiscovered", "OK", "ResourceDeleted"]);
}

#[tokio::test]
async fn an_item_has_cloudformations_names_and_nothing_else() {
    let sandbox = sandbox().await;
    let mut notebook = Notebook::new("n").hardened();
    notebook.security_groups = vec!["sg-1".to_owned()];
    notebook.kms_key_id = Some("key".to_owned());
    notebook.lifecycle_config = Some("lc".to_owned());
    notebook.default_code_repository = Some("repo".to_owned());
    notebook.additional_code_repositories = vec!["repo".to_owned()];
    notebook.accelerator_types = vec!["ml.eia1.medium".to_owned()];
    sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    let history = Client::new(&sandbox).json("config", "GetResourceConfigHistory", request()).await;
    let item = &history["configurationItems"][0];
    let configuration: Value = serde_json::from_str(item["configuration"].as_str().unwrap()).unwrap();
    let keys: Vec<&String> = configuration.as_object().unwrap().keys().collect();
    let expected = [
        "AcceleratorTypes",
        "AdditionalCodeRepositories",
        "DefaultCodeRepository",
        "DirectInternetAccess",
        "Id",
        "InstanceType",
        "KmsKeyId",
        "LifecycleConfigName",
        "NotebookInstanceName",
        "RoleArn",
        "RootAccess",
        "SecurityGroupIds",
        "SubnetId",
        "VolumeSizeInGB",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&item["resourceId"], &configuration["Id"]), (&json!(ARN), &json!(ARN)));
    assert!(item["configurationStateId"].is_string() && item["configurationItemCaptureTime"].is_number(), "{item}");
}

#[tokio::test]
async fn history_is_newest_first_bounded_and_paged() {
    let sandbox = sandbox().await;
    let seed = |captured: i64| {
        let item = ConfigurationItem {
            resource_type: NOTEBOOK.to_owned(),
            resource_id: ARN.to_owned(),
            resource_name: None,
            arn: ARN.to_owned(),
            status: "OK".to_owned(),
            captured: Instant(captured),
            created: None,
            configuration: Some(json!({"at": captured})),
            tags: [].into(),
            daily: false,
        };
        sandbox.world().seed_history(ACCOUNT, REGION, item).unwrap();
    };
    for captured in [3000, 1000, 2500] {
        seed(captured);
    }
    let client = Client::new(&sandbox);
    let times = |page: &Value| -> Vec<f64> {
        page["configurationItems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["configurationItemCaptureTime"].as_f64().unwrap())
            .collect()
    };
    let get = |more: Value| {
        let mut request = request();
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let client = client.clone();
        async move { client.json("config", "GetResourceConfigHistory", request).await }
    };
    assert_eq!(times(&get(json!({})).await), [3.0, 2.5, 1.0]);
    assert_eq!(times(&get(json!({"chronologicalOrder": "Forward"})).await), [1.0, 2.5, 3.0]);
    assert_eq!(times(&get(json!({"laterTime": 2.5, "limit": 1})).await), [2.5]);
    assert_eq!(times(&get(json!({"earlierTime": 2.0})).await), [3.0, 2.5]);
    sandbox.world().set_empty_history_page(true);
    let first = get(json!({"limit": 2})).await;
    assert!(times(&first).is_empty());
    let second = get(json!({"limit": 2, "nextToken": first["nextToken"]})).await;
    assert_eq!(times(&second), [3.0, 2.5]);
    let third = get(json!({"limit": 2, "nextToken": second["nextToken"]})).await;
    assert_eq!((times(&third), third.get("nextToken")), (vec![1.0], None));
}

#[tokio::test]
async fn history_refuses_what_aws_refuses() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let refused = |request: Value| {
        let client = client.clone();
        async move { client.refusal("config", "GetResourceConfigHistory", request).await.1 }
    };
    assert_eq!(refused(request()).await, "ResourceNotDiscoveredException");
    assert_eq!(refused(json!({"resourceType": "AWS::Bogus::Thing", "resourceId": "x"})).await, "ValidationException");
    let times = json!({"resourceType": NOTEBOOK, "resourceId": ARN, "earlierTime": 2, "laterTime": 1});
    assert_eq!(refused(times).await, "InvalidTimeRangeException");
    sandbox.world().set_recorder(ACCOUNT, REGION, &RecorderState::Missing).unwrap();
    assert_eq!(refused(request()).await, "NoAvailableConfigurationRecorderException");
}

#[tokio::test]
async fn a_recorder_records_its_types_only_and_finds_what_is_there_when_it_starts() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    let discovered = || world.history(ACCOUNT, REGION, NOTEBOOK, ARN).unwrap().len();
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Stopped).unwrap();
    world.put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    assert_eq!(discovered(), 0);
    let types = RecordedTypes::AllBut(vec![NOTEBOOK.to_owned()]);
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Recording { types, daily: false }).unwrap();
    assert_eq!(discovered(), 0);
    let types = RecordedTypes::Only(vec![NOTEBOOK.to_owned()]);
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Recording { types, daily: true }).unwrap();
    assert_eq!(discovered(), 1);
    let client = Client::new(&sandbox);
    let shown = client.json("config", "DescribeConfigurationRecorders", json!({})).await;
    let group = &shown["ConfigurationRecorders"][0]["recordingGroup"];
    assert_eq!((&group["allSupported"], &group["resourceTypes"]), (&json!(false), &json!([NOTEBOOK])));
    let listed = client.json("config", "ListDiscoveredResources", json!({"resourceType": NOTEBOOK})).await;
    assert_eq!(
        listed["resourceIdentifiers"],
        json!([{"resourceType": NOTEBOOK, "resourceId": ARN, "resourceName": "n"}])
    );
}

#[tokio::test]
async fn a_recorder_is_put_started_stopped_and_deleted() {
    let sandbox = sandbox().await;
    sandbox.world().set_recorder(ACCOUNT, REGION, &RecorderState::Missing).unwrap();
    let client = Client::new(&sandbox);
    let role = "arn:aws:iam::111122223333:role/config";
    let name = json!({"ConfigurationRecorderName": "default"});
    let put = |recorder: Value| json!({"ConfigurationRecorder": recorder});
    let refused = client.refusal("config", "PutConfigurationRecorder", put(json!({"name": "default"}))).await;
    assert_eq!(refused.1, "InvalidRoleException");
    client.json("config", "PutConfigurationRecorder", put(json!({"roleARN": role}))).await;
    let second =
        client.refusal("config", "PutConfigurationRecorder", put(json!({"name": "two", "roleARN": role}))).await;
    assert_eq!(second.1, "MaxNumberOfConfigurationRecordersExceededException");
    client.json("config", "DeleteDeliveryChannel", json!({"DeliveryChannelName": "default"})).await;
    let refused = client.refusal("config", "StartConfigurationRecorder", name.clone()).await;
    assert_eq!(refused.1, "NoAvailableDeliveryChannelException");
    client.json("config", "PutDeliveryChannel", json!({"DeliveryChannel": {"s3BucketName": "bucket"}})).await;
    client.json("config", "StartConfigurationRecorder", name.clone()).await;
    let status = client.json("config", "DescribeConfigurationRecorderStatus", json!({})).await;
    assert_eq!(status["ConfigurationRecordersStatus"][0]["recording"], true);
    client.json("config", "StopConfigurationRecorder", name.clone()).await;
    client.json("config", "DeleteConfigurationRecorder", name.clone()).await;
    let refused = client.refusal("config", "StopConfigurationRecorder", name).await;
    assert_eq!(refused.1, "NoSuchConfigurationRecorderException");
}

const COMPLIANCE: &str = "AWS::Config::ResourceCompliance";

fn compliance_id() -> String {
    format!("{NOTEBOOK}/{ARN}")
}

fn put(sandbox: &Sandbox, rule: &str, word: &str) {
    let now = sandbox.world().clock().now();
    sandbox.world().put_result(ACCOUNT, REGION, rule, StoredEvaluation::new(NOTEBOOK, ARN, word, now)).unwrap();
}

/// The statuses and words of the items about a notebook's compliance, oldest first.
fn told(sandbox: &Sandbox) -> Vec<String> {
    let items = sandbox.world().history(ACCOUNT, REGION, COMPLIANCE, &compliance_id()).unwrap();
    let word = |item: &ConfigurationItem| {
        let configuration = item.configuration.clone().unwrap_or_default();
        let rules = configuration["configRuleList"].as_array().map_or(0, Vec::len);
        format!("{} {} {rules}", item.status, configuration["complianceType"].as_str().unwrap_or("-"))
    };
    items.iter().map(word).collect()
}

#[tokio::test]
async fn compliance_is_recorded_when_it_changes() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    for rule in ["a", "b"] {
        world.seed_rule(ACCOUNT, REGION, &RuleSpec::scheduled(rule, "f", Value::Null)).unwrap();
    }
    put(&sandbox, "a", "COMPLIANT");
    put(&sandbox, "a", "COMPLIANT");
    put(&sandbox, "b", "NON_COMPLIANT");
    put(&sandbox, "b", "NOT_APPLICABLE");
    let expected = ["ResourceDiscovered COMPLIANT 1", "OK NON_COMPLIANT 2", "OK COMPLIANT 1", "ResourceDeleted - 0"];
    assert_eq!(told(&sandbox), expected[..3]);
    let client = Client::new(&sandbox);
    let asked = json!({"resourceType": COMPLIANCE, "resourceId": compliance_id(), "chronologicalOrder": "Forward"});
    let history = client.json("config", "GetResourceConfigHistory", asked).await;
    let second: Value =
        serde_json::from_str(history["configurationItems"][1]["configuration"].as_str().unwrap()).unwrap();
    assert_eq!((&second["targetResourceType"], &second["targetResourceId"]), (&json!(NOTEBOOK), &json!(ARN)));
    assert_eq!(second["configRuleList"][1]["configRuleName"], "b");
    client.json("config", "DeleteConfigRule", json!({"ConfigRuleName": "a"})).await;
    assert_eq!(told(&sandbox), expected);
}

#[tokio::test]
async fn compliance_is_not_recorded_where_its_type_is_not() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    world.seed_rule(ACCOUNT, REGION, &RuleSpec::scheduled("a", "f", Value::Null)).unwrap();
    let types = RecordedTypes::AllBut(vec![COMPLIANCE.to_owned()]);
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Recording { types, daily: false }).unwrap();
    put(&sandbox, "a", "COMPLIANT");
    assert!(told(&sandbox).is_empty());
}

#[tokio::test]
async fn a_recorder_that_was_stopped_leaves_a_gap_and_its_own_trail() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    let client = Client::new(&sandbox);
    let status = async || {
        let answer = client.json("config", "DescribeConfigurationRecorderStatus", json!({})).await;
        answer["ConfigurationRecordersStatus"][0].clone()
    };
    world.put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    assert!(status().await["lastStopTime"].is_null());
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Stopped).unwrap();
    let stopped = status().await;
    assert_eq!((stopped["recording"].clone(), stopped["lastStopTime"].is_number()), (json!(false), true));
    world.update_notebook(ACCOUNT, REGION, "n", |notebook| notebook.root_access = Some("Disabled".to_owned())).unwrap();
    assert_eq!(world.history(ACCOUNT, REGION, NOTEBOOK, ARN).unwrap().len(), 1, "nothing while it is stopped");
    world.clock().advance(Duration::from_hours(1));
    client.json("config", "StartConfigurationRecorder", json!({"ConfigurationRecorderName": "default"})).await;
    let started = status().await;
    assert!(started["lastStartTime"].as_f64() > started["lastStopTime"].as_f64(), "{started}");
    let items = world.history(ACCOUNT, REGION, NOTEBOOK, ARN).unwrap();
    assert!(items[1].captured.since(items[0].captured) > Duration::from_mins(59), "seen late");
    client.json("config", "DeleteConfigurationRecorder", json!({"ConfigurationRecorderName": "default"})).await;
    let trail = world.history(ACCOUNT, REGION, "AWS::Config::ConfigurationRecorder", "default").unwrap();
    let recording = |item: &ConfigurationItem| item.configuration.as_ref().map(|now| now["Recording"].clone());
    let trail: Vec<_> = trail.iter().map(recording).collect();
    assert_eq!(trail, [Some(json!(true)), Some(json!(false)), Some(json!(true)), None]);
}

#[tokio::test]
async fn a_page_of_history_spans_a_week_and_items_are_kept_as_long_as_was_said() {
    let sandbox = sandbox().await;
    let world = sandbox.world();
    world.clock().rewind(Duration::from_hours(24 * 40));
    world.put_notebook(ACCOUNT, REGION, Notebook::new("n")).unwrap();
    for days in [3, 6, 30] {
        world.clock().advance(Duration::from_hours(24 * days));
        let size = u32::try_from(days).unwrap() + 5;
        world.update_notebook(ACCOUNT, REGION, "n", |notebook| notebook.volume_size = size).unwrap();
    }
    let client = Client::new(&sandbox);
    let pages = async || {
        let (mut sizes, mut next) = (Vec::new(), Value::Null);
        loop {
            let asked = json!({"resourceType": NOTEBOOK, "resourceId": ARN, "limit": 100, "nextToken": next});
            let answer = client.json("config", "GetResourceConfigHistory", asked).await;
            sizes.push(answer["configurationItems"].as_array().unwrap().len());
            next = answer["nextToken"].clone();
            if next.is_null() {
                return sizes;
            }
        }
    };
    assert_eq!(pages().await, [1, 2, 1]);
    let none = client.json("config", "DescribeRetentionConfigurations", json!({})).await;
    assert_eq!(none["RetentionConfigurations"], json!([]));
    client.json("config", "PutRetentionConfiguration", json!({"RetentionPeriodInDays": 35})).await;
    let kept = client.json("config", "DescribeRetentionConfigurations", json!({})).await;
    assert_eq!(kept["RetentionConfigurations"], json!([{"Name": "default", "RetentionPeriodInDays": 35}]));
    assert_eq!(pages().await, [1, 1]);
    let short = client.refusal("config", "PutRetentionConfiguration", json!({"RetentionPeriodInDays": 29})).await;
    assert_eq!(short.0, 400);
}
