//! How each resource of an account × Region stands, while its evaluations go by.

use std::collections::HashMap;

use rule::check::{Check, Severity};
use rule::resource::ResourceType;

use super::findings;
use crate::evidence::rows::{ACCOUNT_TYPE, Compliance, EvaluationRow, Exempt};

/// A check that a resource violates.
#[derive(Debug, Clone)]
pub(super) struct Violation {
    /// The check, unless this version does not know it.
    pub(super) check: Option<&'static Check>,
    /// The check's id.
    pub(super) id: String,
    /// What was seen, or why it is one without having been seen.
    pub(super) said: Option<String>,
    /// The exemption that it had.
    pub(super) expired: Option<Exempt>,
}

impl Violation {
    /// How bad it is. What is not known could be anything.
    pub(super) fn severity(&self) -> Severity {
        self.check.map_or(Severity::High, |check| check.severity)
    }
}

/// How many resources stand how. Each counts once, by the worst of its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Standings {
    /// Notebooks and domains with a violation.
    pub(super) bad: u64,
    /// Without one, because an exemption holds.
    pub(super) exempt: u64,
    /// With a compliant result and neither.
    pub(super) fine: u64,
    /// With results, and none that says so or so.
    pub(super) unjudged: u64,
    /// Studio domains among them.
    pub(super) domains: u64,
}

impl Standings {
    /// Those of which something can be said.
    pub(super) fn judged(self) -> u64 {
        self.bad + self.exempt + self.fine
    }

    /// What they are.
    pub(super) fn noun(self) -> &'static str {
        match (self.domains, self.bad + self.exempt + self.fine + self.unjudged) {
            (0, 1) => "notebook",
            (0, _) => "notebooks",
            (1, 1) => "Studio domain",
            (domains, all) if domains == all => "Studio domains",
            (_, _) => "notebooks and domains",
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.bad += other.bad;
        self.exempt += other.exempt;
        self.fine += other.fine;
        self.unjudged += other.unjudged;
        self.domains += other.domains;
    }
}

/// A resource with its violations.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Its type.
    pub(super) kind: String,
    /// Its id, as AWS Config has it.
    pub(super) id: String,
    /// Its name.
    pub(super) name: Option<String>,
    /// What it violates.
    pub(super) violations: Vec<Violation>,
    is_exempt: bool,
    is_fine: bool,
}

impl Held {
    /// A rule of ours and one of a conformance pack may judge by the same check: that is one violation.
    fn violates(&mut self, violation: Violation) {
        match self.violations.iter_mut().find(|one| one.id == violation.id) {
            Some(one) => {
                one.said = one.said.take().or(violation.said);
                one.expired = one.expired.take().or(violation.expired);
            }
            None => self.violations.push(violation),
        }
    }
}

/// The resources of an account × Region that have results.
#[derive(Debug, Default)]
pub(super) struct Resources(HashMap<(String, String), Held>);

impl Resources {
    pub(super) fn evaluation(&mut self, row: &EvaluationRow) {
        if row.resource_type == ACCOUNT_TYPE {
            return;
        }
        // Ids that differ in letter case alone are one resource.
        let held =
            self.0.entry((row.resource_type.clone(), row.resource_id.to_ascii_lowercase())).or_insert_with(|| {
                let (kind, id) = (row.resource_type.clone(), row.resource_id.clone());
                Held { kind, id, ..Held::default() }
            });
        held.name = held.name.take().or_else(|| row.notebook.clone());
        held.is_exempt |= row.is_exempt();
        held.is_fine |= row.compliance_type == Compliance::Compliant;
        if row.is_violation() {
            held.violates(violation(row));
        }
    }

    /// How they stand.
    pub(super) fn standings(&self) -> Standings {
        let mut standings = Standings::default();
        for held in self.0.values() {
            let count = match (held.violations.is_empty(), held.is_exempt, held.is_fine) {
                (false, _, _) => &mut standings.bad,
                (true, true, _) => &mut standings.exempt,
                (true, false, true) => &mut standings.fine,
                (true, false, false) => &mut standings.unjudged,
            };
            *count += 1;
            standings.domains += u64::from(held.kind == ResourceType::DOMAIN.as_str());
        }
        standings
    }

    /// Those with violations, in no order.
    pub(super) fn into_bad(self) -> impl Iterator<Item = Held> {
        self.0.into_values().filter(|held| !held.violations.is_empty())
    }
}

fn violation(row: &EvaluationRow) -> Violation {
    Violation {
        check: Check::find(&row.check),
        id: row.check.clone(),
        said: findings::said(row),
        expired: row.exempt.clone().filter(|exempt| exempt.expired),
    }
}
