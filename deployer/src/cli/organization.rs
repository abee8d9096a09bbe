//! The flags of an installation into an organization. `install` and `doctor` share them.

use clap::Args;

use super::target::region;
use crate::failure::Failure;
use crate::organization::targets::{Asked, is_account_id};
use crate::organization::{GuardrailAsked, OrgAsked, Pace};
use crate::scp::settings::break_glass;
use crate::settings::{Delivery, Settings};

/// An installation into an organization.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "In an organization")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct OrgFlags {
    /// Install into the organization: from its management account, or from a delegated administrator of StackSets.
    #[arg(long)]
    pub(super) org: bool,
    /// Organizational unit to cover, with all in it: its name, path (Prod/Payments) or id; repeated for more
    /// [default: the whole organization].
    #[arg(long = "ou", value_name = "UNIT")]
    units: Vec<String>,
    /// Account to cover by itself, repeated for more. Accounts that join later are then not covered by themselves.
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Account to leave out, repeated for more.
    #[arg(long = "exclude-account", value_name = "ACCOUNT")]
    excluded: Vec<String>,
    /// Account or unit that goes first, repeated for more: if anything fails there, nothing else is touched.
    #[arg(long = "canary", value_name = "ACCOUNT|UNIT")]
    canary: Vec<String>,
    /// Region of the StackSets [default: where they are, else the configured Region, else the first].
    #[arg(long, value_name = "REGION", value_parser = one_region)]
    pub(super) home_region: Option<String>,
    /// Accounts of each Region that are worked on at once, of a hundred [default: 100].
    #[arg(long, value_name = "PERCENT")]
    max_concurrent: Option<u8>,
    /// Accounts of each Region that may fail before the rest is left alone, of a hundred [default: 100].
    #[arg(long, value_name = "PERCENT")]
    failure_tolerance: Option<u8>,
    /// Let StackSets work in the organization, if they may not yet. Only in the management account.
    #[arg(long)]
    enable_trusted_access: bool,
    /// Leave the management account out, which StackSets do not reach and a stack of its own covers.
    #[arg(long)]
    no_management_account: bool,
    /// Add AWS's own rules on SageMaker as an organization conformance pack.
    #[arg(long)]
    managed_rules_pack: bool,
    /// Add an aggregator of AWS Config, which shows the compliance of the whole organization in the home Region. From the
    /// management account, or from a delegated administrator of AWS Config.
    #[arg(long)]
    aggregator: bool,
    #[command(flatten)]
    guardrail: GuardrailFlags,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is denied in an organization")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct GuardrailFlags {
    /// Deny what the checks would find, with a service control policy.
    #[arg(long)]
    deny_scp: bool,
    /// Unit, root or account to attach it to, repeated for more.
    #[arg(long = "scp-target", value_name = "UNIT|ACCOUNT")]
    targets: Vec<String>,
    /// Deny Studio domains the internet too.
    #[arg(long)]
    studio: bool,
    /// Pattern of role names or ARNs that nothing is denied to, repeated for more.
    #[arg(long, value_name = "ROLE_PATTERN")]
    break_glass: Vec<String>,
    /// Protect the guard itself with a second policy. Needs --conformance-pack.
    #[arg(long)]
    tamper_scp: bool,
    /// Switch service control policies on in the organization, if they are off.
    #[arg(long)]
    enable_policy_type: bool,
    /// Allow the root as a target.
    #[arg(long)]
    allow_root: bool,
}

impl OrgFlags {
    /// What is asked of an organization; none without `--org`.
    ///
    /// # Errors
    /// Everything that cannot be meant, all at once. Nothing was asked of AWS.
    pub(super) fn asked(&self, settings: &Settings) -> Result<Option<OrgAsked>, Failure> {
        let faults = if self.org { self.faults(settings) } else { self.without_org() };
        if !faults.is_empty() {
            return Err(Failure::faults(faults));
        }
        let pace = Pace::default();
        let asked = OrgAsked {
            targets: Asked {
                units: self.units.clone(),
                accounts: self.accounts.clone(),
                excluded: self.excluded.clone(),
                canary: self.canary.clone(),
            },
            home_region: self.home_region.clone(),
            include_management: !self.no_management_account,
            pace: Pace {
                max_concurrent: self.max_concurrent.unwrap_or(pace.max_concurrent),
                failure_tolerance: self.failure_tolerance.unwrap_or(pace.failure_tolerance),
            },
            enable_trusted_access: self.enable_trusted_access,
            managed_pack: self.managed_rules_pack,
            guardrail: self.guardrail.asked(),
            aggregator: self.aggregator,
        };
        Ok(self.org.then_some(asked))
    }

    /// Flags that mean nothing for a single account.
    fn without_org(&self) -> Vec<String> {
        let given = [
            ("--ou", !self.units.is_empty()),
            ("--account", !self.accounts.is_empty()),
            ("--exclude-account", !self.excluded.is_empty()),
            ("--canary", !self.canary.is_empty()),
            ("--home-region", self.home_region.is_some()),
            ("--max-concurrent", self.max_concurrent.is_some()),
            ("--failure-tolerance", self.failure_tolerance.is_some()),
            ("--enable-trusted-access", self.enable_trusted_access),
            ("--no-management-account", self.no_management_account),
            ("--managed-rules-pack", self.managed_rules_pack),
            ("--aggregator", self.aggregator),
            ("--deny-scp", self.guardrail.deny_scp),
        ];
        let given = given.into_iter().chain(self.guardrail.given());
        given.filter(|(_, is_given)| *is_given).map(|(flag, _)| format!("{flag} needs --org")).collect()
    }

    fn faults(&self, settings: &Settings) -> Vec<String> {
        let mut faults = Vec::new();
        for (flag, ids) in [("--account", &self.accounts), ("--exclude-account", &self.excluded)] {
            let wrong = ids.iter().filter(|id| !is_account_id(id));
            faults.extend(wrong.map(|id| format!("{flag} {id}: an account is expected, as 111122223333")));
        }
        for (flag, names) in
            [("--ou", &self.units), ("--canary", &self.canary), ("--scp-target", &self.guardrail.targets)]
        {
            if names.iter().any(|name| name.trim().is_empty()) {
                faults.push(format!("{flag} is empty"));
            }
        }
        let is_percentage = |least: u8, value: Option<u8>| value.is_none_or(|value| (least..=100).contains(&value));
        if !is_percentage(1, self.max_concurrent) {
            faults.push("--max-concurrent is a percentage: 1 to 100".to_owned());
        }
        if !is_percentage(0, self.failure_tolerance) {
            faults.push("--failure-tolerance is a percentage: 0 to 100".to_owned());
        }
        faults.extend(self.guardrail.faults(settings));
        faults
    }
}

impl GuardrailFlags {
    /// The flags that mean nothing without `--deny-scp`, and whether they are given.
    fn given(&self) -> [(&'static str, bool); 6] {
        [
            ("--scp-target", !self.targets.is_empty()),
            ("--studio", self.studio),
            ("--break-glass", !self.break_glass.is_empty()),
            ("--tamper-scp", self.tamper_scp),
            ("--enable-policy-type", self.enable_policy_type),
            ("--allow-root", self.allow_root),
        ]
    }

    fn faults(&self, settings: &Settings) -> Vec<String> {
        if !self.deny_scp {
            let given = self.given().into_iter().filter(|(_, is_given)| *is_given);
            return given.map(|(flag, _)| format!("{flag} needs --deny-scp")).collect();
        }
        let mut faults = Vec::new();
        if self.targets.is_empty() {
            faults.push("--deny-scp needs --scp-target: policies are attached to nothing that is not named".to_owned());
        }
        faults.extend(self.break_glass.iter().filter_map(|pattern| {
            let fault = break_glass(pattern).err()?;
            Some(format!("--break-glass {pattern}: {fault}"))
        }));
        if self.tamper_scp && settings.delivery != Delivery::ConformancePack {
            faults.push(
                "--tamper-scp needs --conformance-pack: a policy cannot name plain Config rules, whose ARNs are random"
                    .to_owned(),
            );
        }
        faults
    }

    fn asked(&self) -> Option<GuardrailAsked> {
        self.deny_scp.then(|| GuardrailAsked {
            targets: self.targets.clone(),
            studio: self.studio,
            break_glass: self.break_glass.clone(),
            tamper: self.tamper_scp,
            enable_policy_type: self.enable_policy_type,
            allow_root: self.allow_root,
        })
    }
}

/// A single Region.
fn one_region(text: &str) -> Result<String, String> {
    match region(text) {
        Ok(one) if one != "all" => Ok(one),
        _ => Err("a Region looks like eu-west-1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        flags: OrgFlags,
    }

    fn asked(line: &str) -> Result<Option<OrgAsked>, Failure> {
        let words = std::iter::once("deployer").chain(line.split_whitespace());
        Line::try_parse_from(words).unwrap().flags.asked(&Settings::new(vec!["eu-west-1".to_owned()]))
    }

    fn faults(line: &str) -> Vec<String> {
        let failure = asked(line).unwrap_err();
        if failure.help.is_empty() { vec![failure.message] } else { failure.help }
    }

    #[test]
    fn without_org_nothing_of_it_is_meant() {
        assert_eq!(asked("").unwrap(), None);
        assert_eq!(
            faults("--ou Prod --canary 222222222222 --home-region eu-west-1 --no-management-account --studio"),
            [
                "--ou needs --org",
                "--canary needs --org",
                "--home-region needs --org",
                "--no-management-account needs --org",
                "--studio needs --org",
            ]
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let told =
            faults("--org --account 1 --exclude-account prod --max-concurrent 0 --failure-tolerance 101 --studio");
        assert_eq!(
            told,
            [
                "--account 1: an account is expected, as 111122223333",
                "--exclude-account prod: an account is expected, as 111122223333",
                "--max-concurrent is a percentage: 1 to 100",
                "--failure-tolerance is a percentage: 0 to 100",
                "--studio needs --deny-scp",
            ]
        );
        assert!(faults("--org --deny-scp --tamper-scp").iter().any(|fault| fault.contains("--conformance-pack")));
    }

    #[test]
    fn the_defaults_cover_everybody_at_once() {
        let asked = asked("--org").unwrap().unwrap();
        assert_eq!(asked.targets, Asked::default());
        assert_eq!((asked.pace.max_concurrent, asked.pace.failure_tolerance), (100, 100));
        assert!(asked.include_management && asked.guardrail.is_none() && !asked.enable_trusted_access);
    }

    #[test]
    fn home_is_one_region() {
        for (text, is_fine) in [("eu-west-1", true), ("all", false), ("Europe", false)] {
            assert_eq!(Line::try_parse_from(["deployer", "--home-region", text]).is_ok(), is_fine, "{text}");
        }
    }
}
