//! What cells are, why, and how many.

use std::sync::Arc;

/// What a cell comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The guard is there.
    Installed,
    /// It should be there and is not, or not to the end.
    Failed,
    /// AWS cannot put it there: the account is not ACTIVE, or has not enabled the Region.
    Skipped,
    /// Nobody asked for it.
    OutOfScope,
}

impl Class {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Installed, Self::Failed, Self::Skipped, Self::OutOfScope];

    /// The name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::OutOfScope => "out-of-scope",
        }
    }
}

/// Why a cell is in its class. Equal reasons are kept once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Why {
    /// A stable name for programs: `current`, `no-recorder`, `not-active`, …
    pub cause: &'static str,
    /// For people. What differs from account to account is not in it.
    pub words: Arc<str>,
    /// What to do about it.
    pub fix: Option<Arc<str>>,
}

impl Why {
    /// A reason that needs no fix.
    #[must_use]
    pub fn new(cause: &'static str, words: &str) -> Self {
        Self { cause, words: words.into(), fix: None }
    }

    /// The same with a fix.
    #[must_use]
    pub fn with_fix(mut self, fix: &str) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// The cause of a cell that is as it should be.
pub const CURRENT: &str = "current";
/// The cause of a cell that runs an older version or older settings.
pub const OUTDATED: &str = "outdated";
/// The cause of a cell that has the guard though nobody asked for it any more.
pub const UNINVITED: &str = "uninvited";
/// The cause of a cell that nobody has installed anything in yet.
pub const MISSING: &str = "missing";
/// The cause of a cell that an operation is at work on.
pub const UNDER_WAY: &str = "under-way";

/// What is expected of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// It is to be covered.
    Covered,
    /// It cannot be.
    Skipped(Why),
    /// It is not to be.
    OutOfScope(Why),
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is ACTIVE.
    pub is_active: bool,
    /// What is expected of it.
    pub expectation: Expectation,
}

/// What was found in an account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// As it should be.
    Current,
    /// There, with an older version or older settings; says why.
    Outdated(Why),
    /// Not there, or not to the end.
    Failed(Why),
    /// AWS left it out.
    Skipped(Why),
}

/// What was found where nobody expected anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The Region.
    pub region: String,
    /// Whether the account is still in the organization: then the Region is not a target any more.
    pub is_member: bool,
    /// How many.
    pub count: usize,
    /// One of the accounts.
    pub sample: String,
}

/// How many cells there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The guard is there.
    pub installed: usize,
    /// Of those: with an older version or older settings.
    pub outdated: usize,
    /// It should be there and is not.
    pub failed: usize,
    /// AWS cannot put it there.
    pub skipped: usize,
    /// Nobody asked for it.
    pub out_of_scope: usize,
}

impl Totals {
    /// Accounts × Regions.
    #[must_use]
    pub fn all(self) -> usize {
        self.installed + self.failed + self.skipped + self.out_of_scope
    }

    pub(super) fn add(&mut self, row: Row<'_>) {
        match row.class {
            Class::Installed => self.installed += 1,
            Class::Failed => self.failed += 1,
            Class::Skipped => self.skipped += 1,
            Class::OutOfScope => self.out_of_scope += 1,
        }
        self.outdated += usize::from(row.why.cause == OUTDATED);
    }

    /// The cells of a class.
    #[must_use]
    pub fn of(self, class: Class) -> usize {
        match class {
            Class::Installed => self.installed,
            Class::Failed => self.failed,
            Class::Skipped => self.skipped,
            Class::OutOfScope => self.out_of_scope,
        }
    }
}

/// One cell with its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The account.
    pub account: &'a Member,
    /// The Region.
    pub region: &'a str,
    /// Its class.
    pub class: Class,
    /// Why.
    pub why: &'a Why,
}

/// Cells of one class with one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The class.
    pub class: Class,
    /// Why.
    pub why: &'a Why,
    /// How many cells.
    pub cells: usize,
    /// In how many accounts.
    pub accounts: usize,
    /// In which Regions, in alphabetical order.
    pub regions: Vec<&'a str>,
    /// One of them.
    pub sample: Row<'a>,
}
