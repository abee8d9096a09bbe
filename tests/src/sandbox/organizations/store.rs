//! What an organization is made of.

use std::collections::{BTreeMap, BTreeSet};

use deployer::scp::language;

use crate::sandbox::clock::Instant;
use crate::sandbox::lag::Nursery;
use crate::sandbox::random::Random;

/// The policy that allows everything, and that AWS attaches to all there is when service control policies come on.
pub(crate) const FULL_ACCESS: &str = "p-FullAWSAccess";

/// The service principal that accounts are made delegated administrators of StackSets for.
pub(crate) const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The service principal of StackSets in the management account.
pub(super) const STACK_SETS_ROOT: &str = "stacksets.cloudformation.amazonaws.com";

/// How many accounts can be delegated administrators of one service. It is the figure for StackSets, which the sandbox
/// takes for all: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html>.
pub(super) const MOST_DELEGATES: usize = 5;

/// The organization.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) id: String,
    pub(crate) management: String,
    /// Whether it has all features, and not consolidated billing alone.
    pub(crate) all_features: bool,
    pub(crate) root: String,
    /// Organizational units by id.
    pub(crate) units: BTreeMap<String, Unit>,
    /// Accounts by id, the management account among them.
    pub(crate) members: BTreeMap<String, Member>,
    /// The customer's policies by id.
    pub(crate) policies: BTreeMap<String, Policy>,
    /// The ids of the policies that are attached to a root, unit or account.
    pub(crate) attachments: BTreeMap<String, BTreeSet<String>>,
    pub(crate) policy_type: TypeStatus,
    /// Service principals with trusted access, since when.
    pub(crate) trusted: BTreeMap<String, Instant>,
    /// Delegated administrators by service principal, since when.
    pub(crate) delegates: BTreeMap<String, BTreeMap<String, Instant>>,
    /// Tags by the id of what has them.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) stack_sets: StackSetsAccess,
    /// Accounts that are being closed, and when they will be.
    pub(crate) closing: BTreeMap<String, Instant>,
    /// What reads may not see yet.
    pub(crate) nursery: Nursery,
    /// Moves that nobody has taken notice of yet: whoever deploys into units takes them out.
    pub(crate) moves: Vec<Moved>,
}

/// One organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    /// A unit, or the root.
    pub(crate) parent: String,
}

/// One account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) state: AccountState,
    /// A unit, or the root.
    pub(crate) parent: String,
    pub(crate) joined: Instant,
}

/// One policy of the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) content: String,
    /// The content as a policy, if it is one.
    pub(crate) parsed: Option<language::Policy>,
}

impl Policy {
    pub(crate) fn new(name: &str, description: &str, content: &str) -> Self {
        let parsed = language::Policy::parse(content).ok();
        Self { name: name.to_owned(), description: description.to_owned(), content: content.to_owned(), parsed }
    }
}

/// An account that came (`from` is nothing), went (`to` is nothing), or has another parent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) account: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// The state of an account in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It is being made.
    PendingActivation,
    /// It can be used.
    Active,
    /// AWS has locked it.
    Suspended,
    /// It is being closed.
    PendingClosure,
    /// It is closed, and soon gone.
    Closed,
}

impl AccountState {
    /// The API's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }
}

/// Whether `CloudFormation` may deploy into the organization, as `DescribeOrganizationsAccess` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackSetsAccess {
    /// It may.
    Enabled,
    /// Nobody has allowed it yet, or somebody has taken it back.
    Disabled,
    /// It may not, and nobody can change that.
    DisabledPermanently,
}

/// Whether service control policies are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeStatus {
    Disabled,
    /// From this time on they are.
    Pending(Instant),
    Enabled,
}

impl Store {
    /// An organization of one account, with service control policies in force.
    pub(crate) fn new(management: &str, now: Instant, random: &mut Random) -> Self {
        let root = format!("r-{}", random.lower(4));
        let mut made = Self {
            id: format!("o-{}", random.lower(10)),
            management: management.to_owned(),
            all_features: true,
            root: root.clone(),
            units: BTreeMap::new(),
            members: BTreeMap::new(),
            policies: BTreeMap::new(),
            attachments: BTreeMap::new(),
            policy_type: TypeStatus::Enabled,
            trusted: BTreeMap::new(),
            delegates: BTreeMap::new(),
            tags: BTreeMap::new(),
            stack_sets: StackSetsAccess::Disabled,
            closing: BTreeMap::new(),
            nursery: Nursery::new(),
            moves: Vec::new(),
        };
        made.attach_full_access(&root);
        made.join(management, &root, now);
        made
    }

    /// Whether there is a root or unit of that id.
    pub(crate) fn is_parent(&self, id: &str) -> bool {
        id == self.root || self.units.contains_key(id)
    }

    /// Whether an account may act for the organization in a service.
    pub(crate) fn is_delegate(&self, principal: &str, account: &str) -> bool {
        self.delegates.get(principal).is_some_and(|accounts| accounts.contains_key(account))
    }

    /// Whether an account may act for the organization in some service.
    pub(crate) fn is_delegate_of_any(&self, account: &str) -> bool {
        self.delegates.values().any(|accounts| accounts.contains_key(account))
    }

    /// The ARN of something of the organization, or of the organization itself.
    pub(crate) fn arn(&self, kind: &str, id: Option<&str>) -> String {
        let Self { id: organization, management, .. } = self;
        let tail = id.map(|id| format!("/{id}")).unwrap_or_default();
        format!("arn:aws:organizations::{management}:{kind}/{organization}{tail}")
    }

    /// The path of a unit or account: `o-a1b2c3d4e5/r-a1b2/ou-a1b2-c3d4e5f6/`.
    pub(crate) fn path(&self, id: &str) -> String {
        format!("{}/{}/", self.id, self.chain(id).join("/"))
    }

    /// Lets everything end that takes its time.
    pub(crate) fn settle(&mut self, now: Instant) {
        if let TypeStatus::Pending(until) = self.policy_type
            && until <= now
        {
            self.policy_type = TypeStatus::Enabled;
            let all = self.units.keys().chain(self.members.keys()).chain([&self.root]);
            let all: Vec<String> = all.cloned().collect();
            for target in all {
                self.attach_full_access(&target);
            }
        }
        while let Some(account) = self.closing.iter().find(|(_, until)| **until <= now).map(|(id, _)| id.clone()) {
            self.closing.remove(&account);
            if let Some(member) = self.members.get_mut(&account) {
                member.state = AccountState::Closed;
            }
        }
    }

    /// The accounts in a root or unit and all units below it, in order of their ids; or the one account of that id.
    pub(crate) fn members_under(&self, id: &str) -> Vec<&Member> {
        let below: BTreeSet<&str> = self.units_under(id).into_iter().collect();
        let under = |member: &&Member| member.id == id || below.contains(member.parent.as_str());
        self.members.values().filter(under).collect()
    }

    /// A root or unit and all units below it; nothing if there is none of that id.
    pub(crate) fn units_under<'a>(&'a self, id: &str) -> Vec<&'a str> {
        let first = self.units.get_key_value(id).map(|(id, _)| id.as_str());
        let first = first.or_else(|| (id == self.root).then_some(self.root.as_str()));
        let mut found: Vec<&str> = first.into_iter().collect();
        let mut at = 0;
        while let Some(parent) = found.get(at).copied() {
            found.extend(self.units.values().filter(|unit| unit.parent == parent).map(|unit| unit.id.as_str()));
            at += 1;
        }
        found
    }

    /// From the root down to an account or unit, itself included; nothing if it is not in the organization.
    pub(crate) fn chain(&self, id: &str) -> Vec<String> {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let parent = self.parent(id);
            if parent.is_none() && id != self.root {
                return Vec::new();
            }
            chain.push(id.to_owned());
            next = parent;
        }
        chain.reverse();
        chain
    }

    /// What a unit or account is in.
    pub(crate) fn parent(&self, id: &str) -> Option<&str> {
        let unit = self.units.get(id).map(|unit| unit.parent.as_str());
        unit.or_else(|| self.members.get(id).map(|member| member.parent.as_str()))
    }

    /// Makes a unit; gives its id.
    pub(crate) fn add_unit(&mut self, parent: &str, name: &str, random: &mut Random) -> String {
        let id = format!("ou-{}-{}", self.root.trim_start_matches("r-"), random.lower(8));
        let unit = Unit { id: id.clone(), name: name.to_owned(), parent: parent.to_owned() };
        self.units.insert(id.clone(), unit);
        self.attach_full_access(&id);
        id
    }

    /// Takes an account in, or moves it.
    pub(crate) fn join(&mut self, account: &str, parent: &str, now: Instant) {
        let from = self.members.get(account).map(|member| member.parent.clone());
        let member = self.members.entry(account.to_owned()).or_insert_with(|| Member {
            id: account.to_owned(),
            name: format!("account-{account}"),
            email: format!("{account}@example.com"),
            state: AccountState::Active,
            parent: String::new(),
            joined: now,
        });
        parent.clone_into(&mut member.parent);
        if from.is_none() {
            self.attach_full_access(account);
        }
        self.moves.push(Moved { account: account.to_owned(), from, to: Some(parent.to_owned()) });
    }

    /// Lets an account leave.
    pub(crate) fn leave(&mut self, account: &str) {
        if let Some(member) = self.members.remove(account) {
            self.attachments.remove(account);
            self.tags.remove(account);
            self.delegates.values_mut().for_each(|accounts| {
                accounts.remove(account);
            });
            self.moves.push(Moved { account: account.to_owned(), from: Some(member.parent), to: None });
        }
    }

    /// Says whether `CloudFormation` may deploy into the organization. It is trusted under its two principals then.
    pub(crate) fn set_stack_sets(&mut self, access: StackSetsAccess, now: Instant) {
        self.stack_sets = access;
        for principal in [STACK_SETS, STACK_SETS_ROOT] {
            if access == StackSetsAccess::Enabled {
                self.trusted.insert(principal.to_owned(), now);
            } else {
                self.trusted.remove(principal);
            }
        }
    }

    /// Whether service control policies bind anybody.
    pub(crate) fn has_policies_in_force(&self) -> bool {
        self.all_features && self.policy_type == TypeStatus::Enabled
    }

    /// Turns service control policies off.
    pub(crate) fn disable_policies(&mut self) {
        self.policy_type = TypeStatus::Disabled;
        self.attachments.clear();
    }

    fn attach_full_access(&mut self, target: &str) {
        if self.policy_type != TypeStatus::Disabled {
            self.attachments.entry(target.to_owned()).or_default().insert(FULL_ACCESS.to_owned());
        }
    }
}
