//! What a check decides about one resource.

/// The decision of a check. Nothing converts into [`Verdict::Compliant`] by default: a check has to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The setting was seen, and it is the good one.
    Compliant,
    /// The setting was read and is not the good one, or is missing. The text says what was seen and what to do.
    NonCompliant(String),
    /// The check has nothing to say about this resource. The text says why.
    NotApplicable(String),
    /// What the check needs could not be read, so nothing is reported. The text says what and why.
    Undetermined(String),
}

impl Verdict {
    /// The word for people and for machines: AWS Config's term where it has one.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        use crate::evaluation::ComplianceType;
        match self {
            Self::Compliant => ComplianceType::Compliant.as_str(),
            Self::NonCompliant(_) => ComplianceType::NonCompliant.as_str(),
            Self::NotApplicable(_) => ComplianceType::NotApplicable.as_str(),
            Self::Undetermined(_) => "UNDETERMINED",
        }
    }

    /// The explanation, where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Compliant => None,
            Self::NonCompliant(reason) | Self::NotApplicable(reason) | Self::Undetermined(reason) => Some(reason),
        }
    }
}
