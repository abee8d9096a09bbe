//! `deployer evidence` as users meet it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use deployer::evidence::Form;
use guard_tests::process::words;
use serde_json::Value;
use tempfile::TempDir;

use crate::bundle::{Bundle, KEY, file};

pub(crate) fn run(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployer-under-test"));
    command.args(arguments).current_dir(folder).env_clear().env("COLUMNS", "80").stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A run as a snapshot shows it. The version of deployer is none of its business.
pub(crate) fn shown((code, stdout, stderr): &(i32, String, String)) -> String {
    for line in stdout.lines().chain(stderr.lines()) {
        // Names and digests are copied from here: what is one word stays in one piece.
        assert!(line.chars().count() <= 80 || !line.trim().contains(' '), "too wide: {line}");
    }
    let told = format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
    without_version(&told)
}

/// The text without the version of deployer, and without the digest, in which the version is.
pub(crate) fn without_version(told: &str) -> String {
    let digest = regex::Regex::new(r#"(digest     |"sha256": ")[0-9a-f]{64}"#).unwrap();
    digest.replace_all(told, "${1}DIGEST").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn a_bundle_that_verifies() {
    let bundle = Bundle::signed(Form::Directory);
    std::fs::write(bundle.folder.path().join("key.pub"), public()).unwrap();
    let unchecked = run(&["evidence", "verify", "evidence"], bundle.folder.path());
    assert_eq!(unchecked.0, 0);
    let told = words(&unchecked.1);
    assert!(told.contains("not checked against a key of yours") && !told.contains("trusted"), "{told}");
    insta::assert_snapshot!(shown(&unchecked));
    let checked = run(&["evidence", "verify", "evidence", "--key", "key.pub"], bundle.folder.path());
    insta::assert_snapshot!(shown(&checked));
    let unsigned = Bundle::unsigned(Form::Zip);
    insta::assert_snapshot!(shown(&run(&["evidence", "verify", "evidence.zip"], unsigned.folder.path())));
}

fn public() -> &'static str {
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"
}

#[test]
fn a_bundle_with_everything_wrong() {
    let bundle = Bundle::signed(Form::Zip);
    bundle.change(|files| {
        file(files, "report.html")[0] ^= 1;
        file(files, "report.json")[0] ^= 1;
        file(files, "manifest.json.sig")[0] ^= 1;
        files.retain(|(name, _)| name != "raw/444455556666/list.jsonl");
        files.push(("../../etc/cron.d/x".to_owned(), b"x".to_vec()));
        files.push(("more.txt".to_owned(), b"more".to_vec()));
    });
    let ran = run(&["evidence", "verify", "evidence.zip"], bundle.folder.path());
    insta::assert_snapshot!(shown(&ran));
    let (code, stdout, _) = run(&["evidence", "verify", "evidence.zip", "--format", "json"], bundle.folder.path());
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &told["verified"], &told["form"]), (3, &Value::Bool(false), &"zip".into()));
    let kinds: Vec<&str> =
        told["findings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in ["path", "signature", "changed", "missing", "added"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    assert_eq!(told["signature"], serde_json::json!({"state": "bad", "key": null}));
}

#[test]
fn nothing_that_a_bundle_says_is_obeyed_by_a_terminal() {
    let mut files = crate::bundle::files();
    let wrong = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}";
    let mut row = crate::bundle::evaluation(wrong, "legacy", "COMPLIANT");
    row["annotation"] = wrong.into();
    file(&mut files, "evaluations.jsonl").extend_from_slice(crate::bundle::lines(&[row]).as_bytes());
    file(&mut files, "timeline.jsonl").extend_from_slice(b"{\"account\":\"\\u001b[1m\",\"\x7f\":1}\n");
    let bundle = Bundle::of(Form::Directory, &files, None);
    let text = run(&["evidence", "verify", "evidence"], bundle.folder.path());
    assert_eq!(text.0, 3);
    bundle.change(|files| crate::bundle::forge(files, |text| text.replace("\"deployer\"", "\"\\u001b[2J\"")));
    let forged = run(&["evidence", "verify", "evidence"], bundle.folder.path());
    for told in [text.1, text.2, forged.1, forged.2] {
        let obeyed = told.chars().find(|one| (one.is_control() && *one != '\n') || *one == '\u{202e}');
        assert_eq!(obeyed, None, "{told:?}");
    }
}

#[test]
fn json_of_a_bundle_that_verifies() {
    let bundle = Bundle::signed(Form::Directory);
    let (code, stdout, stderr) = run(&["evidence", "verify", "evidence", "--format", "json"], bundle.folder.path());
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(without_version(&stdout));
}

#[test]
fn what_cannot_be_judged() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("text.txt"), "text").unwrap();
    std::fs::write(folder.path().join("private"), KEY).unwrap();
    std::fs::create_dir(folder.path().join("b.7.partial")).unwrap();
    for (arguments, says) in [
        (&["nowhere"][..], "cannot be read: No such file"),
        (&["text.txt"], "is neither a folder nor a zip"),
        (&["b.7.partial"], "is what an interrupted export left behind"),
        (&[".", "--key", "nowhere"], "cannot be read: No such file"),
        (&[".", "--key", "text.txt"], "it is no PEM file with a key"),
        (&[".", "--key", "private"], "it is a private key; the public one is asked for"),
    ] {
        let ran = run(&[&["evidence", "verify"], arguments].concat(), folder.path());
        let told = words(&ran.2);
        assert!(ran.0 == 2 && told.contains(says) && ran.1.is_empty(), "{arguments:?}: {ran:?}");
        assert!(!ran.2.contains("nWGxne"), "no secret is shown");
    }
    let missing = words(&run(&["evidence", "verify", "nowhere"], folder.path()).2);
    assert!(missing.ends_with("name the folder or the zip that was exported"), "{missing}");
    // A folder that is no bundle, and one of something else that has a manifest too.
    let told = |arguments: &[&str]| {
        let (code, stdout, stderr) = run(&[&["evidence", "verify"], arguments].concat(), folder.path());
        assert!(stdout.is_empty(), "{stdout}");
        (code, words(&stderr))
    };
    let (code, stderr) = told(&["."]);
    assert!(code == 2 && stderr.contains("this is no bundle: it has no `manifest.json`"), "{stderr}");
    std::fs::write(folder.path().join("manifest.json"), "{\"short_name\": \"app\"}").unwrap();
    let (code, stderr) = told(&["."]);
    assert!(code == 2 && stderr.contains("this is no bundle: `manifest.json` cannot be read as one"), "{stderr}");
}

/// A bundle that lost its manifest is one that was tampered with.
#[test]
fn a_bundle_without_its_manifest_is_still_one() {
    let bundle = Bundle::unsigned(Form::Directory);
    std::fs::remove_file(bundle.path.join("manifest.json")).unwrap();
    let (code, stdout, _) = run(&["evidence", "verify", "evidence"], bundle.folder.path());
    assert!(code == 3 && stdout.contains("`manifest.json` is missing"), "{stdout}");
}

#[test]
fn a_bundle_that_nobody_signed_has_no_wrong_signature() {
    let bundle = Bundle::unsigned(Form::Directory);
    let arguments = ["evidence", "verify", "evidence", "--require-signature"];
    let (code, stdout, _) = run(&arguments, bundle.folder.path());
    assert_eq!(code, 3);
    assert!(stdout.contains("not signed, and it has to be") && !stdout.contains("does not hold"), "{stdout}");
    let (_, stdout, _) = run(&[&arguments[..], &["--format", "json"]].concat(), bundle.folder.path());
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&told["signature"]["state"], &told["verified"]), (&"unsigned".into(), &Value::Bool(false)));
}

#[test]
fn a_bundle_that_is_whole_says_so() {
    let mut files = crate::bundle::files();
    let mut rows = crate::bundle::population();
    rows[1]["state"] = "read".into();
    *file(&mut files, "population.jsonl") = crate::bundle::lines(&rows).into_bytes();
    let mut report = crate::bundle::report();
    (report["totals"]["places"]["read"], report["totals"]["places"]["unread"]) = (2.into(), 0.into());
    let verify = |files: &crate::bundle::Files, arguments: &[&str]| {
        let bundle = Bundle::of(Form::Directory, files, None);
        let ran = run(&[&["evidence", "verify", "evidence"], arguments].concat(), bundle.folder.path());
        assert_eq!(ran.0, 0, "{ran:?}");
        ran.1
    };
    *file(&mut files, "report.json") = report.to_string().into_bytes();
    let told = verify(&files, &[]);
    assert!(told.contains("whole: 2 accounts × Regions in scope, all of it was read"), "{told}");
    // What else could not be read is told too.
    report["unread"] = serde_json::json!(["the ledger of exemptions: nobody knows"]);
    (report["unreadCount"], report["unreadPlaces"]) = (3.into(), 0.into());
    *file(&mut files, "report.json") = report.to_string().into_bytes();
    let told = verify(&files, &[]);
    for said in ["not whole: 2 accounts × Regions in scope; 3 other things", "the ledger of exem", "and 2 more"] {
        assert!(told.contains(said), "`{said}` is missing: {told}");
    }
    let told: Value = serde_json::from_str(&verify(&files, &["--format", "json"])).unwrap();
    let whole = &told["wholeness"];
    assert_eq!((&whole["isWhole"], &whole["others"], &whole["places"]["read"]), (&false.into(), &3.into(), &2.into()));
}

#[test]
fn keys_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let (code, stdout, stderr) = run(&["evidence", "keygen", "--out", "audit.key"], folder.path());
    assert_eq!((code, stderr.as_str()), (0, ""));
    let fingerprint = stdout.lines().last().unwrap().trim();
    insta::assert_snapshot!(stdout.replace(fingerprint, "FINGERPRINT"));
    assert!(fingerprint.len() == 7 + 64 && fingerprint.starts_with("sha256:"));
    let private = std::fs::read_to_string(folder.path().join("audit.key")).unwrap();
    assert!(!stdout.contains(private.lines().nth(1).unwrap()), "the private key is not shown");
    let again = run(&["evidence", "keygen", "--out", "audit.key"], folder.path());
    insta::assert_snapshot!(shown(&again));
    let (code, stdout, _) = run(&["evidence", "keygen", "--out", "b", "--format", "json"], folder.path());
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &told["private"], &told["public"]), (0, &"b".into(), &"b.pub".into()));
}

#[test]
fn every_kind_of_finding_is_documented() {
    let page = include_str!("../../../docs/evidence.md");
    for kind in deployer::evidence::finding::Kind::ALL {
        let name = format!("`{}`", kind.as_str());
        assert!(page.lines().any(|line| line.starts_with("| `") && line.contains(&name)), "{name} is not documented");
    }
}
