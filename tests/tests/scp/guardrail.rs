//! The stack of our policies from the first look to its removal.

use deployer::names::Names;
use deployer::scp::documents;
use deployer::scp::guardrail::{
    Agreed, GuardrailProblem, GuardrailSettings, GuardrailState, GuardrailStep, Removed, Wanted, apply, observe, plan,
    read_status, remove, warnings,
};
use deployer::scp::in_force::FULL_ACCESS;
use deployer::scp::language::Policy;
use deployer::settings::{Delivery, Settings};

use crate::stage::{MANAGEMENT, REGION, Stage};

const NAMES: Names<'static> = Names { prefix: "notebook-guard", account: MANAGEMENT, partition: "aws" };

fn settings() -> Settings {
    Settings { delivery: Delivery::ConformancePack, ..Settings::new(vec![REGION.to_owned()]) }
}

fn on(target: &str) -> GuardrailSettings {
    GuardrailSettings { targets: vec![target.to_owned()], ..GuardrailSettings::default() }
}

async fn look(stage: &Stage, guardrail: &GuardrailSettings, policy_type: Option<&str>) -> GuardrailState {
    observe(&stage.sdk, &stage.organization(policy_type), guardrail, NAMES, REGION).await
}

fn planned(
    guardrail: &GuardrailSettings,
    agreed: Agreed,
    found: &GuardrailState,
) -> Result<Option<GuardrailStep>, Vec<GuardrailProblem>> {
    let settings = settings();
    plan(Wanted { guardrail, settings: &settings, names: NAMES, version: "0.1.0", agreed }, found)
}

/// Looks, plans and applies; gives the step.
async fn install(stage: &Stage, guardrail: &GuardrailSettings) -> Option<GuardrailStep> {
    let found = look(stage, guardrail, Some("ENABLED")).await;
    let step = planned(guardrail, Agreed::default(), &found).unwrap()?;
    apply(&step, &stage.sdk, &|_, _| ()).await.unwrap();
    Some(step)
}

/// The texts of the policies that the stack made, by name.
async fn made(stage: &Stage) -> Vec<(String, String)> {
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    let mut found = Vec::new();
    for policy in status.policies {
        let told = stage.client.describe_policy().policy_id(&policy.id).send().await.unwrap();
        let told = told.policy().unwrap().clone();
        assert_eq!(told.policy_summary().unwrap().name(), Some(policy.name.as_str()));
        found.push((policy.name, told.content().unwrap().to_owned()));
    }
    found
}

/// The order of conditions says nothing: CloudFormation writes them in its own.
fn read(text: &str) -> Policy {
    let mut policy = Policy::parse(text).unwrap();
    for statement in &mut policy.statements {
        statement.conditions.sort_by(|one, other| one.written.cmp(&other.written));
    }
    policy
}

/// The template and the documents are written apart, so they are held against each other for every choice.
#[tokio::test]
async fn the_stack_makes_exactly_the_documents() {
    let stage = Stage::new().await;
    let two = &["ops/Emergency*", "arn:aws:iam::222222222222:role/On?all"][..];
    let choices = [
        (&[][..], false, false),
        (&["BreakGlass"][..], true, true),
        (two, true, false),
        (two, false, true),
        (&[][..], true, true),
    ];
    for (at, (roles, studio, tamper)) in choices.into_iter().enumerate() {
        let break_glass = roles.iter().map(|role| (*role).to_owned()).collect();
        let guardrail = GuardrailSettings { break_glass, studio, tamper, ..on(&stage.prod) };
        let step = install(&stage, &guardrail).await.unwrap();
        assert_eq!(step.deploy.is_new, at == 0);
        let wanted = documents::all(&guardrail, NAMES, "/notebook-guard/").into_iter();
        let wanted: Vec<_> = wanted.map(|one| (one.name, read(&one.document.text(false)))).collect();
        let made: Vec<_> = made(&stage).await.into_iter().map(|(name, text)| (name, read(&text))).collect();
        assert_eq!(made, wanted, "{guardrail:?}");
    }
}

#[tokio::test]
async fn made_changed_looked_at_and_removed() {
    let stage = Stage::new().await;
    let step = install(&stage, &on(&stage.prod)).await.unwrap();
    assert!(step.shown().contains(&format!("on Prod ({})", stage.prod)), "{}", step.shown());
    assert_eq!(install(&stage, &on(&stage.prod)).await, None, "a second time there is nothing to do");
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!((status.status.as_str(), status.is_ours), ("CREATE_COMPLETE", true));
    assert_eq!(status.policies[0].targets, [(stage.prod.clone(), "Prod".to_owned())]);
    // Another target: detached from the first.
    let step = install(&stage, &on(&stage.payments)).await.unwrap();
    assert!(!step.deploy.is_new);
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.policies[0].targets, [(stage.payments.clone(), "Payments".to_owned())]);
    assert_eq!(status.detached(), []);
    // Somebody detaches it by hand.
    let id = &status.policies[0].id;
    stage.client.detach_policy().policy_id(id).target_id(&stage.payments).send().await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.detached(), [("notebook-guard-network", stage.payments.as_str())]);
    assert_eq!(remove(&stage.sdk, NAMES, REGION, &|_, _| ()).await, Ok(Removed::Gone));
    assert_eq!(remove(&stage.sdk, NAMES, REGION, &|_, _| ()).await, Ok(Removed::NotThere));
    assert_eq!(read_status(&stage.sdk, NAMES, REGION).await, Ok(None));
}

#[tokio::test]
async fn what_somebody_changed_is_seen_and_mended() {
    let stage = Stage::new().await;
    let _ = install(&stage, &on(&stage.prod)).await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    let id = status.policies[0].id.clone();
    let text = made(&stage).await;
    stage.client.detach_policy().policy_id(&id).target_id(&stage.prod).send().await.unwrap();
    stage.client.update_policy().policy_id(&id).content(FULL_ACCESS).send().await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.detached(), [("notebook-guard-network", stage.prod.as_str())]);
    assert_eq!(status.edited, ["notebook-guard-network"]);
    let step = install(&stage, &on(&stage.prod)).await.unwrap();
    assert_eq!((step.drift.len(), step.changes_stack()), (2, false));
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert!(status.detached().is_empty() && status.edited.is_empty(), "{status:?}");
    assert_eq!(read(&made(&stage).await[0].1), read(&text[0].1));
    assert_eq!(install(&stage, &on(&stage.prod)).await, None);
    // Together with a change of the stack, which goes by its template.
    stage.client.detach_policy().policy_id(&id).target_id(&stage.prod).send().await.unwrap();
    let both = GuardrailSettings { targets: vec![stage.prod.clone(), stage.payments.clone()], ..on("") };
    let _ = install(&stage, &both).await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.policies[0].targets.len(), 2);
    assert_eq!(install(&stage, &both).await, None);
}

#[tokio::test]
async fn a_type_that_was_switched_off_and_a_policy_that_was_deleted_come_back() {
    let stage = Stage::new().await;
    let guardrail = on(&stage.prod);
    let _ = install(&stage, &guardrail).await.unwrap();
    stage.sandbox.world().disable_policies().unwrap();
    let found = look(&stage, &guardrail, None).await;
    let agreed = Agreed { enable_policy_type: true, ..Agreed::default() };
    let step = planned(&guardrail, agreed, &found).unwrap().unwrap();
    apply(&step, &stage.sdk, &|_, _| ()).await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.detached(), []);
    assert_eq!(install(&stage, &guardrail).await, None);
    let id = &status.policies[0].id;
    stage.client.detach_policy().policy_id(id).target_id(&stage.prod).send().await.unwrap();
    stage.client.delete_policy().policy_id(id).send().await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.gone, ["notebook-guard-network"]);
    let step = install(&stage, &guardrail).await.unwrap();
    assert!(step.remove.is_some() && step.deploy.is_new);
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!((status.gone, status.policies[0].targets.len()), (vec![], 1));
    assert_eq!(install(&stage, &guardrail).await, None);
}

#[tokio::test]
async fn the_policy_type_is_switched_on_only_if_agreed() {
    let stage = Stage::new().await;
    stage.sandbox.world().disable_policies().unwrap();
    let guardrail = on(&stage.prod);
    let found = look(&stage, &guardrail, None).await;
    let refused = planned(&guardrail, Agreed::default(), &found).unwrap_err();
    assert_eq!(refused, [GuardrailProblem::TypeOff { root: stage.root.clone() }]);
    let agreed = Agreed { enable_policy_type: true, ..Agreed::default() };
    let step = planned(&guardrail, agreed, &found).unwrap().unwrap();
    apply(&step, &stage.sdk, &|_, _| ()).await.unwrap();
    let status = read_status(&stage.sdk, NAMES, REGION).await.unwrap().unwrap();
    assert_eq!(status.policies[0].targets.len(), 1);
}

#[tokio::test]
async fn the_root_needs_a_word_and_a_full_target_is_refused() {
    let stage = Stage::new().await;
    let root = on(&stage.root);
    let found = look(&stage, &root, Some("ENABLED")).await;
    assert_eq!(
        planned(&root, Agreed::default(), &found),
        Err(vec![GuardrailProblem::Root { root: stage.root.clone() }])
    );
    let step = planned(&root, Agreed { allow_root: true, ..Agreed::default() }, &found).unwrap().unwrap();
    assert_eq!(step.root(), Some(stage.root.as_str()));
    for number in 0..9 {
        stage.attach(&format!("other-{number}"), FULL_ACCESS, &stage.prod).await;
    }
    let guardrail = on(&stage.prod);
    let found = look(&stage, &guardrail, Some("ENABLED")).await;
    let full = GuardrailProblem::Full { target: format!("Prod ({})", stage.prod), attached: 10, more: 1 };
    assert_eq!(planned(&guardrail, Agreed::default(), &found), Err(vec![full]));
}

#[tokio::test]
async fn policies_of_others_are_read_and_heard() {
    let stage = Stage::new().await;
    let text = r#"{"Version":"2012-10-17","Statement":{"Sid":"Freeze","Effect":"Deny","Action":"sagemaker:UpdateNotebookInstance","Resource":"*"}}"#;
    stage.attach("freeze", text, &stage.root).await;
    let guardrail = on(&stage.payments);
    let found = look(&stage, &guardrail, Some("ENABLED")).await;
    assert!(planned(&guardrail, Agreed::default(), &found).unwrap().is_some());
    let settings = settings();
    let agreed = Agreed::default();
    let wanted = Wanted { guardrail: &guardrail, settings: &settings, names: NAMES, version: "0.1.0", agreed };
    let told = warnings(wanted, &found).join("\n");
    assert!(told.contains("a developer resizes a notebook is denied (Freeze of freeze)"), "{told}");
    assert!(told.contains("no --break-glass role is named"), "{told}");
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_before_anything_is_made() {
    let stage = Stage::new().await;
    stage.attach("notebook-guard-network", FULL_ACCESS, &stage.payments).await;
    let guardrail = on(&stage.prod);
    let found = look(&stage, &guardrail, Some("ENABLED")).await;
    let taken = GuardrailProblem::NameTaken { name: "notebook-guard-network".to_owned() };
    assert_eq!(planned(&guardrail, Agreed::default(), &found), Err(vec![taken]));
}
