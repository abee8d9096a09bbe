//! Limits of AWS Organizations, as data with the day on which they were read: they have changed before.

/// The limits of service control policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// The day on which they were read.
    pub read_on: &'static str,
    /// Where they were read.
    pub source: &'static str,
    /// The most characters of a policy, white space among them.
    pub characters: usize,
    /// The most policies that may be attached to the root, to a unit or to an account, each.
    pub attached: usize,
}

/// Doubled in May 2026, from 5,120 characters and 5 policies.
pub const QUOTAS: Quotas = Quotas {
    read_on: "2026-11-10",
    source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
    characters: 10_240,
    attached: 10,
};

/// The size of a policy's text as AWS Organizations counts it: white space among it, if it is given through the API.
#[must_use]
pub fn size(text: &str) -> usize {
    text.chars().count()
}
