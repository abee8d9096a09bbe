//! What stands in the way of an installation, told before anything is written.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, but not as well as it could; or it could not be looked at.
    Warning,
    /// An installation would fail or be worth nothing.
    Bad,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The Region that it is about; none for the account.
    pub region: Option<String>,
    /// What was looked at, in kebab-case; stable, for programs: `recorder`, `quota-config-rules`, …
    pub topic: &'static str,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}
