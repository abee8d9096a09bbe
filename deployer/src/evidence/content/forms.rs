//! CSV and OCSF tell as many results of each kind as the report.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{Compliance, Counts, REPORT, Report, Text};

/// Where the forms are.
const CSV: &str = "evaluations.csv";
const OCSF: &str = "ocsf.jsonl";

/// The other forms of the evaluations are as many as the evaluations.
#[derive(Debug)]
pub(super) struct Forms;

/// What is read of a line of OCSF: an evaluation has AWS Config's word in it.
#[derive(Deserialize)]
struct Event<'line> {
    #[serde(borrow)]
    compliance: Judged<'line>,
}

#[derive(Deserialize)]
struct Judged<'line> {
    #[serde(borrow, default)]
    status_code: Option<Text<'line>>,
}

/// What is read of a line of CSV.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    state: String,
    compliance_type: String,
}

impl ContentCheck for Forms {
    fn name(&self) -> &'static str {
        "forms"
    }

    fn promise(&self) -> &'static str {
        "CSV and OCSF tell as many results of each kind as the report"
    }

    fn about(&self) -> &'static [&'static str] {
        &[CSV, OCSF]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[CSV, OCSF, REPORT]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let report: Option<Report> = content.json(REPORT, &mut Inconsistencies::default())?;
        let Some(Report { totals, .. }) = report else { return Ok(()) };
        let mut counts = BTreeMap::<String, u64>::new();
        content.lines(OCSF, told, |line, _| {
            let event: Event<'_> = serde_json::from_slice(line)?;
            if let Some(word) = event.compliance.status_code {
                *counts.entry(word.as_ref().to_owned()).or_default() += 1;
            }
            Ok(())
        })?;
        hold(OCSF, counts, totals.evaluations, told);
        let mut counts = BTreeMap::<String, u64>::new();
        content.read(CSV, |reader| {
            for line in ::csv::Reader::from_reader(reader).deserialize::<Line>() {
                match line {
                    Ok(line) if line.state == "evaluated" => *counts.entry(line.compliance_type).or_default() += 1,
                    Ok(_) => {}
                    Err(error) if error.is_io_error() => return Err(error.into()),
                    Err(error) => told.tell(CSV, format!("cannot be read: {error}")),
                }
            }
            Ok(())
        })?;
        hold(CSV, counts, totals.evaluations, told);
        Ok(())
    }
}

fn hold(path: &'static str, mut counts: BTreeMap<String, u64>, says: Counts, told: &mut Inconsistencies) {
    for (kind, says) in [
        (Compliance::Compliant, says.compliant),
        (Compliance::NonCompliant, says.non_compliant),
        (Compliance::NotApplicable, says.not_applicable),
        (Compliance::InsufficientData, says.insufficient_data),
    ] {
        let are = counts.remove(kind.as_str()).unwrap_or_default();
        if are != says {
            told.tell(path, format!("has {are} results that are {}, and the report {says}", kind.as_str()));
        }
    }
    for (other, _) in counts {
        told.tell(path, format!("has results that are `{}`", other.escape_debug()));
    }
}
