//! What came of an invocation, and when that is an error.

use std::collections::BTreeMap;
use std::fmt;

use crate::evaluation::{ComplianceType, Evaluation};
use crate::exemption::Exemption;
use crate::port::{PutError, ReadError};
use crate::resource::ResourceId;

/// What an invocation did and what it could not do.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Evaluations that AWS Config took, by compliance type; clean-up included.
    pub delivered: BTreeMap<ComplianceType, usize>,
    /// Resources that the lists showed, each once.
    pub listed: usize,
    /// Resources that were gone when they were described.
    pub gone: usize,
    /// Old results that were called stale.
    pub stale: usize,
    /// Violations that became not applicable by an exemption.
    pub exempted: usize,
    /// Exemptions of this account, Region and check that no violation needed. Known after a complete sweep only.
    pub unmatched: Vec<Exemption>,
    /// Resources that could not be judged.
    pub undetermined: Sample,
    /// Evaluations that AWS Config did not take.
    pub undelivered: Sample,
    /// What failed as a whole.
    pub failures: Vec<Failure>,
    /// Whether AWS Config said that the rule is gone, so that nobody waits for results.
    pub rule_deleted: bool,
}

/// Things of which the first few are kept by name and all are counted, so that a log line stays short and memory does
/// not grow with the fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// How many there are.
    pub count: usize,
    /// The first few: which resource, and why.
    pub first: Vec<(ResourceId, String)>,
}

/// Something that failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The list could not be read to its end.
    Listing(ReadError),
    /// Stale results could not be found or cleaned up.
    CleanUp(String),
    /// The time was up before everything was judged or delivered.
    Deadline,
    /// AWS Config refused the result token.
    ResultToken(String),
}

/// An error of an invocation, with a type that never changes, for alarms and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvocationError {
    /// One word, stable over releases; `docs/operations.md` lists them.
    pub error_type: &'static str,
    /// What happened, in full sentences.
    pub message: String,
}

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for InvocationError {}

impl Sample {
    const KEPT: usize = 5;

    /// Adds one.
    pub fn add(&mut self, id: &ResourceId, reason: impl fmt::Display) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push((id.clone(), reason.to_string()));
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (id, reason)) in self.first.iter().enumerate() {
            write!(f, "{}{id} ({reason})", if index == 0 { "" } else { ", " })?;
        }
        match self.count - self.first.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl Outcome {
    pub(crate) fn took(&mut self, evaluations: &[Evaluation]) {
        for evaluation in evaluations {
            *self.delivered.entry(evaluation.compliance_type).or_default() += 1;
        }
    }

    pub(crate) fn refused(&mut self, evaluations: &[Evaluation], error: &PutError) {
        match error {
            PutError::NoSuchConfigRule(_) => self.rule_deleted = true,
            PutError::InvalidResultToken(message) => {
                let failure = Failure::ResultToken(message.clone());
                if !self.failures.contains(&failure) {
                    self.failures.push(failure);
                }
            }
            PutError::Rejected(_) | PutError::Failed(_) => {
                for evaluation in evaluations {
                    self.undelivered.add(&evaluation.resource_id, error);
                }
            }
        }
    }

    pub(crate) fn ran_out_of_time(&mut self) {
        if !self.failures.contains(&Failure::Deadline) {
            self.failures.push(Failure::Deadline);
        }
    }

    /// Whether no further evaluation can be delivered.
    pub(crate) fn is_over(&self) -> bool {
        self.rule_deleted || self.failures.iter().any(|failure| matches!(failure, Failure::ResultToken(_)))
    }

    /// How many evaluations AWS Config took.
    #[must_use]
    pub fn delivered_count(&self) -> usize {
        self.delivered.values().sum()
    }

    /// Whether a sweep saw and delivered everything that could be judged. Resources that cannot be read and stale
    /// results that remain are errors, but the schedule works.
    #[must_use]
    pub fn has_swept(&self) -> bool {
        self.undelivered.count == 0 && self.failures.iter().all(|failure| matches!(failure, Failure::CleanUp(_)))
    }

    /// The error of the invocation, if it could not do all of its work. A deleted rule is none: nothing is left to do.
    #[must_use]
    pub fn error(&self) -> Option<InvocationError> {
        if self.rule_deleted {
            return None;
        }
        let mut said = Vec::new();
        for failure in &self.failures {
            said.push(match failure {
                Failure::ResultToken(message) => ("InvalidResultToken", format!(
                    "AWS Config refused the result token ({message}); the next notification brings a new one"
                )),
                Failure::Listing(error) => ("ListingFailed", format!("the list is incomplete: {error}")),
                Failure::Deadline => ("DeadlineReached", format!(
                    "the time was up: {} results were delivered, and nothing was called stale; raise the function's \
                     timeout",
                    self.delivered_count()
                )),
                Failure::CleanUp(reason) => ("CleanUpFailed", format!("stale results may remain: {reason}")),
            });
        }
        if self.undelivered.count > 0 {
            said.push(("NotDelivered", format!("{} not delivered: {}", self.undelivered.count, self.undelivered)));
        }
        if self.undetermined.count > 0 {
            said.push(("Undetermined", format!("{} not judged: {}", self.undetermined.count, self.undetermined)));
        }
        let error_type = RANK.iter().find(|rank| said.iter().any(|(kind, _)| kind == *rank))?;
        let message = said.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("; ");
        Some(InvocationError { error_type, message })
    }
}

/// The error types of a failed run, the gravest first: it names the error when several things failed.
const RANK: [&str; 6] =
    ["InvalidResultToken", "ListingFailed", "DeadlineReached", "NotDelivered", "Undetermined", "CleanUpFailed"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_without_failures_is_no_error() {
        assert_eq!(Outcome::default().error(), None);
    }

    #[test]
    fn the_gravest_failure_names_the_error_and_all_are_said() {
        let mut outcome = Outcome::default();
        outcome.undetermined.add(&"arn:b".parse().unwrap(), "access denied");
        outcome.failures.push(Failure::Listing(ReadError::Gone));
        let error = outcome.error().unwrap();
        assert_eq!(error.error_type, "ListingFailed");
        assert!(error.message.contains("arn:b (access denied)"), "{error}");
    }

    #[test]
    fn a_deleted_rule_ends_well_whatever_else_failed() {
        let mut outcome = Outcome { rule_deleted: true, ..Outcome::default() };
        outcome.undetermined.add(&"arn:b".parse().unwrap(), "access denied");
        assert_eq!(outcome.error(), None);
    }

    #[test]
    fn a_sweep_with_unreadable_notebooks_has_swept_and_one_without_its_list_has_not() {
        let mut outcome = Outcome::default();
        outcome.undetermined.add(&"arn:b".parse().unwrap(), "access denied");
        outcome.failures.push(Failure::CleanUp("denied".into()));
        assert!(outcome.has_swept());
        outcome.failures.push(Failure::Listing(ReadError::Gone));
        assert!(!outcome.has_swept());
        let mut lost = Outcome::default();
        lost.undelivered.add(&"arn:b".parse().unwrap(), "refused");
        assert!(!lost.has_swept());
    }

    #[test]
    fn a_sample_stays_small_and_counts_all() {
        let mut sample = Sample::default();
        for index in 0..1000 {
            sample.add(&format!("n{index}").parse().unwrap(), "why");
        }
        assert_eq!((sample.count, sample.first.len()), (1000, 5));
        assert!(sample.to_string().ends_with("n4 (why) and 995 more"), "{sample}");
    }
}
