//! What is installed in an organization, and what of it is covered: read, judged, and never changed.

mod coverage;
mod expect;
mod findings;
mod read;
pub mod render;

pub use coverage::{
    CURRENT, Class, Coverage, Expectation, Found, Group, MISSING, Member, OUTDATED, Row, Stray, Totals, UNDER_WAY,
    UNINVITED, Why,
};
pub use expect::{found, members};
pub use findings::findings;
pub(crate) use read::read;

use std::collections::{BTreeMap, BTreeSet};

use super::Level;
use crate::aggregator::AggregatorStatus;
use crate::aws::AwsRefusal;
use crate::observe::Read;

/// All that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose it is.
    pub head: Head,
    /// What is there.
    pub installation: Standing,
}

/// Whose installation it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What the names of everything begin with.
    pub prefix: String,
    /// The organization.
    pub organization: String,
    /// The management account.
    pub management: String,
    /// The account that asks.
    pub administrator: String,
    /// The Region of the StackSets.
    pub home: String,
    /// Where the installation was looked for, in words.
    pub looked_in: String,
}

impl Head {
    /// Whether the management account asks.
    #[must_use]
    pub fn is_management(&self) -> bool {
        self.administrator == self.management
    }
}

/// What is in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of ours.
    Absent,
    /// StackSets of our names that are not ours.
    Foreign(Vec<String>),
    /// An installation.
    Present(Box<Installed>),
}

/// An installation as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The account that installed, if it is another than the one that asks: the record of targets and the artifacts are
    /// there.
    pub other_installer: Option<String>,
    /// What the record says is covered.
    pub record: Recorded,
    /// The StackSets, by name.
    pub sets: Vec<SetState>,
    /// What of the organization is covered.
    pub coverage: Coverage,
    /// The management account's own stacks; none if it is not the one that asks.
    pub management: Option<Vec<OwnStack>>,
    /// The artifact stack and zip of each Region.
    pub artifacts: Vec<Artifacts>,
    /// The guardrail; none if there is none.
    pub guardrail: Read<Option<Guardrail>>,
    /// The aggregator; none if there is none of ours.
    pub aggregator: Read<Option<AggregatorStatus>>,
    /// The pack of managed rules in the Regions that have it.
    pub packs: Read<Packs>,
    /// Whether StackSets may still work in the organization; a refusal if that could not be read.
    pub trusted_access: Read<bool>,
    /// What could not be read of the whole.
    pub unread: Vec<AwsRefusal>,
}

/// What was recorded when it was installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Whether there is a record: without one, the StackSets' own targets stand for it.
    pub is_there: bool,
    /// Units, by path.
    pub units: Vec<String>,
    /// Single accounts that were named.
    pub accounts: Vec<String>,
    /// Accounts that were excluded.
    pub excluded: Vec<String>,
    /// The Regions.
    pub regions: Vec<String>,
    /// Whether the management account is to have stacks of its own.
    pub management: bool,
}

/// A StackSet of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetState {
    /// Its name.
    pub name: String,
    /// The version that it installs.
    pub version: String,
    /// Its Regions.
    pub regions: Vec<String>,
    /// Whether accounts that join are covered by themselves.
    pub auto_deployment: bool,
    /// The paths of units that it was deployed to and in which not everybody is a target: they keep that off.
    pub blocking: Vec<String>,
    /// Whether operations that do not disturb each other run side by side.
    pub managed_execution: bool,
    /// The digest of the settings that its tag names.
    pub settings: String,
    /// Whether template or parameters are others than the tag says; none if only its own version could tell.
    pub is_changed: Option<bool>,
    /// The SHA-256 of the function's zip, hexadecimal.
    pub code: String,
    /// Operations that have not ended: action and state.
    pub running: Vec<(String, String)>,
}

/// The management account's stack in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStack {
    /// The Region.
    pub region: String,
    /// What is there.
    pub state: Read<Option<OwnStackState>>,
}

/// A stack of the management account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStackState {
    /// Whether it is ours.
    pub is_ours: bool,
    /// CloudFormation's word.
    pub status: String,
    /// Whether it can be used as it is.
    pub is_settled: bool,
    /// The version.
    pub version: String,
    /// The zip that was installed.
    pub installed: String,
    /// The SHA-256 of what runs, hexadecimal; none if the function is gone.
    pub runs: Read<Option<String>>,
}

/// What the accounts of a Region install from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifacts {
    /// The Region.
    pub region: String,
    /// Whether the stack is there.
    pub stack: Read<bool>,
    /// Whether the zip that the StackSets name is in the bucket.
    pub zip: Read<bool>,
}

/// The deny-SCPs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guardrail {
    /// The Region of its stack.
    pub region: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// The policies by name, each with the paths of what it is attached to; a refusal where that could not be read.
    pub policies: BTreeMap<String, Vec<String>>,
    /// What is wrong with it.
    pub troubles: Vec<(String, String)>,
}

/// The pack of managed rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packs {
    /// The Regions that have it.
    pub regions: Vec<PackState>,
    /// Why accounts lack it, the same told once.
    pub failures: Vec<PackFailure>,
}

/// The pack of managed rules in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackState {
    /// The Region.
    pub region: String,
    /// AWS Config's word for the whole.
    pub status: String,
    /// How many accounts are in which state.
    pub accounts: BTreeMap<String, usize>,
}

/// Accounts in which the pack failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFailure {
    /// Why.
    pub words: String,
    /// How many accounts.
    pub accounts: usize,
    /// The Regions.
    pub regions: Vec<String>,
    /// One of them.
    pub sample: String,
    /// What to do about it.
    pub fix: String,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The StackSets.
    StackSets,
    /// Who is covered.
    Coverage,
    /// The management account.
    ManagementAccount,
    /// The artifact buckets.
    Artifacts,
    /// The deny-SCPs.
    Guardrail,
    /// The pack of managed rules.
    ManagedPack,
    /// The aggregator of the organization.
    Aggregator,
}

impl Subject {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::StackSets,
        Self::Coverage,
        Self::ManagementAccount,
        Self::Artifacts,
        Self::Guardrail,
        Self::ManagedPack,
        Self::Aggregator,
    ];

    /// The name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StackSets => "stack-sets",
            Self::Coverage => "coverage",
            Self::ManagementAccount => "management-account",
            Self::Artifacts => "artifacts",
            Self::Guardrail => "guardrail",
            Self::ManagedPack => "managed-pack",
            Self::Aggregator => "aggregator",
        }
    }
}

/// Something to be said about an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub subject: Subject,
    /// How it counts.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Report {
    /// What is to be said, in the order of the subjects.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        match &self.installation {
            Standing::Absent | Standing::Foreign(_) => Vec::new(),
            Standing::Present(installed) => findings(&self.head, installed),
        }
    }
}

impl Installed {
    /// The versions that are installed, the StackSets' and the management account's.
    #[must_use]
    pub fn versions(&self) -> BTreeSet<&str> {
        let own = self.management.iter().flatten().filter_map(|own| own.state.as_ref().ok()?.as_ref());
        let own = own.map(|stack| stack.version.as_str());
        self.sets.iter().map(|set| set.version.as_str()).chain(own).collect()
    }
}

#[cfg(test)]
mod tests;
