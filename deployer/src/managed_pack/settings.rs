//! What the pack is to be like, and which accounts it has to leave out.

use std::collections::BTreeSet;

use rule::check::PLATFORM_IDENTIFIER;
use rule::parameters::RuleParameters;
use serde::{Deserialize, Serialize};

use super::model::LARGEST_EXCLUSION;
use crate::failure::Failure;
use crate::organization::model::{Account, AccountState, Organization};
use crate::organization::targets::Targets;
use crate::settings::{Schedule, Settings};

/// What the pack is to be like, the same in every Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackSettings {
    /// Its name.
    pub name: String,
    /// How often the rules that AWS runs by the clock judge.
    pub schedule: Schedule,
    /// The subnets that are allowed; empty for all.
    pub allowed_subnets: Vec<String>,
    /// The keys that are allowed; empty for all.
    pub allowed_kms_keys: Vec<String>,
    /// The platforms that are supported: AWS's rule demands a list.
    pub supported_platforms: Vec<String>,
    /// The accounts that it leaves out, each once, in order.
    pub excluded: Vec<String>,
}

impl PackSettings {
    /// The pack of an installation, with the allowances of its checks. [`PackReach`] says whom it leaves out.
    #[must_use]
    pub fn new(settings: &Settings, excluded: Vec<String>) -> Self {
        let platforms = match settings.supported_platforms.as_slice() {
            [] => RuleParameters::defaults(&PLATFORM_IDENTIFIER).platforms,
            chosen => chosen.to_vec(),
        };
        Self {
            name: Self::name_of(&settings.prefix),
            schedule: settings.schedule,
            allowed_subnets: settings.allowed_subnets.clone(),
            allowed_kms_keys: settings.allowed_kms_keys.clone(),
            supported_platforms: platforms,
            excluded,
        }
    }

    /// The name of the pack of an installation with this prefix.
    #[must_use]
    pub fn name_of(prefix: &str) -> String {
        format!("{prefix}-managed")
    }
}

/// Whom the pack reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackReach {
    /// The accounts that it has to leave out, in order.
    pub excluded: Vec<String>,
    /// The accounts that should have it now: the active ones that it does not leave out.
    pub expected: BTreeSet<String>,
}

impl PackReach {
    /// Whom the pack of an organization reaches with these targets. AWS Config puts it into the whole organization but
    /// for a list of accounts, and knows no organizational units: everything outside the targets is left out.
    /// `is_management_covered` is whether the management account is to have it: unlike a StackSet, it could.
    ///
    /// # Errors
    /// More accounts than AWS Config can leave out.
    pub fn of(organization: &Organization, targets: &Targets, is_management_covered: bool) -> Result<Self, Failure> {
        let is_wanted = |account: &Account| {
            if account.id == organization.management {
                return is_management_covered;
            }
            targets.unit_of(organization, &account.id).is_some() && !targets.excluded.contains(&account.id)
        };
        let (wanted, outside): (Vec<_>, Vec<_>) =
            organization.accounts.values().partition(|account| is_wanted(account));
        // A closed account never comes back; a suspended one may.
        let left_out = outside.into_iter().filter(|account| account.state != AccountState::Closed);
        let active = wanted.into_iter().filter(|account| account.state == AccountState::Active);
        let reach = Self {
            excluded: left_out.map(|account| account.id.clone()).collect(),
            expected: active.map(|account| account.id.clone()).collect(),
        };
        if reach.excluded.len() > LARGEST_EXCLUSION { Err(too_many(reach.excluded.len())) } else { Ok(reach) }
    }
}

fn too_many(excluded: usize) -> Failure {
    Failure::usage(format!(
        "--managed-rules-pack would have to leave out {excluded} accounts: AWS Config puts an organization conformance \
         pack into every account but {LARGEST_EXCLUSION} at most, and cannot be told an organizational unit"
    ))
    .help("leave --managed-rules-pack away: the checks of Notebook Guard are in every target all the same")
    .help("or take in so many units that no more than 1,000 accounts stay outside")
}

/// Says no where AWS has no organization conformance packs: in China
/// (<https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html>, its Regions).
///
/// # Errors
/// The partition is `aws-cn`.
pub fn refuse_partition(partition: &str) -> Result<(), Failure> {
    if partition != "aws-cn" {
        return Ok(());
    }
    let message = "--managed-rules-pack cannot be used in the partition aws-cn: AWS Config has no organization \
                   conformance packs in China";
    Err(Failure::usage(message).help("leave it away: the checks of Notebook Guard do not need it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::model::tests::sample;

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn everything_outside_the_targets_is_left_out() {
        let targets = Targets { units: ids(&["ou-abcd-prod0000"]), accounts: Vec::new(), excluded: Vec::new() };
        let reach = PackReach::of(&sample(), &targets, true).unwrap();
        assert_eq!(reach.excluded, ["555555555555"]);
        // The suspended account gets it once it is active again.
        assert_eq!(reach.expected.into_iter().collect::<Vec<_>>(), ["111111111111", "222222222222", "333333333333"]);
        let targets = Targets { excluded: ids(&["222222222222"]), ..targets };
        let reach = PackReach::of(&sample(), &targets, false).unwrap();
        assert_eq!(reach.excluded, ["111111111111", "222222222222", "555555555555"]);
        assert_eq!(reach.expected.into_iter().collect::<Vec<_>>(), ["333333333333"]);
    }

    #[test]
    fn no_more_is_left_out_than_aws_config_takes() {
        let with = |count: usize| {
            let mut organization = sample();
            for at in 0..count {
                let id = format!("9{at:011}");
                let parent = "ou-abcd-test0000".to_owned();
                let account = Account { id: id.clone(), name: id.clone(), state: AccountState::Active, parent };
                organization.accounts.insert(id, account);
            }
            let targets = Targets { units: ids(&["ou-abcd-prod0000"]), ..Targets::default() };
            PackReach::of(&organization, &targets, true)
        };
        assert_eq!(with(999).unwrap().excluded.len(), 1_000);
        let failure = with(1_000).unwrap_err();
        assert!(failure.message.contains("1001 accounts"), "{}", failure.message);
    }

    #[test]
    fn china_is_refused() {
        for partition in ["aws", "aws-us-gov", "aws-eusc"] {
            refuse_partition(partition).unwrap();
        }
        assert!(refuse_partition("aws-cn").unwrap_err().message.contains("China"));
    }
}
