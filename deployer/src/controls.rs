//! Which controls of Security Hub, and which requirements of which frameworks, a check speaks to: data with its source
//! and date.
//!
//! The registry of checks has the same in short, and a test holds the two against each other, so that a change of
//! AWS's is one to both.

use std::sync::LazyLock;

use rule::check::Check;
use serde::Deserialize;

static MAPPING: LazyLock<Mapping> =
    LazyLock::new(|| serde_json::from_str(include_str!("controls/security_hub.json")).unwrap_or_default());

/// The controls that checks of ours have the meaning of.
#[must_use]
pub fn mapping() -> &'static Mapping {
    &MAPPING
}

/// Controls, and where they were read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mapping {
    /// What was read.
    pub source: String,
    /// Its address.
    pub url: String,
    /// When it was read: a year and a month.
    pub read: String,
    /// What it does not say.
    pub note: String,
    /// The frameworks of the requirements.
    pub frameworks: Vec<Framework>,
    /// Security Hub's own standard, of which a control is part or not.
    pub standard: Standard,
    /// The controls.
    pub controls: Vec<Control>,
}

/// A framework.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Framework {
    /// Kebab-case: `nist-800-53-r5`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What Security Hub puts before the number of each of its requirements.
    pub prefix: String,
}

/// A standard of Security Hub's own.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Standard {
    /// Kebab-case.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A control of Security Hub.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Control {
    /// `SageMaker.1`.
    pub id: String,
    /// Security Hub's title.
    pub title: String,
    /// Security Hub's severity.
    pub severity: String,
    /// Security Hub's category.
    pub category: String,
    /// The managed Config rule that Security Hub uses. The check may name another of the same meaning, whose parameters
    /// it has: of `volume-kms-key` there are two.
    pub managed_rule: String,
    /// Whether it is part of [`Mapping::standard`].
    pub ai_security_best_practices: bool,
    /// Requirements, with the prefix of their framework.
    pub requirements: Vec<String>,
}

impl Mapping {
    /// The control of the same meaning as a check.
    #[must_use]
    pub fn of(&self, check: &Check) -> Option<&Control> {
        let id = check.security_hub_control?;
        self.controls.iter().find(|control| control.id == id)
    }

    /// The requirements of a control by framework, as numbers of that framework. A framework without any is left out.
    #[must_use]
    pub fn requirements<'a>(&'a self, control: &'a Control) -> Vec<(&'a Framework, Vec<&'a str>)> {
        self.frameworks
            .iter()
            .map(|framework| {
                let of = |one: &'a String| one.strip_prefix(&framework.prefix);
                (framework, control.requirements.iter().filter_map(of).collect())
            })
            .filter(|(_, numbers): &(_, Vec<&str>)| !numbers.is_empty())
            .collect()
    }
}

impl Framework {
    /// Its name and version.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use rule::check::ALL;

    use super::*;

    #[test]
    fn the_registry_and_the_mapping_say_the_same() {
        for check in ALL {
            let Some(control) = mapping().of(check) else {
                assert_eq!(check.security_hub_control, None, "{}: the mapping lacks its control", check.id);
                assert!(check.requirements.is_empty(), "{}: requirements without a control", check.id);
                continue;
            };
            assert_eq!(control.requirements, check.requirements, "{}", check.id);
            assert_eq!(control.severity.to_lowercase(), check.severity.as_str(), "{}", check.id);
        }
    }

    #[test]
    fn every_control_is_that_of_a_check_and_every_requirement_of_a_framework() {
        for control in &mapping().controls {
            assert!(ALL.iter().any(|check| check.security_hub_control == Some(control.id.as_str())), "{}", control.id);
            let told: usize = mapping().requirements(control).iter().map(|(_, numbers)| numbers.len()).sum();
            assert_eq!(told, control.requirements.len(), "{}", control.id);
        }
    }
}
