//! OSCAL tells as many results of each kind as the report, and judges each control by them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::export::oscal::states;
use crate::evidence::rows::{Compliance, REPORT, Report, Totals};

/// Where the document is.
const OSCAL: &str = "oscal/assessment-results.json";

/// The observations of `oscal/assessment-results.json` are the evaluations, and its findings follow from the totals.
#[derive(Debug)]
pub(super) struct Oscal;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    assessment_results: Body,
}

#[derive(Deserialize)]
struct Body {
    results: Vec<Results>,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    observations: Counted,
    #[serde(default)]
    findings: Vec<Judged>,
}

/// A control.
#[derive(Deserialize)]
struct Judged {
    target: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    target_id: String,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Observation {
    #[serde(default)]
    props: Vec<Property>,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    value: String,
}

/// How many observations there are of each result; none of them is kept.
#[derive(Default)]
struct Counted(BTreeMap<String, u64>);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counter;

        impl<'de> Visitor<'de> for Counter {
            type Value = Counted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of observations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Counted, A::Error> {
                let mut counts = BTreeMap::new();
                while let Some(one) = list.next_element::<Observation>()? {
                    if let Some(result) = one.props.into_iter().find(|property| property.name == "compliance-type") {
                        *counts.entry(result.value).or_default() += 1;
                    }
                }
                Ok(Counted(counts))
            }
        }

        deserializer.deserialize_seq(Counter)
    }
}

impl ContentCheck for Oscal {
    fn name(&self) -> &'static str {
        "oscal"
    }

    fn promise(&self) -> &'static str {
        "OSCAL tells as many results of each kind as the report, and judges each control by them"
    }

    fn about(&self) -> &'static [&'static str] {
        &[OSCAL]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[OSCAL, REPORT]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let document: Option<Document> = content.json(OSCAL, told)?;
        let report: Option<Report> = content.json(REPORT, &mut Inconsistencies::default())?;
        let (Some(document), Some(report)) = (document, report) else { return Ok(()) };
        let mut counts = BTreeMap::<String, u64>::new();
        let mut findings = Vec::new();
        for one in document.assessment_results.results {
            findings.extend(one.findings);
            for (result, count) in one.observations.0 {
                *counts.entry(result).or_default() += count;
            }
        }
        judged(&findings, &report.totals, told);
        let says = report.totals.evaluations;
        for (kind, says) in [
            (Compliance::Compliant, says.compliant),
            (Compliance::NonCompliant, says.non_compliant),
            (Compliance::NotApplicable, says.not_applicable),
            (Compliance::InsufficientData, says.insufficient_data),
        ] {
            let are = counts.remove(kind.as_str()).unwrap_or_default();
            if are != says {
                told.tell(OSCAL, format!("has {are} observations that are {}, and the report {says}", kind.as_str()));
            }
        }
        for (other, _) in counts {
            told.tell(OSCAL, format!("has observations that are `{}`", other.escape_debug()));
        }
        Ok(())
    }
}

/// Each control is judged once, as the totals have it.
fn judged(findings: &[Judged], totals: &Totals, told: &mut Inconsistencies) {
    let due = states(totals);
    let mut seen = BTreeSet::new();
    for Judged { target: Target { target_id, status } } in findings {
        let name = target_id.escape_debug();
        if !seen.insert(target_id.as_str()) {
            told.tell(OSCAL, format!("judges `{name}` twice"));
        }
        let Some((state, reason)) = due.get(target_id.as_str()) else {
            told.tell(OSCAL, format!("judges `{name}`, for which no check is evidence"));
            continue;
        };
        if (status.state.as_str(), status.reason.as_str()) != (*state, *reason) {
            let (says, why) = (status.state.escape_debug(), status.reason.escape_debug());
            let message =
                format!("says {says} ({why}) of `{name}`, and the report's totals come to {state} ({reason})");
            told.tell(OSCAL, message);
        }
    }
    for id in due.keys().filter(|id| !seen.contains(id.as_str())) {
        told.tell(OSCAL, format!("does not judge `{id}`"));
    }
}
