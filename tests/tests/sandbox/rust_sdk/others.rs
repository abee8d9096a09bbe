//! Lambda, CloudWatch and STS.

use aws_sdk_cloudwatch::types::{ComparisonOperator, StateValue};
use aws_sdk_lambda::types::{Architecture, State};
use serde_json::json;

use super::super::client::{ACCOUNT, REGION, sandbox};
use super::super::provisioned::{MEMBER, member, upload};
use super::super::stacks::quick;
use super::{refusal, sdk};

#[tokio::test]
async fn a_function_is_read_with_its_policy() {
    let (sandbox, raw) = quick().await;
    upload(&sandbox, &raw, "artifacts");
    member(&sandbox, &raw, MEMBER).await;
    let lambda = aws_sdk_lambda::Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let shown = lambda.get_function_configuration().function_name("evaluator").send().await.unwrap();
    assert_eq!((shown.state(), shown.architectures()), (Some(&State::Active), &[Architecture::Arm64][..]));
    assert_eq!(shown.environment().unwrap().variables().unwrap()["BEHAVIOUR"], "variables");
    let whole = lambda.get_function().function_name(shown.function_arn().unwrap()).send().await.unwrap();
    assert_eq!(whole.configuration().unwrap().code_sha256(), shown.code_sha256());
    assert_eq!(whole.tags().unwrap()["aws:cloudformation:stack-name"], "member");
    let policy = lambda.get_policy().function_name("evaluator").send().await.unwrap();
    assert!(policy.policy().unwrap().contains("config.amazonaws.com"));
    let settings = lambda.get_account_settings().send().await.unwrap();
    assert_eq!(settings.account_usage().unwrap().function_count(), 1);
    let missing = lambda.get_function_configuration().function_name("nope").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn alarms_are_read_in_cbor_and_page_by_page() {
    let sandbox = sandbox().await;
    let alarm = |name: &str| {
        json!({"AlarmName": name, "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 300,
            "EvaluationPeriods": "2", "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Dimensions": [{"Name": "FunctionName", "Value": "evaluator"}], "AlarmDescription": "Ärger",
            "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:security"]})
    };
    for name in ["guard-a", "guard-b", "guard-c", "other"] {
        sandbox.world().put_resource(ACCOUNT, REGION, "AWS::CloudWatch::Alarm", &alarm(name)).unwrap();
    }
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let mut pages = cloudwatch.describe_alarms().alarm_name_prefix("guard-").max_records(2).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.extend(page.unwrap().metric_alarms().to_vec());
    }
    let names: Vec<&str> = found.iter().filter_map(|alarm| alarm.alarm_name()).collect();
    assert_eq!(names, ["guard-a", "guard-b", "guard-c"]);
    let first = &found[0];
    assert_eq!((first.period(), first.evaluation_periods(), first.threshold()), (Some(300), Some(2), Some(1.0)));
    assert_eq!(first.comparison_operator(), Some(&ComparisonOperator::GreaterThanOrEqualToThreshold));
    assert_eq!((first.state_value(), first.alarm_description()), (Some(&StateValue::InsufficientData), Some("Ärger")));
    assert_eq!((first.dimensions()[0].value(), first.actions_enabled()), (Some("evaluator"), Some(true)));
    let updated = first.state_updated_timestamp().unwrap().secs();
    assert!((updated - sandbox.world().clock().now().0 / 1000).abs() < 60, "{updated}");
    let wrong = refusal(cloudwatch.describe_alarms().next_token("x").send().await);
    assert_eq!(wrong.0, "InvalidNextToken");
    let both = cloudwatch.describe_alarms().alarm_names("a").alarm_name_prefix("b").send().await;
    assert_eq!(refusal(both).0, "InvalidParameterCombination");
    let logged = sandbox.world().calls().of("monitoring", "DescribeAlarms");
    assert_eq!((logged[0].protocol, &logged[0].request["MaxRecords"]), ("smithy-rpc-v2-cbor", &json!(2)));
    assert!(logged[0].response.contains("\"guard-a\""), "{}", logged[0].response);
}

#[tokio::test]
async fn the_caller_is_named_where_the_region_is_enabled() {
    let sandbox = sandbox().await;
    let sts = aws_sdk_sts::Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    assert_eq!(sts.get_caller_identity().send().await.unwrap().account(), Some(ACCOUNT));
    let disabled = sdk(&sandbox, ACCOUNT, "me-south-1").await;
    let sts = aws_sdk_sts::Client::new(&disabled);
    assert_eq!(refusal(sts.get_caller_identity().send().await).0, "InvalidClientTokenId");
    let config = aws_sdk_config::Client::new(&disabled);
    assert_eq!(refusal(config.describe_config_rules().send().await).0, "UnrecognizedClientException");
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&disabled);
    assert_eq!(refusal(cloudwatch.describe_alarms().send().await).0, "InvalidClientTokenId");
}
