//! StackSets: what CloudFormation says of them, operations on them, what came of those and why.
//!
//! `model` has the values, `read` streams them, `operation` begins operations or attaches to those that run, `follow`
//! sees them to their ends, `outcome` reads what they did, `reason` and `group` tell why something failed, `retry` works
//! out what is to be done again, `delete` takes a StackSet away.

mod convert;
pub(crate) mod create;
pub mod delete;
pub mod failure;
pub(crate) mod follow;
pub(crate) mod gather;
pub mod group;
pub(crate) mod identity;
pub mod intern;
pub mod ledger;
pub mod model;
pub mod operation;
pub(crate) mod patience;
pub mod read;
pub mod reason;
pub mod retry;
pub(crate) mod task;

pub(crate) use convert::digest_of_template;
pub use delete::{Leftover, Removed, Remover, Removing};
pub use failure::SetFailure;
pub use gather::Incomplete;
pub use group::{Group, Groups};
pub use intern::Interner;
pub(crate) use ledger::of_instance;
pub use ledger::{Counts, Ledger, Standing};
pub use model::{
    Action, AutoDeployment, DetailedStatus, Instance, InstanceStatus, Operation, OperationResult, OperationStatus,
    PermissionModel, ResultStatus, SetStatus, StackSet,
};
pub use operation::Begun;
pub use read::{Of, Sets, last_ended};
pub(crate) use reason::normalized;
pub use reason::{Cause, Explained, Reason, Reasons};
pub(crate) use retry::has_failed;
pub use retry::{Retry, retry};

/// What the ids of our operations begin with.
pub(crate) const ID_PREFIX: &str = "ng-";
