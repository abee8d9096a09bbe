//! Conformance packs, through their own API.

use serde_json::json;

use super::client::{Client, sandbox};
use super::function::install;

const BODY: &str = r"
Parameters: {Name: {Type: String, Default: rule}}
Resources:
  Rule:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: !Ref Name
      InputParameters: {check: x}
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier: arn:aws:lambda:eu-west-1:111122223333:function:evaluator
        SourceDetails: [{EventSource: aws.config, MessageType: ScheduledNotification}]
";

#[tokio::test]
async fn a_pack_brings_its_rules_and_takes_them_away() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let client = Client::new(&sandbox);
    let inputs = json!([{"ParameterName": "Name", "ParameterValue": "mine"}]);
    let put = json!({"ConformancePackName": "pack", "TemplateBody": BODY, "ConformancePackInputParameters": inputs});
    let arn = client.json("config", "PutConformancePack", put.clone()).await["ConformancePackArn"].clone();
    assert!(arn.as_str().unwrap().contains(":conformance-pack/pack/conformance-pack-"), "{arn}");
    let rules = client.json("config", "DescribeConfigRules", json!({})).await["ConfigRules"].clone();
    let name = rules[0]["ConfigRuleName"].as_str().unwrap();
    assert!(name.starts_with("mine-conformance-pack-"), "{name}");
    assert_eq!(rules[0]["CreatedBy"], "config-conforms.amazonaws.com");
    assert_eq!(
        client.refusal("config", "DeleteConfigRule", json!({"ConfigRuleName": name})).await.1,
        "AccessDeniedException"
    );
    client.json("config", "PutConformancePack", put).await;
    let again = client.json("config", "DescribeConfigRules", json!({})).await["ConfigRules"].clone();
    assert_eq!((again.as_array().unwrap().len(), &again[0]["ConfigRuleId"]), (1, &rules[0]["ConfigRuleId"]));
    let named = json!({"ConformancePackName": "pack"});
    let compliance = client.json("config", "DescribeConformancePackCompliance", named.clone()).await;
    assert_eq!(compliance["ConformancePackRuleComplianceList"][0]["ComplianceType"], "INSUFFICIENT_DATA");
    client.json("config", "DeleteConformancePack", named.clone()).await;
    let left = client.json("config", "DescribeConfigRules", json!({})).await["ConfigRules"].clone();
    assert!(left.as_array().unwrap().is_empty(), "{left}");
    for operation in ["DeleteConformancePack", "DescribeConformancePackCompliance"] {
        assert_eq!(client.refusal("config", operation, named.clone()).await.1, "NoSuchConformancePackException");
    }
}

#[tokio::test]
async fn a_pack_that_cannot_be_made_says_why() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let put = |body: &str| json!({"ConformancePackName": "pack", "TemplateBody": body});
    let broken = client.refusal("config", "PutConformancePack", put("Resources: {A: {Type: 'AWS::S3::Bucket'}}")).await;
    assert_eq!(broken.1, "ConformancePackTemplateValidationException");
    client.json("config", "PutConformancePack", put(BODY)).await;
    let status = client.json("config", "DescribeConformancePackStatus", json!({})).await;
    let status = &status["ConformancePackStatusDetails"][0];
    assert_eq!(status["ConformancePackState"], "CREATE_FAILED");
    assert!(status["ConformancePackStatusReason"].as_str().unwrap().contains("cannot be invoked"), "{status}");
}
