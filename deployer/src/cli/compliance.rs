//! Whose compliance: the flags that reports and evidence share.

use clap::Args;
use rule::aws::{AwsInventory, Meter};
use rule::check::{ALL, Check};

use super::installation::check_prefix;
use super::installed::home;
use super::rule_flags::check;
use super::target::Target;
use crate::compliance::Watch;
use crate::compliance::open::{Asked, Opened, open};
use crate::failure::Failure;
use crate::organization::targets::is_account_id;
use crate::regions::{is_known, meant};
use crate::session::Session;
use crate::settings::DEFAULT_PREFIX;

/// Whose compliance, and how it is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where")]
pub(super) struct ComplianceFlags {
    #[command(flatten)]
    pub(super) target: Target,
    /// The whole organization, through an aggregator of AWS Config or with a role in each account.
    #[arg(long)]
    pub(super) org: bool,
    /// With --org: the aggregator to read [default: the only one of an organization in the Region].
    #[arg(long, value_name = "NAME", requires = "org")]
    pub(super) aggregator: Option<String>,
    /// With --org: read account by account with the role of this name. The caller's own account is read without it.
    #[arg(long, value_name = "NAME", value_parser = role, requires = "org", conflicts_with = "aggregator")]
    pub(super) assume_role: Option<String>,
    /// With --org: the Region of the aggregator and of the StackSets [default: the configured one].
    #[arg(long, value_name = "REGION", value_parser = home, requires = "org")]
    pub(super) home_region: Option<String>,
    /// Account to read, repeated for more [default: all of the installation]. With --ou: these, and those of the unit.
    #[arg(long = "account", value_name = "ACCOUNT", value_parser = account, requires = "org", help_heading = "What")]
    pub(super) accounts: Vec<String>,
    /// Organizational unit to read, with all below it: name, path (Prod/Payments) or id, repeated for more. With
    /// --account: its accounts, and those.
    #[arg(long = "ou", value_name = "UNIT", requires = "org", help_heading = "What")]
    pub(super) units: Vec<String>,
    /// Check to read: repeated, or separated by commas [default: all].
    #[arg(
        long = "check",
        visible_alias = "checks",
        value_name = "CHECK",
        value_delimiter = ',',
        value_parser = check,
        help_heading = "What"
    )]
    pub(super) checks: Vec<&'static Check>,
    /// What the names of the installation begin with.
    #[arg(long, default_value = DEFAULT_PREFIX, help_heading = "What")]
    pub(super) prefix: String,
}

/// The name of a role, with its path if it has one: an ARN is of one account.
pub(super) fn role(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("arn:").map(|arn| arn.split_once(":role/").map_or("NAME", |(_, name)| name));
    match name {
        Some(name) => Err(format!("give the role's NAME, which is the same in every account, and no ARN: {name}")),
        None if text.is_empty() => Err("the role's name is expected, such as Audit".to_owned()),
        None => Ok(text.to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    if is_account_id(text) { Ok(text.to_owned()) } else { Err("an account is expected, as 111122223333".to_owned()) }
}

impl ComplianceFlags {
    /// Finds credentials, the scope and the source. `watch` sees what AWS Organizations is asked.
    pub(super) async fn open(&self, watch: Option<&Watch>) -> Result<(Session, Opened), Failure> {
        check_prefix(&self.prefix)?;
        // The home Region is a place to ask who calls, where none is configured.
        let mut named = self.target.regions.clone();
        if named.is_empty() {
            named.extend(self.home_region.clone());
        }
        let session = Target { profile: self.target.profile.clone(), regions: named }.open().await?;
        self.check_regions(&session).await?;
        let asked = Asked {
            prefix: self.prefix.clone(),
            organization: self.org,
            regions: if self.target.regions.is_empty() { Vec::new() } else { session.regions.clone() },
            home: self.home_region.clone(),
            accounts: self.accounts.clone(),
            units: self.units.clone(),
            aggregator: self.aggregator.clone(),
            role: self.assume_role.clone(),
        };
        let opened = open(&session, &asked, watch).await?;
        Ok((session, opened))
    }

    /// A mistyped Region would be told of as one that cannot be read. AWS is asked only of names that this version does
    /// not know.
    async fn check_regions(&self, session: &Session) -> Result<(), Failure> {
        let named = self.target.regions.iter().chain(&self.home_region);
        let unknown: Vec<&String> = named.filter(|region| *region != "all" && !is_known(region)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let enabled = AwsInventory::new(&session.sdk, &Meter::default()).regions().await;
        let others = enabled.as_deref().unwrap_or_default();
        let Some(region) = unknown.into_iter().find(|region| !others.contains(region)) else { return Ok(()) };
        let failure = Failure::usage(format!("there is no Region {region}{}", meant(region, others)));
        Err(match &enabled {
            Ok(_) => failure.help(format!("or, if it is new: enable {region} in the account")),
            Err(_) => failure.help("or, if it is newer than this version: allow ec2:DescribeRegions, to look it up"),
        })
    }

    /// The checks that are asked for, in the order of the registry.
    pub(super) fn checks(&self) -> Vec<&'static Check> {
        let is_asked = |check: &&Check| self.checks.is_empty() || self.checks.iter().any(|one| one.id == check.id);
        ALL.into_iter().filter(is_asked).collect()
    }

    /// The checks that are asked for by name, if any are.
    pub(super) fn expected(&self) -> Option<Vec<&'static Check>> {
        (!self.checks.is_empty()).then(|| self.checks())
    }

    /// The names of the checks that are asked for by name.
    pub(super) fn named_checks(&self) -> Vec<String> {
        self.checks.iter().map(|check| check.id.to_owned()).collect()
    }

    /// What is left out by these flags, in words; empty if nothing is.
    pub(super) fn words(&self) -> Vec<String> {
        let checks = self.named_checks();
        let lists = [
            ("checks", &checks),
            ("accounts", &self.accounts),
            ("organizational units", &self.units),
            ("Regions", &self.target.regions),
        ];
        let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
        given.map(|(what, list)| format!("{what}: {}", list.join(", "))).collect()
    }
}
