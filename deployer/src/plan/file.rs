//! A plan in a file, to be reviewed and applied later.

use std::fs;
use std::io;
use std::path::Path;

use super::{FORMAT, Plan};

/// The largest plan that is read, in bytes: far more than 40 Regions need.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Why a plan cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The file.
    #[error("{0}")]
    File(#[from] io::Error),
    /// The file is too large to be a plan.
    #[error("it is no plan: it has {0} bytes")]
    TooLarge(u64),
    /// Its contents.
    #[error("it is no plan: {0}")]
    Contents(#[from] serde_json::Error),
    /// Its form is another version's.
    #[error("it is a plan of form {0}, and this deployer reads form {FORMAT}")]
    Format(u32),
}

/// The plan's text as it is saved.
///
/// # Errors
/// [`PlanFileError::Contents`].
pub fn to_text(plan: &Plan) -> Result<String, PlanFileError> {
    Ok(serde_json::to_string_pretty(plan)? + "\n")
}

/// Reads a plan.
///
/// # Errors
/// [`PlanFileError`].
pub fn load(path: &Path) -> Result<Plan, PlanFileError> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST {
        return Err(PlanFileError::TooLarge(size));
    }
    let plan: Plan = serde_json::from_slice(&fs::read(path)?)?;
    if plan.format == FORMAT { Ok(plan) } else { Err(PlanFileError::Format(plan.format)) }
}
