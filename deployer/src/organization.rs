//! An installation into an organization: who is in it, who may install, what is covered, and the plan.
//!
//! `read` asks AWS, everything else judges values.

pub mod apply;
pub mod caller;
mod home;
pub(crate) mod install;
mod look;
pub mod model;
pub mod plan;
pub mod read;
pub mod record;
mod report;
pub(crate) mod retry;
pub mod settings;
pub(crate) mod site;
pub mod targets;

pub use caller::{CallAs, Standing};
pub use model::{Account, AccountState, Membership, Organization, Root, TrustedAccess, Unit};
pub use read::Reader;
pub use record::{Noted, Record};
pub use settings::{GuardrailAsked, OrgAsked, OrgSettings, Pace};
pub use targets::{Scope, Skip, Skipped, Targets};
