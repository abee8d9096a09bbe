//! `doctor --org`: what stands in the way in an organization.

use guard_tests::sandbox::StackSetsAccess;
use serde_json::Value;

use crate::runner::too_wide;
use crate::stage::{DELEGATE, HOME, MANAGEMENT, PAYMENTS, SET, Stage, scrubbed, words};

async fn findings(stage: &Stage, account: &str, arguments: &[&str]) -> (i32, Vec<Value>) {
    let fixed = ["doctor", "--org", "--region", "all", "--format", "json"];
    let ran = stage.run_as(account, &[&fixed, arguments].concat()).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    (ran.code, report["findings"].as_array().unwrap().clone())
}

/// The messages and fixes of a topic with their levels.
fn told(findings: &[Value], topic: &str) -> String {
    let own = findings.iter().filter(|one| one["topic"] == topic);
    let lines = own.map(|one| format!("{}: {} → {}", one["level"], one["message"], one["fix"]));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_in_the_way() {
    let stage = Stage::new().await;
    stage.world().calls().clear();
    let ran = stage.run(&["doctor", "--org", "--region", "all", "--ou", "Prod"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.world().calls().count("organizations", "ListRoots"), 1);
    stage.sandbox.stop().await;
}

/// Scenario 5.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trusted_access_decides() {
    let stage = Stage::new().await;
    for (access, arguments, code, words) in [
        (StackSetsAccess::Disabled, &[][..], 2, "--enable-trusted-access"),
        (StackSetsAccess::Disabled, &["--enable-trusted-access"], 0, "nothing: install enables it first"),
        (StackSetsAccess::DisabledPermanently, &["--enable-trusted-access"], 2, "DISABLED_PERMANENTLY"),
        (StackSetsAccess::Enabled, &[], 0, "may work in the organization"),
    ] {
        stage.world().set_stack_sets_access(access).unwrap();
        let (ended, findings) = findings(&stage, MANAGEMENT, arguments).await;
        let told = told(&findings, "trusted-access");
        assert_eq!(ended, code, "{told}");
        assert!(told.contains(words), "{told}");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_decides() {
    let stage = Stage::new().await;
    let (code, found) = findings(&stage, DELEGATE, &[]).await;
    assert_eq!(code, 0, "{found:?}");
    assert!(told(&found, "administrator").contains("CallAs=DELEGATED_ADMIN"));
    assert!(told(&found, "management-account").contains("cannot be covered from here"));
    let calls = stage.world().calls().all();
    let sets = calls.iter().filter(|call| call.service == "cloudformation" && call.operation.contains("StackSet"));
    assert!(sets.clone().count() > 0);
    let (code, found) = findings(&stage, PAYMENTS, &[]).await;
    assert_eq!(code, 2);
    assert!(told(&found, "administrator").contains(MANAGEMENT), "{found:?}");
    stage.world().set_all_features(false).unwrap();
    let (code, found) = findings(&stage, MANAGEMENT, &[]).await;
    assert_eq!(code, 2);
    assert!(told(&found, "organization").contains("consolidated billing"), "{found:?}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_an_organization() {
    let stage = Stage::new().await;
    stage.world().leave(PAYMENTS).unwrap();
    let (code, found) = findings(&stage, PAYMENTS, &[]).await;
    assert_eq!(code, 2);
    assert!(told(&found, "organization").contains("is in no organization"), "{found:?}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_that_are_not_there_and_those_without_accounts() {
    let stage = Stage::new().await;
    stage.world().add_unit(&stage.root, "Later").unwrap();
    let (code, found) = findings(&stage, MANAGEMENT, &["--ou", "Later", "--ou", "Prod/Payments"]).await;
    let told_of = told(&found, "targets");
    assert_eq!(code, 0, "{told_of}");
    assert!(told_of.contains("no ACTIVE account is in Later"), "{told_of}");
    assert!(told_of.contains("1 ACTIVE account in Prod/Payments"), "{told_of}");
    let (code, found) = findings(&stage, MANAGEMENT, &["--ou", "Nowhere"]).await;
    assert_eq!(code, 2, "{found:?}");
    assert!(told(&found, "targets").contains("Nowhere"), "{found:?}");
    let (_, found) = findings(&stage, MANAGEMENT, &["--ou", "Test"]).await;
    assert!(told(&found, "accounts").contains("1 account in the targets will be skipped: 1 SUSPENDED"), "{found:?}");
    stage.sandbox.stop().await;
}

/// Scenario 28, before anything is written: the policy and its statement are named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_in_the_way_are_named() {
    let stage = Stage::new().await;
    let client = aws_sdk_organizations::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoLambda","Effect":"Deny",
        "Action":"lambda:CreateFunction","Resource":"*"}]}"#;
    let made = client.create_policy().name("lockdown").description("").content(deny);
    let made = made.r#type(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy).send().await.unwrap();
    let id = made.policy.unwrap().policy_summary.unwrap().id.unwrap();
    client.attach_policy().policy_id(&id).target_id(&stage.prod).send().await.unwrap();
    let (code, found) = findings(&stage, MANAGEMENT, &["--ou", "Prod"]).await;
    let told_of = told(&found, "policies-in-force");
    assert_eq!(code, 0, "{told_of}");
    assert!(told_of.contains("\"warning\""), "the other accounts can be covered: {told_of}");
    assert!(told_of.contains("lambda:CreateFunction (lockdown, NoLambda)"), "{told_of}");
    // Below the target, too.
    let (_, found) = findings(&stage, MANAGEMENT, &[]).await;
    let told_of = told(&found, "policies-in-force");
    assert!(told_of.contains("lambda:CreateFunction (lockdown, NoLambda): at Prod"), "{told_of}");
    let (code, found) = findings(&stage, MANAGEMENT, &["--ou", "Test"]).await;
    assert_eq!(code, 0, "{}", told(&found, "policies-in-force"));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_and_what_runs_on_it() {
    let stage = Stage::installed().await;
    let foreign = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    let (code, found) = findings(&stage, MANAGEMENT, &[]).await;
    assert_eq!(code, 0, "{found:?}");
    assert!(told(&found, "stack-sets").contains("notebook-guard is ours, version"), "{found:?}");
    assert!(told(&found, "operations").contains("somebody else's operation"), "{found:?}");
    stage.world().end_foreign_operation(HOME, SET, &foreign).unwrap();
    stage.sandbox.stop().await;
}

/// `install` stops at what the doctor finds, and at nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn install_gives_the_same_answer() {
    let stage = Stage::new().await;
    let code = Stage::code();
    let both = |flags: &'static [&'static str]| {
        let (stage, code) = (&stage, code.path().to_str().unwrap());
        async move {
            let doctor = stage.run(&[&["doctor", "--org", "--region", "all"], flags].concat()).await;
            let install = ["install", "--org", "--region", "all", "--dry-run", "--code", code];
            (doctor, stage.run(&[&install, flags].concat()).await)
        }
    };
    let policies = &["--deny-scp", "--scp-target", "root"];
    for (flags, ends_in, said) in [
        (&[][..], 0, ""),
        (policies, 2, "is the root: the policies would bind every account"),
        (&["--deny-scp", "--scp-target", "Nowhere"], 2, "there is no organizational unit `Nowhere`"),
    ] {
        let (doctor, install) = both(flags).await;
        assert_eq!((doctor.code, install.code), (ends_in, ends_in), "{}{}", doctor.shown(), install.shown());
        assert!(words(&doctor.shown()).contains(said), "{}", doctor.shown());
        assert!(words(&install.shown()).contains(said), "{}", install.shown());
    }
    let template = r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#;
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    client.create_stack().stack_name(SET).template_body(template).send().await.unwrap();
    for ran in <[_; 2]>::from(both(&[]).await) {
        assert_eq!(ran.code, 2, "{}", ran.shown());
        assert!(words(&ran.shown()).contains("the stack notebook-guard exists, and deployer did not make it"));
    }
    // Nothing of that name is made there then.
    for ran in <[_; 2]>::from(both(&["--no-management-account"]).await) {
        assert_eq!(ran.code, 0, "{}", ran.shown());
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_need_their_type_and_room() {
    let stage = Stage::new().await;
    let wanted = ["--deny-scp", "--scp-target", "Prod"];
    let (code, found) = findings(&stage, MANAGEMENT, &wanted).await;
    assert_eq!(code, 0, "{found:?}");
    assert!(told(&found, "quota-policies").contains("of 10 policies"), "{found:?}");
    stage.world().disable_policies().unwrap();
    let (code, found) = findings(&stage, MANAGEMENT, &wanted).await;
    assert_eq!(code, 2);
    assert!(words(&told(&found, "policy-type")).contains("--enable-policy-type"), "{found:?}");
    stage.sandbox.stop().await;
}
