//! `deployer exemptions check`, and `deployer evaluate --exemptions`.

use std::io::Write as _;
use std::process::Stdio;

use guard_tests::process::words;
use guard_tests::sandbox::{Notebook, Options, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Date, Duration, OffsetDateTime};

use crate::runner::{Ran, command, too_wide};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/exemptions.yaml");

const FAULTY: &str = "exemptions:
  - account: 11112222333
    region: eu-west-1
    notebook: legacy *
    check: root-acess
    reason:
    owner: [research, it]
    tiket: SEC-123
    approved_by: ciso@example.com
    expires: 2029-01-31
";

/// The command in a folder with this file.
fn in_folder(name: &str, content: &str, arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    command(arguments).current_dir(folder.path()).output().unwrap().into()
}

fn check(content: &str, more: &[&str]) -> Ran {
    in_folder("exemptions.yaml", content, &[&["exemptions", "check", "exemptions.yaml"], more].concat())
}

#[test]
fn a_file_that_is_in_order_is_listed_by_its_days() {
    let example = std::fs::read_to_string(EXAMPLE).unwrap();
    let ran = check(&example, &["--as-of", "2027-01-31"]);
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn all_faults_with_their_places() {
    let ran = check(FAULTY, &["--as-of", "2026-11-22"]);
    assert_eq!((ran.code, too_wide(&ran.stdout)), (2, Vec::<&str>::new()));
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn faults_for_machines() {
    let ran = check(FAULTY, &["--as-of", "2026-11-22", "--format", "json"]);
    assert_eq!(ran.code, 2);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&told["valid"], &told["exemptions"]), (&json!(false), &json!([])));
    let fields: Vec<&Value> = told["faults"].as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    assert_eq!(json!(fields), json!(["ticket", "account", "notebook", "check", "reason", "owner", "tiket", "expires"]));
    assert_eq!((&told["faults"][1]["line"], &told["faults"][1]["column"]), (&json!(2), &json!(14)));
    assert!(told["faults"].as_array().unwrap().iter().all(|fault| fault["allowed"].is_string()));
}

#[test]
fn exemptions_for_machines() {
    let example = std::fs::read_to_string(EXAMPLE).unwrap();
    let ran = check(&example, &["--as-of", "2027-01-31", "--format", "json"]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, ran.stderr.as_str(), &told["valid"]), (0, "", &json!(true)));
    let holds: Vec<(&str, bool)> = told["exemptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["ticket"].as_str().unwrap(), one["holds"].as_bool().unwrap()))
        .collect();
    assert_eq!(holds, [("SEC-131", false), ("SEC-123", true), ("SEC-140", true)]);
    assert_eq!(told["warnings"][0]["exemption"], 2);
}

#[test]
fn standard_input_works_and_a_missing_file_is_named() {
    let mut child = command(&["exemptions", "check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"exemptions: []\n").unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "standard input: no exemptions\n"));
    let ran: Ran = command(&["exemptions", "check", "/nonexistent/x.yaml"]).output().unwrap().into();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("/nonexistent/x.yaml cannot be read"), "{}", ran.stderr);
    let ran = check("exemptions: []\n", &["--as-of", "tomorrow"]);
    assert!(ran.code == 2 && ran.stderr.contains("a day is written 2027-01-31"), "{}", ran.stderr);
}

/// Exemptions in force now: (notebook, check, ticket).
fn in_force((account, region): (&str, &str), all: &[[&str; 3]]) -> (String, Date) {
    let expires = OffsetDateTime::now_utc().date() + Duration::days(30);
    let entry = |[notebook, check, ticket]: &[&str; 3]| {
        format!(
            "- {{account: '{account}', region: {region}, notebook: {notebook}, check: {check}, ticket: {ticket}, \
             reason: until the move, owner: o, approved_by: a, expires: {expires}}}\n"
        )
    };
    (format!("exemptions:\n{}", all.iter().map(entry).collect::<String>()), expires)
}

#[test]
fn saved_answers_are_judged_with_exemptions() {
    let arn = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/legacy";
    let notebook = json!({"NotebookInstanceArn": arn, "NotebookInstanceName": "legacy", "RootAccess": "Enabled",
        "DirectInternetAccess": "Enabled"});
    let place = ("111122223333", "eu-west-1");
    let (text, expires) = in_force(place, &[["legacy", "root-access", "SEC-1"], ["other", "root-access", "SEC-2"]]);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("nb.json"), notebook.to_string()).unwrap();
    std::fs::write(folder.path().join("exemptions.yaml"), text).unwrap();
    let evaluate = |more: &[&str]| -> Ran {
        let fixed =
            ["evaluate", "--inventory", "nb.json", "--exemptions", "exemptions.yaml", "--fail-on", "non-compliant"];
        command(&[&fixed[..], more].concat()).current_dir(folder.path()).output().unwrap().into()
    };
    let exempt = evaluate(&["--check", "root-access"]);
    insta::assert_snapshot!(exempt.shown().replace(&expires.to_string(), "2027-01-31"));
    let both = evaluate(&["--check", "root-access", "--check", "direct-internet-access"]);
    assert_eq!(both.code, 3);
    assert!(
        both.stdout.contains("– root-access") && both.stdout.contains("✗ direct-internet-access"),
        "{}",
        both.stdout
    );
    let report: Value =
        serde_json::from_str(&evaluate(&["--format", "json", "--check", "root-access"]).stdout).unwrap();
    let result = &report["results"][0];
    assert_eq!((&result["complianceType"], &result["exempt"]), (&json!("NOT_APPLICABLE"), &json!(true)));
    std::fs::write(folder.path().join("exemptions.yaml"), FAULTY).unwrap();
    let refused = evaluate(&[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("exemptions.yaml has 8 faults"), "{}", refused.stderr);
    assert!(refused.stderr.contains("line 2, column 14"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_account_tells_which_exemptions_matched_nothing() {
    const ACCOUNT: &str = "111122223333";
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let world = sandbox.world();
    world.add_account(ACCOUNT).unwrap();
    for region in ["eu-west-1", "us-east-1"] {
        world.enable_region(ACCOUNT, region).unwrap();
    }
    world.put_notebook(ACCOUNT, "eu-west-1", Notebook::new("legacy-1")).unwrap();
    let all = [["legacy-*", "root-access", "SEC-1"], ["gone", "root-access", "SEC-2"], ["gone", "imds-v2", "SEC-3"]];
    let (text, _) = in_force((ACCOUNT, "eu-west-1"), &all);
    let (elsewhere, _) = in_force((ACCOUNT, "us-east-1"), &[["gone", "root-access", "SEC-4"]]);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("exemptions.yaml");
    std::fs::write(&file, text + elsewhere.trim_start_matches("exemptions:\n")).unwrap();
    let file = file.display().to_string();
    let arguments = ["evaluate", "--check", "root-access", "--format", "json", "--exemptions", &file];
    let mut command = command(&arguments);
    command.envs(sandbox.environment(ACCOUNT, "eu-west-1").unwrap());
    let ran: Ran = tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["results"][0]["complianceType"], "NOT_APPLICABLE", "{report}");
    // Neither of a check that did not run, nor of a Region that was not read.
    let tickets: Vec<&Value> =
        report["unmatchedExemptions"].as_array().unwrap().iter().map(|one| &one["ticket"]).collect();
    assert_eq!(tickets, ["SEC-2"]);
    let said = words(&ran.stderr);
    assert!(said.contains("exemption SEC-2 (gone in 111122223333, eu-west-1, root-access) matched no"), "{said}");
    sandbox.stop().await;
}
