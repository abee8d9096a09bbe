//! Organization conformance packs: one pack that AWS Config puts into every account of an organization, in one Region.
//!
//! <https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html>. What an operation
//! changes in the accounts happens when it ends, after the time that a step of a stack takes.

mod access;
mod deploy;
mod describe;
mod member;
mod put;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::sandbox::clock::Instant;
use crate::sandbox::state::Place;

pub(crate) use deploy::advance;
pub(super) use describe::{describe, detailed, statuses};
pub(super) use put::{delete, put};

/// The service principal of organization packs.
pub(crate) const PRINCIPAL: &str = "config-multiaccountsetup.amazonaws.com";
/// What the names of the packs in accounts begin with.
pub(super) const PREFIX: &str = "OrgConformsPack-";
const NO_RECORDER: &str = "NoAvailableConfigurationRecorderException";

/// The packs of all administrators.
#[derive(Debug, Default)]
pub(crate) struct OrganizationPacks {
    /// By the account and Region that have put them, and their names.
    all: BTreeMap<(Place, String), OrganizationPack>,
    /// Tells whether accounts have come, gone or changed their state.
    members: u64,
    /// Error codes and messages by the account in which everything is to fail.
    pub(crate) failures: BTreeMap<String, (String, String)>,
}

/// One pack.
#[derive(Debug)]
struct OrganizationPack {
    id: String,
    arn: String,
    body: String,
    inputs: Vec<Value>,
    excluded: BTreeSet<String>,
    put: Instant,
    /// `CREATE`, `UPDATE` or `DELETE`.
    operation: &'static str,
    /// When the operation ends, while it runs.
    until: Option<Instant>,
    now: Standing,
    /// What reads that lag still see.
    before: Option<Standing>,
}

/// How a pack stands.
#[derive(Debug, Clone)]
struct Standing {
    word: String,
    error: Option<(String, String)>,
    updated: Instant,
    accounts: BTreeMap<String, InAccount>,
}

/// How a pack stands in one account.
#[derive(Debug, Clone)]
struct InAccount {
    /// The name of the account's own pack.
    pack: String,
    /// Whether that was ever made.
    made: bool,
    word: String,
    error: Option<(String, String)>,
    updated: Instant,
}
