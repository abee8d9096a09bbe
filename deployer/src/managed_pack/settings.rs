//! What the pack is to be like, and which accounts it has to leave out.

use std::collections::BTreeSet;

use rule::check::PLATFORM_IDENTIFIER;
use rule::parameters::RuleParameters;
use serde::{Deserialize, Serialize};

use super::model::LARGEST_EXCLUSION;
use crate::failure::Failure;
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
    /// The pack of an installation, with the allowances of its checks. [`exclusions`] says whom it leaves out.
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

/// The accounts that the pack has to leave out: AWS Config puts it into the whole organization but for a list of
/// accounts, and knows no organizational units. `everybody` are the accounts of the organization, in whatever state,
/// the management account among them; `wanted` those that are to have it, also such as cannot have it today.
///
/// # Errors
/// More accounts than AWS Config can leave out.
pub fn exclusions<'a>(
    everybody: impl IntoIterator<Item = &'a str>,
    wanted: &BTreeSet<&str>,
) -> Result<Vec<String>, Failure> {
    let outside: BTreeSet<&str> = everybody.into_iter().filter(|account| !wanted.contains(account)).collect();
    if outside.len() > LARGEST_EXCLUSION {
        let message = format!(
            "--managed-rules-pack would have to leave out {} accounts: AWS Config puts an organization conformance \
             pack into every account but {LARGEST_EXCLUSION} at most, and cannot be told an organizational unit",
            outside.len()
        );
        return Err(Failure::usage(message)
            .help("leave --managed-rules-pack away: the checks of Notebook Guard are in every target all the same")
            .help("or take in so many units that no more than 1,000 accounts stay outside"));
    }
    Ok(outside.into_iter().map(str::to_owned).collect())
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

    #[test]
    fn everything_outside_the_targets_is_left_out() {
        let wanted = BTreeSet::from(["111111111111", "333333333333"]);
        let everybody = ["333333333333", "222222222222", "111111111111", "222222222222"];
        assert_eq!(exclusions(everybody, &wanted).unwrap(), ["222222222222"]);
        assert!(exclusions(["111111111111"], &wanted).unwrap().is_empty());
    }

    #[test]
    fn no_more_than_aws_config_takes() {
        let accounts: Vec<String> = (0..1_001_u64).map(|at| format!("{at:012}")).collect();
        let everybody = || accounts.iter().map(String::as_str);
        assert_eq!(exclusions(everybody().skip(1), &BTreeSet::new()).unwrap().len(), 1_000);
        let failure = exclusions(everybody(), &BTreeSet::new()).unwrap_err();
        assert!(failure.message.contains("1001 accounts"), "{}", failure.message);
        assert_eq!(exclusions(everybody(), &everybody().take(1).collect()).unwrap().len(), 1_000);
    }

    #[test]
    fn china_is_refused() {
        for partition in ["aws", "aws-us-gov", "aws-eusc"] {
            refuse_partition(partition).unwrap();
        }
        assert!(refuse_partition("aws-cn").unwrap_err().message.contains("China"));
    }
}
