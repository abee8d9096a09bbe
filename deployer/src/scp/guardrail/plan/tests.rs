use std::collections::BTreeMap;

use super::*;
use crate::observe::Read;
use crate::scp::in_force::Attached;

const UNIT: &str = "ou-abcd-12345678";

fn settings() -> Settings {
    Settings::new(vec!["eu-west-1".to_owned()])
}

fn guardrail() -> GuardrailSettings {
    GuardrailSettings { targets: vec![UNIT.to_owned()], ..GuardrailSettings::default() }
}

fn level(id: &str, policies: &[(&str, &str)]) -> Level {
    let attached = |(name, content): &(&str, &str)| Attached {
        id: format!("p-{name}"),
        name: (*name).to_owned(),
        content: (*content).to_owned(),
    };
    Level { id: id.to_owned(), name: id.to_owned(), policies: policies.iter().map(attached).collect() }
}

fn state(levels: Read<Vec<Level>>) -> GuardrailState {
    GuardrailState {
        region: "eu-west-1".to_owned(),
        root: "r-abcd".to_owned(),
        management: "111111111111".to_owned(),
        all_features: true,
        policy_type: TypeStatus::Enabled,
        stack: Ok(None),
        targets: BTreeMap::from([(UNIT.to_owned(), levels)]),
        names: Ok(Vec::new()),
    }
}

fn plain() -> GuardrailState {
    state(Ok(vec![level("r-abcd", &[("FullAWSAccess", FULL_ACCESS)]), level(UNIT, &[("FullAWSAccess", FULL_ACCESS)])]))
}

fn planned(
    guardrail: &GuardrailSettings,
    agreed: Agreed,
    state: &GuardrailState,
) -> Result<Option<GuardrailStep>, Vec<String>> {
    let settings = settings();
    let names = Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
    let wanted = Wanted { guardrail, settings: &settings, names, version: "0.1.0", agreed };
    plan(wanted, state).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn problems(guardrail: &GuardrailSettings, state: &GuardrailState) -> Vec<String> {
    planned(guardrail, Agreed::default(), state).unwrap_err()
}

#[test]
fn a_plain_organization_gets_the_network_policy() {
    let step = planned(&guardrail(), Agreed::default(), &plain()).unwrap().unwrap();
    assert_eq!(step.deploy.parameters["Targets"], UNIT);
    assert!(step.deploy.is_new && step.policy_type.is_none());
    assert_eq!(step.policies.len(), 1);
    let again: GuardrailStep = serde_json::from_str(&serde_json::to_string(&step).unwrap()).unwrap();
    assert_eq!(again, step);
}

#[test]
fn the_same_again_is_nothing() {
    let step = planned(&guardrail(), Agreed::default(), &plain()).unwrap().unwrap();
    let stack = StackState {
        id: "arn".to_owned(),
        name: step.deploy.stack.clone(),
        status: "CREATE_COMPLETE".to_owned(),
        reason: None,
        parameters: step.deploy.parameters,
        tags: step.deploy.tags,
        outputs: BTreeMap::new(),
        is_protected: false,
        template: Some(Template::Guardrail.text().to_owned()),
        has_our_change_set: false,
    };
    let state = GuardrailState { stack: Ok(Some(stack)), ..plain() };
    assert_eq!(planned(&guardrail(), Agreed::default(), &state), Ok(None));
    let more = GuardrailSettings { break_glass: vec!["BreakGlass".to_owned()], ..guardrail() };
    let step = planned(&more, Agreed::default(), &state).unwrap().unwrap();
    assert!(!step.deploy.is_new);
    assert!(step.shown().contains("BreakGlass"), "{}", step.shown());
}

#[test]
fn everything_in_the_way_is_told_at_once() {
    let guardrail = GuardrailSettings {
        targets: vec!["111111111111".to_owned(), "r-abcd".to_owned()],
        tamper: true,
        ..GuardrailSettings::default()
    };
    let state = GuardrailState {
        policy_type: TypeStatus::Off,
        names: Ok(vec!["notebook-guard-network".to_owned()]),
        ..plain()
    };
    let told = problems(&guardrail, &state).join("\n");
    for part in
        ["--tamper-scp", "is the root", "management account", "not switched on", "policy notebook-guard-network"]
    {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
}

#[test]
fn a_policy_type_that_is_off_is_switched_on_only_if_agreed() {
    let state = GuardrailState { policy_type: TypeStatus::Off, ..state(Ok(Vec::new())) };
    assert_eq!(problems(&guardrail(), &state).len(), 1);
    let agreed = Agreed { enable_policy_type: true, ..Agreed::default() };
    let step = planned(&guardrail(), agreed, &state).unwrap().unwrap();
    assert_eq!(step.policy_type, Some(EnableType { root: "r-abcd".to_owned(), is_pending: false }));
}

#[test]
fn a_full_target_is_told_with_the_day_of_the_quota() {
    let names: Vec<String> = (0..9).map(|number| format!("policy-{number}")).collect();
    let mut many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), FULL_ACCESS)).collect();
    let one_left = state(Ok(vec![level("r-abcd", &many[..1]), level(UNIT, &many)]));
    assert!(planned(&guardrail(), Agreed::default(), &one_left).is_ok());
    many.push(("FullAWSAccess", FULL_ACCESS));
    let told = problems(&guardrail(), &state(Ok(vec![level("r-abcd", &many[..1]), level(UNIT, &many)])));
    assert_eq!(
        told,
        [
            "ou-abcd-12345678 has 10 service control policies attached, 1 more are wanted, and AWS takes 10 (as of 2026-11-10)"
        ]
    );
}

#[test]
fn what_others_deny_is_a_warning_and_what_slips_through_is_not() {
    let no_updates = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sagemaker:UpdateNotebookInstance","Resource":"*"}]}"#;
    let both = [("FullAWSAccess", FULL_ACCESS), ("freeze", no_updates)];
    let state = state(Ok(vec![level("r-abcd", &both[..1]), level(UNIT, &both)]));
    assert!(planned(&guardrail(), Agreed::default(), &state).is_ok());
    let (settings, guardrail) = (settings(), guardrail());
    let names = Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
    let wanted =
        Wanted { guardrail: &guardrail, settings: &settings, names, version: "0.1.0", agreed: Agreed::default() };
    let told = warnings(wanted, &state);
    assert!(told.iter().any(|line| line.contains("resizes a notebook is denied (statement 0 of freeze)")), "{told:#?}");
}

#[test]
fn a_list_of_roles_that_is_too_long_is_told_twice() {
    let break_glass = (0..120).map(|number| format!("a-long-name-of-a-role-for-an-emergency-{number}")).collect();
    let told = problems(&GuardrailSettings { break_glass, ..guardrail() }, &plain()).join("\n");
    assert!(told.contains("list of break-glass roles has") && told.contains("notebook-guard-network has"), "{told}");
}
