//! A report on some notebooks alone.

use std::collections::HashMap;

use rule::exemption::Pattern;
use rule::resource::ResourceId;

use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Known, Place, Resource, RuleRow};
use crate::failure::Failure;

/// Lets the rows of the wanted notebooks and domains pass.
pub(super) struct Narrowed<'a> {
    patterns: &'a [Pattern],
    sink: &'a mut dyn Sink,
    /// How many listed resources passed, and how many of them no check judges, by account and Region.
    passed: HashMap<(String, String), (u64, u64)>,
}

impl<'a> Narrowed<'a> {
    /// All pass where there is no pattern.
    pub(super) fn new(patterns: &'a [Pattern], sink: &'a mut dyn Sink) -> Self {
        Self { patterns, sink, passed: HashMap::new() }
    }

    fn passes(&self, name: Option<&str>, id: &str) -> bool {
        let Ok(parsed) = id.parse::<ResourceId>() else { return self.patterns.is_empty() };
        self.patterns.is_empty() || self.patterns.iter().any(|one| one.matches(name.unwrap_or(id), &parsed))
    }
}

impl Sink for Narrowed<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        if !self.passes(resource.name.as_deref(), &resource.resource_id) {
            return Ok(());
        }
        if !self.patterns.is_empty() && resource.known == Known::Listed {
            let passed = self.passed.entry((resource.account.clone(), resource.region.clone())).or_default();
            passed.0 += 1;
            passed.1 += u64::from(resource.not_judged.is_some());
        }
        self.sink.resource(resource)
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.sink.rule(rule)
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        if self.passes(row.notebook.as_deref(), &row.resource_id) { self.sink.evaluation(row) } else { Ok(()) }
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        if self.patterns.is_empty() {
            return self.sink.place(place);
        }
        let (resources, not_judged) =
            self.passed.remove(&(place.account.clone(), place.region.clone())).unwrap_or_default();
        self.sink.place(&Place { resources, not_judged, ..place.clone() })
    }
}
