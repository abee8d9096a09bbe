use std::collections::BTreeMap;

use time::Duration;

use super::*;
use crate::aws::AwsRefusal;
use crate::observe::{AlarmState, FunctionState, RecordedTypes, RuleState, StackState};
use crate::settings::Settings;
use crate::status::{Compliance, Level, RuleRun};
use crate::templates::{ArtifactName, member_parameters};

const REGION: &str = "eu-west-1";
const NOW: OffsetDateTime = time::macros::datetime!(2026-11-22 12:00 UTC);
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:notebook-guard-evaluator";

fn names() -> Names<'static> {
    Names { prefix: "notebook-guard", account: "111122223333", partition: "aws" }
}

/// An installation of one check of which all is well.
fn healthy(version: &str) -> Installed {
    let settings = Settings { checks: vec!["root-access".to_owned()], ..Settings::new(vec![REGION.to_owned()]) };
    let artifact = ArtifactName {
        version: version.to_owned(),
        sha256: "00".repeat(32),
        code_sha256: "A".repeat(43) + "=",
        size: 1,
        architecture: "arm64".to_owned(),
    };
    let rule = "notebook-guard-root-access".to_owned();
    let stack = StackState {
        id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/notebook-guard/1".to_owned(),
        name: "notebook-guard".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        reason: None,
        parameters: member_parameters(&settings, settings.triggers, names(), &artifact),
        tags: BTreeMap::new(),
        outputs: BTreeMap::new(),
        is_protected: false,
        template: None,
        has_our_change_set: false,
    };
    let function = FunctionState {
        arn: FUNCTION.to_owned(),
        code_sha256: artifact.code_sha256.clone(),
        architecture: "arm64".to_owned(),
        state: "Active".to_owned(),
        role: String::new(),
        last_modified: String::new(),
    };
    let alarm = |name: String| AlarmState { name, state: "OK".to_owned(), reason: String::new(), is_muted: false };
    let recorder = Recorder {
        name: "default".to_owned(),
        role_arn: String::new(),
        is_recording: true,
        last_status: Some("Success".to_owned()),
        last_error: None,
        last_started: None,
        last_stopped: None,
        types: RecordedTypes::All,
        is_daily: false,
        overrides: Vec::new(),
    };
    Installed {
        artifacts: Some(stack.clone()),
        stack,
        function: Ok(Some(function)),
        artifact: Ok(ObjectState::Present { sha256: artifact.sha256 }),
        rules: Ok(vec![RuleState {
            name: rule.clone(),
            state: "ACTIVE".to_owned(),
            owner: "CUSTOM_LAMBDA".to_owned(),
            source: FUNCTION.to_owned(),
            created_by: None,
            is_of_our_pack: false,
        }]),
        runs: Ok(vec![run(&rule)]),
        compliance: Ok(vec![Compliance { rule, kind: "COMPLIANT".to_owned(), contributors: None }]),
        pack: None,
        alarms: Ok(vec![alarm(names().errors_alarm()), alarm("notebook-guard-silent-root-access".to_owned())]),
        recorder: Ok(RecorderState::Present(recorder)),
        drift: None,
    }
}

fn run(rule: &str) -> RuleRun {
    RuleRun {
        rule: rule.to_owned(),
        activated: Some(NOW - Duration::days(9)),
        has_started: true,
        last_success: Some(NOW - Duration::hours(1)),
        last_failure: None,
        error_code: None,
        error_message: None,
    }
}

fn found(installed: &Installed) -> Vec<(Aspect, Level, String)> {
    let found = of(installed, names(), REGION, NOW);
    assert!(found.iter().all(|finding| finding.level != Level::Problem || finding.fix.is_some()), "{found:?}");
    found.into_iter().map(|finding| (finding.aspect, finding.level, finding.message)).collect()
}

fn only(installed: &Installed) -> (Aspect, Level, String) {
    let mut found = found(installed);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn nothing_is_said_of_what_is_well() {
    assert_eq!(found(&healthy(env!("CARGO_PKG_VERSION"))), []);
}

#[test]
fn a_newer_deployer_is_worth_a_note() {
    let installed = healthy("0.0.9");
    let (aspect, level, message) = only(&installed);
    assert_eq!((aspect, level), (Aspect::Stack, Level::Note));
    assert!(message.starts_with("version 0.0.9 is installed"), "{message}");
    let fix = of(&installed, names(), REGION, NOW).remove(0).fix.unwrap();
    assert!(fix.starts_with("deployer install --region eu-west-1 --check root-access"), "{fix}");
    assert_eq!(found(&healthy("main")), [], "what is no version is not compared");
}

#[test]
fn alarms_that_ring_are_muted_or_gone() {
    let mut installed = healthy("9");
    let alarms = installed.alarms.as_mut().unwrap();
    alarms[0].state = "ALARM".to_owned();
    alarms[0].reason = "Threshold Crossed".to_owned();
    assert_eq!(
        only(&installed),
        (Aspect::Alarms, Level::Problem, "the alarm notebook-guard-errors rings: Threshold Crossed".to_owned())
    );
    installed.alarms.as_mut().unwrap()[0].state = "INSUFFICIENT_DATA".to_owned();
    assert_eq!(found(&installed), [], "an alarm that has no data yet is no fault");
    installed.alarms.as_mut().unwrap()[0].is_muted = true;
    assert_eq!(only(&installed).1, Level::Note);
    installed.alarms.as_mut().unwrap().remove(0);
    assert_eq!(only(&installed).2, "the alarm notebook-guard-errors is gone");
}

#[test]
fn rules_that_fail_or_fall_silent() {
    let mut installed = healthy("9");
    let failed = RuleRun {
        last_failure: Some(NOW),
        error_code: Some("InsufficientPermission".to_owned()),
        ..run("notebook-guard-root-access")
    };
    installed.runs = Ok(vec![failed.clone()]);
    assert_eq!(
        only(&installed).2,
        "AWS Config could not run notebook-guard-root-access at 2026-11-22 12:00 UTC: InsufficientPermission"
    );
    installed.runs = Ok(vec![RuleRun { last_failure: Some(NOW - Duration::hours(2)), ..failed }]);
    assert_eq!(found(&installed), [], "it has run since");
    let late = RuleRun { last_success: Some(NOW - Duration::hours(49)), ..run("notebook-guard-root-access") };
    installed.runs = Ok(vec![late]);
    assert!(only(&installed).2.contains("more than two schedules ago"));
    let untold = RuleRun { last_success: None, ..run("notebook-guard-root-access") };
    installed.runs = Ok(vec![untold]);
    assert_eq!(found(&installed), [], "AWS Config need not tell of custom rules");
}

#[test]
fn what_could_not_be_read_is_said_once() {
    let mut installed = healthy("9");
    let refusal = AwsRefusal {
        call: "config:DescribeConfigRules".to_owned(),
        region: REGION.to_owned(),
        code: Some("AccessDeniedException".to_owned()),
        message: String::new(),
        request_id: None,
    };
    installed.rules = Err(refusal.clone());
    installed.runs = Err(refusal.clone());
    installed.compliance = Err(refusal);
    let (aspect, level, _) = only(&installed);
    assert_eq!((aspect, level), (Aspect::Rules, Level::Unread));
}

#[test]
fn a_recorder_matters_only_if_changes_trigger() {
    let mut installed = healthy("9");
    installed.recorder = Ok(RecorderState::Missing);
    assert_eq!(only(&installed).0, Aspect::Recorder);
    installed.stack.parameters.insert("Triggers".to_owned(), "schedule".to_owned());
    assert_eq!(found(&installed), []);
}
