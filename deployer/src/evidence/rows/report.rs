//! What the evaluations and the population come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Compliance, EvaluationRow};
use crate::evidence::Moment;

/// What this program reads of `report.json`; whoever writes it adds more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The numbers that have to agree with the other files.
    pub totals: Totals,
    /// The period of the timeline; none for a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Bounds>,
    /// Accounts × Regions that were not read to the end, if it says so: all that the lines have.
    #[serde(default, rename = "unreadPlaces", skip_serializing_if = "Option::is_none")]
    pub unread_places: Option<u64>,
}

/// When a period begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// When it begins.
    pub from: Moment,
    /// When it ends.
    pub to: Moment,
}

/// The numbers of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Accounts × Regions.
    pub places: PlaceTotals,
    /// Notebooks and domains.
    pub resources: ResourceTotals,
    /// All evaluations.
    pub evaluations: Counts,
    /// The evaluations of each check.
    pub checks: BTreeMap<String, Counts>,
    /// The resources of each check that has evaluations or is to judge somewhere, whichever rules it has.
    #[serde(default)]
    pub check_resources: BTreeMap<String, CheckResources>,
    /// The evaluations of each account that has any.
    pub accounts: BTreeMap<String, Counts>,
}

/// How many accounts × Regions were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceTotals {
    /// Read to the end.
    pub read: u64,
    /// Read in part.
    pub incomplete: u64,
    /// Not read: no data.
    pub unread: u64,
    /// Out of scope.
    pub excluded: u64,
}

/// Resources that exist against resources that were evaluated, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTotals {
    /// Listed by the service that has them.
    pub listed: u64,
    /// With one evaluation at least.
    pub evaluated: u64,
    /// Listed, and without an evaluation that there should be.
    pub listed_not_evaluated: u64,
    /// With an evaluation, and not listed.
    pub evaluated_not_listed: u64,
    /// Listed, and without an evaluation because no check that is installed applies: they are in no other number of
    /// resources that lack one.
    #[serde(default)]
    pub not_judged: u64,
}

/// Resources of a check, each once, by the worst of its results there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckResources {
    /// With a violation, also one of which the exemption has expired since.
    pub violating: u64,
    /// Without one, and with a result that says nothing.
    pub insufficient_data: u64,
    /// Without either, because an exemption holds.
    pub exempt: u64,
    /// That comply, whatever else does not apply.
    pub compliant: u64,
    /// To which it does not apply.
    pub not_applicable: u64,
    /// Listed, of a type that the check judges, and without an evaluation of it.
    pub listed_not_evaluated: u64,
}

/// Evaluations by result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// `COMPLIANT`.
    pub compliant: u64,
    /// `NON_COMPLIANT`.
    pub non_compliant: u64,
    /// `NOT_APPLICABLE`.
    pub not_applicable: u64,
    /// `INSUFFICIENT_DATA`.
    pub insufficient_data: u64,
    /// Those of them for which an exemption holds.
    pub exempt: u64,
    /// Those of `NOT_APPLICABLE` of which the exemption has expired since: violations.
    #[serde(default)]
    pub lapsed: u64,
}

impl Counts {
    pub(super) fn add<T>(&mut self, row: &EvaluationRow<T>) {
        let count = match row.compliance_type {
            Compliance::Compliant => &mut self.compliant,
            Compliance::NonCompliant => &mut self.non_compliant,
            Compliance::NotApplicable => &mut self.not_applicable,
            Compliance::InsufficientData => &mut self.insufficient_data,
        };
        *count += 1;
        self.exempt += u64::from(row.is_exempt());
        self.lapsed += u64::from(row.is_lapsed());
    }

    /// Results that are violations ([`EvaluationRow::is_violation`]).
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.non_compliant + self.lapsed
    }

    /// All results.
    pub(crate) fn total(&self) -> u64 {
        self.compliant + self.non_compliant + self.not_applicable + self.insufficient_data
    }

    /// The numbers with their names in the report.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("compliant", self.compliant),
            ("nonCompliant", self.non_compliant),
            ("notApplicable", self.not_applicable),
            ("insufficientData", self.insufficient_data),
            ("exempt", self.exempt),
            ("lapsed", self.lapsed),
        ]
    }
}

impl CheckResources {
    /// Resources with a result of the check.
    #[must_use]
    pub fn with_result(&self) -> u64 {
        self.violating + self.insufficient_data + self.exempt + self.compliant + self.not_applicable
    }

    /// Resources of which nobody knows how they stand.
    #[must_use]
    pub fn without_result(&self) -> u64 {
        self.insufficient_data + self.listed_not_evaluated
    }

    /// The numbers with their names in the report.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("violating", self.violating),
            ("insufficientData", self.insufficient_data),
            ("exempt", self.exempt),
            ("compliant", self.compliant),
            ("notApplicable", self.not_applicable),
            ("listedNotEvaluated", self.listed_not_evaluated),
        ]
    }
}

impl PlaceTotals {
    /// The numbers with their names in the report.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 4] {
        [("read", self.read), ("incomplete", self.incomplete), ("unread", self.unread), ("excluded", self.excluded)]
    }
}

impl ResourceTotals {
    /// The numbers with their names in the report.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("listed", self.listed),
            ("evaluated", self.evaluated),
            ("listedNotEvaluated", self.listed_not_evaluated),
            ("evaluatedNotListed", self.evaluated_not_listed),
            ("notJudged", self.not_judged),
        ]
    }
}
