//! `status --org`: who is covered, and why not.

use deployer::organization::Targets;
use deployer::organization::plan::Reach;
use guard_tests::sandbox::{AccountState, RecorderState, StackSetsAccess};
use serde_json::{Value, json};

use crate::runner::too_wide;
use crate::stage::{DELEGATE, HOME, MANAGEMENT, OLD, OTHER, PAYMENTS, SEARCH, SET, Stage, TEST, scrubbed, words};

async fn document(stage: &Stage, arguments: &[&str]) -> Value {
    let ran = stage.run(&[&["status", "--org", "--format", "json"], arguments].concat()).await;
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    // Whatever else is said: every account and Region is in one class.
    let totals = &document["coverage"]["totals"];
    let number = |name: &str| totals[name].as_u64().unwrap();
    let sum = number("installed") + number("failed") + number("skipped") + number("outOfScope");
    let (accounts, regions) = (&document["coverage"]["accounts"], document["coverage"]["regions"].as_object().unwrap());
    assert_eq!((sum, sum), (number("all"), accounts.as_u64().unwrap() * regions.len() as u64), "{totals}");
    assert_eq!(document["rows"].as_array().unwrap().len() as u64, sum);
    document
}

fn findings(document: &Value) -> String {
    document["findings"].as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn row<'a>(document: &'a Value, account: &str, region: &str) -> &'a Value {
    let rows = document["rows"].as_array().unwrap();
    rows.iter().find(|row| row["account"] == account && row["region"] == region).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_organization() {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    let ran = stage.run(&["status", "--org"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    assert_eq!(stage.writes(), []);
    let roots = stage.world().calls().count("organizations", "ListRoots");
    assert_eq!(roots, 1, "AWS allows one a second");
    // Scenario 35: the management account is covered by stacks of its own.
    let document = document(&stage, &[]).await;
    assert_eq!(row(&document, MANAGEMENT, HOME)["class"], "installed");
    assert_eq!(row(&document, OLD, HOME)["class"], "skipped");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_installed() {
    let stage = Stage::new().await;
    let ran = stage.run(&["status", "--org"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(
        words(&ran.stdout).contains("in eu-west-1, us-east-1. If it is in another Region, add --home-region"),
        "{}",
        ran.stdout
    );
    stage.sandbox.stop().await;
}

/// From another Region the home Region is found by what is noted there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn home_is_found_from_any_region() {
    let stage = Stage::installed().await;
    let mut command = stage.deployer(MANAGEMENT, &["status", "--org"]);
    command.env("AWS_REGION", OTHER);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&format!("StackSets in {HOME}")), "{text}");
    let one = document(&stage, &["--region", OTHER]).await;
    assert_eq!(one["coverage"]["totals"]["all"], 6);
    stage.sandbox.stop().await;
}

/// Scenario 8: the operation succeeded, and some accounts failed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_grouped_with_their_fix() {
    let stage = Stage::new().await;
    stage.world().set_rules_need_recorder(true);
    for account in [PAYMENTS, SEARCH] {
        stage.world().set_recorder(account, HOME, &RecorderState::Missing).unwrap();
    }
    stage.install().await;
    let ran = stage.run(&["status", "--org"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("failed in 2 accounts in eu-west-1 (2 places): no configuration recorder"), "{text}");
    assert!(text.contains("→ turn on AWS Config there"), "{text}");
    assert!(text.contains("deployer retry --org --home-region eu-west-1"), "{text}");
    let document = document(&stage, &[]).await;
    assert_eq!(row(&document, PAYMENTS, HOME)["cause"], "no-recorder");
    assert_eq!(row(&document, PAYMENTS, OTHER)["class"], "installed");
    let all = stage.run(&["status", "--org", "--all"]).await;
    assert_eq!(all.stdout.lines().filter(|line| line.starts_with(PAYMENTS)).count(), 2, "{}", all.stdout);
    // No terminal cuts a line that a program reads.
    assert!(all.stdout.contains("no configuration recorder"), "{}", all.stdout);
    let longest = all.stdout.lines().filter(|line| line.starts_with(PAYMENTS)).map(|line| line.chars().count()).max();
    assert!(longest > Some(80), "{}", all.stdout);
    stage.sandbox.stop().await;
}

/// Scenario 13: accounts in all states, one that moves in, one that leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_come_and_go() {
    let stage = Stage::installed().await;
    let world = stage.world();
    world.set_account_state(TEST, AccountState::PendingClosure).unwrap();
    world.leave(SEARCH).unwrap();
    let document = document(&stage, &[]).await;
    assert_eq!(document["coverage"]["accounts"], 5);
    assert_eq!(
        (&row(&document, TEST, HOME)["class"], &row(&document, TEST, HOME)["cause"]),
        (&json!("skipped"), &json!("not-active"))
    );
    stage.sandbox.stop().await;
}

/// Scenario 33: a Region that a member has not enabled is nobody's failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_a_member_has_not_enabled_is_skipped() {
    let stage = Stage::new().await;
    let late = "777777777777";
    stage.world().add_account(late).unwrap();
    stage.world().enable_region(late, HOME).unwrap();
    stage.world().set_recorder(late, HOME, &RecorderState::ALL).unwrap();
    stage.world().join(late, &stage.prod).unwrap();
    stage.install().await;
    let document = document(&stage, &[]).await;
    let row = row(&document, late, OTHER);
    assert_eq!((&row["class"], &row["cause"]), (&json!("skipped"), &json!("region-disabled")), "{row}");
    assert_eq!(document["healthy"], true, "{}", findings(&document));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_out_of_scope_is_said_with_its_reason() {
    let stage = Stage::installed().await;
    let targets = Targets { units: vec![stage.prod.clone()], excluded: vec![SEARCH.to_owned()], ..Targets::default() };
    stage.record(targets, true).await;
    let document = document(&stage, &[]).await;
    // Instances of accounts that are no targets any more are there, and said to be.
    assert_eq!(row(&document, TEST, HOME)["cause"], "uninvited");
    assert_eq!(row(&document, OLD, HOME)["cause"], "not-targeted");
    assert_eq!(row(&document, SEARCH, HOME)["cause"], "uninvited");
    assert!(findings(&document).contains("auto-deployment knows no exclusions"), "{}", findings(&document));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_that_was_left_half_way() {
    let stage = Stage::new().await;
    stage.base().await;
    stage.sets(vec![stage.create(), Stage::add(Reach::Canary, vec![stage.only(&[PAYMENTS])])]).await;
    let ran = stage.run(&["status", "--org"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("a canary was left half-way"), "{text}");
    assert!(text.contains("not installed in 3 accounts (6 places): nothing has been installed there yet"), "{text}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_by_hand_are_found() {
    let stage = Stage::installed().await;
    let world = stage.world();
    // Somebody else's update of the StackSet, with our tags.
    let deploy = stage.deploy(|parameters| drop(parameters.insert("LogRetentionDays".to_owned(), "1".to_owned())));
    let update = deployer::organization::plan::SetStep::Update {
        deploy,
        on: Reach::Canary,
        canary: Some(stage.only(&[PAYMENTS])),
    };
    stage.sets(vec![update]).await;
    world.set_stack_sets_access(StackSetsAccess::Disabled).unwrap();
    world.remove_resource(MANAGEMENT, OTHER, "AWS::Lambda::Function", "notebook-guard-evaluator").unwrap();
    let ran = stage.run(&["status", "--org"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let text = words(&ran.stdout);
    for told in [
        "its template or its parameters were changed",
        "trusted access of StackSets was switched off",
        "the function is gone in us-east-1",
        "places are with an older version or older settings",
    ] {
        assert!(text.contains(told), "{told}\n{}", ran.stdout);
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegated_administrator_sees_all_but_the_management_account() {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    let ran = stage.run_as(DELEGATE, &["status", "--org", "--format", "json", "--home-region", HOME]).await;
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let own = row(&document, MANAGEMENT, HOME);
    assert_eq!((&own["class"], &own["cause"]), (&json!("out-of-scope"), &json!("management-account")));
    assert!(findings(&document).contains("cannot be seen from a delegated administrator"), "{}", findings(&document));
    // The record is in the management account, which installed.
    let installed = format!("account {MANAGEMENT} installed, and has the record of targets");
    assert!(findings(&document).contains(&installed), "{}", findings(&document));
    assert_eq!((ran.code, &document["otherInstaller"]), (0, &json!(MANAGEMENT)), "{}", findings(&document));
    assert_eq!(row(&document, PAYMENTS, HOME)["class"], "installed");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_member_is_told_where_to_go() {
    let stage = Stage::installed().await;
    for command in ["status", "uninstall", "retry", "doctor"] {
        let ran = stage.run_as(PAYMENTS, &[command, "--org"]).await;
        assert_eq!(ran.code, 2, "{}", ran.shown());
        assert!(words(&(ran.stderr + &ran.stdout)).contains(MANAGEMENT));
    }
    stage.sandbox.stop().await;
}

/// A StackSet of our name that is not ours is nothing of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_stack_set_is_left_alone() {
    let stage = Stage::new().await;
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    let template = "Resources: {Topic: {Type: 'AWS::Logs::LogGroup'}}";
    let call = client.create_stack_set().stack_set_name(SET).template_body(template);
    let call = call.permission_model(aws_sdk_cloudformation::types::PermissionModels::ServiceManaged);
    let auto = aws_sdk_cloudformation::types::AutoDeployment::builder().enabled(false).build();
    call.auto_deployment(auto).send().await.unwrap();
    let ran = stage.run(&["status", "--org"]).await;
    assert!(words(&ran.stdout).contains("was not made by deployer"), "{}", ran.shown());
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!((ran.code, stage.set().is_some()), (0, true), "{}", ran.shown());
    stage.sandbox.stop().await;
}
