//! The command that installs the same again: a fix that would switch half of the checks off is none.

use std::collections::BTreeMap;

use clap::ValueEnum as _;
use rule::check::ALL;

use crate::names::Names;
use crate::observe::StackState;
use crate::settings::{DEFAULT_CHECKS, DEFAULT_LOG_RETENTION, DEFAULT_PREFIX, Delivery, Schedule, Triggers};
use crate::templates::parameter_of;

/// `deployer install` for a Region with the flags that its member stack was made with. What was baked into the zip
/// (`--exemptions`) is not among them: no stack knows of it.
pub(super) fn install(stack: &StackState, names: Names<'_>, region: &str, more: &str) -> String {
    let mut words = vec![format!("deployer install --region {region}{}", prefix_flag(names))];
    words.extend(checks(&stack.parameters));
    words.extend(settings(&stack.parameters, names));
    words.extend(tags(stack));
    if !more.is_empty() {
        words.push(more.to_owned());
    }
    words.join(" ")
}

/// The flag that chooses the prefix, with a space before it; empty for the default.
pub(super) fn prefix_flag(names: Names<'_>) -> String {
    if names.prefix == DEFAULT_PREFIX { String::new() } else { format!(" --prefix {}", names.prefix) }
}

fn checks(parameters: &BTreeMap<String, String>) -> Option<String> {
    let is_on = |parameter: &str| parameters.get(parameter).is_some_and(|value| value == "on");
    let on: Vec<&str> = ALL.into_iter().filter(|check| is_on(&parameter_of(check))).map(|check| check.id).collect();
    let is_default = on.len() == DEFAULT_CHECKS.len() && on.iter().all(|id| DEFAULT_CHECKS.contains(id));
    match on.len() {
        0 => None,
        _ if is_default => None,
        all if all == ALL.len() => Some("--check all".to_owned()),
        _ => Some(format!("--check {}", on.join(","))),
    }
}

fn settings(parameters: &BTreeMap<String, String>, names: Names<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let value = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let mut lists = |flag: &str, name: &str| {
        let values = value(name).split(',').map(str::trim).filter(|value| !value.is_empty());
        words.extend(values.map(|value| format!("{flag} {value}")));
    };
    lists("--allowed-subnet", "SubnetIds");
    lists("--allowed-kms-key", "KmsKeyArns");
    lists("--supported-platform", "SupportedPlatformIdentifierVersions");
    if value("Triggers") == Triggers::Schedule.as_str() {
        words.push("--triggers schedule".to_owned());
    }
    let schedule = Schedule::value_variants().iter().find(|one| one.as_str() == value("Frequency"));
    let schedule = schedule.filter(|one| **one != Schedule::TwentyFourHours).and_then(Schedule::to_possible_value);
    words.extend(schedule.map(|schedule| format!("--schedule {}", schedule.get_name())));
    if value("Delivery") == Delivery::ConformancePack.as_str() {
        words.push("--conformance-pack".to_owned());
    }
    let mut other = |flag: &str, name: &str, default: &str| {
        if !value(name).is_empty() && value(name) != default {
            words.push(format!("{flag} {}", value(name)));
        }
    };
    other("--role-path", "RolePath", &format!("/{}/", names.prefix));
    other("--permissions-boundary", "PermissionsBoundary", "");
    other("--log-retention", "LogRetentionDays", &DEFAULT_LOG_RETENTION.to_string());
    other("--alarms", "Alarms", "on");
    other("--alarm-topic", "AlarmTopic", "");
    words
}

fn tags(stack: &StackState) -> Vec<String> {
    let own = stack.tags.iter().filter(|(key, _)| !key.starts_with("notebook-guard:") && !key.starts_with("aws:"));
    own.map(|(key, value)| format!("--tag {}", quoted(&format!("{key}={value}")))).collect()
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/=+@".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::templates::{ArtifactName, member_parameters};

    fn stack(settings: &Settings, names: Names<'_>) -> StackState {
        let artifact = ArtifactName {
            version: "1.0.0".to_owned(),
            sha256: "0".repeat(64),
            code_sha256: String::new(),
            size: 1,
            architecture: "arm64".to_owned(),
        };
        StackState {
            id: String::new(),
            name: names.member_stack(),
            status: "CREATE_COMPLETE".to_owned(),
            reason: None,
            parameters: member_parameters(settings, settings.triggers, names, &artifact),
            tags: settings.tags.clone(),
            outputs: BTreeMap::new(),
            is_protected: false,
            template: None,
            has_our_change_set: false,
        }
    }

    #[test]
    fn the_defaults_need_no_flag() {
        let settings = Settings::new(vec!["eu-west-1".to_owned()]);
        let names = Names { prefix: &settings.prefix, account: "111122223333", partition: "aws" };
        let command = install(&stack(&settings, names), names, "eu-west-1", "--repair");
        assert_eq!(command, "deployer install --region eu-west-1 --repair");
    }

    #[test]
    fn everything_that_is_not_the_default_is_asked_for_again() {
        let settings = Settings {
            prefix: "nb".to_owned(),
            checks: ALL.map(|check| check.id.to_owned()).to_vec(),
            delivery: Delivery::ConformancePack,
            triggers: Triggers::Schedule,
            schedule: Schedule::SixHours,
            allowed_subnets: vec!["subnet-1".to_owned(), "subnet-2".to_owned()],
            log_retention_days: 30,
            alarm_topic: Some("111122223333:security".to_owned()),
            role_path: Some("/guard/".to_owned()),
            tags: [("team".to_owned(), "it's us".to_owned())].into(),
            ..Settings::new(vec!["eu-west-1".to_owned()])
        };
        let names = Names { prefix: "nb", account: "111122223333", partition: "aws" };
        assert_eq!(
            install(&stack(&settings, names), names, "eu-west-1", ""),
            "deployer install --region eu-west-1 --prefix nb --check all --allowed-subnet subnet-1 \
             --allowed-subnet subnet-2 --triggers schedule --schedule 6h --conformance-pack --role-path /guard/ \
             --log-retention 30 --alarm-topic 111122223333:security --tag 'team=it'\\''s us'"
        );
    }
}
