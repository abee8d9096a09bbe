//! The plan: what an installation will do, as a value. It is made from the settings and what was read, shown, saved,
//! and carried out without any further choice.

mod changes;
mod file;
mod members;
mod region;
mod repair;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::AwsRefusal;
use crate::names::Names;
use crate::observe::RegionState;
use crate::settings::{Settings, Triggers};
use crate::templates::{ArtifactName, Template};

pub use changes::{Change, Sign};
pub(crate) use changes::{added, resources, values};
pub use file::{PlanFileError, load, to_text};
pub(crate) use members::{Installed, for_members};
pub(crate) use region::{FIXED, digest, is_older};
pub use text::Detail;
pub use text::render as render_text;
pub(crate) use text::{deployed as deploy_text, render_changes, render_regions};

/// The version of the plan's form, as it is saved.
pub const FORMAT: u32 = 1;

/// What an installation will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use = "a plan changes nothing until it is applied"]
pub struct Plan {
    /// The version of this form.
    pub format: u32,
    /// The account.
    pub account: String,
    /// The account's partition.
    pub partition: String,
    /// Whether it was asked to repair what an earlier operation or somebody else broke.
    pub repair: bool,
    /// Whether an older version may replace a newer one. A plan that does not say so does not.
    #[serde(default)]
    pub allow_downgrade: bool,
    /// What the installation is to be like.
    pub settings: Settings,
    /// The function's zip.
    pub artifact: ArtifactName,
    /// How many exemptions are in it.
    pub exemptions: usize,
    /// The Regions in alphabetical order, also those with nothing to do.
    pub regions: Vec<RegionPlan>,
}

/// What will be done in one Region, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegionPlan {
    /// The Region.
    pub region: String,
    /// What triggers the rules here: less than was asked for where the recorder cannot do it.
    pub triggers: Triggers,
    /// The steps; none if everything is as it should be.
    pub steps: Vec<Step>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "step")]
pub enum Step {
    /// Delete a stack of ours that is of no use, to make it anew.
    Remove {
        /// Its name.
        stack: String,
        /// Its ARN.
        id: String,
        /// Why.
        why: String,
    },
    /// Let CloudFormation try a failed rollback again.
    ContinueRollback {
        /// The stack's name.
        stack: String,
        /// Its ARN.
        id: String,
    },
    /// Make or update a stack.
    Deploy(Deploy),
    /// Put the function's zip into the artifact bucket.
    Upload {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The size in bytes.
        size: u64,
    },
}

/// A stack as it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deploy {
    /// Its name.
    pub stack: String,
    /// Its template.
    pub template: Template,
    /// Whether it will be made; else it is updated.
    pub is_new: bool,
    /// All parameters.
    pub parameters: BTreeMap<String, String>,
    /// All tags.
    pub tags: BTreeMap<String, String>,
    /// What will be different.
    pub changes: Vec<Change>,
}

/// Why there can be no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Something that the plan depends on could not be read.
    #[error("{0}")]
    Unread(#[from] AwsRefusal),
    /// A stack of our name is not ours.
    #[error("stack {stack} in {region} was not made by deployer: it lacks the tag notebook-guard:managed=true")]
    NotOurs {
        /// The stack.
        stack: String,
        /// The Region.
        region: String,
    },
    /// A stack needs a decision.
    #[error("stack {stack} in {region} is in {status}{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Stuck {
        /// The stack.
        stack: String,
        /// The Region.
        region: String,
        /// CloudFormation's word for its state.
        status: String,
        /// CloudFormation's words about it.
        reason: Option<String>,
    },
    /// Another operation runs.
    #[error("an operation runs on stack {stack} in {region} ({status})")]
    Busy {
        /// The stack.
        stack: String,
        /// The Region.
        region: String,
        /// CloudFormation's word for its state.
        status: String,
    },
    /// The artifact's key holds other bytes than its name says.
    #[error("the artifact {key} in {region} has other bytes than its name says (SHA-256 {found})")]
    OtherBytes {
        /// The key.
        key: String,
        /// The Region.
        region: String,
        /// The SHA-256 of what is there.
        found: String,
    },
    /// A stack cannot be changed like that.
    #[error("{what} of an installation cannot be changed ({region}: `{from}` now, `{to}` asked for)")]
    Fixed {
        /// The setting.
        what: &'static str,
        /// The Region.
        region: String,
        /// Its value now.
        from: String,
        /// The value that was asked for.
        to: String,
    },
    /// A stack that has to be deleted is protected against that.
    #[error("stack {stack} in {region} has to be made anew ({why}), and is protected against deletion")]
    Protected {
        /// The stack.
        stack: String,
        /// The Region.
        region: String,
        /// Why it has to be made anew.
        why: String,
    },
    /// The name of our bucket belongs to somebody else, or to a bucket that is not ours.
    #[error("the name of the bucket {bucket} is taken in {region}")]
    BucketTaken {
        /// The bucket.
        bucket: String,
        /// The Region.
        region: String,
    },
    /// A newer version is installed.
    #[error("version {installed} is installed in {region}, newer than {wanted}")]
    Downgrade {
        /// The Region.
        region: String,
        /// The installed version.
        installed: String,
        /// The version that was asked for.
        wanted: String,
    },
}

impl PlanError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unread(refusal) => refusal.advice(),
            Self::NotOurs { .. } => {
                "choose another --prefix, or tag the stack notebook-guard:managed=true if it is yours".to_owned()
            }
            Self::Stuck { .. } => "run it with --repair to let CloudFormation finish what it began".to_owned(),
            Self::Busy { .. } => "wait until it has ended, then run the same command again".to_owned(),
            Self::OtherBytes { .. } => {
                "somebody wrote over it: look at its versions, delete it, and run the same command again".to_owned()
            }
            Self::Fixed { .. } => {
                "keep it as it is, or uninstall the Region first: deployer uninstall --region REGION --keep-artifacts"
                    .to_owned()
            }
            Self::BucketTaken { .. } => "choose another --prefix".to_owned(),
            Self::Protected { stack, region, .. } => format!(
                "allow it first: aws cloudformation update-termination-protection --region {region} --stack-name {stack} \
             --no-enable-termination-protection"
            ),
            Self::Downgrade { .. } => "use the newer deployer, or add --allow-downgrade".to_owned(),
        }
    }
}

/// What a plan is made from, besides what was read.
#[derive(Debug, Clone, Copy)]
pub struct Intent<'a> {
    /// What the installation is to be like.
    pub settings: &'a Settings,
    /// The account.
    pub account: &'a str,
    /// The account's partition.
    pub partition: &'a str,
    /// The function's zip.
    pub artifact: &'a ArtifactName,
    /// How many exemptions are in it.
    pub exemptions: usize,
    /// Whether to repair what an earlier operation or somebody else broke.
    pub repair: bool,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: bool,
    /// What an installation into an organization adds; none for a single account.
    pub organization: Option<OrgIntent<'a>>,
}

/// What an installation into an organization adds to the stacks of the account that installs.
#[derive(Debug, Clone, Copy)]
pub struct OrgIntent<'a> {
    /// The organization's id: its StackSets read the artifact buckets.
    pub id: &'a str,
    /// Where the targets are recorded.
    pub home_region: &'a str,
    /// The record of the targets.
    pub record: &'a str,
    /// Whether this account gets a member stack: the management account, which no StackSet reaches.
    pub has_member: bool,
}

impl OrgIntent<'_> {
    /// What the artifact stack of a Region notes of the targets.
    #[must_use]
    pub fn noted(&self, region: &str) -> String {
        if region == self.home_region { self.record.to_owned() } else { format!("home={}", self.home_region) }
    }
}

impl Intent<'_> {
    /// The names of the installation.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        Names { prefix: &self.settings.prefix, account: self.account, partition: self.partition }
    }
}

impl Plan {
    /// Makes the plan.
    ///
    /// # Errors
    /// Every reason of every Region why there can be none.
    pub fn new(intent: Intent<'_>, observed: &[RegionState]) -> Result<Self, Vec<PlanError>> {
        let (mut regions, mut errors) = (Vec::new(), Vec::new());
        for state in observed {
            match region::plan(intent, state) {
                Ok(plan) => regions.push(plan),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        regions.sort_by(|one, other| one.region.cmp(&other.region));
        Ok(Self {
            format: FORMAT,
            account: intent.account.to_owned(),
            partition: intent.partition.to_owned(),
            repair: intent.repair,
            allow_downgrade: intent.allow_downgrade,
            settings: intent.settings.clone(),
            artifact: intent.artifact.clone(),
            exemptions: intent.exemptions,
            regions,
        })
    }

    /// Whether a later plan does nothing but what this one does: some of it may be done already.
    #[must_use]
    pub fn covers(&self, later: &Self) -> bool {
        let same = |one: &Self| Self { regions: Vec::new(), ..one.clone() };
        same(self) == same(later) && later.regions.iter().all(|region| self.covers_region(region))
    }

    /// The same of one Region. A stack that this plan was to make may have to be cleared away first, if that was
    /// interrupted.
    #[must_use]
    pub fn covers_region(&self, later: &RegionPlan) -> bool {
        let Some(mine) = self.regions.iter().find(|region| region.region == later.region) else { return false };
        let is_mine = |step: &Step| match step {
            step if mine.steps.contains(step) => true,
            Step::Remove { stack, .. } => {
                mine.steps.iter().any(|own| matches!(own, Step::Deploy(own) if own.is_new && own.stack == *stack))
            }
            Step::ContinueRollback { .. } | Step::Deploy(_) | Step::Upload { .. } => false,
        };
        mine.triggers == later.triggers && later.steps.iter().all(is_mine)
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.regions.iter().all(|region| region.steps.is_empty())
    }

    /// The names of the installation.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        Names { prefix: &self.settings.prefix, account: &self.account, partition: &self.partition }
    }
}
