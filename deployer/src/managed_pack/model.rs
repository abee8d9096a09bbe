//! The pack as values: what is there, what is to be done, what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::aws::AwsRefusal;

/// The most accounts that an organization pack can leave out
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html>).
pub const LARGEST_EXCLUSION: usize = 1_000;
/// The most conformance packs of an organization, for good
/// (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>).
pub const MOST_PACKS: usize = 50;

/// What we read of a Region before the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The Region.
    pub region: String,
    /// The pack of our name, whoever made it.
    pub pack: Option<Pack>,
    /// How many organization packs the caller sees here, ours included.
    pub packs: usize,
}

/// An organization pack that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its ARN.
    pub arn: String,
    /// What its parameter says; none if it is not ours.
    pub mark: Option<Mark>,
    /// The accounts that it leaves out, in order.
    pub excluded: Vec<String>,
    /// How it stands; none if AWS Config does not tell yet.
    pub overall: Option<Overall>,
}

/// What the parameter `NotebookGuard` of a pack of ours says.
///
/// AWS Config gives a pack's template back to nobody, and its tags only to whoever may read tags. Input parameters come
/// with the same call that lists the packs, are put with the template in one call, and stay with it on every update:
/// no moment exists at which a pack of ours lacks its mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mark {
    /// The version of Notebook Guard that put the pack.
    pub version: String,
    /// A digest of the template, hexadecimal.
    pub digest: String,
}

impl Mark {
    /// The name of the parameter.
    pub const PARAMETER: &'static str = "NotebookGuard";

    /// Reads the parameter's value; nothing if it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("Notebook Guard ")?;
        let (version, digest) = rest.strip_suffix(')')?.split_once(" (settings ")?;
        let is_digest = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_version = !version.is_empty() && !version.contains(' ');
        (is_digest && is_version).then(|| Self { version: version.to_owned(), digest: digest.to_owned() })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notebook Guard {} (settings {})", self.version, self.digest)
    }
}

/// How a pack stands, in the organization or in one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// AWS Config is at it.
    InProgress,
    /// It is there.
    Deployed,
    /// It is gone.
    Deleted,
    /// It could not be made, changed or deleted.
    Failed,
    /// A word that we do not know: never taken for success.
    Unknown,
}

impl Phase {
    /// The meaning of `OrganizationResourceStatus` and `OrganizationResourceDetailedStatus`.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" => Self::InProgress,
            "CREATE_SUCCESSFUL" | "UPDATE_SUCCESSFUL" => Self::Deployed,
            "DELETE_SUCCESSFUL" => Self::Deleted,
            "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED" => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

/// How a pack stands in the whole organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overall {
    /// AWS Config's word: `CREATE_SUCCESSFUL`, `UPDATE_FAILED`, …
    pub word: String,
    /// AWS Config's error code, if it failed.
    pub code: Option<String>,
    /// What AWS Config says of it: no more than a summary.
    pub message: Option<String>,
    /// When it last changed, in milliseconds since 1970 by AWS's clock.
    pub updated: Option<i64>,
}

impl Overall {
    /// What the word means.
    #[must_use]
    pub fn phase(&self) -> Phase {
        Phase::of(&self.word)
    }
}

/// What is to be done in one Region, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackPlan {
    /// The Region.
    pub region: String,
    /// What will be done; none if all is as it should be, or nothing can be had here.
    pub step: Option<PackStep>,
    /// What a reader of the plan has to know: rules that do not exist here, a Region that our data does not know.
    pub notes: Vec<String>,
}

/// One pack to put or to wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackStep {
    /// The Region.
    pub region: String,
    /// The pack's name.
    pub name: String,
    /// What happens to it.
    pub action: PackAction,
    /// The names of its rules.
    pub rules: Vec<String>,
    /// The template.
    pub body: String,
    /// What its parameter will say.
    pub mark: Mark,
    /// The accounts that it leaves out, in order.
    pub excluded: Vec<String>,
}

/// What happens to a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "do")]
pub enum PackAction {
    /// It is made.
    Make,
    /// It is changed.
    Update {
        /// What will be different, line by line.
        changes: Vec<String>,
    },
    /// It is put again as it is: some accounts lack it.
    Repeat {
        /// What AWS Config says of the last attempt.
        why: String,
    },
    /// It is as it should be, but AWS Config is still at it: wait, and look what came of it.
    Follow,
}

/// Why there is no plan for a Region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// What is there could not be read.
    #[error("{0}")]
    Unread(#[from] AwsRefusal),
    /// A pack of our name is not ours.
    #[error(
        "organization conformance pack {name} in {region} was not made by deployer: its parameter {} does not say so",
        Mark::PARAMETER
    )]
    Foreign {
        /// Its name.
        name: String,
        /// The Region.
        region: String,
    },
    /// A newer version has put the pack.
    #[error("organization conformance pack {name} in {region} is of version {theirs}, which is newer than {ours}")]
    Newer {
        /// Its name.
        name: String,
        /// The Region.
        region: String,
        /// The version of the pack.
        theirs: String,
        /// The version of this program.
        ours: String,
    },
    /// There is no room for another pack.
    #[error("{region} has {packs} organization conformance packs, and AWS Config allows {MOST_PACKS}, for good")]
    NoRoom {
        /// The Region.
        region: String,
        /// How many there are.
        packs: usize,
    },
    /// The pack is more than AWS Config takes.
    #[error("the conformance pack of {region} has {what}, and AWS Config takes at most {most}")]
    TooLarge {
        /// The Region.
        region: String,
        /// What is too much: `140 rules`.
        what: String,
        /// How much it may be.
        most: usize,
    },
}

impl PackError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unread(refusal) => super::observe::advice(refusal),
            Self::Foreign { .. } => "choose another --prefix, or delete that pack if nobody needs it".to_owned(),
            Self::Newer { theirs, .. } => format!("use deployer {theirs} or newer, or allow the downgrade"),
            Self::NoRoom { .. } => "delete an organization conformance pack that nobody needs".to_owned(),
            Self::TooLarge { .. } => "allow fewer subnets, keys or platforms".to_owned(),
        }
    }
}

/// How a pack stands in every account of one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The Region.
    pub region: String,
    /// The pack's name.
    pub name: String,
    /// How it stands in the organization; none if it is not there.
    pub overall: Option<Overall>,
    /// How it stands in each account that should have it and that AWS Config tells of.
    pub accounts: BTreeMap<String, AccountStatus>,
    /// Accounts that should have it, and of which AWS Config tells nothing.
    pub untold: Vec<String>,
    /// How it stands in accounts that were not expected to have it: left out, not active, or joined since.
    pub beyond: BTreeMap<String, AccountStatus>,
    /// Whether AWS Config still tells what it told before the pack was put: then all of this may be of the old one.
    pub is_stale: bool,
}

impl Deployment {
    /// Whether AWS Config is done with the pack, and every account that should have it has it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_done = self.overall.as_ref().map(Overall::phase) == Some(Phase::Deployed) && !self.is_stale;
        is_done && self.untold.is_empty() && self.failed().next().is_none()
    }

    /// The accounts that lack it, or have an older one, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &AccountStatus)> {
        let lacking = self.accounts.iter().filter(|(_, status)| status.phase() != Phase::Deployed);
        lacking.map(|(id, status)| (id.as_str(), status))
    }

    /// The accounts that have it although they were not expected to.
    pub fn unexpected(&self) -> impl Iterator<Item = &str> {
        let having = self.beyond.iter().filter(|(_, status)| status.phase() == Phase::Deployed);
        having.map(|(id, _)| id.as_str())
    }
}

/// How a pack stands in one account. The texts are shared: thousands of accounts fail for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStatus {
    /// AWS Config's word.
    pub word: Arc<str>,
    /// The name of the pack in the account: `OrgConformsPack-…`.
    pub pack: String,
    /// AWS Config's error code, if it failed.
    pub code: Option<Arc<str>>,
    /// What AWS Config says of it.
    pub message: Option<Arc<str>>,
}

impl AccountStatus {
    /// What the word means.
    #[must_use]
    pub fn phase(&self) -> Phase {
        Phase::of(&self.word)
    }
}

/// How long we wait, by the clock of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For an operation that runs, ours or another's. AWS does not say how long one can take; CloudFormation gives an
    /// organization pack 706 minutes.
    pub operation: Duration,
    /// For reads that lag behind writes.
    pub settling: Duration,
    /// Between the first two looks; later ones are further apart.
    pub pause: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { operation: Duration::from_hours(1), settling: Duration::from_mins(1), pause: Duration::from_millis(500) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_is_not_whole() {
        let told = |word: &str| Deployment {
            region: "eu-west-1".to_owned(),
            name: "notebook-guard-managed".to_owned(),
            overall: Some(Overall { word: word.to_owned(), code: None, message: None, updated: Some(1) }),
            accounts: BTreeMap::new(),
            untold: Vec::new(),
            beyond: BTreeMap::new(),
            is_stale: false,
        };
        assert!(told("UPDATE_SUCCESSFUL").is_whole());
        for word in ["CREATE_IN_PROGRESS", "UPDATE_FAILED", "DELETE_SUCCESSFUL", "SOMETHING_NEW"] {
            assert!(!told(word).is_whole(), "{word}");
        }
        assert!(!Deployment { is_stale: true, ..told("UPDATE_SUCCESSFUL") }.is_whole(), "it is the old one");
    }
}
