//! What CloudFormation says of a StackSet, as values. A status that is not known is kept by its name and never taken
//! for a good one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_smithy_types::DateTime;

use super::reason::Reason;
use crate::names::{MANAGED_TAG, SETTINGS_TAG, VERSION_TAG};

/// Words of CloudFormation as an enum: the known ones, and `Unknown` for all others.
macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$inner])* $variant,)+
            /// A word that this version does not know.
            Unknown(Arc<str>),
        }

        impl $name {
            /// From CloudFormation's word.
            #[must_use]
            pub fn of(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(other.into()),
                }
            }

            /// CloudFormation's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Who gives StackSets its roles in the accounts.
    PermissionModel {
        /// The organization: the roles come and go with the accounts.
        ServiceManaged = "SERVICE_MANAGED",
        /// Somebody made the roles by hand.
        SelfManaged = "SELF_MANAGED",
    }
}

words! {
    /// Whether a StackSet is there.
    SetStatus {
        /// It is.
        Active = "ACTIVE",
        /// It was deleted, and can no longer be used.
        Deleted = "DELETED",
    }
}

words! {
    /// How an instance stands to its StackSet
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackInstanceSummary.html>).
    InstanceStatus {
        /// As the StackSet says.
        Current = "CURRENT",
        /// Not as the StackSet says, or without a stack at all.
        Outdated = "OUTDATED",
        /// A deletion failed: no update reaches it any more.
        Inoperable = "INOPERABLE",
    }
}

words! {
    /// What the last operation did to an instance
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackInstanceComprehensiveStatus.html>).
    /// An instance that an update left out is `PENDING` too, although nothing is going to happen to it.
    DetailedStatus {
        /// Nothing yet.
        Pending = "PENDING",
        /// It is at it.
        Running = "RUNNING",
        /// All went well.
        Succeeded = "SUCCEEDED",
        /// It failed.
        Failed = "FAILED",
        /// It was left out, because the operation was stopped or had failed too often.
        Cancelled = "CANCELLED",
        /// A deletion failed before.
        Inoperable = "INOPERABLE",
        /// The account is suspended.
        SkippedSuspendedAccount = "SKIPPED_SUSPENDED_ACCOUNT",
        /// An import failed.
        FailedImport = "FAILED_IMPORT",
    }
}

words! {
    /// What an operation does.
    Action {
        /// It adds instances.
        Create = "CREATE",
        /// It changes the StackSet, its instances, or both.
        Update = "UPDATE",
        /// It removes instances.
        Delete = "DELETE",
        /// It looks for drift.
        DetectDrift = "DETECT_DRIFT",
    }
}

words! {
    /// How far an operation is.
    OperationStatus {
        /// It waits for another one.
        Queued = "QUEUED",
        /// It runs.
        Running = "RUNNING",
        /// Somebody stopped it; what it has begun is being finished.
        Stopping = "STOPPING",
        /// It ended, with no more failures than it was told to tolerate: with all of them, if it was told so.
        Succeeded = "SUCCEEDED",
        /// It ended, because more failed than it was told to tolerate.
        Failed = "FAILED",
        /// Somebody stopped it, and it has ended.
        Stopped = "STOPPED",
    }
}

impl OperationStatus {
    /// Whether the operation has ended. An unknown word is taken for one that goes on.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Stopped => true,
            Self::Queued | Self::Running | Self::Stopping | Self::Unknown(_) => false,
        }
    }
}

words! {
    /// What an operation did in one account and Region.
    ResultStatus {
        /// Nothing yet.
        Pending = "PENDING",
        /// It is at it.
        Running = "RUNNING",
        /// All went well.
        Succeeded = "SUCCEEDED",
        /// It failed.
        Failed = "FAILED",
        /// It was left out, because the operation was stopped or had failed too often.
        Cancelled = "CANCELLED",
    }
}

/// Whether accounts that join a target get their stacks by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AutoDeployment {
    /// Whether they do.
    pub is_on: bool,
    /// Whether the stacks of an account that leaves stay.
    pub retains_stacks: bool,
}

/// A StackSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSet {
    /// Its name.
    pub name: String,
    /// Its id: the name with a unique part.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Whether it is there.
    pub status: SetStatus,
    /// Who gives it its roles.
    pub permission_model: PermissionModel,
    /// Its parameters' values.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether accounts that join get their stacks by themselves.
    pub auto_deployment: AutoDeployment,
    /// Whether operations that do not disturb each other run side by side, and others wait in a queue.
    pub is_managed_execution: bool,
    /// The ids of the organizational units (or the root) that are its targets.
    pub units: Vec<String>,
    /// Its Regions.
    pub regions: Vec<String>,
    /// The SHA-256 of its template, hexadecimal.
    pub template_digest: String,
}

impl StackSet {
    /// Whether we made it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.tags.get(MANAGED_TAG).is_some_and(|value| value == "true")
    }

    /// The version that it installs.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.tags.get(VERSION_TAG).map(String::as_str)
    }

    /// The digest of the template and the parameters that it was made from.
    #[must_use]
    pub fn settings(&self) -> Option<&str> {
        self.tags.get(SETTINGS_TAG).map(String::as_str)
    }
}

/// A StackSet's stack in one account and Region, or the intention of one. A hundred thousand of them fit in memory: what
/// they have in common is kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The account.
    pub account: Arc<str>,
    /// The Region.
    pub region: Arc<str>,
    /// The target that the account belongs to: the id of an organizational unit or of the root.
    pub unit: Arc<str>,
    /// How it stands to its StackSet.
    pub status: InstanceStatus,
    /// What the last operation did to it.
    pub detailed: DetailedStatus,
    /// Why, if it is not as it should be.
    pub reason: Option<Reason>,
    /// The last operation that touched it.
    pub last_operation: Option<Arc<str>>,
    /// Whether it ever had a stack: an account that was suspended from the beginning never got one.
    pub has_stack: bool,
}

impl Instance {
    /// Whether its stack is as the StackSet says.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.status == InstanceStatus::Current
    }

    /// Whether there is nothing to be done about it: it is as it should be, or AWS can put nothing there.
    #[must_use]
    pub fn needs_nothing(&self) -> bool {
        use super::ledger::{Standing, of_instance};
        matches!(of_instance(self), Standing::Good | Standing::Skipped)
    }

    /// Whether its account was suspended when an operation came by.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.detailed == DetailedStatus::SkippedSuspendedAccount
    }
}

/// What was done to a StackSet, or is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id: ours begin with `ng-`.
    pub id: String,
    /// What it does.
    pub action: Action,
    /// How far it is.
    pub status: OperationStatus,
    /// What CloudFormation says about that.
    pub reason: Option<String>,
    /// When it was begun.
    pub created: Option<DateTime>,
    /// When it ended.
    pub ended: Option<DateTime>,
    /// In how many accounts and Regions it failed, if CloudFormation says so.
    pub failed_count: Option<usize>,
}

impl Operation {
    /// Whether it was begun by `deployer`.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.id.starts_with(super::ID_PREFIX)
    }
}

/// What an operation did in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationResult {
    /// The account.
    pub account: Arc<str>,
    /// The Region.
    pub region: Arc<str>,
    /// The target that the account belongs to.
    pub unit: Arc<str>,
    /// What it did.
    pub status: ResultStatus,
    /// Why, if it was not done.
    pub reason: Option<Reason>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_also_unknown_ones() {
        for word in ["CURRENT", "OUTDATED", "INOPERABLE", "SOMETHING_NEW"] {
            assert_eq!(InstanceStatus::of(word).as_str(), word);
        }
        assert!(matches!(DetailedStatus::of("SOMETHING_NEW"), DetailedStatus::Unknown(_)));
    }

    #[test]
    fn only_a_known_end_is_an_end() {
        for (word, is_final) in [
            ("SUCCEEDED", true),
            ("FAILED", true),
            ("STOPPED", true),
            ("RUNNING", false),
            ("QUEUED", false),
            ("STOPPING", false),
            ("PAUSED", false),
        ] {
            assert_eq!(OperationStatus::of(word).is_final(), is_final, "{word}");
        }
    }
}
