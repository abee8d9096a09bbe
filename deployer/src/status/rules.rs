//! The rules of an installation: what AWS Config knows of their runs and results.

use std::collections::BTreeMap;

use aws_sdk_config::types::ConfigRuleEvaluationStatus;
use aws_smithy_types::DateTime;
use futures_util::join;
use rule::check::ALL;
use time::OffsetDateTime;

use crate::aws::{AwsRefusal, Clients, refused};
use crate::names::Names;
use crate::observe::{Read, RuleState, rules};
use crate::settings::Delivery;
use crate::templates::parameter_of;

/// What AWS Config tells of a rule's runs. It need not tell anything of custom rules
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigRuleEvaluationStatus.html>), so that
/// what is missing means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRun {
    /// The rule.
    pub rule: String,
    /// When it was switched on.
    pub activated: Option<OffsetDateTime>,
    /// Whether it was ever asked for a judgement.
    pub has_started: bool,
    /// When the function was last invoked.
    pub last_success: Option<OffsetDateTime>,
    /// When invoking it last failed.
    pub last_failure: Option<OffsetDateTime>,
    /// AWS Config's code of the last failure.
    pub error_code: Option<String>,
    /// AWS Config's words about the last failure.
    pub error_message: Option<String>,
}

/// What a rule's results come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compliance {
    /// The rule.
    pub rule: String,
    /// `COMPLIANT`, `NON_COMPLIANT`, `NOT_APPLICABLE` or `INSUFFICIENT_DATA`.
    pub kind: String,
    /// How many resources that comes from, and whether there are more than AWS Config counts.
    pub contributors: Option<(i32, bool)>,
}

/// All that is known of an installation's rules.
pub(super) struct Known {
    pub(super) rules: Read<Vec<RuleState>>,
    pub(super) runs: Read<Vec<RuleRun>>,
    pub(super) compliance: Read<Vec<Compliance>>,
}

impl Known {
    pub(super) fn unread(refusal: &AwsRefusal) -> Self {
        Self { rules: Err(refusal.clone()), runs: Err(refusal.clone()), compliance: Err(refusal.clone()) }
    }
}

/// The names of the rules that a stack with these parameters makes; a pack appends to them.
pub(super) fn expected(parameters: &BTreeMap<String, String>, names: Names<'_>) -> Vec<String> {
    let is = |name: &str, value: &str| parameters.get(name).is_some_and(|actual| actual == value);
    let delivered = is("Delivery", Delivery::Rules.as_str()) || is("Delivery", Delivery::ConformancePack.as_str());
    let on = ALL.into_iter().filter(|check| delivered && is(&parameter_of(check), "on"));
    on.map(|check| names.rule(check)).collect()
}

/// Reads the rules of these names. Only those that exist are asked about: AWS Config refuses a list with another.
pub(super) async fn read(clients: &Clients, expected: &[String]) -> Known {
    let found = match rules::named(clients, expected).await {
        Ok(found) => found,
        Err(refusal) => return Known::unread(&refusal),
    };
    let existing: Vec<String> = found.iter().map(|rule| rule.name.clone()).collect();
    if existing.is_empty() {
        return Known { rules: Ok(found), runs: Ok(Vec::new()), compliance: Ok(Vec::new()) };
    }
    let (runs, compliance) = join!(runs(clients, &existing), compliance(clients, &existing));
    Known { rules: Ok(found), runs, compliance }
}

async fn runs(clients: &Clients, names: &[String]) -> Read<Vec<RuleRun>> {
    let call = clients.config.describe_config_rule_evaluation_status();
    let answer = call.set_config_rule_names(Some(names.to_vec())).send().await;
    let answer =
        answer.map_err(|error| refused("config:DescribeConfigRuleEvaluationStatus", &clients.region, &error))?;
    Ok(answer.config_rules_evaluation_status().iter().map(run).collect())
}

fn run(status: &ConfigRuleEvaluationStatus) -> RuleRun {
    RuleRun {
        rule: status.config_rule_name().unwrap_or_default().to_owned(),
        activated: time(status.first_activated_time()),
        has_started: status.first_evaluation_started(),
        last_success: time(status.last_successful_invocation_time()),
        last_failure: time(status.last_failed_invocation_time()).max(time(status.last_failed_evaluation_time())),
        error_code: status.last_error_code().map(str::to_owned),
        error_message: status.last_error_message().map(str::to_owned),
    }
}

fn time(time: Option<&DateTime>) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(time?.secs()).ok()
}

async fn compliance(clients: &Clients, names: &[String]) -> Read<Vec<Compliance>> {
    let call = clients.config.describe_compliance_by_config_rule();
    let answer = call.set_config_rule_names(Some(names.to_vec())).send().await;
    let answer = answer.map_err(|error| refused("config:DescribeComplianceByConfigRule", &clients.region, &error))?;
    let told = answer.compliance_by_config_rules().iter().map(|rule| {
        let compliance = rule.compliance();
        let count = compliance.and_then(|compliance| compliance.compliance_contributor_count());
        Compliance {
            rule: rule.config_rule_name().unwrap_or_default().to_owned(),
            kind: compliance
                .and_then(|compliance| compliance.compliance_type())
                .map_or("INSUFFICIENT_DATA", |kind| kind.as_str())
                .to_owned(),
            contributors: count.map(|count| (count.capped_count(), count.cap_exceeded())),
        }
    });
    Ok(told.collect())
}
