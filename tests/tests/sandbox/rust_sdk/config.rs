//! AWS Config: recorder, rules, packs and what they have found.

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ConfigRule, ConformancePackComplianceType, ConformancePackState, MaximumExecutionFrequency, Owner, Source, Tag,
};
use guard_tests::sandbox::{Instant, RecorderState, StoredEvaluation};

use super::super::client::{ACCOUNT, NOTEBOOK, OTHER, REGION, sandbox};
use super::{refusal, sdk};

fn managed(name: &str) -> ConfigRule {
    let source = Source::builder().owner(Owner::Aws).source_identifier("ROOT_ACCOUNT_MFA_ENABLED").build().unwrap();
    let rule = ConfigRule::builder().config_rule_name(name).source(source);
    rule.maximum_execution_frequency(MaximumExecutionFrequency::TwentyFourHours).build()
}

const PACK: &str = "Resources: {R: {Type: 'AWS::Config::ConfigRule', Properties: {ConfigRuleName: mfa, \
    Source: {Owner: AWS, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}}}}";

#[tokio::test]
async fn recorder_and_channel_are_read() {
    let sandbox = sandbox().await;
    let config = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    let shown = config.describe_configuration_recorders().send().await.unwrap();
    assert!(shown.configuration_recorders()[0].recording_group().unwrap().all_supported());
    let status = config.describe_configuration_recorder_status().send().await.unwrap();
    assert!(status.configuration_recorders_status()[0].recording());
    let channels = config.describe_delivery_channels().send().await.unwrap();
    assert_eq!(channels.delivery_channels()[0].s3_bucket_name(), Some("config-bucket-111122223333"));
    let other = Client::new(&sdk(&sandbox, OTHER, REGION).await);
    assert!(other.describe_configuration_recorders().send().await.unwrap().configuration_recorders().is_empty());
    assert!(other.describe_delivery_channels().send().await.unwrap().delivery_channels().is_empty());
    sandbox.world().set_recorder(OTHER, REGION, &RecorderState::Stopped).unwrap();
    let stopped = other.describe_configuration_recorder_status().send().await.unwrap();
    assert!(!stopped.configuration_recorders_status()[0].recording());
}

#[tokio::test]
async fn rules_are_read_with_their_results_and_started() {
    let sandbox = sandbox().await;
    let config = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    for at in 0..30 {
        let tag = Tag::builder().key("app").value("guard").build();
        config.put_config_rule().config_rule(managed(&format!("rule-{at:02}"))).tags(tag).send().await.unwrap();
    }
    let mut pages = config.describe_config_rules().into_paginator().items().send();
    let mut rules = Vec::new();
    while let Some(rule) = pages.next().await {
        rules.push(rule.unwrap());
    }
    assert_eq!(rules.len(), 30);
    let arn = rules[0].config_rule_arn().unwrap();
    let tags = config.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags()[0].key(), Some("app"));
    let nothing = config.list_tags_for_resource().resource_arn(format!("{arn}x")).send().await;
    assert_eq!(refusal(nothing).0, "ResourceNotFoundException");
    for (rule, verdict) in [("rule-00", "COMPLIANT"), ("rule-01", "NON_COMPLIANT")] {
        let found = StoredEvaluation::new(NOTEBOOK, "arn:x", verdict, Instant(0));
        sandbox.world().seed_compliance(ACCOUNT, REGION, rule, found).unwrap();
    }
    let by_rule = config.describe_compliance_by_config_rule().config_rule_names("rule-01").send().await.unwrap();
    let compliance = by_rule.compliance_by_config_rules()[0].compliance().unwrap();
    assert_eq!(compliance.compliance_contributor_count().unwrap().capped_count(), 1);
    let summary = config.get_compliance_summary_by_config_rule().send().await.unwrap();
    let summary = summary.compliance_summary().unwrap();
    assert_eq!(summary.compliant_resource_count().unwrap().capped_count(), 1);
    assert_eq!(summary.non_compliant_resource_count().unwrap().capped_count(), 1);
    let status = config.describe_config_rule_evaluation_status().config_rule_names("rule-00").send().await.unwrap();
    assert_eq!(status.config_rules_evaluation_status()[0].config_rule_name(), Some("rule-00"));
    let start =
        || config.start_config_rules_evaluation().config_rule_names("rule-00").config_rule_names("rule-01").send();
    start().await.unwrap();
    assert_eq!(refusal(start().await).0, "LimitExceededException");
    let many = config.start_config_rules_evaluation();
    let many = many.set_config_rule_names(Some((0..26).map(|at| format!("rule-{at:02}")).collect()));
    assert_eq!(refusal(many.send().await).0, "ValidationException");
    let unknown = config.describe_config_rules().config_rule_names("nope").send().await;
    assert_eq!(refusal(unknown).0, "NoSuchConfigRuleException");
}

#[tokio::test]
async fn packs_are_read_with_their_rules() {
    let sandbox = sandbox().await;
    let config = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
    config.put_conformance_pack().conformance_pack_name("guard").template_body(PACK).send().await.unwrap();
    let shown = config.describe_conformance_packs().send().await.unwrap();
    assert_eq!(shown.conformance_pack_details()[0].conformance_pack_name(), "guard");
    let status = config.describe_conformance_pack_status().conformance_pack_names("guard").send().await.unwrap();
    let status = &status.conformance_pack_status_details()[0];
    assert_eq!(status.conformance_pack_state(), &ConformancePackState::CreateComplete);
    let compliance = config.describe_conformance_pack_compliance().conformance_pack_name("guard").send().await.unwrap();
    let rule = &compliance.conformance_pack_rule_compliance_list()[0];
    assert!(rule.config_rule_name().unwrap().starts_with("mfa-conformance-pack-"), "{rule:?}");
    assert_eq!(rule.compliance_type(), Some(&ConformancePackComplianceType::InsufficientData));
    let missing = config.describe_conformance_packs().conformance_pack_names("nope").send().await;
    assert_eq!(refusal(missing).0, "NoSuchConformancePackException");
}
