//! From recorded items to what happened in a period.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::history::{COMPLIANCE, Item};
use crate::evidence::Moment;
use crate::evidence::rows::{Compliance, EvaluationRow, Event, GapReason, Resource, TimelineRow};

/// A time that evidence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// When it begins.
    pub(crate) from: Moment,
    /// When it ends.
    pub(crate) to: Moment,
}

/// A row about one resource.
pub(super) fn row(resource: &Resource, at: Moment, event: Event) -> TimelineRow {
    TimelineRow {
        account: resource.account.clone(),
        region: resource.region.clone(),
        resource_type: Some(resource.resource_type.clone()),
        resource_id: Some(resource.resource_id.clone()),
        at,
        event,
    }
}

/// A gap in what is known of one resource.
pub(super) fn gap(
    resource: &Resource,
    (at, until): (Moment, Option<Moment>),
    reason: GapReason,
    detail: String,
) -> TimelineRow {
    row(resource, at, Event::Gap { until, reason, detail: Some(detail) })
}

/// Those of some items that say what was so in the period: those in it, and the last one before.
fn of_period(items: &[Item], period: Period) -> &[Item] {
    let begun = items.partition_point(|item| item.at <= period.from).saturating_sub(1);
    let ended = items.partition_point(|item| item.at <= period.to);
    items.get(begun..ended).unwrap_or_default()
}

/// What was recorded of a resource's settings. Items are in the order of time.
pub(super) fn settings(resource: &Resource, items: &[Item], period: Period) -> Vec<TimelineRow> {
    let event = |item: &Item| Event::ConfigurationItem {
        status: item.status.clone(),
        configuration: match &item.configuration {
            Some(Value::Object(members)) => members.clone(),
            Some(_) | None => Map::new(),
        },
    };
    of_period(items, period).iter().map(|item| row(resource, item.at, event(item))).collect()
}

/// How the results of our rules changed. Items are those of `AWS::Config::ResourceCompliance`, in the order of time;
/// `check_of` knows our rules by name.
pub(super) fn compliance(
    resource: &Resource,
    items: &[Item],
    period: Period,
    check_of: &dyn Fn(&str) -> Option<String>,
) -> Vec<TimelineRow> {
    let mut before: Option<BTreeMap<String, Compliance>> = None;
    let mut rows = Vec::new();
    for item in of_period(items, period) {
        let now = results(item);
        let gone = before.iter().flat_map(BTreeMap::keys).filter(|rule| !now.contains_key(*rule));
        let gone: Vec<(String, Compliance)> = gone.map(|rule| (rule.clone(), Compliance::InsufficientData)).collect();
        for (rule, to) in now.iter().map(|(rule, to)| (rule.clone(), *to)).chain(gone) {
            let Some(check) = check_of(&rule) else { continue };
            let from = before.as_ref().map(|before| before.get(&rule).copied().unwrap_or(Compliance::InsufficientData));
            if from != Some(to) {
                rows.push(row(resource, item.at, Event::Compliance { check, rule, from, to, annotation: None }));
            }
        }
        before = Some(now);
    }
    rows
}

/// The results that an item tells, by rule.
/// <https://github.com/awslabs/aws-config-resource-schema/blob/master/config/properties/resource-types/AWS::Config::ResourceCompliance.properties.json>
fn results(item: &Item) -> BTreeMap<String, Compliance> {
    let rules = item.configuration.as_ref().and_then(|it| it.get("configRuleList")).and_then(Value::as_array);
    let result = |rule: &Value| {
        let name = rule.get("configRuleName")?.as_str()?.to_owned();
        Some((name, serde_json::from_value(rule.get("complianceType")?.clone()).ok()?))
    };
    rules.into_iter().flatten().filter_map(result).collect()
}

/// What the present results tell where no changes were recorded: that it was so when AWS Config recorded them, and
/// nothing about before.
pub(super) fn present(resource: &Resource, evaluations: &[&EvaluationRow], period: Period) -> Vec<TimelineRow> {
    let of = |one: &&EvaluationRow| {
        let at = one.result_recorded_time.or(one.config_rule_invoked_time)?;
        let (check, rule, annotation) = (one.check.clone(), one.rule.clone(), one.annotation.clone());
        let event = Event::Compliance { check, rule, from: None, to: one.compliance_type, annotation };
        (at <= period.to).then(|| row(resource, at, event))
    };
    evaluations.iter().filter_map(of).collect()
}

/// The present results, and that nothing is known of the time before them.
pub(super) fn unrecorded(resource: &Resource, evaluations: &[&EvaluationRow], period: Period) -> Vec<TimelineRow> {
    let mut rows = present(resource, evaluations, period);
    let since = rows.iter().map(|row| row.at).min();
    if since.is_none_or(|since| since > period.from) {
        let detail = format!("AWS Config has no {COMPLIANCE} of it: how its results changed is not known");
        rows.push(gap(resource, (period.from, since), GapReason::NotRecorded, detail));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::rows::Known;
    use serde_json::json;

    fn at(day: u8) -> Moment {
        format!("2026-10-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn resource() -> Resource {
        Resource {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_type: "AWS::SageMaker::NotebookInstance".to_owned(),
            resource_id: "nb".to_owned(),
            name: None,
            status: None,
            created: None,
            known: Known::Listed,
            not_judged: None,
        }
    }

    fn item(day: u8, results: &[(&str, &str)]) -> Item {
        let rule = |(name, kind): &(&str, &str)| json!({"configRuleName": name, "complianceType": kind});
        let rules: Vec<Value> = results.iter().map(rule).collect();
        Item { at: at(day), status: "OK".to_owned(), configuration: Some(json!({"configRuleList": rules})) }
    }

    #[test]
    fn changes_are_told_from_the_last_item_before_the_period() {
        let items = [
            item(1, &[("ours", "COMPLIANT")]),
            item(2, &[("ours", "NON_COMPLIANT"), ("another", "COMPLIANT")]),
            item(5, &[("ours", "NON_COMPLIANT"), ("another", "NON_COMPLIANT")]),
            item(7, &[("ours", "COMPLIANT")]),
            Item { at: at(8), status: "ResourceDeleted".to_owned(), configuration: None },
            item(12, &[("ours", "NON_COMPLIANT")]),
        ];
        let ours = |rule: &str| (rule == "ours").then(|| "root-access".to_owned());
        let rows = compliance(&resource(), &items, Period { from: at(4), to: at(10) }, &ours);
        let told: Vec<_> = rows
            .iter()
            .map(|row| match &row.event {
                Event::Compliance { from, to, .. } => (row.at, *from, *to),
                Event::ConfigurationItem { .. } | Event::Gap { .. } => panic!("{row:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                (at(2), None, Compliance::NonCompliant),
                (at(7), Some(Compliance::NonCompliant), Compliance::Compliant),
                (at(8), Some(Compliance::Compliant), Compliance::InsufficientData),
            ]
        );
    }
}
