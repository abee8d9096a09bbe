//! What an installation is to be like: the flags as one value, checked against every limit before AWS is asked.

use std::collections::BTreeMap;

use rule::check::{ALL, Check};
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// The checks that are on unless others are chosen: network and root access.
pub const DEFAULT_CHECKS: [&str; 4] = ["direct-internet-access", "inside-vpc", "root-access", "open-ingress"];
/// What the names of everything begin with, unless another prefix is chosen.
pub const DEFAULT_PREFIX: &str = "notebook-guard";
/// How long CloudWatch keeps the function's log, in days, unless told otherwise.
pub const DEFAULT_LOG_RETENTION: u16 = 90;

/// How the rules get into AWS Config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// As Config rules of the stack.
    Rules,
    /// As a conformance pack of the stack.
    ConformancePack,
}

impl Delivery {
    /// The template's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::ConformancePack => "conformance-pack",
        }
    }
}

/// What lets AWS Config ask for a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Triggers {
    /// Every recorded change, and the schedule.
    ChangeAndSchedule,
    /// The schedule alone.
    Schedule,
}

impl Triggers {
    /// The template's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangeAndSchedule => "change-and-schedule",
            Self::Schedule => "schedule",
        }
    }
}

/// How often everything is judged anew, in AWS Config's words (`MaximumExecutionFrequency`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Schedule {
    /// Every hour.
    #[value(name = "1h", alias = "One_Hour")]
    #[serde(rename = "One_Hour")]
    OneHour,
    /// Every three hours.
    #[value(name = "3h", alias = "Three_Hours")]
    #[serde(rename = "Three_Hours")]
    ThreeHours,
    /// Every six hours.
    #[value(name = "6h", alias = "Six_Hours")]
    #[serde(rename = "Six_Hours")]
    SixHours,
    /// Every twelve hours.
    #[value(name = "12h", alias = "Twelve_Hours")]
    #[serde(rename = "Twelve_Hours")]
    TwelveHours,
    /// Once a day.
    #[value(name = "24h", alias = "TwentyFour_Hours")]
    #[serde(rename = "TwentyFour_Hours")]
    TwentyFourHours,
}

impl Schedule {
    /// AWS Config's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneHour => "One_Hour",
            Self::ThreeHours => "Three_Hours",
            Self::SixHours => "Six_Hours",
            Self::TwelveHours => "Twelve_Hours",
            Self::TwentyFourHours => "TwentyFour_Hours",
        }
    }
}

/// An installation in one account, the same in each of its Regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The Regions, each once, in alphabetical order.
    pub regions: Vec<String>,
    /// What the names of everything begin with.
    pub prefix: String,
    /// The ids of the checks that are on, in the registry's order.
    pub checks: Vec<String>,
    /// How the rules get into AWS Config.
    pub delivery: Delivery,
    /// What triggers them, where the Region can.
    pub triggers: Triggers,
    /// How often everything is judged anew.
    pub schedule: Schedule,
    /// For `inside-vpc`: the subnets that are allowed; empty for all.
    pub allowed_subnets: Vec<String>,
    /// For `volume-kms-key`: the keys that are allowed; empty for all.
    pub allowed_kms_keys: Vec<String>,
    /// For `platform-identifier`: the platforms that are allowed; empty for the check's default.
    pub supported_platforms: Vec<String>,
    /// The path of the function's role.
    pub role_path: Option<String>,
    /// The name, with its path, of the managed policy that bounds the role.
    pub permissions_boundary: Option<String>,
    /// How long CloudWatch keeps the function's log, in days.
    pub log_retention_days: u16,
    /// Whether there are alarms.
    pub alarms: bool,
    /// The SNS topic that alarms notify, as `ACCOUNT:NAME`.
    pub alarm_topic: Option<String>,
    /// Tags for the stacks; CloudFormation hands them on to what it makes.
    pub tags: BTreeMap<String, String>,
}

impl Settings {
    /// The defaults in these Regions.
    #[must_use]
    pub fn new(regions: Vec<String>) -> Self {
        Self {
            regions,
            prefix: DEFAULT_PREFIX.to_owned(),
            checks: DEFAULT_CHECKS.map(str::to_owned).to_vec(),
            delivery: Delivery::Rules,
            triggers: Triggers::ChangeAndSchedule,
            schedule: Schedule::TwentyFourHours,
            allowed_subnets: Vec::new(),
            allowed_kms_keys: Vec::new(),
            supported_platforms: Vec::new(),
            role_path: None,
            permissions_boundary: None,
            log_retention_days: DEFAULT_LOG_RETENTION,
            alarms: true,
            alarm_topic: None,
            tags: BTreeMap::new(),
        }
    }

    /// The path of the function's role: the chosen one, or the prefix between slashes.
    #[must_use]
    pub fn path_of_role(&self) -> String {
        self.role_path.clone().unwrap_or_else(|| format!("/{}/", self.prefix))
    }

    /// The ARN of the policy that bounds the function's role, if one is wanted.
    #[must_use]
    pub fn boundary_arn(&self, names: Names<'_>) -> Option<String> {
        let name = self.permissions_boundary.as_ref()?;
        Some(format!("arn:{}:iam::{}:policy/{name}", names.partition, names.account))
    }

    /// The checks that are on.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        ALL.into_iter().filter(|check| self.checks.iter().any(|id| id == check.id))
    }
}
