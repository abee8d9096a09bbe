//! A result as AWS Config holds it, as a row.

use std::collections::HashMap;

use aws_sdk_config::types::{ComplianceType, EvaluationResultIdentifier};
use aws_smithy_types::DateTime;
use rule::check::Check;
use rule::resource::ResourceType;
use time::OffsetDateTime;

use super::Wanted;
use super::exempt::exempt;
use crate::evidence::Moment;
use crate::evidence::rows::{Compliance, EvaluationRow};

/// What AWS Config says of one resource and one rule, from an account itself or from an aggregator.
pub(super) struct Told<'a> {
    pub(super) identifier: Option<&'a EvaluationResultIdentifier>,
    pub(super) compliance: Option<&'a ComplianceType>,
    pub(super) annotation: Option<&'a str>,
    pub(super) invoked: Option<&'a DateTime>,
    pub(super) recorded: Option<&'a DateTime>,
}

/// Whose result it is.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) rule: &'a str,
    pub(super) check: &'static Check,
}

/// The row; none if AWS Config does not say of which resource it is.
pub(super) fn row(of: Of<'_>, told: &Told<'_>, wanted: &Wanted) -> Option<EvaluationRow> {
    let identifier = told.identifier?;
    let qualifier = identifier.evaluation_result_qualifier()?;
    let (resource_type, resource_id) = (qualifier.resource_type()?, qualifier.resource_id()?);
    let mut row = EvaluationRow {
        account: of.account.to_owned(),
        region: of.region.to_owned(),
        check: of.check.id.to_owned(),
        rule: qualifier.config_rule_name().unwrap_or(of.rule).to_owned(),
        resource_type: resource_type.to_owned(),
        resource_id: resource_id.to_owned(),
        notebook: name_in(resource_type, resource_id).map(str::to_owned),
        compliance_type: compliance(told.compliance),
        annotation: told.annotation.filter(|text| !text.is_empty()).map(str::to_owned),
        ordering_timestamp: identifier.ordering_timestamp().and_then(moment),
        config_rule_invoked_time: told.invoked.and_then(moment),
        result_recorded_time: told.recorded.and_then(moment),
        exempt: None,
    };
    row.exempt = exempt(&row, of.check, wanted);
    Some(row)
}

/// What AWS Config has no word for that we know is no result.
fn compliance(told: Option<&ComplianceType>) -> Compliance {
    match told {
        Some(ComplianceType::Compliant) => Compliance::Compliant,
        Some(ComplianceType::NonCompliant) => Compliance::NonCompliant,
        Some(ComplianceType::NotApplicable) => Compliance::NotApplicable,
        _ => Compliance::InsufficientData,
    }
}

/// To the second, as evidence has its times.
pub(super) fn moment(time: &DateTime) -> Option<Moment> {
    OffsetDateTime::from_unix_timestamp(time.secs()).ok().map(Moment::from)
}

/// A notebook's name is the end of its ARN; a domain's id tells nothing.
pub(super) fn name_in<'a>(resource_type: &str, id: &'a str) -> Option<&'a str> {
    let is_notebook = resource_type == ResourceType::NOTEBOOK_INSTANCE.as_str();
    is_notebook.then(|| id.rsplit_once("notebook-instance/").map(|(_, name)| name)).flatten()
}

/// What tells resources of one place apart: ids that differ in letter case alone are one.
pub(super) fn key(resource_type: &str, id: &str) -> (String, String) {
    (resource_type.to_owned(), id.to_ascii_lowercase())
}

/// Each resource once, in the order in which they came. Pages overlap while a rule runs, and ids that differ in letter
/// case alone are one: a violation is kept whatever else is said, else the later result.
pub(super) fn once(rows: impl Iterator<Item = EvaluationRow>) -> Vec<EvaluationRow> {
    let rank = |row: &EvaluationRow| (row.compliance_type == Compliance::NonCompliant, row.ordering_timestamp);
    let (mut kept, mut known) = (Vec::<EvaluationRow>::new(), HashMap::new());
    for row in rows {
        let at = *known.entry(key(&row.resource_type, &row.resource_id)).or_insert(kept.len());
        match kept.get_mut(at) {
            None => kept.push(row),
            Some(other) if rank(other) < rank(&row) => *other = row,
            Some(_) => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, word: &str, at: &str) -> EvaluationRow {
        let row = serde_json::json!({"account": "1", "region": "r", "check": "root-access", "rule": "root",
            "resourceType": "t", "resourceId": id, "complianceType": word, "orderingTimestamp": at});
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_violation_is_never_dropped_for_another_spelling_of_its_id() {
        let (early, late) = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        let all = [
            row("One", "COMPLIANT", late),
            row("two", "COMPLIANT", early),
            row("one", "NON_COMPLIANT", early),
            row("ONE", "COMPLIANT", late),
            row("Two", "NOT_APPLICABLE", late),
            row("two", "COMPLIANT", early),
        ];
        let kept = once(all.into_iter());
        let told: Vec<_> = kept.iter().map(|row| (row.resource_id.as_str(), row.compliance_type)).collect();
        assert_eq!(told, [("one", Compliance::NonCompliant), ("Two", Compliance::NotApplicable)]);
    }
}
