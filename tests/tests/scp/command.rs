//! `deployer scp lint` and `deployer scp test`.

use std::io::Write as _;

use deployer::names::Names;
use deployer::scp::documents;
use deployer::scp::settings::GuardrailSettings;
use guard_tests::process::words;
use serde_json::Value;

use crate::runner::{Ran, command, run, too_wide};
use crate::stage::{MANAGEMENT, MEMBER, REGION, Stage};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/scp");

/// A run in the folder of policies, so that their names are short.
fn ran(arguments: &[&str]) -> Ran {
    let ran: Ran = command(&[&["scp"], arguments].concat()).current_dir(CASES).output().unwrap().into();
    if !arguments.contains(&"json") {
        assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    }
    ran
}

async fn asked(stage: &Stage, arguments: &[&str]) -> Ran {
    let mut command = command(&[&["scp"], arguments].concat());
    command.current_dir(CASES).envs(stage.sandbox.environment(MANAGEMENT, REGION).unwrap());
    tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
}

#[test]
fn help_fits_80_columns() {
    for arguments in [&["scp", "--help"][..], &["scp", "lint", "--help"], &["scp", "test", "--help"]] {
        let ran = run(arguments);
        assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
        insta::assert_snapshot!(ran.stdout);
    }
}

#[test]
fn mistakes_are_told_with_their_proof() {
    insta::assert_snapshot!(ran(&["lint", "naive-all-in-one.json"]).shown());
    insta::assert_snapshot!(ran(&["lint", "naive-if-exists.json"]).shown());
}

#[test]
fn lint_fails_only_where_it_is_told_to() {
    for (arguments, code) in [
        (&["lint", "inverted.json"][..], 0),
        (&["lint", "--fail-on", "error", "inverted.json"], 3),
        (&["lint", "--fail-on", "error", "freeze.json"], 0),
        (&["lint", "--fail-on", "warning", "freeze.json"], 3),
        (&["lint", "--fail-on", "warning", "no-such-file.json"], 2),
    ] {
        assert_eq!(ran(arguments).code, code, "{arguments:?}");
    }
}

#[test]
fn what_is_no_json_has_a_place_and_a_code() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Deny\",]}").unwrap();
    let path = file.path().to_str().unwrap();
    for arguments in [&["lint", path][..], &["lint", "--format", "json", path]] {
        let ran = ran(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
        assert!(ran.stderr.contains(":2:34: the text is not JSON"), "{}", ran.stderr);
    }
}

#[test]
fn lint_for_programs() {
    let ran = ran(&["lint", "--format", "json", "naive-enabled-only.json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let finding = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "misses-default").unwrap();
    assert_eq!(finding["proof"]["decision"], "allowed");
    assert_eq!(finding["proof"]["keys"].get("sagemaker:DirectInternetAccess"), None);
    assert_eq!(finding["line"], 11);
}

#[test]
fn our_policies_come_out_as_intended() {
    let ran = ran(&["test", "--studio", "--break-glass", "BreakGlass", "--tamper-scp"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_policy_of_others_is_tested_too() {
    insta::assert_snapshot!(ran(&["test", "--file", "naive-if-exists.json"]).shown());
    assert_eq!(ran(&["test", "--file", "no-such-file.json"]).code, 2);
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let told = |more: &[&str]| {
        let arguments =
            ["test", "--file", "network-path.json", "--file", "naive-enabled-only.json", "--format", "json"];
        let ran = ran(&[&arguments[..], more].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let rows = report["rows"].as_array().unwrap().clone();
        let opens = rows.into_iter().find(|row| row["id"] == "a developer opens a notebook").unwrap();
        (opens["decision"].as_str().unwrap().to_owned(), opens["why"].to_string())
    };
    let (decision, why) = told(&[]);
    assert_eq!(decision, "undecided");
    assert!(why.contains("aws:SourceIp") && why.contains("aws:SourceVpce"), "{why}");
    assert_eq!(told(&["--context", "aws:SourceIp=203.0.113.7"]).0, "allowed");
    let elsewhere = ["--context", "aws:SourceIp=198.51.100.7", "--context", "aws:SourceVpce=vpce-1"];
    assert_eq!(told(&elsewhere).0, "denied");
}

#[tokio::test]
async fn policies_in_force_count() {
    let stage = Stage::new().await;
    let text = r#"{"Version":"2012-10-17","Statement":{"Sid":"Freeze","Effect":"Deny","Action":"sagemaker:UpdateNotebookInstance","Resource":"*"}}"#;
    stage.attach("freeze", text, &stage.prod).await;
    let ran = asked(&stage, &["test", "--scp-target", &stage.payments, "--break-glass", "BreakGlass"]).await;
    let shown =
        ran.shown().replace(&stage.payments, "PAYMENTS").replace(&stage.prod, "PROD").replace(&stage.root, "ROOT");
    insta::assert_snapshot!(shown);
    // What is there alone lets everything else pass.
    let ran = asked(&stage, &["test", "--scp-target", &stage.payments, "--in-force", "--format", "json"]).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(ran.code, 3);
    assert_eq!(report["levels"].as_array().unwrap().len(), 3);
    let row = &report["rows"][1];
    assert_eq!((row["decision"].as_str(), row["intended"].as_str()), (Some("allowed"), Some("denied")));
}

#[tokio::test]
async fn a_target_has_an_id_a_name_or_a_path() {
    let stage = Stage::new().await;
    for name in [&stage.payments, "Payments", "Prod/Payments", MEMBER] {
        let ran = asked(&stage, &["test", "--scp-target", name]).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        assert!(ran.stdout.contains(&format!("\nProd/Payments ({})", stage.payments)), "{}", ran.stdout);
        let says_below = ran.stdout.contains("attached further down");
        assert_eq!(says_below, name != MEMBER, "{}", ran.stdout);
    }
    for (name, why) in [
        ("Nowhere", "there is no organizational unit `Nowhere`; there are: Prod, Prod/Payments"),
        ("ou-abcd-00000000", "there is no organizational unit `ou-abcd-00000000`"),
        ("999999999999", "999999999999 is not in the organization"),
        (MANAGEMENT, "is the management account, which no service control policy binds"),
    ] {
        let ran = asked(&stage, &["test", "--scp-target", name]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
        let told = words(&ran.stderr);
        assert!(told.contains(why), "{told}");
    }
}

/// Our own policies are no surprise to their own test.
#[tokio::test]
async fn what_is_in_force_says_what_is_intended() {
    let stage = Stage::new().await;
    let names = Names { prefix: "notebook-guard", account: MANAGEMENT, partition: "aws" };
    let break_glass = vec!["BreakGlass".to_owned()];
    let settings = GuardrailSettings { break_glass, studio: true, tamper: true, targets: Vec::new() };
    for one in documents::all(&settings, names, "/notebook-guard/") {
        stage.attach(&one.name, &one.document.text(false), &stage.prod).await;
    }
    let ran = asked(&stage, &["test", "--scp-target", "Payments", "--in-force"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stderr.contains("--studio --tamper-scp"), "{}", ran.stderr);
}
