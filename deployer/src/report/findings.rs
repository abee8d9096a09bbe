//! What the forms that tell of findings have in common.

use std::borrow::Cow;

use rule::check::Check;
use sha2::{Digest as _, Sha256};

use crate::digest::hexadecimal;
pub(super) use crate::doctor::regions::partition_of as partition;
use crate::evidence::rows::{EvaluationRow, Exempt, Place, Reading};

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

/// How an account × Region was read. It is told of each, so that a finding of an earlier report comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coverage<'a> {
    /// Whether the finding stands, is mended, or is nobody's business any more.
    pub(super) state: State,
    /// What it is about.
    pub(super) title: &'static str,
    /// Why it is so.
    pub(super) why: Cow<'a, str>,
}

/// What becomes of the finding that an account × Region was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not all was read.
    Open,
    /// All was read.
    Mended,
    /// It is out of scope.
    OutOfScope,
}

/// How an account × Region was read.
pub(super) fn coverage(place: &Place) -> Coverage<'_> {
    let (state, title, why) = match &place.reading {
        Reading::Read => {
            (State::Mended, "Notebook Guard has read this account and Region", "everything was read to its end")
        }
        Reading::Excluded { why } => {
            (State::OutOfScope, "This account and Region are out of the scope of Notebook Guard", why.as_str())
        }
        Reading::Incomplete { why } => (State::Open, "Not all results of Notebook Guard could be read", why.as_str()),
        Reading::Unread { why } => (State::Open, "Notebook Guard has no data of this account and Region", why.as_str()),
    };
    let why = match place.not_judged {
        0 => Cow::Borrowed(why),
        1 => Cow::Owned(format!("{why}; 1 notebook or domain is not judged: no installed check applies to it")),
        many => Cow::Owned(format!(
            "{why}; {many} notebooks and domains are not judged: no installed check applies to them"
        )),
    };
    Coverage { state, title, why }
}

/// What is said of a result. The annotation of one whose exemption has expired since would say that it is exempt.
pub(super) fn said(row: &EvaluationRow) -> Option<String> {
    match &row.exempt {
        Some(Exempt { expires, ticket, .. }) if row.is_lapsed() => {
            Some(format!("the exemption until {expires} ({ticket}) has expired, and the rule has not run since"))
        }
        Some(_) | None => row.annotation.clone().filter(|said| !said.trim().is_empty()),
    }
}

/// What the check demands.
pub(super) fn title<'a>(check: Option<&'static Check>, row: &'a EvaluationRow) -> &'a str {
    check.map_or(row.check.as_str(), |check| check.title)
}
