//! What a run into an organization says: findings, plan and result, for people or as one JSON object in each line.

mod json;
mod text;

use std::collections::BTreeMap;

use serde_json::json;

use super::apply::{SetApplied, SetEnd, SetsApplied};
use super::plan::OrgPlan;
use crate::apply::{Applied, End, Problem};
use crate::display::Form;
use crate::doctor::Finding;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed_pack::Deployment;
use crate::observe::Read;
use crate::output::Printer;
use crate::stack_set::Group;

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The administrator account; none if it was not begun.
    pub(super) base: Option<Applied>,
    /// The StackSets; none if they were not begun.
    pub(super) sets: Option<SetsApplied>,
    /// The conformance packs that were worked on.
    pub(super) packs: Vec<PackEnd>,
    /// The aggregator of the organization.
    pub(super) aggregator: AggregatorEnd,
    /// The service control policies.
    pub(super) guardrail: GuardrailEnd,
    /// Stack instances that are not as they should be in the end, also those that this run had nothing to do with; none if it did
    /// not get that far.
    pub(super) left: Option<Read<Vec<Group>>>,
    /// Why the rest was not begun.
    pub(super) stop: Option<String>,
    /// What to do about it.
    pub(super) advice: Option<String>,
    /// Whether the run was interrupted after the StackSets.
    pub(super) is_detached: bool,
}

/// What came of the pack of a Region.
#[derive(Debug)]
pub(super) struct PackEnd {
    pub(super) region: String,
    pub(super) end: Read<Deployment>,
}

/// What came of the aggregator.
#[derive(Debug, Default)]
pub(super) enum AggregatorEnd {
    /// None was asked for, or it was not come to.
    #[default]
    NotWanted,
    /// It is as it should be.
    Unchanged,
    /// It was made or changed.
    Made,
    /// It failed.
    Failed(Problem),
}

/// What came of the service control policies.
#[derive(Debug, Default)]
pub(super) enum GuardrailEnd {
    /// None were asked for, or they were not come to.
    #[default]
    NotWanted,
    /// They are as they should be.
    Unchanged,
    /// They are attached.
    Attached,
    /// They were not attached, and why.
    NotAttached(String),
    /// They failed.
    Failed(Problem),
}

impl Outcome {
    /// How the process ends.
    pub(super) fn exit(&self) -> Exit {
        let base = self.base.iter().flat_map(|base| &base.regions);
        let ends: Vec<&End> = base.map(|region| &region.end).collect();
        let base_left = ends.iter().any(|end| matches!(end, End::Detached { .. }));
        let sets_left = self.sets.as_ref().is_some_and(SetsApplied::is_detached);
        if base_left || sets_left || self.is_detached {
            return Exit::Detached;
        }
        if self.is_fine() {
            return Exit::Done;
        }
        let is_good = |end: &&&End| matches!(end, End::Done | End::Unchanged);
        let has_base = ends.iter().filter(is_good).count() > 0;
        let is_refusal = |end: &&End| matches!(end, End::Failed(problem) if problem.is_refusal());
        match &self.sets {
            None if has_base => Exit::Partial,
            None if !ends.is_empty() && ends.iter().all(is_refusal) => Exit::Refused,
            None => Exit::AwsFailed,
            // Sets whose first call was refused have brought nothing.
            Some(sets) if sets.sets.iter().all(|set| is_nothing(&set.end) && set.phases.is_empty()) => Exit::AwsFailed,
            Some(_) => Exit::Partial,
        }
    }

    /// How many stack instances are not as they should be besides those that failed in this run.
    pub(super) fn left_besides(&self) -> usize {
        let left = self.left.iter().flatten().flatten().map(|group| group.instances).sum::<usize>();
        left.saturating_sub(self.sets.as_ref().map_or(0, |sets| sets.counts.bad()))
    }

    /// What is not well: as it stands in the end, and what failed without leaving a stack.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.left.iter().flatten().flatten().cloned().collect();
        for group in self.sets.iter().flat_map(|sets| &sets.groups) {
            if !groups.iter().any(|left| (left.cause, &left.resource) == (group.cause, &group.resource)) {
                groups.push(group.clone());
            }
        }
        // What the canary needs is done by the same run: a repetition would leave the others out.
        let is_canary = |set: &SetApplied| matches!(set.end, SetEnd::CanaryFailed);
        if self.sets.iter().flat_map(|sets| &sets.sets).any(is_canary) {
            for group in &mut groups {
                group.fix = group.fix.replace("run deployer retry", "run the same command again");
            }
        }
        groups
    }

    /// Whether everything is as it should be.
    fn is_fine(&self) -> bool {
        let base = self.base.iter().flat_map(|base| &base.regions);
        let base_is_fine =
            self.base.is_some() && base.map(|region| &region.end).all(|end| matches!(end, End::Done | End::Unchanged));
        let sets_are_fine = self
            .sets
            .as_ref()
            .is_some_and(|sets| sets.is_through() && sets.counts.bad() == 0 && sets.incomplete.is_none());
        let packs_are_fine = self.packs.iter().all(|pack| pack.end.as_ref().is_ok_and(Deployment::is_whole));
        let guardrail_is_fine = match &self.guardrail {
            GuardrailEnd::NotWanted | GuardrailEnd::Unchanged | GuardrailEnd::Attached => true,
            GuardrailEnd::NotAttached(_) | GuardrailEnd::Failed(_) => false,
        };
        let aggregator_is_fine = match &self.aggregator {
            AggregatorEnd::NotWanted | AggregatorEnd::Unchanged | AggregatorEnd::Made => true,
            AggregatorEnd::Failed(_) => false,
        };
        let rest_is_fine = packs_are_fine && aggregator_is_fine && guardrail_is_fine;
        let nothing_is_left = self.left.as_ref().is_none_or(|left| left.as_ref().is_ok_and(Vec::is_empty));
        base_is_fine && sets_are_fine && nothing_is_left && rest_is_fine && self.stop.is_none()
    }
}

fn is_nothing(end: &SetEnd) -> bool {
    match end {
        SetEnd::Failed(_) => true,
        SetEnd::Unchanged
        | SetEnd::Done
        | SetEnd::CanaryFailed
        | SetEnd::HeldBack
        | SetEnd::NothingWell
        | SetEnd::Stopped { .. }
        | SetEnd::GaveUp { .. }
        | SetEnd::Detached { .. } => false,
    }
}

/// Tells of one run.
#[derive(Debug)]
pub(super) struct Report {
    inner: crate::install::Report,
    printer: Printer,
    form: Form,
}

impl Report {
    pub(super) fn new(printer: Printer, form: Form) -> Self {
        Self { inner: crate::install::Report::new(printer, form), printer, form }
    }

    pub(super) fn note(&self, text: &str) {
        self.printer.note(text);
    }

    pub(super) fn preflight(&self, findings: &[Finding]) -> Result<(), Failure> {
        self.inner.preflight(findings)
    }

    pub(super) fn plan(&self, plan: &OrgPlan, text: &str) -> Result<(), Failure> {
        match self.form {
            Form::Text => self.inner.print(text),
            Form::Json => self.inner.line(&json!({"event": "plan", "isEmpty": plan.is_empty(), "plan": plan})),
        }
    }

    /// What is not well although nothing is to do.
    pub(super) fn troubles(&self, groups: &[Group], canary_first: bool) -> Result<(), Failure> {
        if groups.is_empty() {
            return Ok(());
        }
        match self.form {
            Form::Json => self.inner.line(&json!({"event": "troubles", "groups": groups})),
            Form::Text => {
                let text = text::groups(groups, self.printer.width());
                self.printer.diagnostic(&text);
                self.printer.note(if canary_first {
                    "once it is mended, carry the plan out: it repeats the canary first; deployer retry does the rest"
                } else {
                    "repeat what failed, once it is mended: deployer retry"
                });
                Ok(())
            }
        }
    }

    pub(super) fn result(&self, plan: &OrgPlan, outcome: &Outcome) -> Result<(), Failure> {
        match self.form {
            Form::Json => self.inner.line(&json::result(plan, outcome)),
            Form::Text => {
                if let Some(base) = &outcome.base {
                    self.inner.failures(base);
                }
                self.failures(outcome);
                self.inner.print(&text::summary(plan, outcome, self.printer.width()))
            }
        }
    }

    /// What failed as a whole; what failed in single accounts is in the summary.
    fn failures(&self, outcome: &Outcome) {
        let sets = outcome.sets.iter().flat_map(|sets| &sets.sets);
        for set in sets {
            if let SetEnd::Failed(failure) = &set.end {
                self.printer.failure(&Failure::aws(failure.to_string()).help(failure.advice()));
            }
        }
        let mut refused: BTreeMap<String, Failure> = BTreeMap::new();
        for pack in &outcome.packs {
            if let Err(refusal) = &pack.end {
                let message = format!("conformance pack in {}: {refusal}", pack.region);
                refused.insert(message.clone(), Failure::aws(message).help(refusal.advice()));
            }
        }
        if let Some(Err(refusal)) = &outcome.left {
            let message = format!("how all stack instances are in the end is not known: {refusal}");
            self.printer.failure(&Failure::aws(message).help(refusal.advice()));
        }
        for failure in refused.values() {
            self.printer.failure(failure);
        }
        if let AggregatorEnd::Failed(problem) = &outcome.aggregator {
            let message = format!("aggregator of the organization: {problem}");
            self.printer.failure(&Failure::aws(message).help(problem.advice()));
        }
        if let GuardrailEnd::Failed(problem) = &outcome.guardrail {
            let message = format!("service control policies: {problem}");
            self.printer.failure(&Failure::aws(message).help(problem.advice()));
        }
    }
}
