//! Which of AWS's own rules there are, and in which Regions: data with its source and date, never asked of AWS, which
//! has no call for it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// AWS's rules on notebook instances and Studio domains. Those on models, endpoints and jobs are left out: they are
/// none of a notebook guard's business, and would add costs and findings that nobody asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Catalogue {
    /// Where it is from.
    pub source: String,
    /// When that was read: a year and a month.
    pub read: String,
    /// What else there is to know about it.
    pub note: String,
    /// The names of the Regions that it knows, by their codes.
    pub regions: BTreeMap<String, String>,
    /// The rules, in the order in which a pack has them.
    pub rules: Vec<ManagedRule>,
}

/// One rule of AWS's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManagedRule {
    /// Its name, as its page has it.
    pub name: String,
    /// What `SourceIdentifier` says.
    pub identifier: String,
    /// The id of our check that demands the same.
    pub check: String,
    /// What it judges.
    pub resource_type: String,
    /// What makes it judge.
    pub trigger: Trigger,
    /// The one parameter that it takes, if it does.
    pub parameter: Option<Parameter>,
    /// The Regions without it.
    pub not_in: Vec<String>,
}

/// What makes a rule judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A recorded change.
    Change,
    /// The clock.
    Schedule,
}

/// A parameter of a rule of AWS's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameter {
    /// Its name, which is also that of our check's parameter.
    pub name: String,
    /// Whether AWS Config wants a value.
    pub required: bool,
}

/// The catalogue of this version.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    // A file that cannot be read knows no Region, so that no pack is made; a test reads it.
    static READ: LazyLock<Catalogue> =
        LazyLock::new(|| serde_json::from_str(include_str!("rules.json")).unwrap_or_default());
    &READ
}

impl Catalogue {
    /// Whether it knows a Region. Nothing is assumed of one that it does not.
    #[must_use]
    pub fn knows(&self, region: &str) -> bool {
        self.regions.contains_key(region)
    }

    /// The rules that a Region has.
    pub fn rules_in<'a>(&'a self, region: &str) -> impl Iterator<Item = &'a ManagedRule> {
        let is_known = self.knows(region);
        self.rules.iter().filter(move |rule| is_known && rule.is_in(region))
    }

    /// The rules that a Region lacks.
    pub fn missing_in<'a>(&'a self, region: &str) -> impl Iterator<Item = &'a ManagedRule> {
        let is_known = self.knows(region);
        self.rules.iter().filter(move |rule| !is_known || !rule.is_in(region))
    }
}

impl ManagedRule {
    fn is_in(&self, region: &str) -> bool {
        !self.not_in.iter().any(|other| other == region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rule::check::Check;

    #[test]
    fn the_data_is_whole() {
        let catalogue = catalogue();
        assert_eq!(catalogue.rules.len(), 7);
        for rule in &catalogue.rules {
            let check = Check::find(&rule.check).unwrap();
            assert_eq!(check.resource_type().as_str(), rule.resource_type, "{}", rule.name);
            assert_eq!(rule.identifier, rule.name.to_uppercase().replace('-', "_"));
            assert!(rule.not_in.iter().all(|region| catalogue.knows(region)), "{}", rule.name);
            if let Some(parameter) = &rule.parameter {
                assert!(check.parameters.iter().any(|ours| ours.name == parameter.name), "{}", rule.name);
            }
        }
    }

    #[test]
    fn regions_differ_and_unknown_ones_have_nothing() {
        let names = |region: &str| catalogue().rules_in(region).map(|rule| rule.name.clone()).collect::<Vec<_>>();
        assert_eq!(names("eu-west-1").len(), 7);
        assert_eq!(
            names("il-central-1"),
            [
                "sagemaker-notebook-no-direct-internet-access",
                "sagemaker-notebook-instance-kms-key-configured",
                "sagemaker-notebook-instance-platform-version"
            ]
        );
        for region in ["ap-southeast-7", "eusc-de-east-1", "xx-nowhere-1"] {
            assert!(names(region).is_empty(), "{region}");
            assert_eq!(catalogue().missing_in(region).count(), 7, "{region}");
        }
    }
}
