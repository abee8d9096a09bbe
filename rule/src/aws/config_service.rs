//! AWS Config: `PutEvaluations`, old results, history.

use aws_config::SdkConfig;
use aws_sdk_config::Client;
use aws_sdk_config::operation::put_evaluations::PutEvaluationsError;
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{
    ComplianceType as SdkComplianceType, Evaluation as SdkEvaluation, EvaluationMode as SdkEvaluationMode,
    EvaluationResultIdentifier, ResourceType as SdkResourceType,
};
use serde_json::Value;

use super::failure::{read_error, shortened};
use super::meter::Meter;
use super::resilience::{retries, retry_partition, timeouts};
use crate::evaluation::{ComplianceType, Evaluation};
use crate::event::{ConfigurationItem, ResultToken};
use crate::port::{ConfigService, OldResult, OldResults, PutError, ReadError};
use crate::resource::{ResourceId, ResourceType};
use crate::timestamp::OrderingTimestamp;

/// How many pages of a history are read in search of one item. One call covers seven days at most
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html>) and the wanted item is
/// the newest before a time, so it is on the first page that is not empty.
const HISTORY_PAGES: usize = 10;

/// AWS Config in one account and Region.
#[derive(Debug, Clone)]
pub struct AwsConfigService {
    client: Client,
}

impl AwsConfigService {
    /// The service that the SDK's configuration points at.
    #[must_use]
    pub fn new(sdk: &SdkConfig, meter: &Meter) -> Self {
        let config = aws_sdk_config::config::Builder::from(sdk)
            .retry_config(retries())
            .retry_partition(retry_partition("config"))
            .timeout_config(timeouts())
            .interceptor(meter.clone())
            .build();
        Self { client: Client::from_conf(config) }
    }
}

impl ConfigService for AwsConfigService {
    async fn put_evaluations(
        &self,
        token: &ResultToken,
        evaluations: &[Evaluation],
    ) -> Result<Vec<Evaluation>, PutError> {
        let sent = evaluations.iter().map(to_sdk).collect::<Result<Vec<_>, _>>()?;
        let answer = self
            .client
            .put_evaluations()
            .result_token(token.expose())
            .set_evaluations(Some(sent))
            .test_mode(token.is_test())
            .send()
            .await
            .map_err(|error| put_error(&error, token))?;
        let failed = answer.failed_evaluations();
        let ours: Vec<_> =
            evaluations.iter().filter(|own| failed.iter().any(|other| is_same(own, other))).cloned().collect();
        if ours.len() < failed.len() {
            // Which of ours it means is not known, so none of them may be taken as delivered.
            let reason = "it returns failed evaluations that were not sent".to_owned();
            return Err(PutError::Failed(ReadError::Unusable { operation: "PutEvaluations", reason }));
        }
        Ok(ours)
    }

    async fn old_results(&self, rule_name: &str, next_token: Option<String>) -> Result<OldResults, ReadError> {
        const OPERATION: &str = "GetComplianceDetailsByConfigRule";
        let answer = self
            .client
            .get_compliance_details_by_config_rule()
            .config_rule_name(rule_name)
            .compliance_types(SdkComplianceType::Compliant)
            .compliance_types(SdkComplianceType::NonCompliant)
            .limit(100)
            .set_next_token(next_token)
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(service) if service.is_no_such_config_rule_exception() => ReadError::Gone,
                Some(_) | None => read_error(OPERATION, &error),
            })?;
        let results = answer
            .evaluation_results()
            .iter()
            .filter_map(|result| old_result(result.evaluation_result_identifier()?))
            .collect();
        Ok(OldResults { results, next_token: answer.next_token().map(str::to_owned) })
    }

    async fn item_at(
        &self,
        resource_type: &ResourceType,
        id: &ResourceId,
        capture_time: OrderingTimestamp,
    ) -> Result<Option<ConfigurationItem>, ReadError> {
        const OPERATION: &str = "GetResourceConfigHistory";
        let mut next_token = None;
        for _ in 0..HISTORY_PAGES {
            let answer = self
                .client
                .get_resource_config_history()
                // The enumeration lacks notebook instances; the text goes through as it is.
                .resource_type(SdkResourceType::from(resource_type.as_str()))
                .resource_id(id.as_str())
                .later_time(DateTime::from_millis(capture_time.millis()))
                .limit(1)
                .set_next_token(next_token.clone())
                .send()
                .await
                .map_err(|error| read_error(OPERATION, &error))?;
            for item in answer.configuration_items() {
                if item.configuration_item_capture_time().is_some_and(|time| millis(time) == capture_time.millis()) {
                    return Ok(Some(ConfigurationItem {
                        resource_type: resource_type.clone(),
                        resource_id: id.clone(),
                        resource_name: item.resource_name().map(str::to_owned),
                        arn: item.arn().map(str::to_owned),
                        status: item.configuration_item_status().map(|status| status.as_str().to_owned()),
                        capture_time,
                        configuration: crate::event::configuration(
                            item.configuration().map(|text| Value::String(text.to_owned())).as_ref(),
                        ),
                    }));
                }
            }
            next_token = answer.next_token().map(str::to_owned);
            if next_token.is_none() || !answer.configuration_items().is_empty() {
                break;
            }
        }
        Ok(None)
    }
}

/// The service sends seconds as a decimal fraction, and the SDK reads `….636` as `….635999918`: to be rounded, not cut.
fn millis(time: &DateTime) -> i64 {
    let nanos = time.as_nanos();
    i64::try_from((nanos + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

fn to_sdk(evaluation: &Evaluation) -> Result<SdkEvaluation, PutError> {
    SdkEvaluation::builder()
        .compliance_resource_type(evaluation.resource_type.as_str())
        .compliance_resource_id(evaluation.resource_id.as_str())
        .compliance_type(match evaluation.compliance_type {
            ComplianceType::Compliant => SdkComplianceType::Compliant,
            ComplianceType::NonCompliant => SdkComplianceType::NonCompliant,
            ComplianceType::NotApplicable => SdkComplianceType::NotApplicable,
        })
        .set_annotation(evaluation.annotation.as_ref().map(ToString::to_string))
        .ordering_timestamp(DateTime::from_millis(evaluation.ordering_timestamp.millis()))
        .build()
        .map_err(|error| {
            PutError::Failed(ReadError::Unusable { operation: "PutEvaluations", reason: error.to_string() })
        })
}

fn is_same(own: &Evaluation, other: &SdkEvaluation) -> bool {
    own.resource_id.as_str() == other.compliance_resource_id()
        && own.resource_type.as_str() == other.compliance_resource_type()
}

/// A rule may have results of proactive evaluations too; those are not ours to call stale.
fn old_result(identifier: &EvaluationResultIdentifier) -> Option<OldResult> {
    let qualifier = identifier.evaluation_result_qualifier()?;
    if qualifier.evaluation_mode() == Some(&SdkEvaluationMode::Proactive) {
        return None;
    }
    Some(OldResult {
        resource_type: qualifier.resource_type()?.into(),
        resource_id: qualifier.resource_id()?.parse().ok()?,
        ordering_timestamp: identifier.ordering_timestamp().and_then(|t| OrderingTimestamp::from_millis(millis(t))),
    })
}

/// AWS's validation messages repeat the values that they complain of, and the token is one that must not be shown.
fn put_error(error: &aws_sdk_config::error::SdkError<PutEvaluationsError>, token: &ResultToken) -> PutError {
    let said = |service: &PutEvaluationsError| {
        shortened(&service.meta().message().unwrap_or("no message").replace(token.expose(), "(token)"))
    };
    match error.as_service_error() {
        Some(service) if service.is_invalid_result_token_exception() => PutError::InvalidResultToken(said(service)),
        Some(service) if service.is_no_such_config_rule_exception() => PutError::NoSuchConfigRule(said(service)),
        Some(service)
            if service.is_invalid_parameter_value_exception()
                || service.meta().code() == Some("ValidationException") =>
        {
            PutError::Rejected(said(service))
        }
        Some(service) => PutError::Failed(ReadError::Refused {
            operation: "PutEvaluations",
            code: service.meta().code().unwrap_or("an unnamed error").to_owned(),
            message: said(service),
        }),
        None => PutError::Failed(read_error("PutEvaluations", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_time_survives_the_way_through_a_binary_fraction() {
        for (seconds, expected) in [
            (1_682_607_791.636, 1_682_607_791_636),
            (1_682_607_791.0, 1_682_607_791_000),
            (1_682_607_791.999, 1_682_607_791_999),
            (0.001, 1),
            (0.0, 0),
        ] {
            let read = DateTime::from_secs_f64(seconds);
            assert_eq!(millis(&read), expected);
        }
    }
}
