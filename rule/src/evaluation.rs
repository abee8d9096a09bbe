//! What is sent to AWS Config: one evaluation per resource, in AWS Config's own terms.

use std::fmt;

use crate::resource::{ResourceId, ResourceType};
use crate::timestamp::OrderingTimestamp;
use crate::verdict::Verdict;

/// The compliance types that `PutEvaluations` accepts. `INSUFFICIENT_DATA` exists in AWS Config but is refused there
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html>), so it has no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ComplianceType {
    /// The resource satisfies the rule.
    Compliant,
    /// The resource violates the rule.
    NonCompliant,
    /// The rule does not apply, or the resource is gone.
    NotApplicable,
}

impl ComplianceType {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 3] = [Self::Compliant, Self::NonCompliant, Self::NotApplicable];

    /// AWS Config's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

impl fmt::Display for ComplianceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The explanation beside a result: 1 to 256 printable ASCII characters.
///
/// AWS documents 256 "characters" without saying which unit is counted; in ASCII all units agree. One annotation that
/// is empty or too long makes AWS Config refuse the whole batch, so the type cannot hold one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Annotation(String);

impl Annotation {
    /// The longest annotation, in characters.
    pub const MAX_CHARACTERS: usize = 256;
    const CUT: &'static str = "...";

    /// Makes any text fit: other characters become `?`, white space a blank, and what is too long is cut and marked
    /// with `...`. A text without any printable character gives nothing.
    #[must_use]
    pub fn fitted(text: &str) -> Option<Self> {
        let mut ascii: String = text
            .trim()
            .chars()
            .map(|character| match character {
                ' '..='~' => character,
                white if white.is_whitespace() => ' ',
                _ => '?',
            })
            .collect();
        if ascii.len() > Self::MAX_CHARACTERS {
            // INVARIANT: every character is one byte now, so no cut can split one.
            ascii.truncate(Self::MAX_CHARACTERS - Self::CUT.len());
            ascii.push_str(Self::CUT);
        }
        (!ascii.is_empty()).then_some(Self(ascii))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One result for one resource, as `PutEvaluations` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The type of the resource.
    pub resource_type: ResourceType,
    /// Its id, as AWS gave it.
    pub resource_id: ResourceId,
    /// The result.
    pub compliance_type: ComplianceType,
    /// What was seen and what to do.
    pub annotation: Option<Annotation>,
    /// When the judged state was captured.
    pub ordering_timestamp: OrderingTimestamp,
}

impl Evaluation {
    /// The most evaluations that one `PutEvaluations` call takes
    /// (<https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html>).
    pub const MAX_PER_CALL: usize = 100;

    /// The evaluation for a verdict, or nothing when it is undetermined: what was not seen is not reported.
    #[must_use]
    pub fn of(
        (resource_type, resource_id): (&ResourceType, &ResourceId),
        verdict: &Verdict,
        ordering_timestamp: OrderingTimestamp,
    ) -> Option<Self> {
        let (compliance_type, reason) = match verdict {
            Verdict::Compliant => (ComplianceType::Compliant, None),
            Verdict::NonCompliant(reason) => (ComplianceType::NonCompliant, Some(reason)),
            Verdict::NotApplicable(reason) => (ComplianceType::NotApplicable, Some(reason)),
            Verdict::Undetermined(_) => return None,
        };
        Some(Self {
            resource_type: resource_type.clone(),
            resource_id: resource_id.clone(),
            compliance_type,
            annotation: reason.and_then(|text| Annotation::fitted(text)),
            ordering_timestamp,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_cut_at_256_and_says_so() {
        let long = Annotation::fitted(&"x".repeat(300)).unwrap();
        assert_eq!(long.as_str().len(), 256);
        assert!(long.as_str().ends_with("xxx..."));
        let exact = "y".repeat(256);
        assert_eq!(Annotation::fitted(&exact).unwrap().as_str(), exact);
    }

    #[test]
    fn an_emoji_at_the_cut_leaves_valid_text() {
        let text = format!("{}\u{1F600}\u{1F600}", "é".repeat(255));
        let fitted = Annotation::fitted(&text).unwrap();
        assert_eq!(fitted.as_str().len(), 256);
        assert!(fitted.as_str().is_ascii());
    }

    #[test]
    fn an_empty_annotation_does_not_exist() {
        assert_eq!(Annotation::fitted(""), None);
        assert_eq!(Annotation::fitted(" \n\t"), None);
        assert_eq!(Annotation::fitted("a\nb").unwrap().as_str(), "a b");
    }

    #[test]
    fn an_undetermined_verdict_gives_no_evaluation() {
        let id = "arn:x".parse().unwrap();
        let time = OrderingTimestamp::from_millis(0).unwrap();
        let of = |verdict| Evaluation::of((&ResourceType::NOTEBOOK_INSTANCE, &id), &verdict, time);
        assert_eq!(of(Verdict::Undetermined("access denied".into())), None);
        assert_eq!(of(Verdict::Compliant).unwrap().annotation, None);
        let bad = of(Verdict::NonCompliant("seen".into())).unwrap();
        assert_eq!((bad.compliance_type, bad.annotation.unwrap().as_str()), (ComplianceType::NonCompliant, "seen"));
    }
}
