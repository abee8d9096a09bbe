//! The account as it is: who calls, which Regions are enabled, what the caller may do.

use super::Read;

/// What does not depend on a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The account id.
    pub account: String,
    /// The partition, from the caller's ARN: `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// The caller's ARN, as STS names it.
    pub caller: String,
    /// The Regions that are enabled in the account.
    pub regions: Read<Vec<String>>,
    /// The policy that is to bound the function's role.
    pub boundary: Read<BoundaryState>,
    /// How many roles there are and may be.
    pub roles: Read<RolesQuota>,
    /// Which actions the caller lacks.
    pub permissions: Read<Simulation>,
}

/// The policy that is to bound the function's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundaryState {
    /// None is wanted.
    NotWanted,
    /// It exists.
    Present,
    /// There is no policy of this name.
    Missing,
}

/// IAM roles of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolesQuota {
    /// How many there are.
    pub used: i32,
    /// How many there may be.
    pub limit: i32,
}

/// What IAM's simulator says of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulation {
    /// Every action that an installation needs was asked for.
    Done(Vec<Denied>),
    /// The caller has no policies that can be simulated; says who it is: `the root user`, …
    Impossible(&'static str),
}

/// An action that the caller may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The action: `lambda:CreateFunction`.
    pub action: String,
    /// The ARN that it was asked for.
    pub resource: String,
    /// Who denies it.
    pub by: Denier,
}

/// Who denies an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denier {
    /// A policy of the organization: a service control policy.
    Organization,
    /// The caller's permissions boundary.
    Boundary,
    /// A statement that denies it.
    Statement,
    /// Nobody allows it.
    Nobody,
    /// It depends on a condition that the simulation knows nothing of.
    Condition,
}
