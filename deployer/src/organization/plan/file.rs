//! A plan in a file: for an account or for an organization.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::{FORMAT, OrgPlan};
use crate::plan::{self, Plan, PlanFileError};

/// The largest plan that is read, in bytes. An organization of ten thousand accounts has its names of suspended accounts
/// in it.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A plan that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyPlan {
    /// For a single account.
    Account(Box<Plan>),
    /// For an organization.
    Organization(Box<OrgPlan>),
}

impl AnyPlan {
    /// The plan of the account that installs.
    pub fn base(&self) -> &Plan {
        match self {
            Self::Account(plan) => plan,
            Self::Organization(plan) => &plan.base,
        }
    }
}

/// What tells the two apart.
#[derive(Debug, Deserialize)]
struct Head {
    organization: Option<String>,
}

/// Reads a plan.
///
/// # Errors
/// [`PlanFileError`].
pub fn load(path: &Path) -> Result<AnyPlan, PlanFileError> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST {
        return Err(PlanFileError::TooLarge(size));
    }
    let bytes = fs::read(path)?;
    let head: Head = serde_json::from_slice(&bytes)?;
    if head.organization.is_none() {
        return Ok(AnyPlan::Account(Box::new(plan::load(path)?)));
    }
    let plan: OrgPlan = serde_json::from_slice(&bytes)?;
    if plan.format == FORMAT {
        Ok(AnyPlan::Organization(Box::new(plan)))
    } else {
        Err(PlanFileError::Format(plan.format))
    }
}
