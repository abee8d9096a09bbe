//! `deployer checks` and the help texts.

use rule::check::ALL;
use serde_json::Value;

use crate::runner::{run, too_wide};

#[test]
fn the_table_of_checks() {
    insta::assert_snapshot!(run(&["checks"]).shown());
}

#[test]
fn everything_about_one_check() {
    insta::assert_snapshot!(run(&["checks", "inside-vpc"]).shown());
}

#[test]
fn a_check_that_does_not_exist() {
    let ran = run(&["checks", "inside-vcp"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.is_empty());
    assert!(ran.stderr.contains("'inside-vcp'") && ran.stderr.contains("inside-vpc"), "{}", ran.stderr);
}

#[test]
fn json_has_every_check_with_everything() {
    let ran = run(&["checks", "--format", "json"]);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), ALL.len());
    for (json, check) in all.iter().zip(ALL) {
        assert_eq!(json["id"], check.id);
        assert_eq!(json["configRule"], check.rule_name());
        assert_eq!(json["requirements"].as_array().unwrap().len(), check.requirements.len());
        for member in ["title", "severity", "resourceType", "remediation", "docs"] {
            assert!(json[member].is_string(), "{member} of {}", check.id);
        }
    }
}

#[test]
fn help_fits_80_columns_and_goes_to_standard_output() {
    for arguments in [
        &["--help"][..],
        &["checks", "--help"],
        &["evaluate", "--help"],
        &["help", "evaluate"],
        &["exemptions", "--help"],
        &["exemptions", "check", "--help"],
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.stdout.contains("Examples:"), "{arguments:?} has no examples");
        assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new(), "{arguments:?}");
    }
    insta::assert_snapshot!(run(&["evaluate", "--help"]).shown());
    insta::assert_snapshot!(run(&["exemptions", "check", "--help"]).shown());
}

#[test]
fn without_a_command_there_is_help_and_a_usage_error() {
    let ran = run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("Usage: deployer"), "{}", ran.stderr);
}
