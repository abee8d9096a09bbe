//! AWS Organizations: one organization at most, its tree, its policies, and whom it trusts.

mod store;

pub use store::{AccountState, StackSetsAccess};

pub(crate) use store::{Member, Moved, Store, Unit};
