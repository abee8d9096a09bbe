//! The whole report as one JSON object.

use serde_json::{Value, json};

use crate::evaluate::{Report, Source, Tally};

/// The report as JSON. `schemaVersion` rises when a member changes its meaning; members may be added.
#[must_use]
pub fn json(report: &Report) -> String {
    let source = match &report.source {
        Source::Account { account, caller } => json!({"kind": "account", "account": account, "caller": caller}),
        Source::Files(files) => json!({"kind": "files", "files": files}),
    };
    let readings: Vec<Value> = report
        .readings
        .iter()
        .map(|reading| json!({"place": reading.place, "resources": reading.resources, "failure": reading.failure}))
        .collect();
    let summary: Vec<Value> = report
        .checks
        .iter()
        .map(|check| {
            let Tally { compliant, non_compliant, not_applicable, undetermined } = report.tally(check);
            json!({"check": check.id, "compliant": compliant, "nonCompliant": non_compliant,
                "notApplicable": not_applicable, "undetermined": undetermined})
        })
        .collect();
    let results: Vec<Value> = report
        .resources
        .iter()
        .flat_map(|resource| {
            resource.verdicts.iter().map(move |(check, verdict)| {
                json!({"account": resource.account, "region": resource.region,
                    "resourceType": resource.resource_type.as_str(), "resourceId": resource.id,
                    "name": resource.name, "check": check.id, "severity": check.severity.as_str(),
                    "complianceType": verdict.as_str(), "annotation": verdict.reason(),
                    "exempt": resource.exempt.contains(check.id)})
            })
        })
        .collect();
    let unmatched: Vec<Value> = report
        .unmatched
        .iter()
        .map(|one| {
            json!({"account": one.account.as_str(), "region": one.region, "check": one.check,
                "notebook": one.notebook.as_str(), "ticket": one.ticket, "expires": one.expires.to_string()})
        })
        .collect();
    let whole = json!({"schemaVersion": 1, "source": source, "complete": !report.is_incomplete(),
        "interrupted": report.interrupted, "readings": readings, "summary": summary, "results": results,
        "unmatchedExemptions": unmatched});
    format!("{whole:#}\n")
}
