//! Exemptions from the customer's file to the result in AWS Config, by way of the uploaded zip.

use guard_tests::process::words;
use guard_tests::sandbox::Notebook;
use time::{Duration, OffsetDateTime};

use crate::stage::{ACCOUNT, BOOTSTRAP, Stage};

const REGION: &str = "eu-west-1";

/// A file that exempts the notebook `legacy` from root-access for a month.
fn file() -> tempfile::TempPath {
    let expires = OffsetDateTime::now_utc().date() + Duration::days(30);
    let text = format!(
        "exemptions:\n  - account: '{ACCOUNT}'\n    region: {REGION}\n    notebook: legacy\n    check: root-access\n    \
         reason: until the move\n    owner: research\n    ticket: SEC-1\n    approved_by: ciso\n    expires: {expires}\n"
    );
    let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&file, text).unwrap();
    file
}

async fn held(stage: &Stage, rule: &str) -> (String, String) {
    let invocation = stage.world().trigger_schedule(ACCOUNT, REGION, rule).await.unwrap();
    assert!(invocation.succeeded(), "{invocation:?}");
    let held = stage.world().compliance(ACCOUNT, REGION, rule).unwrap();
    (held[0].compliance_type.clone(), held[0].annotation.clone().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exempt_is_not_applicable_until_the_file_says_otherwise() {
    let stage = Stage::new().await;
    stage.world().put_notebook(ACCOUNT, REGION, Notebook::new("legacy")).unwrap();
    let file = file();
    let with = ["--region", REGION, "--code", BOOTSTRAP, "--exemptions", file.to_str().unwrap()];
    let ran = stage.install(&with).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let (result, annotation) = held(&stage, "notebook-guard-root-access").await;
    assert_eq!(result, "NOT_APPLICABLE");
    assert!(
        annotation.starts_with("exempt until ") && annotation.ends_with(" (SEC-1): until the move"),
        "{annotation}"
    );
    assert_eq!(held(&stage, "notebook-guard-inside-vpc").await.0, "NON_COMPLIANT");

    std::fs::write(&file, "exemptions: []\n").unwrap();
    let without = stage.install(&with).await;
    assert_eq!(without.code, 0, "{}", without.shown());
    assert_eq!(held(&stage, "notebook-guard-root-access").await.0, "NON_COMPLIANT");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_faults_is_refused_before_anything_is_written() {
    let stage = Stage::new().await;
    let file = file();
    let text = std::fs::read_to_string(&file).unwrap().replace("root-access", "root-acess");
    std::fs::write(&file, text).unwrap();
    let ran = stage.install(&["--region", REGION, "--exemptions", file.to_str().unwrap()]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
    let said = words(&ran.stderr);
    assert!(said.contains("has a fault line 5, column 12: exemption 1: `check` is `root-acess`"), "{said}");
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}
