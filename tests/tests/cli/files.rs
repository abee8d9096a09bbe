//! `deployer evaluate --inventory`: saved answers, without AWS.

use std::io::Write as _;
use std::process::Stdio;

use guard_tests::process::words;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::runner::{Ran, command, run, too_wide};

const RECORDED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/cases/recorded/sagemaker/test_sagemaker_notebook_security_group_filter");

fn saved(content: &Value) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved.json");
    std::fs::write(&path, content.to_string()).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

fn good() -> Value {
    json!({"NotebookInstanceArn": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/good",
        "NotebookInstanceName": "good", "NotebookInstanceStatus": "InService", "DirectInternetAccess": "Disabled",
        "RootAccess": "Disabled", "SubnetId": "subnet-1", "SecurityGroups": ["sg-1"], "KmsKeyId": "alias/notebooks",
        "PlatformIdentifier": "notebook-al2023-v1",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}})
}

fn evaluate(path: &str, more: &[&str]) -> Ran {
    run(&[&["evaluate", "--inventory", path], more].concat())
}

#[test]
fn a_recorded_answer_of_aws() {
    let mut ran = evaluate(&format!("{RECORDED}/api.sagemaker.DescribeNotebookInstance_1.json"), &[]);
    assert_eq!(too_wide(&ran.stdout.replace(RECORDED, "")), Vec::<&str>::new());
    // The path is the machine's; where the line breaks depends on it.
    ran.stdout = ran.stdout.split_once("\n\n").unwrap().1.to_owned();
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn recorded_security_groups_serve_open_ingress() {
    let notebook = format!("{RECORDED}/api.sagemaker.DescribeNotebookInstance_1.json");
    let groups = format!("{RECORDED}/ec2.DescribeSecurityGroups_1.json");
    let ran = evaluate(&notebook, &["--inventory", &groups, "--check", "open-ingress", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["results"].as_array().unwrap().len(), 1);
    assert_ne!(report["results"][0]["complianceType"], "UNDETERMINED", "{report}");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn a_good_notebook_is_compliant_and_quiet() {
    let (_folder, path) = saved(&json!([good()]));
    let ran = evaluate(&path, &["--fail-on", "non-compliant"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("All of 1 comply."), "{}", ran.stdout);
    assert!(ran.stderr.contains("open-ingress is left out"), "{}", ran.stderr);
}

#[test]
fn a_finding_fails_only_if_asked_to() {
    let mut bad = good();
    bad["DirectInternetAccess"] = json!("Enabled");
    let (_folder, path) = saved(&bad);
    assert_eq!(evaluate(&path, &[]).code, 0);
    assert_eq!(evaluate(&path, &["--fail-on", "non-compliant"]).code, 3);
    assert_eq!(evaluate(&path, &["--fail-on", "non-compliant", "--check", "root-access"]).code, 0);
}

#[test]
fn what_was_asked_for_by_name_and_is_not_known_is_undetermined() {
    let (_folder, path) = saved(&good());
    let ran = evaluate(&path, &["--check", "open-ingress"]);
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("security group sg-1 does not exist"), "{}", ran.stdout);
    assert!(ran.stdout.contains("not everything could be read"), "{}", ran.stdout);
}

#[test]
fn parameters_are_as_in_the_rule() {
    let (_folder, path) = saved(&good());
    let subnet = |subnet: &str| {
        evaluate(&path, &["--check", "inside-vpc", "--allowed-subnet", subnet, "--fail-on", "non-compliant"]).code
    };
    assert_eq!(subnet("subnet-1"), 0);
    assert_eq!(subnet("subnet-2"), 3);
    let malformed = evaluate(&path, &["--allowed-subnet", "vpc-1"]);
    assert_eq!(malformed.code, 2);
    assert!(malformed.stderr.contains("`vpc-1`"), "{}", malformed.stderr);
    let useless = evaluate(&path, &["--check", "root-access", "--allowed-subnet", "subnet-1"]);
    assert_eq!(useless.code, 2);
    assert!(useless.stderr.contains("--allowed-subnet has no effect"), "{}", useless.stderr);
}

#[test]
fn csv_has_a_row_for_each_check_and_no_formula() {
    let mut odd = good();
    odd["RootAccess"] = json!("=HYPERLINK(\"http://x\")");
    odd["NotebookInstanceName"] = json!("=odd,\"name\"");
    let (_folder, path) = saved(&json!([odd]));
    let ran = evaluate(&path, &["--format", "csv"]);
    let mut reader = csv_rows(&ran.stdout);
    assert_eq!(
        reader.remove(0).join(","),
        "account,region,resourceType,resourceId,name,check,severity,complianceType,annotation"
    );
    assert_eq!(reader.len(), 6, "{}", ran.stdout);
    assert!(reader.iter().all(|row| row.len() == 9 && row[0] == "111122223333" && row[1] == "eu-west-1"));
    assert!(reader.iter().all(|row| row[4] == "'=odd,\"name\""), "{reader:?}");
}

/// A small CSV reader of its own, so that the writer is not checked with itself.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut characters = text.trim_end().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                rows.last_mut().unwrap().last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => rows.last_mut().unwrap().push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            other => rows.last_mut().unwrap().last_mut().unwrap().push(other),
        }
    }
    rows
}

#[test]
fn a_file_that_is_of_no_use_is_named_with_the_way_out() {
    for (content, says) in [
        ("{\"NotebookInstances\": []}", "List call"),
        ("{\"a\": }", "not JSON"),
        ("", "no answer at all"),
        ("[{\"Name\": \"x\"}]", "no answer of"),
    ] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("f.json");
        std::fs::write(&path, content).unwrap();
        let ran = evaluate(&path.display().to_string(), &[]);
        let said = words(&ran.stderr);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{content}");
        assert!(
            said.contains(says) && said.contains("f.json") && said.contains("describe-notebook-instance"),
            "{said}"
        );
    }
    assert_eq!(evaluate("/nonexistent/nb.json", &[]).code, 2);
}

#[test]
fn standard_input_works_and_a_reader_that_leaves_does_not_hurt() {
    let mut child = command(&["evaluate", "--inventory", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(good().to_string().as_bytes()).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn what_no_check_applies_to_is_not_said_to_comply() {
    let (_folder, path) = saved(&json!({"DomainId": "d-1", "DomainName": "studio", "AppNetworkAccessType": "VpcOnly"}));
    let ran = evaluate(&path, &["--check", "direct-internet-access"]);
    assert!(!ran.stdout.contains("comply") && !ran.stdout.contains('✓'), "{}", ran.stdout);
    assert!(ran.stdout.contains("None of the chosen checks applies"), "{}", ran.stdout);
    let judged = evaluate(&path, &["--check", "studio-vpc-only"]);
    assert!(judged.stdout.contains("All of 1 comply."), "{}", judged.stdout);
}

#[test]
fn encodings_of_other_shells_are_read_or_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nb.json");
    std::fs::write(&path, format!("\u{feff}{}", good())).unwrap();
    assert_eq!(evaluate(&path.display().to_string(), &[]).code, 0);
    let utf16: Vec<u8> = good().to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, [&[0xff, 0xfe][..], &utf16].concat()).unwrap();
    let ran = evaluate(&path.display().to_string(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("not UTF-8") && ran.stderr.contains("PowerShell"), "{}", ran.stderr);
}

#[test]
fn the_same_file_twice_is_a_slip() {
    let (_folder, path) = saved(&good());
    let ran = evaluate(&path, &["--inventory", &path]);
    assert_eq!(ran.code, 2);
    assert!(words(&ran.stderr).contains("is given twice"), "{}", ran.stderr);
}
