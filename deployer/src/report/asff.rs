//! ASFF: requests of `BatchImportFindings`, one a line, each of one account × Region and of 100 findings at most.
//!
//! Security Hub takes findings only in the account and the Region that they are about, so these are never mixed. The
//! fields: <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-attributes.html>; the
//! limits: <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>.

use std::io::Write;

use rule::check::{Check, Severity};
use rule::resource::ResourceType;
use serde_json::{Value, json};

use super::findings::{self, Coverage, PRODUCT, State};
use super::meta::Meta;
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::controls::mapping;
use crate::evidence::rows::{ACCOUNT_TYPE, Compliance, EvaluationRow, Place, Resource, Totals};
use crate::failure::Failure;

/// Findings of a request.
const MOST: usize = 100;
/// Characters of a title.
const TITLE: usize = 256;
/// Characters of a description.
const DESCRIPTION: usize = 1024;
/// Characters of what to do.
const ADVICE: usize = 512;
/// What kind of findings they are.
const TYPES: [&str; 1] = ["Software and Configuration Checks/AWS Security Best Practices"];
/// Requirements of a finding.
const REQUIREMENTS: usize = 32;

/// The report as ASFF.
pub(super) struct Asff<'a> {
    meta: Meta,
    out: &'a mut dyn Write,
    /// The account and Region of what waits.
    place: (String, String),
    waiting: Vec<Value>,
}

impl std::fmt::Debug for Asff<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asff").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Asff<'a> {
    pub(super) fn new(meta: Meta, out: &'a mut dyn Write) -> Self {
        Self { meta, out, place: Default::default(), waiting: Vec::new() }
    }

    fn add(&mut self, (account, region): (&str, &str), finding: Value) -> Result<(), Failure> {
        let is_here = self.place.0 == account && self.place.1 == region;
        if !is_here || self.waiting.len() == MOST {
            self.send()?;
            self.place = (account.to_owned(), region.to_owned());
        }
        self.waiting.push(finding);
        Ok(())
    }

    fn send(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let request = json!({"Findings": std::mem::take(&mut self.waiting)});
        writeln!(self.out, "{request}").map_err(|error| unwritten(&error))
    }

    /// What is the same in all of them.
    fn finding(&self, (account, region): (&str, &str), id: &str) -> serde_json::Map<String, Value> {
        let partition = findings::partition(region);
        let product = format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default");
        let same = [
            ("SchemaVersion", json!("2018-10-08")),
            ("Id", json!(id)),
            ("ProductArn", json!(product)),
            ("ProductName", json!(PRODUCT)),
            ("CompanyName", json!(PRODUCT)),
            ("AwsAccountId", json!(account)),
            ("Region", json!(region)),
            ("Types", json!(TYPES)),
            ("UpdatedAt", json!(self.meta.started)),
        ];
        same.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Sink for Asff<'_> {
    fn resource(&mut self, _: &Resource) -> Result<(), Failure> {
        Ok(())
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        let check = Check::find(&row.check);
        let title = findings::title(check, row);
        let said = findings::said(row);
        let place = (row.account.as_str(), row.region.as_str());
        let mut finding = self.finding(place, &findings::id(row));
        let mut put = |name: &str, value: Value| finding.insert(name.to_owned(), value);
        put("GeneratorId", json!(row.rule));
        put("Title", json!(cut(title, TITLE)));
        put("Description", json!(cut(said.as_deref().unwrap_or(title), DESCRIPTION)));
        put("CreatedAt", json!(row.result_recorded_time.unwrap_or(self.meta.started)));
        if let Some(seen) = row.ordering_timestamp {
            put("LastObservedAt", json!(seen));
        }
        rate(&mut put, severity(check, row));
        put("Resources", json!([resource(row)]));
        put("Compliance", compliance(check, row));
        put("ProductFields", fields(row));
        if let Some(check) = check {
            put("Remediation", json!({"Recommendation": {"Text": cut(check.remediation, ADVICE)}}));
        }
        // The workflow is its owner's: BatchImportFindings cannot change it, and so could not end a suppression.
        let rests = row.compliance_type == Compliance::NotApplicable && !row.is_lapsed();
        put("RecordState", json!(if rests { "ARCHIVED" } else { "ACTIVE" }));
        self.add(place, Value::Object(finding))
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let Coverage { state, title, why } = findings::coverage(place);
        let (status, record) = match state {
            State::Open => ("NOT_AVAILABLE", "ACTIVE"),
            State::Mended => ("PASSED", "ARCHIVED"),
            State::OutOfScope => ("NOT_AVAILABLE", "ARCHIVED"),
        };
        let at = (place.account.as_str(), place.region.as_str());
        let mut finding = self.finding(at, &findings::coverage_id(place));
        let mut put = |name: &str, value: Value| finding.insert(name.to_owned(), value);
        put("GeneratorId", json!("notebook-guard/coverage"));
        put("Title", json!(title));
        put("Description", json!(cut(&why, DESCRIPTION)));
        put("CreatedAt", json!(self.meta.started));
        rate(&mut put, json!({"Label": "INFORMATIONAL"}));
        put("Resources", json!([account(&place.account, &place.region)]));
        put("Compliance", json!({"Status": status}));
        put("RecordState", json!(record));
        self.add(at, Value::Object(finding))
    }
}

impl ReportSink for Asff<'_> {
    fn finish(mut self: Box<Self>, _: &Totals) -> Result<(), Failure> {
        self.send()?;
        self.out.flush().map_err(|error| unwritten(&error))
    }
}

/// The first characters of a text. An empty one is none, and would be refused.
fn cut(text: &str, most: usize) -> String {
    let kept: String = text.chars().take(most).collect();
    if kept.trim().is_empty() { "-".to_owned() } else { kept }
}

/// The severity and the types, also where Security Hub wants what a product says, because its own customers may
/// change the others.
fn rate<T>(put: &mut impl FnMut(&str, Value) -> T, severity: Value) {
    put("FindingProviderFields", json!({"Severity": severity, "Types": TYPES}));
    put("Severity", severity);
}

/// Only a violation is severe: so does Security Hub with its own.
fn severity(check: Option<&Check>, row: &EvaluationRow) -> Value {
    let label = match (row.is_violation(), check.map(|check| check.severity)) {
        (true, Some(Severity::High)) => "HIGH",
        (true, Some(Severity::Medium) | None) => "MEDIUM",
        (false, _) => "INFORMATIONAL",
    };
    json!({"Label": label, "Original": check.map_or("unknown", |check| check.severity.as_str())})
}

fn resource(row: &EvaluationRow) -> Value {
    if row.resource_type == ACCOUNT_TYPE {
        return account(&row.account, &row.region);
    }
    // ASFF has a type for notebook instances and none for domains.
    let is_notebook = row.resource_type == ResourceType::NOTEBOOK_INSTANCE.as_str();
    let kind = if is_notebook { "AwsSageMakerNotebookInstance" } else { "Other" };
    with_partition(
        json!({"Type": kind, "Id": cut(&row.resource_id, findings::LONGEST_ID), "Region": row.region}),
        &row.region,
    )
}

fn account(account: &str, region: &str) -> Value {
    with_partition(json!({"Type": "AwsAccount", "Id": format!("AWS::::Account:{account}"), "Region": region}), region)
}

/// ASFF's names of partitions are those of ARNs, but for two, and it has none for the newest.
fn with_partition(mut resource: Value, region: &str) -> Value {
    let name = match findings::partition(region) {
        "aws-iso" => "aws-us-iso",
        "aws-iso-b" => "aws-us-iso-b",
        known @ ("aws" | "aws-cn" | "aws-us-gov") => known,
        _ => return resource,
    };
    if let Value::Object(resource) = &mut resource {
        resource.insert("Partition".to_owned(), json!(name));
    }
    resource
}

fn compliance(check: Option<&Check>, row: &EvaluationRow) -> Value {
    // NOT_AVAILABLE is also what Security Hub makes of AWS Config's NOT_APPLICABLE.
    let status = match row.compliance_type {
        _ if row.is_violation() => "FAILED",
        Compliance::Compliant => "PASSED",
        Compliance::NonCompliant => "FAILED",
        Compliance::NotApplicable | Compliance::InsufficientData => "NOT_AVAILABLE",
    };
    let requirements: Vec<&str> = check
        .and_then(|check| mapping().of(check))
        .map(|control| control.requirements.iter().map(String::as_str).take(REQUIREMENTS).collect())
        .unwrap_or_default();
    if requirements.is_empty() {
        json!({"Status": status})
    } else {
        json!({"Status": status, "RelatedRequirements": requirements})
    }
}

/// What ASFF has no field for.
fn fields(row: &EvaluationRow) -> Value {
    let mut fields = serde_json::Map::new();
    let mut put = |name: &str, value: &str| {
        fields.insert(format!("notebook-guard/{name}"), json!(cut(value, DESCRIPTION)));
    };
    put("check", &row.check);
    put("complianceType", row.compliance_type.as_str());
    if let Some(name) = &row.notebook {
        put("notebook", name);
    }
    if let Some(exempt) = &row.exempt {
        put("exemption", &exempt.ticket);
        put("exemptionUntil", &exempt.expires);
        put("exemptionExpired", if exempt.expired { "yes" } else { "no" });
    }
    Value::Object(fields)
}
