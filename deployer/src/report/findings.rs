//! What the two forms of findings, OCSF and ASFF, have in common.

use rule::check::Check;
use sha2::{Digest as _, Sha256};

use crate::digest::hexadecimal;
pub(super) use crate::doctor::regions::partition_of as partition;
use crate::evidence::rows::{EvaluationRow, Place, Reading};

/// What makes findings, in both forms.
pub(super) const PRODUCT: &str = "Notebook Guard";
/// ASFF allows no longer ids, and OCSF no shorter ones.
pub(super) const LONGEST_ID: usize = 512;

/// The id of a result. The next report gives the same result the same one, so that it becomes no second finding.
pub(super) fn id(row: &EvaluationRow) -> String {
    let EvaluationRow { account, region, rule, resource_id, .. } = row;
    bounded(format!("notebook-guard/{account}/{region}/{rule}/{resource_id}"))
}

/// The id of the finding that an account × Region was not read.
pub(super) fn coverage_id(place: &Place) -> String {
    bounded(format!("notebook-guard/{}/{}/coverage", place.account, place.region))
}

fn bounded(id: String) -> String {
    if id.len() <= LONGEST_ID {
        return id;
    }
    format!("notebook-guard/{}", hexadecimal(&Sha256::digest(id.as_bytes())))
}

/// Why an account × Region in scope was not read to the end, if so.
pub(super) fn lack(place: &Place) -> Option<(&'static str, &str)> {
    match &place.reading {
        Reading::Read | Reading::Excluded { .. } => None,
        Reading::Incomplete { why } => Some(("Not all results of Notebook Guard could be read", why)),
        Reading::Unread { why } => Some(("Notebook Guard has no data of this account and Region", why)),
    }
}

/// What the check demands.
pub(super) fn title<'a>(check: Option<&'static Check>, row: &'a EvaluationRow) -> &'a str {
    check.map_or(row.check.as_str(), |check| check.title)
}
