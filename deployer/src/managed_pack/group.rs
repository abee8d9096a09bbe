//! Failures of many accounts as few lines: one for each cause, with a count, a sample and what to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::model::{AccountStatus, Deployment, Phase};
use crate::stack_set::reason::{Cause, explain};

/// Why an account lacks the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackCause {
    /// There is no configuration recorder of the customer's.
    NoRecorder,
    /// AWS Config's role is missing, or may not do it.
    NoRole,
    /// A service control policy forbids it.
    DeniedByScp,
    /// A quota is used up.
    Quota,
    /// The Region is not enabled in the account.
    RegionDisabled,
    /// AWS Config was still at it when we stopped to wait.
    StillRunning,
    /// AWS Config tells nothing of the account.
    Untold,
    /// Anything else.
    Other,
}

impl PackCause {
    /// A few words for it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NoRecorder => "no configuration recorder",
            Self::NoRole => "AWS Config's role is missing",
            Self::DeniedByScp => "denied by a service control policy",
            Self::Quota => "quota used up",
            Self::RegionDisabled => "Region not enabled",
            Self::StillRunning => "not done yet",
            Self::Untold => "nothing is told",
            Self::Other => "other",
        }
    }
}

/// Accounts that lack the pack for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackGroup {
    /// The cause.
    pub cause: PackCause,
    /// What AWS Config says, of the sample.
    pub reason: String,
    /// How many accounts, each once.
    pub accounts: usize,
    /// The Regions, in order.
    pub regions: Vec<String>,
    /// One of the accounts, and its Region.
    pub sample: (String, String),
    /// What to do.
    pub fix: String,
}

#[derive(Default)]
struct Found<'a> {
    accounts: BTreeSet<&'a str>,
    regions: BTreeSet<&'a str>,
    sample: Option<(&'a str, &'a str, String)>,
}

impl<'a> Found<'a> {
    fn add(&mut self, account: &'a str, region: &'a str, said: impl FnOnce() -> String) {
        self.accounts.insert(account);
        self.regions.insert(region);
        self.sample.get_or_insert_with(|| (account, region, said()));
    }
}

/// Groups the failures of all Regions, the largest group first.
#[must_use]
pub fn group(deployments: &[Deployment]) -> Vec<PackGroup> {
    let mut groups: BTreeMap<(PackCause, String), Found<'_>> = BTreeMap::new();
    for deployment in deployments {
        for (account, status) in deployment.failed() {
            let found = groups.entry(explained(status)).or_default();
            found.add(account, &deployment.region, || said(status));
        }
        for account in &deployment.untold {
            let found = groups.entry((PackCause::Untold, String::new())).or_default();
            found.add(account, &deployment.region, || "AWS Config tells nothing of the account".to_owned());
        }
    }
    let mut groups: Vec<PackGroup> = groups.into_iter().map(|((cause, _), found)| told(cause, found)).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.accounts));
    groups
}

fn told(cause: PackCause, found: Found<'_>) -> PackGroup {
    let (account, region, reason) = found.sample.unwrap_or_default();
    PackGroup {
        cause,
        reason,
        accounts: found.accounts.len(),
        regions: found.regions.into_iter().map(str::to_owned).collect(),
        sample: (account.to_owned(), region.to_owned()),
        fix: fix(cause).to_owned(),
    }
}

fn said(status: &AccountStatus) -> String {
    match (&status.code, &status.message) {
        (Some(code), Some(message)) if message.contains(&**code) => message.to_string(),
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(only), None) | (None, Some(only)) => only.to_string(),
        (None, None) => status.word.to_string(),
    }
}

/// What is behind a status, and its words without what differs from account to account.
fn explained(status: &AccountStatus) -> (PackCause, String) {
    if status.phase() == Phase::InProgress {
        return (PackCause::StillRunning, String::new());
    }
    let said = said(status);
    let explained = explain(&said);
    let is_about_role = ["service-linked role", "AWSServiceRoleFor"].iter().any(|words| said.contains(words));
    let cause = match explained.cause {
        Cause::DeniedByScp => PackCause::DeniedByScp,
        _ if is_about_role => PackCause::NoRole,
        Cause::NoRecorder => PackCause::NoRecorder,
        Cause::Quota => PackCause::Quota,
        Cause::RegionDisabled => PackCause::RegionDisabled,
        Cause::ArtifactUnreadable
        | Cause::NameClash
        | Cause::NoRole
        | Cause::Protected
        | Cause::Stuck
        | Cause::NotPermitted
        | Cause::Throttled
        | Cause::ToleranceExceeded
        | Cause::Stopped
        | Cause::SkippedSuspended
        | Cause::NothingToDo
        | Cause::Other => PackCause::Other,
    };
    // Only what we do not understand is told apart by its words.
    (cause, if cause == PackCause::Other { explained.text } else { String::new() })
}

fn fix(cause: PackCause) -> &'static str {
    match cause {
        PackCause::NoRecorder => {
            "turn AWS Config on in these accounts, or exclude them, then run the same command again"
        }
        PackCause::NoRole => {
            "make the role in the account: aws iam create-service-linked-role --aws-service-name \
             config-conforms.amazonaws.com (and, for the management account, config-multiaccountsetup.amazonaws.com)"
        }
        PackCause::DeniedByScp => "ask the organization's administrator for an exception, then run it again",
        PackCause::Quota => "delete rules or packs that nobody needs in these accounts, then run it again",
        PackCause::RegionDisabled => "enable the Region in these accounts, or leave it out",
        PackCause::StillRunning => "AWS Config goes on by itself: look again later",
        PackCause::Untold => "look again later; if it stays, ask AWS support",
        PackCause::Other => "see what AWS Config says, mend it, and run the same command again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn status(word: &str, code: Option<&str>, message: Option<&str>) -> AccountStatus {
        let shared = |text: &str| Arc::from(text);
        AccountStatus { word: word.into(), pack: String::new(), code: code.map(shared), message: message.map(shared) }
    }

    fn deployment(region: &str, accounts: Vec<(String, AccountStatus)>, untold: &[&str]) -> Deployment {
        Deployment {
            region: region.to_owned(),
            name: "notebook-guard-managed".to_owned(),
            overall: None,
            accounts: accounts.into_iter().collect(),
            untold: untold.iter().map(|account| (*account).to_owned()).collect(),
            beyond: BTreeMap::new(),
            is_stale: false,
        }
    }

    #[test]
    fn no_recorder_in_27_accounts_is_told_once() {
        let lacking = || {
            let failed =
                || status("CREATE_FAILED", Some("NoAvailableConfigurationRecorderException"), Some("no recorder"));
            (0..27).map(|at| (format!("{at:012}"), failed())).collect::<Vec<_>>()
        };
        let fine = ("999999999999".to_owned(), status("CREATE_SUCCESSFUL", None, None));
        let there = [fine].into_iter().chain(lacking()).collect();
        let groups = group(&[deployment("eu-west-1", there, &[]), deployment("us-east-1", lacking(), &[])]);
        let [only] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!((only.cause, only.accounts), (PackCause::NoRecorder, 27));
        assert_eq!(only.regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(only.sample, ("000000000000".to_owned(), "eu-west-1".to_owned()));
    }

    #[test]
    fn unknown_reasons_are_one_group_if_only_ids_differ() {
        let failed = |account: &str, message: &str| {
            (account.to_owned(), status("UPDATE_FAILED", Some("InternalError"), Some(message)))
        };
        let accounts = vec![
            failed("111111111111", "stack awsconfigconforms-111111111111 failed"),
            failed("222222222222", "stack awsconfigconforms-222222222222 failed"),
            failed("333333333333", "something else"),
            ("444444444444".to_owned(), status("SOMETHING_NEW", None, None)),
        ];
        let groups = group(&[deployment("eu-west-1", accounts, &["555555555555"])]);
        let counts: Vec<_> = groups.iter().map(|group| (group.cause, group.accounts)).collect();
        assert_eq!(
            counts,
            [(PackCause::Other, 2), (PackCause::Untold, 1), (PackCause::Other, 1), (PackCause::Other, 1)]
        );
    }

    #[test]
    fn causes_are_known_by_their_words() {
        for (code, message, expected) in [
            ("AccessDenied", "... with an explicit deny in a service control policy", PackCause::DeniedByScp),
            ("MaxNumberOfConfigRulesExceededException", "1000", PackCause::Quota),
            ("InsufficientPermissionsException", "cannot create a service-linked role", PackCause::NoRole),
            ("UnrecognizedClientException", "token", PackCause::RegionDisabled),
        ] {
            assert_eq!(explained(&status("CREATE_FAILED", Some(code), Some(message))).0, expected);
        }
        assert_eq!(explained(&status("CREATE_IN_PROGRESS", None, None)).0, PackCause::StillRunning);
    }
}
