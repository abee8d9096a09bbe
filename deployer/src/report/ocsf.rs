//! OCSF: a Compliance Finding (class 2003) for each evaluation and for each account × Region, one a line.
//!
//! The schema is <https://schema.ocsf.io/1.6.0/classes/compliance_finding>, the version that Security Hub's own findings
//! have.

use std::io::Write;

use rule::check::{Check, Severity};
use serde_json::{Value, json};

use super::findings::{self, Coverage, PRODUCT, State};
use super::meta::Meta;
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::controls::mapping;
use crate::evidence::Moment;
use crate::evidence::rows::{Compliance, EvaluationRow, Place, Resource, Totals};
use crate::failure::Failure;

/// The version of the schema.
const VERSION: &str = "1.6.0";

/// The report as OCSF.
pub(super) struct Ocsf<'a> {
    meta: Meta,
    out: &'a mut dyn Write,
}

impl std::fmt::Debug for Ocsf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ocsf").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Ocsf<'a> {
    pub(super) fn new(meta: Meta, out: &'a mut dyn Write) -> Self {
        Self { meta, out }
    }

    fn write(&mut self, event: &Value) -> Result<(), Failure> {
        writeln!(self.out, "{event}").map_err(|error| unwritten(&error))
    }

    /// What is the same in all of them.
    fn event(&self, (account, region): (&str, &str), at: Option<Moment>) -> Value {
        json!({
            "activity_id": 1, "activity_name": "Create",
            "category_uid": 2, "category_name": "Findings",
            "class_uid": 2003, "class_name": "Compliance Finding",
            "type_uid": 200_301, "type_name": "Compliance Finding: Create",
            "time": millis(at.unwrap_or(self.meta.started)),
            "metadata": {
                "version": VERSION, "profiles": ["cloud"],
                "product": {"name": PRODUCT, "vendor_name": PRODUCT, "version": self.meta.version},
                "processed_time": millis(self.meta.started),
            },
            "cloud": {
                "provider": "AWS", "region": region, "cloud_partition": findings::partition(region),
                "account": {"uid": account, "type_id": 10, "type": "AWS Account"},
            },
        })
    }
}

impl Sink for Ocsf<'_> {
    fn resource(&mut self, _: &Resource) -> Result<(), Failure> {
        Ok(())
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        let check = Check::find(&row.check);
        let title = findings::title(check, row);
        let said = findings::said(row).unwrap_or_else(|| title.to_owned());
        let mut event = self.event((&row.account, &row.region), row.result_recorded_time);
        let severity = severity(check, row);
        let (status_id, status) = lifecycle(row);
        let at = row.ordering_timestamp.or(row.result_recorded_time).unwrap_or(self.meta.started);
        add(
            &mut event,
            json!({
                "severity_id": severity.0, "severity": severity.1,
                "status_id": status_id, "status": status,
                "message": said,
                "finding_info": {"uid": findings::id(row), "title": title, "desc": said, "types": [row.check],
                    "last_seen_time": millis(at)},
                "resources": [resource(row)],
                "compliance": compliance(check, row),
            }),
        );
        if let Some(check) = check {
            add(&mut event, json!({"remediation": {"desc": check.remediation}}));
        }
        if let Some(exempt) = &row.exempt {
            add(&mut event, json!({"unmapped": {"exemption": exempt}}));
        }
        self.write(&event)
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let Coverage { state, title, why } = findings::coverage(place);
        let (life, result) = match state {
            State::Open => ((1, "New"), (0, "Unknown")),
            State::Mended => ((4, "Resolved"), (1, "Pass")),
            State::OutOfScope => ((5, "Archived"), (99, "OUT_OF_SCOPE")),
        };
        let mut event = self.event((&place.account, &place.region), None);
        let uid = &place.account;
        add(
            &mut event,
            json!({
                "severity_id": 1, "severity": "Informational", "message": why,
                "status_id": life.0, "status": life.1,
                "finding_info": {"uid": findings::coverage_id(place), "title": title, "desc": why, "types": ["coverage"],
                    "last_seen_time": millis(self.meta.started)},
                "resources": [{"uid": uid, "type": "AWS::::Account", "region": place.region}],
                "compliance": {"control": "coverage", "status_id": result.0, "status": result.1, "status_details": [why]},
            }),
        );
        self.write(&event)
    }
}

impl ReportSink for Ocsf<'_> {
    fn finish(self: Box<Self>, _: &Totals) -> Result<(), Failure> {
        self.out.flush().map_err(|error| unwritten(&error))
    }
}

fn add(event: &mut Value, more: Value) {
    if let (Value::Object(event), Value::Object(more)) = (event, more) {
        event.extend(more);
    }
}

/// Milliseconds since 1970, as the schema counts.
fn millis(at: Moment) -> i64 {
    at.time().unix_timestamp() * 1_000 + i64::from(at.time().millisecond())
}

/// Only a violation is severe.
fn severity(check: Option<&Check>, row: &EvaluationRow) -> (u8, &'static str) {
    match (row.is_violation(), check.map(|check| check.severity)) {
        (true, Some(Severity::High)) => (4, "High"),
        (true, Some(Severity::Medium)) => (3, "Medium"),
        (true, None) => (0, "Unknown"),
        (false, _) => (1, "Informational"),
    }
}

fn lifecycle(row: &EvaluationRow) -> (u8, &'static str) {
    match row.compliance_type {
        _ if row.is_exempt() => (3, "Suppressed"),
        _ if row.is_lapsed() => (1, "New"),
        Compliance::Compliant => (4, "Resolved"),
        Compliance::NonCompliant | Compliance::InsufficientData => (1, "New"),
        Compliance::NotApplicable => (5, "Archived"),
    }
}

fn resource(row: &EvaluationRow) -> Value {
    let mut resource = json!({"uid": row.resource_id, "type": row.resource_type, "region": row.region,
        "cloud_partition": findings::partition(&row.region)});
    if let Some(name) = &row.notebook {
        add(&mut resource, json!({"name": name}));
    }
    resource
}

/// The result with the control and the requirements that it speaks to.
fn compliance(check: Option<&'static Check>, row: &EvaluationRow) -> Value {
    let (status_id, status) = match row.compliance_type {
        _ if row.is_violation() => (3, "Fail"),
        Compliance::Compliant => (1, "Pass"),
        Compliance::NonCompliant => (3, "Fail"),
        Compliance::InsufficientData => (0, "Unknown"),
        // The schema has no word for it, and leaves 99 for words of the source.
        Compliance::NotApplicable => (99, "NOT_APPLICABLE"),
    };
    let control = check.and_then(|check| mapping().of(check));
    let mut compliance = json!({
        "control": control.map_or(row.check.as_str(), |control| control.id.as_str()),
        "status_id": status_id, "status": status, "status_code": row.compliance_type.as_str(),
        "checks": [{"uid": row.rule, "name": row.check, "status_id": status_id, "status": status}],
    });
    if let Some(annotation) = &row.annotation {
        add(&mut compliance, json!({"status_details": [annotation]}));
    }
    let Some(control) = control else { return compliance };
    let frameworks = mapping().requirements(control);
    let mut standards: Vec<String> = frameworks.iter().map(|(framework, _)| framework.title()).collect();
    if control.ai_security_best_practices {
        let standard = &mapping().standard;
        standards.push(format!("{} {}", standard.name, standard.version));
    }
    add(&mut compliance, json!({"category": control.category, "standards": standards}));
    if !control.requirements.is_empty() {
        add(&mut compliance, json!({"requirements": control.requirements}));
    }
    compliance
}
