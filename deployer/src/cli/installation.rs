//! The flags that say what an installation is to be like. `install`, `doctor` and `render` share them.

mod form;

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use rule::check::Check;

use super::rule_flags::{Chosen, ParameterFlags, check_or_all, in_order};
use super::target::Target;
use crate::failure::Failure;
use crate::settings::{DEFAULT_PREFIX, Delivery, Schedule, Settings, Triggers};

/// What an installation is to be like.
#[derive(Debug, Clone, Args)]
pub(super) struct InstallationFlags {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    checks: CheckFlags,
    #[command(flatten)]
    parameters: ParameterFlags,
    #[command(flatten)]
    rules: RuleFlags,
    #[command(flatten)]
    resources: ResourceFlags,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What is checked")]
struct CheckFlags {
    /// Check to switch on: repeated, separated by commas, or `all` [default: direct-internet-access, inside-vpc,
    /// root-access, open-ingress].
    #[arg(
        long = "check",
        visible_alias = "checks",
        value_name = "CHECK",
        value_delimiter = ',',
        value_parser = check_or_all
    )]
    checks: Vec<Chosen>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How it is checked")]
struct RuleFlags {
    /// How often everything is judged anew. AWS Config bills each judgement of each resource.
    #[arg(long, value_enum, value_name = "EVERY", default_value = "24h")]
    schedule: Schedule,
    /// What triggers a judgement. Where the recorder does not record SageMaker it is the schedule alone.
    #[arg(long, value_enum, value_name = "WHAT", default_value = "change-and-schedule")]
    triggers: Triggers,
    /// Deliver the rules as a conformance pack, which an SCP can protect by its name.
    #[arg(long)]
    conformance_pack: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What is made")]
struct ResourceFlags {
    /// What the names of everything begin with: 2 to 14 lower-case letters, digits and hyphens.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    prefix: String,
    /// Tag for everything that takes tags, repeated for more.
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<String>,
    /// Policy of the account that bounds the function's role: its name with its path, such as boundaries/lambda.
    #[arg(long, value_name = "NAME")]
    permissions_boundary: Option<String>,
    /// Path of the function's role [default: the prefix, as /notebook-guard/].
    #[arg(long, value_name = "PATH")]
    role_path: Option<String>,
    /// Days that CloudWatch keeps the function's log.
    #[arg(long, value_name = "DAYS", default_value_t = crate::settings::DEFAULT_LOG_RETENTION)]
    log_retention: u16,
    /// Alarms on errors of the function and on silence of a check. CloudWatch bills each.
    #[arg(long, value_enum, value_name = "SWITCH", default_value = "on")]
    alarms: Switch,
    /// SNS topic that alarms notify: the topic of this name in each Region.
    #[arg(long, value_name = "ACCOUNT:NAME")]
    alarm_topic: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// There are.
    On,
    /// There are none.
    Off,
}

/// Whether names can begin with it, for commands that take no other flag of an installation.
///
/// # Errors
/// [`Failure`] that says what a prefix looks like.
pub(super) fn check_prefix(prefix: &str) -> Result<(), Failure> {
    form::prefix(prefix).map_err(Failure::usage)
}

impl InstallationFlags {
    /// The settings for these Regions.
    ///
    /// # Errors
    /// Every value that the templates or AWS would not take, all at once. Nothing was asked of AWS: call it with no
    /// Regions to hear of faults before credentials are looked for.
    pub(super) fn settings(&self, regions: Vec<String>) -> Result<Settings, Failure> {
        let mut faults = Vec::new();
        let defaults = Settings::new(regions);
        let checks: Vec<&'static Check> = if self.checks.checks.is_empty() {
            defaults.checks().collect()
        } else {
            in_order(self.checks.checks.iter().copied())
        };
        if let Err(told) = self.parameters.for_checks(&checks) {
            faults.extend(told);
        }
        for (flag, _, values) in self.parameters.named() {
            faults.extend(form::list(flag, values).err());
        }
        let settings = Settings {
            checks: checks.iter().map(|check| check.id.to_owned()).collect(),
            delivery: if self.rules.conformance_pack { Delivery::ConformancePack } else { Delivery::Rules },
            triggers: self.rules.triggers,
            schedule: self.rules.schedule,
            allowed_subnets: self.parameters.allowed_subnets.clone(),
            allowed_kms_keys: self.parameters.allowed_kms_keys.clone(),
            supported_platforms: self.parameters.supported_platforms.clone(),
            ..self.resources.onto(defaults, &mut faults)
        };
        if faults.is_empty() { Ok(settings) } else { Err(Failure::faults(faults)) }
    }
}

impl ResourceFlags {
    fn onto(&self, defaults: Settings, faults: &mut Vec<String>) -> Settings {
        let mut told = |fault: Result<(), String>| faults.extend(fault.err());
        told(form::prefix(&self.prefix));
        told(self.permissions_boundary.as_deref().map_or(Ok(()), form::boundary));
        told(self.role_path.as_deref().map_or(Ok(()), form::role_path));
        told(form::retention(self.log_retention));
        told(self.alarm_topic.as_deref().map_or(Ok(()), form::topic));
        if self.alarms == Switch::Off && self.alarm_topic.is_some() {
            told(Err("--alarm-topic has no effect with --alarms off".to_owned()));
        }
        let tags = form::tags(&self.tags).unwrap_or_else(|told| {
            faults.extend(told);
            BTreeMap::new()
        });
        Settings {
            prefix: self.prefix.clone(),
            role_path: self.role_path.clone(),
            permissions_boundary: self.permissions_boundary.clone(),
            log_retention_days: self.log_retention,
            alarms: self.alarms == Switch::On,
            alarm_topic: self.alarm_topic.clone(),
            tags,
            ..defaults
        }
    }
}

#[cfg(test)]
mod tests;
