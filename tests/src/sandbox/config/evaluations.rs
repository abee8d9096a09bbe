//! `PutEvaluations`.

use serde_json::{Value, json};

use super::rule::Rule;
use super::{Grant, compliance_item, knows_type};
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Region, State};

/// One result that AWS Config holds for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvaluation {
    /// `ComplianceResourceType`.
    pub resource_type: String,
    /// `ComplianceResourceId`.
    pub resource_id: String,
    /// `ComplianceType`.
    pub compliance_type: String,
    /// `Annotation`.
    pub annotation: Option<String>,
    /// `OrderingTimestamp`.
    pub ordering_timestamp: Instant,
    /// `ResultRecordedTime`.
    pub recorded: Instant,
    /// `ConfigRuleInvokedTime`.
    pub invoked: Instant,
}

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let evaluations = call.list("Evaluations");
    for evaluation in evaluations {
        refuse(evaluation, region)?;
    }
    let failed: Vec<&Value> = evaluations.iter().filter(|evaluation| fails(evaluation, call)).collect();
    if call.flag("TestMode") {
        return Ok(json!({"FailedEvaluations": failed}));
    }
    let token = call.required("ResultToken");
    let invalid = || Refusal::new("InvalidResultTokenException", "Result Token provided is invalid");
    let grant = region.config.tokens.get(token).cloned().ok_or_else(invalid)?;
    let now = ambient.clock.now();
    let rule = region.config.rules.values_mut().find(|rule| rule.id == grant.rule_id).ok_or_else(|| {
        let message = "The ConfigRule provided in the request is invalid. Please check the configRule name";
        Refusal::new("NoSuchConfigRuleException", message)
    })?;
    let mut touched = Vec::new();
    for evaluation in evaluations.iter().filter(|evaluation| !fails(evaluation, call)) {
        if let Some(stored) = stored(evaluation, &grant, now) {
            touched.push((stored.resource_type.clone(), stored.resource_id.clone()));
            store(rule, stored);
        }
    }
    compliance_item::note(region, ambient, touched);
    Ok(json!({"FailedEvaluations": failed}))
}

fn refuse(evaluation: &Value, region: &Region) -> Result<(), Refusal> {
    let text = |member: &str| evaluation.get(member).and_then(Value::as_str).unwrap_or_default();
    if text("ComplianceType") == "INSUFFICIENT_DATA" {
        return Err(Refusal::invalid_parameter(
            "The ComplianceType INSUFFICIENT_DATA is invalid. Only the following values are permitted: \
             [COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE]",
        ));
    }
    let resource_type = text("ComplianceResourceType");
    if !knows_type(resource_type) || region.config.refused_types.contains(resource_type) {
        // AWS goes on with all of its several hundred types.
        return Err(Refusal::invalid_parameter(format!(
            "The resource type {resource_type} is invalid. Only the following values are permitted: \
             [AWS::::Account, AWS::EC2::Instance, ...]"
        )));
    }
    Ok(())
}

fn fails(evaluation: &Value, call: &Call<'_>) -> bool {
    let id = evaluation.get("ComplianceResourceId").and_then(Value::as_str);
    id.is_some_and(|id| call.failing.iter().any(|failing| failing == id))
}

fn stored(evaluation: &Value, grant: &Grant, now: Instant) -> Option<StoredEvaluation> {
    let text = |member: &str| evaluation.get(member).and_then(Value::as_str).map(ToOwned::to_owned);
    Some(StoredEvaluation {
        resource_type: text("ComplianceResourceType")?,
        resource_id: text("ComplianceResourceId")?,
        compliance_type: text("ComplianceType")?,
        annotation: text("Annotation"),
        ordering_timestamp: Instant::from_epoch(evaluation.get("OrderingTimestamp")?)?,
        recorded: now,
        invoked: grant.invoked,
    })
}

/// Keeps a result, unless a newer one for the same resource is there. Of two with one time, the later put wins.
pub(crate) fn store(rule: &mut Rule, evaluation: StoredEvaluation) {
    let key = (evaluation.resource_type.clone(), evaluation.resource_id.clone());
    let newer = rule.results.get(&key).is_some_and(|known| known.ordering_timestamp > evaluation.ordering_timestamp);
    if !newer {
        rule.results.insert(key, evaluation);
    }
}
