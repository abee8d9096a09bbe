//! What was read of an organization, as the examination needs it.

use std::collections::BTreeMap;

use crate::aggregator::AggregatorProblem;
use crate::observe::{BucketState, Read};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's ARN, as STS names it.
    pub arn: String,
    /// The administrator account.
    pub account: String,
    /// The partition: `aws`, `aws-cn`, …
    pub partition: String,
}

/// What the installation is to have beyond the StackSet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `--enable-trusted-access`.
    pub enable_trusted_access: bool,
    /// `--managed-rules-pack`.
    pub managed_pack: bool,
    /// How many policies `--deny-scp` and `--tamper-scp` make.
    pub policies: usize,
    /// `--enable-policy-type`.
    pub enable_policy_type: bool,
}

/// The caller's organization, as every member may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its id: `o-…`.
    pub id: String,
    /// The management account.
    pub management: String,
    /// Whether all features are on, and not consolidated billing alone.
    pub all_features: bool,
    /// What the caller's account is in it.
    pub role: Role,
}

/// What the caller's account is in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The management account.
    Management,
    /// A delegated administrator of StackSets.
    DelegatedAdministrator,
    /// Any other member.
    Member,
    /// A member of which AWS does not say whether it is a delegated administrator: it may not ask.
    Unknown,
}

/// What the management account and delegated administrators can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The StackSets' trusted access.
    pub access: Read<StackSetAccess>,
    /// The services with trusted access, by their principals.
    pub services: Read<Vec<String>>,
    /// The delegated administrators of StackSets.
    pub delegates: Read<Vec<String>>,
    /// Units, accounts and what is targeted.
    pub tree: Read<Tree>,
    /// The StackSets of the home Region.
    pub sets: Read<Sets>,
    /// The artifact bucket in each Region.
    pub places: Vec<Place>,
    /// Organization conformance packs in each Region; empty if none is wanted.
    pub packs: Vec<PackRoom>,
    /// What stands in the way of the aggregator; none if none is wanted.
    pub aggregator: Option<Vec<AggregatorProblem>>,
    /// Whether service control policies are on in the organization's root.
    pub policy_type: Read<PolicyType>,
    /// Room for policies at each target of ours; empty if none is wanted.
    pub policy_room: Read<Vec<PolicyRoom>>,
    /// The service control policies in force for the targets, and what they forbid of what StackSets do there.
    pub chains: Read<Vec<Chain>>,
    /// How many units and accounts below the targets were not looked at for that.
    pub unseen: usize,
}

/// The StackSets' trusted access (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeOrganizationsAccess.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackSetAccess {
    /// `ENABLED`.
    Enabled,
    /// `DISABLED`.
    Disabled,
    /// `DISABLED_PERMANENTLY`.
    DisabledPermanently,
    /// A word of later years.
    Other,
}

/// Units, accounts and what of them is targeted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// How many accounts are in each state, in AWS's words.
    pub states: BTreeMap<String, usize>,
    /// What was asked for: units, the root, or single accounts.
    pub targets: Vec<TargetFact>,
    /// What of it cannot be found, or is more than one thing.
    pub faults: Vec<String>,
    /// ACTIVE accounts in all targets, without those that are excluded and without the management account.
    pub in_scope: usize,
    /// Accounts in the targets that are not ACTIVE: how many for each state.
    pub skipped: BTreeMap<String, usize>,
    /// Whether the management account gets plain stacks: only if it calls, and unless it is told not to.
    pub covers_management: bool,
    /// What in names of units, accounts and StackSets tells of AWS Control Tower or the Landing Zone Accelerator.
    pub landing_zone: Vec<String>,
}

/// A unit, the root or an account that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFact {
    /// Its id.
    pub id: String,
    /// Its path from the root: `Prod/Payments`; an account's name.
    pub path: String,
    /// ACTIVE accounts in it that are not excluded.
    pub active: usize,
}

/// The StackSets of the home Region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sets {
    /// How many the account has in the Region.
    pub total: usize,
    /// Those of our names.
    pub named: Vec<SetFact>,
}

/// A StackSet of one of our names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFact {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub standing: SetStanding,
    /// The Regions of its instances.
    pub regions: Vec<String>,
    /// Operations on it that have not ended.
    pub running: Vec<Running>,
}

/// Whose a StackSet is, and of what kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetStanding {
    /// It has our tag; says the version that its tag names.
    Ours(String),
    /// It has our tag, but it is not service-managed: nothing of ours is made so.
    SelfManaged,
    /// Somebody else's.
    Foreign,
}

/// An operation on a StackSet that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub id: String,
    /// What it does, in AWS's word: `CREATE`, `UPDATE`, …
    pub action: String,
    /// AWS's word for its state: `RUNNING`, `QUEUED`, `STOPPING`.
    pub status: String,
    /// Whether we began it.
    pub is_ours: bool,
}

/// The artifact bucket of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The Region.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// What there is of it.
    pub state: Read<BucketState>,
    /// Whether the artifact stack lets another organization read, or none: its `OrgId` if it is not ours.
    pub other_organization: Option<String>,
}

/// Organization conformance packs of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRoom {
    /// The Region.
    pub region: String,
    /// The names of those that are there.
    pub names: Read<Vec<String>>,
}

/// Whether service control policies are on in the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyType {
    /// They are.
    Enabled,
    /// They are not.
    Disabled,
    /// They are being switched on or off.
    Pending,
}

/// Room for policies at a target of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRoom {
    /// The unit, root or account.
    pub target: String,
    /// Policies that are attached to it and are not ours.
    pub others: usize,
    /// The most that may be attached.
    pub limit: usize,
    /// The size in characters of each of ours, and the most that is allowed.
    pub sizes: Vec<(String, usize, usize)>,
}

/// The policies in force for a target, from the root down, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The unit, root or account.
    pub target: String,
    /// Its path.
    pub path: String,
    /// ACTIVE accounts under it.
    pub accounts: usize,
    /// The policies, from the root down.
    pub policies: Vec<Attached>,
    /// What they forbid of what StackSets do in the accounts.
    pub obstacles: Vec<Obstacle>,
    /// How many actions were asked about.
    pub asked: usize,
    /// What could not be decided, with why.
    pub undecided: Vec<Obstacle>,
}

/// A policy and where it is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// The unit, root or account that it is attached to.
    pub at: String,
}

/// Actions that a policy forbids or that cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The policy and its statement, or why it cannot be decided.
    pub why: String,
    /// The Regions in which it is so.
    pub regions: Vec<String>,
    /// The actions.
    pub actions: Vec<String>,
}
