//! One row for each resource and check.

use crate::evaluate::Report;
use crate::spreadsheet::harmless;

/// The report as CSV with a header, in the order of the report.
///
/// # Errors
/// Whatever the CSV writer says; it writes to memory.
pub fn csv(report: &Report) -> Result<String, ::csv::Error> {
    let mut rows = ::csv::Writer::from_writer(Vec::new());
    rows.write_record([
        "account",
        "region",
        "resourceType",
        "resourceId",
        "name",
        "check",
        "severity",
        "complianceType",
        "annotation",
    ])?;
    for resource in &report.resources {
        for (check, verdict) in &resource.verdicts {
            rows.write_record([
                resource.account.as_deref().unwrap_or_default(),
                resource.region.as_deref().unwrap_or_default(),
                resource.resource_type.as_str(),
                &harmless(&resource.id),
                &harmless(&resource.name),
                check.id,
                check.severity.as_str(),
                verdict.as_str(),
                &harmless(verdict.reason().unwrap_or_default()),
            ])?;
        }
    }
    let bytes = rows.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
