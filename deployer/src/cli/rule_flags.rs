//! Checks and their parameters on the command line.

use clap::Args;
use rule::check::{ALL, Check};
use rule::parameters::RuleParameters;
use serde_json::{Map, Value};

use crate::near::nearest;

/// The parameters of the checks that take one.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ParameterFlags {
    /// Subnet that inside-vpc allows, repeated for more [default: every subnet].
    #[arg(long = "allowed-subnet", value_name = "SUBNET")]
    pub(super) allowed_subnets: Vec<String>,
    /// Key that volume-kms-key allows, repeated for more [default: every key].
    #[arg(long = "allowed-kms-key", value_name = "ARN")]
    pub(super) allowed_kms_keys: Vec<String>,
    /// Platform that platform-identifier supports, repeated for more [default: notebook-al2023-v1].
    #[arg(long = "supported-platform", value_name = "PLATFORM")]
    pub(super) supported_platforms: Vec<String>,
}

impl ParameterFlags {
    /// The flags with the rule parameters that they set.
    pub(super) fn named(&self) -> [(&'static str, &'static str, &[String]); 3] {
        [
            ("--allowed-subnet", "SubnetIds", &self.allowed_subnets),
            ("--allowed-kms-key", "kmsKeyArns", &self.allowed_kms_keys),
            ("--supported-platform", "supportedPlatformIdentifierVersions", &self.supported_platforms),
        ]
    }

    /// The parameters of each chosen check. A flag for a check that is not chosen is a mistake worth telling.
    ///
    /// # Errors
    /// Every fault, one a line.
    pub(super) fn for_checks(&self, chosen: &[&'static Check]) -> Result<Vec<RuleParameters>, Vec<String>> {
        let flags = self.named();
        let takes = |check: &Check, name: &str| check.parameters.iter().any(|parameter| parameter.name == name);
        let mut faults: Vec<String> = flags
            .iter()
            .filter(|(_, name, values)| !values.is_empty() && !chosen.iter().any(|check| takes(check, name)))
            .map(|(flag, name, _)| {
                let owner = ALL.into_iter().find(|check| takes(check, name)).map_or("", |check| check.id);
                format!("{flag} has no effect: it belongs to the check {owner}, which is not chosen")
            })
            .collect();
        let mut parameters = Vec::new();
        for check in chosen.iter().copied() {
            let mut given = Map::new();
            given.insert("check".to_owned(), Value::from(check.id));
            for (_, name, values) in flags {
                if !values.is_empty() && takes(check, name) {
                    given.insert(name.to_owned(), Value::from(values.join(",")));
                }
            }
            match RuleParameters::from_object(&given) {
                Ok(read) => parameters.push(read),
                Err(error) => faults.push(error.to_string()),
            }
        }
        if faults.is_empty() { Ok(parameters) } else { Err(faults) }
    }
}

/// A check by its id.
pub(super) fn check(text: &str) -> Result<&'static Check, String> {
    let ids = ALL.map(|check| check.id);
    Check::find(text).ok_or_else(|| format!("the checks are {}{}", ids.join(", "), nearest(text, &ids)))
}

/// A check by its id, or `all`.
pub(super) fn check_or_all(text: &str) -> Result<Chosen, String> {
    if text == "all" {
        return Ok(Chosen::All);
    }
    check(text).map(Chosen::One).map_err(|error| format!("{error}; `all` means each of them"))
}

/// What `--check` names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chosen {
    /// Every check.
    All,
    /// One.
    One(&'static Check),
}

/// The chosen checks, each once, in the registry's order.
pub(super) fn in_order(chosen: impl IntoIterator<Item = Chosen>) -> Vec<&'static Check> {
    let chosen: Vec<Chosen> = chosen.into_iter().collect();
    let is_chosen = |check: &&'static Check| {
        chosen.iter().any(|one| match one {
            Chosen::All => true,
            Chosen::One(other) => other.id == check.id,
        })
    };
    ALL.into_iter().filter(is_chosen).collect()
}
