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

/// Whom the pack of an organization reaches. AWS Config puts it into the whole organization but for a list of accounts,
/// and knows no organizational units: everything outside the targets is left out.
#[derive(Debug, Clone, Copy)]
pub struct PackReach<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// Who is covered.
    pub targets: &'a Targets,
    /// Whether the management account is to have the pack: unlike a StackSet, it could.
    pub has_management: bool,
}

impl PackReach<'_> {
    /// The accounts that should have the pack now: the active ones that it does not leave out.
    #[must_use]
    pub fn expected(&self) -> BTreeSet<String> {
        let wanted = self.organization.accounts.values().filter(|account| self.wants(account));
        wanted.filter(|account| account.state == AccountState::Active).map(|account| account.id.clone()).collect()
    }

    /// The accounts that the pack has to leave out, in order.
    ///
    /// # Errors
    /// More than AWS Config can leave out.
    pub fn excluded(&self) -> Result<Vec<String>, Failure> {
        let outside = self.organization.accounts.values().filter(|account| !self.wants(account));
        // A closed account never comes back; a suspended one may.
        let left_out = outside.filter(|account| account.state != AccountState::Closed);
        let excluded: Vec<String> = left_out.map(|account| account.id.clone()).collect();
        if excluded.len() > LARGEST_EXCLUSION { Err(too_many(excluded.len())) } else { Ok(excluded) }
    }

    fn wants(&self, account: &Account) -> bool {
        if account.id == self.organization.management {
            return self.has_management;
        }
        let is_inside = self.targets.unit_of(self.organization, &account.id).is_some();
        is_inside && !self.targets.excluded.contains(&account.id)
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
        let organization = sample();
        let reach = PackReach { organization: &organization, targets: &targets, has_management: true };
        assert_eq!(reach.excluded().unwrap(), ["555555555555"]);
        // The suspended account gets it once it is active again.
        let expected: Vec<String> = reach.expected().into_iter().collect();
        assert_eq!(expected, ["111111111111", "222222222222", "333333333333"]);
        let targets = Targets { excluded: ids(&["222222222222"]), ..targets };
        let reach = PackReach { organization: &organization, targets: &targets, has_management: false };
        assert_eq!(reach.excluded().unwrap(), ["111111111111", "222222222222", "555555555555"]);
        assert_eq!(reach.expected().into_iter().collect::<Vec<_>>(), ["333333333333"]);
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
            PackReach { organization: &organization, targets: &targets, has_management: true }.excluded()
        };
        assert_eq!(with(999).unwrap().len(), 1_000);
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
