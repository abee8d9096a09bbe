use std::collections::BTreeMap;

use super::*;
use crate::observe::Read;
use crate::scp::guardrail::OwnPolicy;
use crate::scp::in_force::Attached;

const UNIT: &str = "ou-abcd-12345678";
const OTHER: &str = "ou-abcd-87654321";
const NETWORK: &str = "notebook-guard-network";

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
        policies: Ok(Vec::new()),
        places: BTreeMap::from([(UNIT.to_owned(), "Prod".to_owned()), (OTHER.to_owned(), "Test".to_owned())]),
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

/// What is there once a step was carried out, and nobody has changed anything since.
fn installed(guardrail: &GuardrailSettings) -> GuardrailState {
    let step = planned(guardrail, Agreed::default(), &plain()).unwrap().unwrap();
    let text = |name: &str| step.policies.iter().find(|one| one.name == name).map(|one| one.content.clone());
    let outputs = [("NetworkPolicyId", NETWORK), ("TamperPolicyId", "notebook-guard-tamper")];
    let there = outputs.iter().filter(|(_, name)| text(name).is_some());
    let own =
        |(_, name): &(&str, &str)| OwnPolicy { name: (*name).to_owned(), id: format!("p-{name}"), content: text(name) };
    let policies: Vec<OwnPolicy> = there.clone().map(own).collect();
    let stack = StackState {
        id: "arn".to_owned(),
        name: step.deploy.stack.clone(),
        status: "CREATE_COMPLETE".to_owned(),
        reason: None,
        parameters: step.deploy.parameters.clone(),
        tags: step.deploy.tags.clone(),
        outputs: there.map(|(output, name)| ((*output).to_owned(), format!("p-{name}"))).collect(),
        is_protected: false,
        template: Some(Template::Guardrail.text().to_owned()),
        has_our_change_set: false,
    };
    let texts: Vec<(&str, &str)> =
        policies.iter().map(|own| (own.name.as_str(), own.content.as_deref().unwrap())).collect();
    let on_unit = [&[("FullAWSAccess", FULL_ACCESS)], &texts[..]].concat();
    let levels = Ok(vec![level("r-abcd", &[("FullAWSAccess", FULL_ACCESS)]), level(UNIT, &on_unit)]);
    GuardrailState { stack: Ok(Some(stack)), policies: Ok(policies), ..state(levels) }
}

#[test]
fn the_same_again_is_nothing() {
    let state = installed(&guardrail());
    assert_eq!(planned(&guardrail(), Agreed::default(), &state), Ok(None));
    let more = GuardrailSettings { break_glass: vec!["BreakGlass".to_owned()], ..guardrail() };
    let step = planned(&more, Agreed::default(), &state).unwrap().unwrap();
    assert!(!step.deploy.is_new && step.drift.is_empty());
    assert!(step.shown().contains("break-glass: nobody -> arn:aws:iam::*:role/BreakGlass"), "{}", step.shown());
}

#[test]
fn what_was_detached_by_hand_is_attached_again() {
    let state = GuardrailState { targets: plain().targets, ..installed(&guardrail()) };
    let step = planned(&guardrail(), Agreed::default(), &state).unwrap().unwrap();
    let (policy, id) = (NETWORK.to_owned(), format!("p-{NETWORK}"));
    assert_eq!(step.drift, [Drift::Detached { policy, id, target: UNIT.to_owned() }]);
    assert!(!step.changes_stack());
    let told = format!("policy {NETWORK} was detached from Prod ({UNIT}) by hand: attach it again");
    assert!(step.shown().contains(&told), "{}", step.shown());
    let again: GuardrailStep = serde_json::from_str(&serde_json::to_string(&step).unwrap()).unwrap();
    assert_eq!(again, step);
}

#[test]
fn a_text_that_was_edited_by_hand_is_put_back() {
    let with = |content: Option<String>| {
        let own = OwnPolicy { name: NETWORK.to_owned(), id: format!("p-{NETWORK}"), content };
        GuardrailState { policies: Ok(vec![own]), ..installed(&guardrail()) }
    };
    let edited = planned(&guardrail(), Agreed::default(), &with(Some(FULL_ACCESS.to_owned()))).unwrap().unwrap();
    assert_eq!(edited.drift, [Drift::TextDiffers { policy: NETWORK.to_owned(), id: format!("p-{NETWORK}") }]);
    // White space and the order of conditions are no edit.
    let text = edited.policies[0].content.replace("\"Effect\":", "\n  \"Effect\": ");
    assert_eq!(planned(&guardrail(), Agreed::default(), &with(Some(text))), Ok(None));
    // CloudFormation cannot change what is not there: the stack is made anew.
    let deleted = planned(&guardrail(), Agreed::default(), &with(None)).unwrap().unwrap();
    assert!(deleted.deploy.is_new && deleted.remove.is_some_and(|first| first.why.contains(NETWORK)));
}

#[test]
fn a_policy_type_that_was_switched_off_took_everything_with_it() {
    let levels = BTreeMap::from([(UNIT.to_owned(), Ok(Vec::new()))]);
    let state = GuardrailState { policy_type: TypeStatus::Off, targets: levels, ..installed(&guardrail()) };
    assert_eq!(problems(&guardrail(), &state).len(), 1);
    let agreed = Agreed { enable_policy_type: true, ..Agreed::default() };
    let step = planned(&guardrail(), agreed, &state).unwrap().unwrap();
    assert!(step.policy_type.is_some() && step.drift.len() == 2, "{:?}", step.drift);
    assert!(step.shown().contains("policies were switched off on root r-abcd"), "{}", step.shown());
}

#[test]
fn what_is_given_up_is_told() {
    let before = GuardrailSettings { studio: true, ..guardrail() };
    let after = GuardrailSettings { targets: vec![OTHER.to_owned()], ..guardrail() };
    let other = BTreeMap::from([(OTHER.to_owned(), plain().targets[UNIT].clone())]);
    let state = GuardrailState { targets: other, ..installed(&before) };
    let step = planned(&after, Agreed::default(), &state).unwrap().unwrap();
    assert_eq!(step.drift, [], "what is given up is not attached again");
    assert_eq!(
        step.given_up,
        [
            format!("not bound any more, because --scp-target does not name it: Prod ({UNIT})"),
            "public Studio domains are not denied any more, because --studio is not given".to_owned(),
        ]
    );
    assert!(step.shown().contains("! not bound any more"), "{}", step.shown());
    assert!(step.shown().contains(&format!("Prod ({UNIT}) -> Test ({OTHER})")), "{}", step.shown());
}

#[test]
fn the_guards_protection_does_not_go_silently() {
    let pack = Settings { delivery: Delivery::ConformancePack, ..settings() };
    let before = GuardrailSettings { tamper: true, ..guardrail() };
    let names = Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
    let stack = installed(&guardrail()).stack.unwrap().unwrap();
    let parameters = guardrail_parameters(&before, names, &pack.path_of_role());
    let state = GuardrailState { stack: Ok(Some(StackState { parameters, ..stack })), ..installed(&guardrail()) };
    let step = planned(&guardrail(), Agreed::default(), &state).unwrap().unwrap();
    assert!(step.given_up[0].contains("notebook-guard-tamper goes"), "{:?}", step.given_up);
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
            "Prod (ou-abcd-12345678) has 10 service control policies attached, 1 more are wanted, and AWS takes 10 (as of 2026-11-10)"
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
