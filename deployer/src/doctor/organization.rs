//! What stands in the way of an installation into an organization, told before anything is written.
//!
//! [`examine`] is pure, as the examination of an account is: what was read goes in, findings come out. `docs/doctor.md`
//! explains every topic.

mod access;
mod chains;
mod facts;
mod forbidden;
mod guardrail;
mod limits;
mod membership;
mod observe;
mod places;
mod sets;
mod targets;

pub use facts::{
    Attached, Caller, Chain, Inside, Membership, Obstacle, PackRoom, Place, PolicyRoom, PolicyType, Role, Running,
    SetFact, SetStanding, Sets, StackSetAccess, TargetFact, Tree, Wishes,
};
pub(crate) use guardrail::guardrail;
pub use limits::{MOST_INSTANCES, MOST_PACKS, MOST_SETS};
pub(crate) use observe::{Known, Look, know, observe, services};

use super::{Finding, Level};
use crate::observe::Read;

/// What an examination goes by: everything was read, nothing is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What the names of everything begin with.
    pub prefix: String,
    /// Who calls.
    pub caller: Caller,
    /// What the installation is to be like.
    pub wishes: Wishes,
    /// The Region of the StackSets and of the record of targets.
    pub home: String,
    /// The Regions that are to be covered, in alphabetical order.
    pub regions: Vec<String>,
    /// The Regions that are enabled in the administrator account.
    pub enabled: Read<Vec<String>>,
    /// The caller's organization; none if the account is in none.
    pub membership: Read<Option<Membership>>,
    /// What only the management account and delegated administrators can see; none for others.
    pub inside: Option<Inside>,
}

/// The findings of an installation: those of the administrator account and those of the organization, each thing once.
#[must_use]
pub fn before_installation(own: Vec<Finding>, organization: Vec<Finding>) -> Vec<Finding> {
    let is_told = |finding: &Finding| {
        let same = |other: &&Finding| (other.topic, &other.region) == (finding.topic, &finding.region);
        own.iter().filter(same).any(|other| other.level != Level::Good)
    };
    let is_new = |finding: &Finding| finding.topic != super::topic::IDENTITY && !is_told(finding);
    let new: Vec<Finding> = organization.into_iter().filter(is_new).collect();
    own.into_iter().chain(new).collect()
}

/// Examines what was read, from the most general to the particular. Where one thing makes the rest unknowable, the rest
/// is not told.
#[must_use]
pub fn examine(observed: &Observed) -> Vec<Finding> {
    let mut findings = membership::findings(observed);
    let Some(inside) = &observed.inside else { return findings };
    findings.extend(access::findings(observed, inside));
    findings.extend(places::findings(observed, inside));
    findings.extend(targets::findings(observed, inside));
    findings.extend(sets::findings(observed, inside));
    findings.extend(limits::findings(observed, inside));
    findings.extend(chains::findings(observed, inside));
    findings
}

#[cfg(test)]
mod tests;
