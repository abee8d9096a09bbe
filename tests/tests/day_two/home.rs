//! Where an installation is looked for, and who may look.

use std::process::Command;

use guard_tests::process::ran;
use guard_tests::sandbox::{Effect, Fault};

use crate::runner::Ran;
use crate::stage::{HOME, MANAGEMENT, OTHER, PAYMENTS, Stage, words};

/// Neither part of the installation nor a place where anything is noted.
const THIRD: &str = "eu-central-1";

async fn from(stage: &Stage, region: &str, arguments: &[&str]) -> Ran {
    let mut command: Command = stage.deployer(MANAGEMENT, arguments);
    command.env("AWS_REGION", region).env("AWS_MAX_ATTEMPTS", "1");
    ran(command).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_is_found_from_a_region_that_it_is_not_in() {
    let stage = Stage::installed().await;
    stage.world().enable_region(MANAGEMENT, THIRD).unwrap();
    for command in [&["status", "--org"][..], &["uninstall", "--org", "--dry-run"], &["retry", "--dry-run"]] {
        let ran = from(&stage, THIRD, command).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        assert!(!words(&ran.shown()).contains("not installed"), "{}", ran.shown());
        assert!(!words(&ran.shown()).contains("Nothing to uninstall"), "{}", ran.shown());
        assert!(!words(&ran.shown()).contains("there is no StackSet"), "{}", ran.shown());
    }
    let ran = from(&stage, THIRD, &["uninstall", "--org", "--yes", "--home-region", THIRD]).await;
    assert!(words(&ran.stdout).contains(&format!("Looked for its StackSets and its record in {THIRD};")));
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(stage.set().is_some());
    stage.sandbox.stop().await;
}

/// The record of the home Region is lost, and its StackSet was deleted by hand: the artifacts elsewhere tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_in_other_regions_goes_too() {
    let stage = Stage::new().await;
    stage.base().await;
    let ran = stage.run(&["uninstall", "--region", HOME, "--yes", "--keep-artifacts"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    client.delete_stack().stack_name("notebook-guard-artifacts").send().await.unwrap();
    let is_there = || {
        let stack = stage.world().stack(MANAGEMENT, HOME, "notebook-guard-artifacts").unwrap();
        stack.is_some_and(|stack| stack.status != "DELETE_COMPLETE")
    };
    while is_there() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let left = stage.world().stacks(MANAGEMENT, OTHER).unwrap();
    assert!(left.iter().all(|stack| stack.status == "DELETE_COMPLETE"), "{}", ran.shown());
    stage.sandbox.stop().await;
}

/// A Region that cannot be read may have the installation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let stage = Stage::new().await;
    stage
        .world()
        .faults()
        .add(Fault::on("cloudformation", "DescribeStacks", Effect::ServerError(503)).at(MANAGEMENT, OTHER));
    for command in [&["status", "--org"][..], &["uninstall", "--org", "--yes"], &["retry", "--yes"]] {
        let ran = from(&stage, HOME, command).await;
        assert_eq!(ran.code, 5, "{}", ran.shown());
        assert!(ran.stderr.contains("--home-region REGION"), "{}", ran.shown());
    }
    stage.world().faults().clear();
    let ran = from(&stage, HOME, &["uninstall", "--org", "--yes"]).await;
    let told = words(&ran.stdout);
    assert!(told.contains(&format!("Looked for its StackSets and its record in {HOME}, {OTHER};")), "{told}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_account_is_told_which_account_is_needed() {
    let stage = Stage::installed().await;
    let code = Stage::code();
    for command in [
        &["status", "--org"][..],
        &["doctor", "--org"],
        &["retry", "--yes"],
        &["uninstall", "--org", "--yes"],
        &["install", "--org", "--yes", "--code", code.path().to_str().unwrap()],
    ] {
        let ran = stage.run_as(PAYMENTS, command).await;
        assert_eq!(ran.code, 2, "{}", ran.shown());
        let told = words(&ran.shown());
        assert!(told.contains(&format!("account {MANAGEMENT}")), "{}", ran.shown());
        assert!(told.contains("delegated administrator"), "{}", ran.shown());
    }
    stage.sandbox.stop().await;
}
