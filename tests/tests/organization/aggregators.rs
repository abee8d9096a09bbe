//! `--aggregator` from the first look to the removal.

use guard_tests::process::words;
use guard_tests::sandbox::ResourceAction;
use serde_json::Value;

use super::stage::{DELEGATE, HOME, MANAGEMENT, OTHER, Stage, ran};

const STACK: &str = "notebook-guard-aggregator";
const PRINCIPAL: &str = "config.amazonaws.com";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_made_shown_kept_and_removed() {
    let stage = Stage::new().await;
    let made = stage.install(&["--aggregator"]).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    assert!(made.stdout.contains("aggregator notebook-guard: there"), "{}", made.stdout);
    assert_eq!(stage.world().aggregators(MANAGEMENT, HOME).unwrap(), ["notebook-guard"]);
    assert_eq!(stage.world().stack(MANAGEMENT, HOME, STACK).unwrap().unwrap().status, "CREATE_COMPLETE");

    stage.world().calls().clear();
    for again in [&["--aggregator"][..], &[]] {
        let again = stage.install(again).await;
        assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    }
    assert_eq!(stage.writes(), vec![]);

    let status = ran(stage.deployer(MANAGEMENT, &["status", "--org"])).await;
    assert!(
        status.stdout.contains("notebook-guard in eu-west-1: deployer report --org reads it"),
        "{}",
        status.shown()
    );
    let report = ["report", "--org", "--region", HOME, "--region", OTHER, "--format", "json"];
    let report = ran(stage.deployer(MANAGEMENT, &report)).await;
    let told: Value = serde_json::from_str(&report.stdout).unwrap();
    assert!(told["meta"]["source"].to_string().contains("aggregator notebook-guard"), "{}", told["meta"]);

    let part = ["uninstall", "--org", "--yes", "--region", OTHER];
    let part = ran(stage.deployer(MANAGEMENT, &part)).await;
    assert!(
        part.stdout.contains("the aggregator stays") || part.stderr.contains("the aggregator stays"),
        "{}",
        part.shown()
    );
    assert_eq!(stage.world().aggregators(MANAGEMENT, HOME).unwrap(), ["notebook-guard"]);
    let gone = ran(stage.deployer(MANAGEMENT, &["uninstall", "--org", "--yes"])).await;
    assert_eq!(gone.code, 0, "{}", gone.shown());
    assert!(gone.stdout.contains(", the aggregator"), "{}", gone.stdout);
    assert!(stage.world().aggregators(MANAGEMENT, HOME).unwrap().is_empty());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_added_to_an_installation() {
    let stage = Stage::new().await;
    let first = stage.install(&[]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let planned = stage.install(&["--aggregator", "--dry-run"]).await;
    assert!(planned.stdout.contains("To change: the aggregator."), "{}", planned.shown());
    assert_eq!(stage.writes(), vec![]);
    let added = stage.install(&["--aggregator"]).await;
    assert_eq!(added.code, 0, "{}", added.shown());
    let stacks: Vec<_> = stage.writes().into_iter().filter(|call| call.operation == "ExecuteChangeSet").collect();
    assert_eq!(stacks.len(), 1, "nothing else was touched");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegated_administrator_has_to_be_one_of_aws_config_too() {
    let stage = Stage::new().await;
    let refused = stage.install_as(DELEGATE, &["--aggregator"]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    let told = "register-delegated-administrator --account-id 666666666666 --service-principal config.amazonaws.com";
    assert!(words(&refused.stderr).contains(told), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    let doctor = ["doctor", "--org", "--region=all", "--aggregator"];
    let doctor = ran(stage.deployer(DELEGATE, &doctor)).await;
    assert!(doctor.stdout.contains("no delegated administrator of AWS Config"), "{}", doctor.shown());
    stage.world().trust(PRINCIPAL).unwrap();
    stage.world().delegate(DELEGATE, PRINCIPAL).unwrap();
    let made = stage.install_as(DELEGATE, &["--aggregator"]).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    assert_eq!(stage.world().aggregators(DELEGATE, HOME).unwrap(), ["notebook-guard"]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_its_way_is_told_before_anything_is_done() {
    let stage = Stage::new().await;
    stage.world().put_organization_aggregator(MANAGEMENT, HOME, "notebook-guard").unwrap();
    let taken = stage.install(&["--aggregator"]).await;
    assert_eq!(taken.code, 2, "{}", taken.shown());
    assert!(taken.stderr.contains("an aggregator notebook-guard in eu-west-1 already"), "{}", taken.stderr);
    for at in 1..50 {
        stage.world().put_organization_aggregator(MANAGEMENT, HOME, &format!("other-{at}")).unwrap();
    }
    let full = stage.install(&["--aggregator", "--prefix", "guard"]).await;
    assert_eq!(full.code, 2, "{}", full.shown());
    assert!(full.stderr.contains("50 aggregators in eu-west-1"), "{}", full.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_leaves_the_rest_installed_and_is_made_by_the_next_run() {
    let stage = Stage::new().await;
    let world = stage.world();
    world.fail_resource("Aggregator", ResourceAction::Create, "not today", 1);
    let failed = stage.install(&["--aggregator"]).await;
    assert_eq!(failed.code, 3, "{}", failed.shown());
    assert!(failed.stderr.contains("aggregator of the organization"), "{}", failed.stderr);
    assert!(!stage.covered(OTHER).is_empty());
    let again = stage.install(&["--aggregator"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(world.aggregators(MANAGEMENT, HOME).unwrap(), ["notebook-guard"]);
    stage.sandbox.stop().await;
}
