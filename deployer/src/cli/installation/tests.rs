use clap::Parser;

use super::*;
use crate::settings::DEFAULT_CHECKS;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    installation: InstallationFlags,
}

fn settings(arguments: &[&str]) -> Result<Settings, Vec<String>> {
    let line = Line::try_parse_from([&["x"], arguments].concat()).map_err(|error| vec![error.to_string()])?;
    line.installation
        .settings(vec!["eu-west-1".to_owned()])
        .map_err(|failure| if failure.help.is_empty() { vec![failure.message] } else { failure.help })
}

#[test]
fn no_flags_are_the_defaults() {
    assert_eq!(settings(&[]).unwrap(), Settings::new(vec!["eu-west-1".to_owned()]));
}

#[test]
fn every_flag_arrives() {
    let settings = settings(&[
        "--checks=volume-kms-key,inside-vpc",
        "--check=root-access",
        "--schedule=6h",
        "--triggers=schedule",
        "--allowed-subnet=subnet-0a",
        "--allowed-kms-key=arn:aws:kms:eu-west-1:111122223333:key/0b-1",
        "--conformance-pack",
        "--prefix=nb",
        "--tag=team=a=b",
        "--tag=Cost centre=7",
        "--permissions-boundary=ops/bound",
        "--role-path=/a/b/",
        "--log-retention=30",
        "--alarm-topic=111122223333:sec_1",
    ])
    .unwrap();
    let told = serde_json::to_value(&settings).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "regions": ["eu-west-1"], "prefix": "nb", "checks": ["inside-vpc", "root-access", "volume-kms-key"],
            "delivery": "conformance-pack", "triggers": "schedule", "schedule": "Six_Hours",
            "allowedSubnets": ["subnet-0a"], "allowedKmsKeys": ["arn:aws:kms:eu-west-1:111122223333:key/0b-1"],
            "supportedPlatforms": [], "rolePath": "/a/b/", "permissionsBoundary": "ops/bound",
            "logRetentionDays": 30, "alarms": true, "alarmTopic": "111122223333:sec_1",
            "tags": {"team": "a=b", "Cost centre": "7"},
        })
    );
}

#[test]
fn all_means_every_check_and_repeats_do_not_count() {
    let all = settings(&["--checks", "all,root-access"]).unwrap().checks;
    assert_eq!(all, rule::check::ALL.map(|check| check.id));
    assert_eq!(settings(&["--check=open-ingress", "--check=open-ingress"]).unwrap().checks, ["open-ingress"]);
    assert!(settings(&["--checks="]).is_err());
    assert_eq!(settings(&[]).unwrap().checks, DEFAULT_CHECKS);
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = settings(&["--prefix=A", "--log-retention=2", "--role-path=x", "--tag=a", "--allowed-kms-key=x"]);
    assert_eq!(faults.unwrap_err().len(), 6);
}

#[test]
fn every_limit_has_its_sentence() {
    let long = ["x"; 129].concat();
    let many: Vec<String> = (0..46).map(|n| format!("--tag=k{n}=v")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let subnets: Vec<String> = (0..40).map(|n| format!("--allowed-subnet=subnet-{n:017}")).collect();
    let subnets: Vec<&str> = subnets.iter().map(String::as_str).collect();
    let key = format!("--tag={long}=v");
    let value = format!("--tag=k={long}{long}");
    for (arguments, sentence) in [
        (&["--prefix", "notebook-guard2"][..], "2 to 14 lower-case"),
        (&["--prefix", "1a"], "2 to 14 lower-case"),
        (&["--prefix", "a-"], "2 to 14 lower-case"),
        (&["--prefix", "sthree"], "S3 keeps bucket names"),
        (&["--prefix", "ml-artifacts"], "bucket stacks"),
        (&["--tag", "aws:x=1"], "are taken"),
        (&["--tag", "Notebook-Guard:x=1"], "are taken"),
        (&["--tag", "=1"], "1 to 128 characters"),
        (&[&key], "1 to 128 characters"),
        (&[&value], "1 to 256 characters"),
        (&["--tag", "team="], "1 to 256 characters"),
        (&["--tag", "a=<b>"], "are allowed"),
        (&["--tag", "a"], "KEY=VALUE"),
        (&["--tag", "a=1", "--tag", "A=2"], "given twice"),
        (&many, "a resource takes 50"),
        (&subnets, "a rule has room for 900"),
        (&["--allowed-subnet", "vpc-1"], "subnet"),
        (&["--allowed-subnet", "subnet-0A"], "a subnet is expected"),
        (&["--allowed-kms-key", "arn:aws:kms:eu-west-1:1:key/a", "--check=volume-kms-key"], "the ARN of a key"),
        (&["--allowed-kms-key", "arn:aws:kms:eu-west-1:111122223333:key/a"], "volume-kms-key, which is not chosen"),
        (&["--permissions-boundary", "arn:aws:iam::111122223333:policy/p"], "follows `policy/`"),
        (&["--permissions-boundary", "/p"], "the name of a policy"),
        (&["--role-path", "/a"], "begins and ends with a slash"),
        (&["--role-path", "//"], "begins and ends with a slash"),
        (&["--log-retention", "2"], "CloudWatch Logs knows 1, 3, 5"),
        (&["--alarm-topic", "arn:aws:sns:eu-west-1:111122223333:t"], "the last two parts"),
        (&["--alarm-topic", "t"], "ACCOUNT:NAME is expected"),
        (&["--alarm-topic", "111122223333:t", "--alarms=off"], "no effect"),
        (&["--check", "nope"], "the checks are direct-internet-access"),
        (&["--schedule", "2h"], "1h, 3h, 6h, 12h, 24h"),
    ] {
        let faults = settings(arguments).unwrap_err().join("\n");
        assert!(faults.contains(sentence), "{arguments:?}: {faults}");
    }
    assert_eq!(many.split_last().map(|(_, fewer)| settings(fewer).is_ok()), Some(true));
    assert!(settings(&["--prefix", "artifacts"]).is_ok());
}

#[test]
fn the_longest_list_stays_within_what_a_rule_takes() {
    for check in rule::check::ALL {
        for parameter in check.parameters {
            let value = ["x"; 900].concat();
            let text = serde_json::json!({"check": check.id, parameter.name: value}).to_string();
            assert!(text.len() <= rule::parameters::MAX_CHARACTERS, "{}", text.len());
        }
    }
}

/// A member of a parameter in `cfn/member.yaml`.
fn of_template(parameter: &str, member: &str) -> String {
    let text = include_str!("../../../../cfn/member.yaml");
    let start = text.find(&format!("\n  {parameter}:\n")).unwrap();
    let mut lines = text.get(start..).unwrap().lines().skip(2).take_while(|line| line.starts_with("    "));
    let found = lines.find_map(|line| line.trim().strip_prefix(member));
    found.unwrap_or_else(|| panic!("{parameter} has no {member}")).trim_start_matches(':').trim().to_owned()
}

type Form<'a> = &'a dyn Fn(&str) -> Result<(), String>;

#[test]
fn what_is_accepted_the_template_accepts() {
    let pieces = [
        "",
        "a",
        "A",
        "0",
        "-",
        "_",
        "/",
        ".",
        ",",
        " ",
        ":",
        "é",
        "ab",
        "a-b",
        "/a/",
        "a/b",
        "subnet-",
        "subnet-0a",
        "subnet-0A",
        "notebook-al2023-v1",
        "arn:aws:kms:eu-west-1:111122223333:key/1-a",
        "arn:aws:kms:x:1:key/1",
        "111122223333:t",
        "111122223333:t/u",
        "notebook-guard",
        "ops/bound",
        "/ops/x/",
        "//",
        "+=,.@-_",
    ];
    let joined = pieces.iter().flat_map(|one| pieces.iter().map(move |other| format!("{one}{other}")));
    let texts: Vec<String> = joined.collect();
    let list = |flag: &'static str| move |text: &str| form::list(flag, &[text.to_owned()]);
    let forms: [(&str, Form<'_>); 6] = [
        ("Prefix", &form::prefix),
        ("RolePath", &form::role_path),
        ("PermissionsBoundary", &form::boundary),
        ("AlarmTopic", &form::topic),
        ("KmsKeyArns", &list("--allowed-kms-key")),
        ("RoleNamePrefix", &form::prefix),
    ];
    for (parameter, form) in forms {
        let pattern = regex::Regex::new(&of_template(parameter, "AllowedPattern")).unwrap();
        let accepted: Vec<&String> = texts.iter().filter(|text| form(text).is_ok()).collect();
        assert!(!accepted.is_empty(), "{parameter}");
        for text in accepted {
            assert!(pattern.is_match(text), "the template refuses {parameter}={text}");
        }
    }
    for (flag, parameter, check) in [
        ("--allowed-subnet", "SubnetIds", "inside-vpc"),
        ("--supported-platform", "SupportedPlatformIdentifierVersions", "platform-identifier"),
    ] {
        let pattern = regex::Regex::new(&of_template(parameter, "AllowedPattern")).unwrap();
        assert_eq!(of_template(parameter, "MaxLength"), "900");
        let accepted = texts.iter().filter(|text| settings(&["--check", check, flag, text]).is_ok());
        let accepted: Vec<&String> = accepted.collect();
        assert!(!accepted.is_empty(), "{parameter}");
        for text in accepted {
            assert!(pattern.is_match(text), "the template refuses {parameter}={text}");
        }
    }
}

#[test]
fn the_template_has_the_same_retentions() {
    let known = of_template("LogRetentionDays", "AllowedValues");
    let known: Vec<u16> = known.trim_matches(['[', ']']).split(", ").map(|days| days.parse().unwrap()).collect();
    for days in 0..4000 {
        assert_eq!(form::retention(days).is_ok(), known.contains(&days), "{days}");
    }
}
