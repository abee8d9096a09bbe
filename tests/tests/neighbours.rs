//! Two installations in one account, of which one's prefix is the beginning of the other's.
#![expect(clippy::unwrap_used, reason = "a suite stops at what it did not expect")]

#[path = "artifact/elf.rs"]
#[expect(dead_code, reason = "the suite of artifacts uses all of it")]
mod elf;
#[path = "cli/runner.rs"]
#[expect(dead_code, reason = "the suite of the command line uses all of it")]
mod runner;
#[path = "install/stage.rs"]
#[expect(dead_code, reason = "the suite of install uses all of it")]
mod stage;

use serde_json::Value;
use stage::{Stage, ran};

const REGION: &str = "eu-west-1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alarms_of_the_other_are_not_counted() {
    let stage = Stage::with(&[REGION]).await;
    for prefix in ["notebook", "notebook-guard"] {
        let done = stage.install(&["--region", REGION, "--prefix", prefix]).await;
        assert_eq!(done.code, 0, "{}", done.shown());
    }
    let text = ran(stage.deployer(&["status", "--prefix", "notebook"])).await;
    assert!(text.stdout.contains(" 5 alarms, 5 "), "{}", text.shown());
    let json = ran(stage.deployer(&["status", "--prefix", "notebook", "--format", "json"])).await;
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let alarms = report["regions"][0]["installation"]["alarms"].as_array().unwrap();
    let mut names: Vec<&str> = alarms.iter().map(|alarm| alarm["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    let wanted =
        ["errors", "silent-direct-internet-access", "silent-inside-vpc", "silent-open-ingress", "silent-root-access"];
    assert_eq!(names, wanted.map(|end| format!("notebook-{end}")));
    stage.sandbox.stop().await;
}

/// A line that says that all is well, beside a mark that says the contrary, helps nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_is_gone_is_counted_as_a_problem() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&["--region", REGION]).await.code, 0);
    stage
        .world()
        .remove_resource("111122223333", REGION, "AWS::Config::ConfigRule", "notebook-guard-root-access")
        .unwrap();
    let told = ran(stage.deployer(&["status"])).await;
    assert_eq!(told.code, 3, "{}", told.shown());
    assert!(told.stdout.contains("✗ 3 rules, 3 active, 1 problem\n"), "{}", told.shown());
    stage.sandbox.stop().await;
}
