//! A stack that an organization has once, beside those of each account: whether it can be worked on.

use serde::{Deserialize, Serialize};

use crate::names::VERSION_TAG;
use crate::observe::{StackState, Standing};
use crate::plan::is_older;

/// A stack that goes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveFirst {
    /// Its name.
    pub stack: String,
    /// Its ARN.
    pub id: String,
    /// Why.
    pub why: String,
}

/// Why it cannot be worked on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StackProblem {
    /// A stack of our name is not ours.
    #[error("stack {stack} in {region} was not made by deployer: it lacks the tag notebook-guard:managed=true")]
    NotOurs {
        /// Its name.
        stack: String,
        /// The Region.
        region: String,
    },
    /// Something goes on there, or went wrong.
    #[error("stack {stack} in {region} is in {status}")]
    Stuck {
        /// Its name.
        stack: String,
        /// The Region.
        region: String,
        /// CloudFormation's word.
        status: String,
    },
    /// A newer version made it.
    #[error("stack {stack} in {region} has version {installed}, newer than {wanted}")]
    Downgrade {
        /// Its name.
        stack: String,
        /// The Region.
        region: String,
        /// What made it.
        installed: String,
        /// What would change it.
        wanted: String,
    },
}

impl StackProblem {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NotOurs { .. } => "choose another --prefix, delete the stack if nobody needs it, or tag it \
                                     notebook-guard:managed=true if it is yours"
                .to_owned(),
            Self::Stuck { stack, region, .. } => format!(
                "wait for its end, or look at its events: aws cloudformation describe-stack-events --stack-name {stack} \
                 --region {region}"
            ),
            Self::Downgrade { .. } => "use the newer deployer, or add --allow-downgrade".to_owned(),
        }
    }
}

/// What goes first, and the stack that is changed; neither if there is none.
pub(crate) type Base<'a> = (Option<RemoveFirst>, Option<&'a StackState>);

/// What there is to work on.
///
/// # Errors
/// What stands in the way.
pub(crate) fn base<'a>(
    stack: Option<&'a StackState>,
    region: &str,
    (version, allow_downgrade): (&str, bool),
) -> Result<Base<'a>, StackProblem> {
    let Some(stack) = stack else { return Ok((None, None)) };
    let (name, region) = (stack.name.clone(), region.to_owned());
    if !stack.is_ours() {
        return Err(StackProblem::NotOurs { stack: name, region });
    }
    match stack.standing() {
        Standing::Settled => {
            let installed = stack.tags.get(VERSION_TAG).map(String::as_str).unwrap_or_default();
            if !allow_downgrade && is_older(version, installed) {
                let (installed, wanted) = (installed.to_owned(), version.to_owned());
                return Err(StackProblem::Downgrade { stack: name, region, installed, wanted });
            }
            Ok((None, Some(stack)))
        }
        Standing::NeverMade if !stack.is_protected => {
            let why = format!("its creation ended in {}", stack.status);
            Ok((Some(RemoveFirst { stack: name, id: stack.id.clone(), why }), None))
        }
        Standing::NeverMade | Standing::Busy | Standing::RollbackFailed | Standing::DeleteFailed => {
            Err(StackProblem::Stuck { stack: name, region, status: stack.status.clone() })
        }
    }
}
