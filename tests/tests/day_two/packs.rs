//! The pack of AWS's own rules, from the installation to the removal.

use std::io::Write as _;

use guard_tests::sandbox::RecorderState;

use crate::elf::Elf;
use crate::runner::Ran;
use crate::stage::{ACTIVE, HOME, MANAGEMENT, OTHER, SEARCH, Stage, TEST, words};

async fn install(stage: &Stage, flags: &[&str]) -> Ran {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&Elf::good().bytes()).unwrap();
    let code = file.path().to_str().unwrap().to_owned();
    let command = ["install", "--org", "--yes", "--region", "all", "--code", &code, "--managed-rules-pack"];
    stage.run(&[&command, flags].concat()).await
}

/// How many rules of AWS's the account has.
async fn rules(stage: &Stage, account: &str, region: &str) -> usize {
    let client = aws_sdk_config::Client::new(&stage.sdk(account, region).await);
    let mut pages = client.describe_config_rules().into_paginator().items().send();
    let mut count = 0;
    while let Some(rule) = pages.next().await {
        let name = rule.unwrap().config_rule_name.unwrap_or_default();
        count += usize::from(name.starts_with("sagemaker-"));
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_in_every_account_and_goes_again() {
    let stage = Stage::new().await;
    let ran = install(&stage, &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    for account in ACTIVE.into_iter().chain([MANAGEMENT]) {
        for region in [HOME, OTHER] {
            assert_eq!(rules(&stage, account, region).await, 7, "{account} {region}");
        }
    }
    // It was wanted beside our own rules: nobody is warned of it.
    let doctor = stage.run(&["doctor", "--format", "json"]).await;
    let report: serde_json::Value = serde_json::from_str(&doctor.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let told: Vec<_> = findings.iter().filter(|one| one["topic"] == "duplicate-rules").collect();
    assert!(!told.is_empty() && told.iter().all(|one| one["level"] == "good"), "{told:?}");
    stage.world().calls().clear();
    let again = install(&stage, &[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
    let gone = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(gone.code, 0, "{}", gone.shown());
    assert!(gone.stdout.contains("the pack of managed rules in 2 Regions"), "{}", gone.shown());
    for account in ACTIVE.into_iter().chain([MANAGEMENT]) {
        assert_eq!(rules(&stage, account, HOME).await, 0, "{account}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_without_a_recorder_end_in_3_and_the_same_command_mends_it() {
    let stage = Stage::new().await;
    stage.world().set_recorder(SEARCH, OTHER, &RecorderState::Missing).unwrap();
    let ran = install(&stage, &[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(words(&ran.shown()).contains("NoAvailableConfigurationRecorderException"), "{}", ran.shown());
    assert!(words(&ran.shown()).contains("whole in 1 of 2 Regions"), "{}", ran.shown());
    assert!(words(&ran.shown()).contains("+ organization conformance pack notebook-guard-managed"), "{}", ran.shown());
    assert_eq!((rules(&stage, SEARCH, OTHER).await, rules(&stage, SEARCH, HOME).await), (0, 7));
    stage.world().set_recorder(SEARCH, OTHER, &RecorderState::ALL).unwrap();
    let again = install(&stage, &[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(rules(&stage, SEARCH, OTHER).await, 7);
    assert!(
        words(&again.shown()).contains("~ organization conformance pack notebook-guard-managed"),
        "{}",
        again.shown()
    );
    assert!(words(&again.shown()).contains("whole in 2 of 2 Regions"), "{}", again.shown());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_the_targets_nobody_has_it() {
    let stage = Stage::new().await;
    let ran = install(&stage, &["--ou", "Prod", "--no-management-account"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    for (account, count) in [(SEARCH, 7), (TEST, 0), (MANAGEMENT, 0)] {
        assert_eq!(rules(&stage, account, HOME).await, count, "{account}");
    }
}
