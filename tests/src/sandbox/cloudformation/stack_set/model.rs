//! `StackSets` and their instances as values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::operation::Operation;
use crate::sandbox::cloudformation::Template;
use crate::sandbox::cloudformation::parameters::Parameters;

/// The account and Region of an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
}

impl Key {
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self { account: account.into(), region: region.into() }
    }
}

/// What is deployed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    pub(crate) template: Template,
    pub(crate) parameters: Parameters,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) capabilities: Vec<String>,
}

/// What happens when an account comes into a unit or leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AutoDeployment {
    pub(crate) enabled: bool,
    pub(crate) retain: Option<bool>,
    pub(crate) depends_on: Vec<String>,
}

/// One `StackSet`.
#[derive(Debug)]
pub(crate) struct StackSet {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) region: String,
    pub(crate) description: Option<String>,
    pub(crate) definition: Definition,
    /// How often the definition was changed.
    pub(crate) version: u32,
    pub(crate) auto: AutoDeployment,
    pub(crate) managed: bool,
    pub(crate) deleted: bool,
    /// The token that it was made with.
    pub(crate) token: Option<String>,
    /// The units that were named, with the Regions in them.
    pub(crate) targets: BTreeMap<String, BTreeSet<String>>,
    pub(crate) instances: BTreeMap<Key, Instance>,
    /// Oldest first.
    pub(crate) operations: Vec<Operation>,
}

impl StackSet {
    /// Whether an operation runs or waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.operations.iter().rev().any(Operation::is_active)
    }

    /// The operation with that id.
    pub(super) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| &*operation.id == id)
    }

    /// The Regions that it has instances in.
    pub(super) fn regions(&self) -> BTreeSet<&str> {
        self.instances.keys().map(|key| &*key.region).collect()
    }

    /// The name of the stack that an instance makes.
    pub(super) fn stack_name(&self, suffix: &str) -> String {
        format!("StackSet-{}-{suffix}", self.name)
    }
}

/// How an instance stands to its `StackSet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Current,
    Outdated,
    Inoperable,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Current => "CURRENT",
            Self::Outdated => "OUTDATED",
            Self::Inoperable => "INOPERABLE",
        }
    }
}

/// How the last operation on an instance went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detailed {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    Inoperable,
    SkippedSuspendedAccount,
}

impl Detailed {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Inoperable => "INOPERABLE",
            Self::SkippedSuspendedAccount => "SKIPPED_SUSPENDED_ACCOUNT",
        }
    }
}

/// The stack of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deployed {
    Nothing,
    /// The stack's id.
    Stack(Box<str>),
    /// A stack that is only said to be there.
    Light,
}

/// One instance. There may be 170,000 of them.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) deployed: Deployed,
    pub(crate) status: Status,
    pub(crate) detailed: Detailed,
    pub(crate) reason: Option<Arc<str>>,
    pub(crate) unit: Arc<str>,
    pub(crate) operation: Arc<str>,
    pub(crate) overrides: Option<Box<Parameters>>,
}
