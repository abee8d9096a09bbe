//! The parts of the document.

use std::collections::BTreeMap;

use rule::check::{ALL, Check};
use serde_json::{Value, json};

use super::About;
use super::control::{controls, judge, target_id};
use super::uuid::uuid;
use crate::evidence::rows::{ACCOUNT_TYPE, EVALUATIONS, EvaluationRow, POPULATION, Resource};

/// The version of OSCAL.
const VERSION: &str = "1.1.3";
/// The namespace of our properties.
const NS: &str = "https://notebook-guard.example/ns/oscal";
/// What stands for the plan of the assessment.
const PLAN: &str = "plan/notebook-guard";

/// The UUIDs of the violations' observations, by check.
pub(super) type Failing = BTreeMap<&'static str, Vec<String>>;

fn prop(name: &str, value: &str) -> Option<Value> {
    // A property's value has no blank at its ends, and no line break.
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then(|| json!({"name": name, "ns": NS, "value": value}))
}

fn props(all: &[(&str, &str)]) -> Vec<Value> {
    all.iter().filter_map(|(name, value)| prop(name, value)).collect()
}

pub(super) fn metadata(about: &About<'_>) -> Value {
    let party = uuid(&format!("party/{}", about.exporter));
    json!({
        "title": "Notebook Guard: assessment results",
        "last-modified": about.ended,
        "version": about.ended,
        "oscal-version": VERSION,
        "props": props(&[("tool", "deployer"), ("tool-version", env!("CARGO_PKG_VERSION"))]),
        "roles": [{"id": "exporter", "title": "Who exported the evidence"}],
        "parties": [{"uuid": party, "type": "person", "name": about.exporter}],
        "responsible-parties": [{"role-id": "exporter", "party-uuids": [party]}],
    })
}

pub(super) fn plan() -> Value {
    json!({"href": format!("#{}", uuid(PLAN)), "remarks": "The plan is the checks of Notebook Guard and their rules."})
}

pub(super) fn back_matter() -> Value {
    let link = |path: &str| json!({"href": format!("../{path}")});
    json!({"resources": [{
        "uuid": uuid(PLAN),
        "title": "The checks of Notebook Guard",
        "description": "The bundle that this file is in: its population, its evaluations, and the rules that judged.",
        "rlinks": [link("README.txt"), link(POPULATION), link(EVALUATIONS)],
    }]})
}

pub(super) fn reviewed() -> Value {
    let ids: Vec<Value> = controls().keys().map(|id| json!({"control-id": id})).collect();
    json!({
        "description": "Controls of NIST SP 800-53 revision 5 that Security Hub relates to the checks.",
        "control-selections": [{"include-controls": ids}],
    })
}

fn inventory_uuid(account: &str, region: &str, (kind, id): (&str, &str)) -> String {
    uuid(&format!("resource/{account}/{region}/{kind}/{}", id.to_ascii_lowercase()))
}

pub(super) fn inventory(one: &Resource) -> Value {
    let known = serde_json::to_value(one.known).ok().and_then(|known| known.as_str().map(str::to_owned));
    json!({
        "uuid": inventory_uuid(&one.account, &one.region, (&one.resource_type, &one.resource_id)),
        "description": format!("{} of account {} in {}", one.resource_type, one.account, one.region),
        "props": props(&[
            ("account", &one.account),
            ("region", &one.region),
            ("resource-type", &one.resource_type),
            ("resource-id", &one.resource_id),
            ("known", known.as_deref().unwrap_or_default()),
        ]),
    })
}

fn summary_uuid(check: &Check, about: &About<'_>) -> String {
    uuid(&format!("summary/{}/{}/{}", check.id, about.scope, about.started))
}

/// One observation for each check, with its totals.
pub(super) fn summaries(about: &About<'_>) -> Vec<Value> {
    let summary = |check: &Check| {
        let counts = about.totals.checks.get(check.id).copied().unwrap_or_default();
        let numbers: Vec<(&str, String)> =
            counts.named().iter().map(|(name, number)| (*name, number.to_string())).collect();
        let mut all = vec![("check", check.id), ("severity", check.severity.as_str())];
        all.extend(numbers.iter().map(|(name, number)| (*name, number.as_str())));
        json!({
            "uuid": summary_uuid(check, about),
            "title": format!("{}: all results", check.id),
            "description": check.title,
            "props": props(&all),
            "methods": ["TEST"],
            "types": ["control-objective"],
            "relevant-evidence": [{"href": "../report.json", "description": "The totals."}],
            "collected": about.ended,
        })
    };
    ALL.into_iter().map(summary).collect()
}

/// The observation of a result.
pub(super) fn observation(row: &EvaluationRow, about: &About<'_>, failing: &mut Failing) -> Value {
    let EvaluationRow { account, region, rule, resource_type, resource_id, .. } = row;
    let id = uuid(&format!("observation/{}/{account}/{region}/{rule}/{resource_type}/{resource_id}", about.started));
    let is_violation = row.is_violation();
    if let Some(check) = Check::find(&row.check).filter(|_| is_violation) {
        failing.entry(check.id).or_default().push(id.clone());
    }
    let name = row.notebook.as_deref().unwrap_or(resource_id);
    let ticket = row.exempt.as_ref().filter(|_| row.is_exempt()).map_or("", |exempt| exempt.ticket.as_str());
    let mut observation = json!({
        "uuid": id,
        "title": one_line(&format!("{} is {} for {name}", row.check, row.compliance_type.as_str())),
        "description": row.annotation.as_deref().unwrap_or("AWS Config holds no annotation."),
        "props": props(&[
            ("check", &row.check),
            ("rule", rule),
            ("compliance-type", row.compliance_type.as_str()),
            ("account", account),
            ("region", region),
            ("exempt-by", ticket),
        ]),
        "methods": ["TEST"],
        "types": [if is_violation { "finding" } else { "control-objective" }],
        "relevant-evidence": [{"href": "../evaluations.jsonl", "description": "The result as AWS Config held it."}],
        "collected": row.result_recorded_time.or(row.config_rule_invoked_time).unwrap_or(about.started),
    });
    if let (Value::Object(members), true) = (&mut observation, resource_type != ACCOUNT_TYPE) {
        let subject = inventory_uuid(account, region, (resource_type, resource_id));
        let subject = json!([{"subject-uuid": subject, "type": "inventory-item", "title": one_line(name)}]);
        members.insert("subjects".to_owned(), subject);
    }
    observation
}

/// One finding for each control.
pub(super) fn findings(about: &About<'_>, failing: &Failing) -> Vec<Value> {
    let finding = |(id, checks): (String, Vec<&'static Check>)| {
        let judged = judge(&checks, about.totals);
        let names: Vec<&str> = checks.iter().map(|check| check.id).collect();
        let summaries = checks.iter().map(|check| summary_uuid(check, about));
        let violations = checks.iter().filter_map(|check| failing.get(check.id)).flatten().cloned();
        let related: Vec<Value> = summaries.chain(violations).map(|id| json!({"observation-uuid": id})).collect();
        json!({
            "uuid": uuid(&format!("finding/{id}/{}/{}", about.scope, about.started)),
            "title": format!("{id}, as far as told by {}", names.join(", ")),
            "description": judged.remarks,
            "target": {
                "type": "statement-id",
                "target-id": target_id(&id),
                "status": {"state": judged.state, "reason": judged.reason},
            },
            "related-observations": related,
        })
    };
    controls().into_iter().map(finding).collect()
}

/// Titles have no line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
