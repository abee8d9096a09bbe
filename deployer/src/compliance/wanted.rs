//! What of a place is wanted.

use rule::check::{ALL, Check};
use rule::exemption::Exemptions;
use time::Date;

use crate::evidence::Moment;

/// What is read, and how results are understood.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What the names of the installation begin with.
    pub prefix: String,
    /// The checks.
    pub checks: Vec<&'static Check>,
    /// The checks that have to have judged everything; none if those are it of which there are rules or results.
    pub expected: Option<Vec<&'static Check>>,
    /// The ledger of exemptions, if it is given: it tells more of an exemption than an annotation does.
    pub exemptions: Option<Exemptions>,
    /// The day (UTC) that decides whether an exemption has expired.
    pub today: Date,
    /// What was deleted after this is wanted too; nothing if it is the present alone that counts.
    pub deleted_since: Option<Moment>,
}

impl Wanted {
    /// Everything of an installation.
    #[must_use]
    pub fn all(prefix: &str, today: Date) -> Self {
        Self {
            prefix: prefix.to_owned(),
            checks: ALL.to_vec(),
            expected: None,
            exemptions: None,
            today,
            deleted_since: None,
        }
    }
}
