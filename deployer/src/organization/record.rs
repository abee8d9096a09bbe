//! The record of an installation's targets: the parameter and output `Targets` of the artifact stack in the home
//! Region. Later commands read it, so that they need no flags for it. In the other Regions it says where home is.

use std::fmt;

use super::targets::Targets;

/// The most characters that a parameter's value may have
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub const LONGEST: usize = 4096;

/// What is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who is covered.
    pub targets: Targets,
    /// In which Regions.
    pub regions: Vec<String>,
    /// Whether the management account has a stack of its own.
    pub management: bool,
    /// Whether service control policies were asked for. Whether they are attached is another matter.
    pub policies: bool,
}

/// What an artifact stack notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// The record: this is the home Region.
    Here(Record),
    /// The Region that has the record.
    Elsewhere(String),
}

impl std::str::FromStr for Noted {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        match text.strip_prefix("home=") {
            Some(home) => Ok(Self::Elsewhere(home.to_owned())),
            None => text.parse().map(Self::Here),
        }
    }
}

/// Why a text is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the recorded targets cannot be read: {0}")]
pub struct RecordError(String);

impl fmt::Display for Record {
    /// `units=ou-..,ou-..;accounts=..;exclude=..;regions=..;management=on`, and `;scp=on` where policies are wanted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { targets: Targets { units, accounts, excluded }, regions, management, policies } = self;
        for (name, list) in [("units", units), ("accounts", accounts), ("exclude", excluded), ("regions", regions)] {
            write!(f, "{name}={};", list.join(","))?;
        }
        write!(f, "management={}{}", if *management { "on" } else { "off" }, if *policies { ";scp=on" } else { "" })
    }
}

impl std::str::FromStr for Record {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        let mut record = Self { targets: Targets::default(), regions: Vec::new(), management: false, policies: false };
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| RecordError(format!("`{part}` has no `=`")))?;
            let list = || value.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect();
            match name {
                "units" => record.targets.units = list(),
                "accounts" => record.targets.accounts = list(),
                "exclude" => record.targets.excluded = list(),
                "regions" => record.regions = list(),
                "management" => record.management = value == "on",
                "scp" => record.policies = value == "on",
                other => return Err(RecordError(format!("`{other}` is not known; a newer deployer may have made it"))),
            }
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let record = Record {
            targets: Targets {
                units: list(&["ou-abcd-pay00000", "ou-abcd-test0000"]),
                accounts: Vec::new(),
                excluded: list(&["333333333333"]),
            },
            regions: list(&["eu-west-1", "us-east-1"]),
            management: true,
            policies: false,
        };
        let text = record.to_string();
        assert_eq!(
            text,
            "units=ou-abcd-pay00000,ou-abcd-test0000;accounts=;exclude=333333333333;regions=eu-west-1,us-east-1;\
             management=on"
        );
        assert_eq!(text.parse(), Ok(record.clone()));
        let record = Record { policies: true, ..record };
        assert_eq!(record.to_string(), format!("{text};scp=on"));
        assert_eq!(record.to_string().parse(), Ok(record));
    }

    #[test]
    fn other_regions_say_where_home_is() {
        assert_eq!("home=eu-west-1".parse(), Ok(Noted::Elsewhere("eu-west-1".to_owned())));
        assert!(matches!("units=;accounts=;exclude=;regions=;management=off".parse(), Ok(Noted::Here(_))));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        assert!("units".parse::<Record>().is_err());
        assert!("planets=earth".parse::<Record>().unwrap_err().to_string().contains("planets"));
    }
}
