//! What AWS Config held about one resource and one rule.

use serde::{Deserialize, Serialize};

use crate::evidence::Moment;

/// A line of `evaluations.jsonl`. Its texts are of any type that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationRow<T = String> {
    /// The account's id.
    pub account: T,
    /// The Region.
    pub region: T,
    /// The check: `direct-internet-access`.
    pub check: T,
    /// The Config rule's name.
    pub rule: T,
    /// The resource's type.
    pub resource_type: T,
    /// The resource's id, as AWS Config has it.
    pub resource_id: T,
    /// The notebook's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notebook: Option<T>,
    /// The result.
    pub compliance_type: Compliance,
    /// What was seen, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation: Option<T>,
    /// When what was judged was seen (`OrderingTimestamp`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordering_timestamp: Option<Moment>,
    /// When AWS Config invoked the rule (`ConfigRuleInvokedTime`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_rule_invoked_time: Option<Moment>,
    /// When AWS Config recorded the result (`ResultRecordedTime`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_recorded_time: Option<Moment>,
    /// The exemption that fits it, also one that has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Exempt>,
}

impl<T> EvaluationRow<T> {
    /// Whether an exemption holds for it.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.exempt.as_ref().is_some_and(|exempt| !exempt.expired)
    }

    /// Whether it is as an exemption made it that has expired since: the rule did not run again, and nobody bears the
    /// violation.
    #[must_use]
    pub fn is_lapsed(&self) -> bool {
        let is_borne = self.compliance_type == Compliance::NotApplicable;
        is_borne && self.exempt.as_ref().is_some_and(|exempt| exempt.expired)
    }

    /// Whether it is a violation: AWS Config says so, or says otherwise because of an exemption that has expired.
    #[must_use]
    pub fn is_violation(&self) -> bool {
        self.compliance_type == Compliance::NonCompliant || self.is_lapsed()
    }
}

/// A result, in AWS Config's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Compliance {
    /// The resource satisfies the rule.
    Compliant,
    /// It violates the rule.
    NonCompliant,
    /// The rule does not apply, or an exemption holds.
    NotApplicable,
    /// AWS Config has no result, or deleted it.
    InsufficientData,
}

impl Compliance {
    /// AWS Config's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// The exemption that fits a result. `exemptions.yaml` has the same fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exempt {
    /// The ticket.
    pub ticket: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who approved it.
    pub approved_by: String,
    /// The last day: `2027-01-31`.
    pub expires: String,
    /// Whether that day has passed: it then changes nothing.
    pub expired: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(compliance: &str, expired: Option<bool>) -> EvaluationRow {
        let exempt = expired.map(|expired| {
            serde_json::json!({"ticket": "SEC-1", "reason": "r", "owner": "o", "approvedBy": "a",
                "expires": "2026-10-31", "expired": expired})
        });
        let row = serde_json::json!({"account": "111122223333", "region": "eu-west-1", "check": "root-access",
            "rule": "notebook-guard-root-access", "resourceType": "t", "resourceId": "i",
            "complianceType": compliance, "exempt": exempt});
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn an_exemption_that_has_expired_bears_nothing() {
        for (compliance, expired, is_exempt, is_lapsed, is_violation) in [
            ("NOT_APPLICABLE", Some(false), true, false, false),
            ("NOT_APPLICABLE", Some(true), false, true, true),
            ("NOT_APPLICABLE", None, false, false, false),
            ("NON_COMPLIANT", Some(true), false, false, true),
            ("NON_COMPLIANT", None, false, false, true),
            ("COMPLIANT", None, false, false, false),
        ] {
            let row = row(compliance, expired);
            let told = (row.is_exempt(), row.is_lapsed(), row.is_violation());
            assert_eq!(told, (is_exempt, is_lapsed, is_violation), "{compliance} {expired:?}");
        }
    }
}
