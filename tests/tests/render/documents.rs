//! The documents: exactly what is asked for on standard output, with and without AWS.

use std::path::Path;

use serde_json::Value;

use crate::elf::Elf;
use crate::runner::{Ran, run, too_wide};
use crate::stage::{ACCOUNT, Stage, ran};

const OFFLINE: [&str; 2] = ["--account", ACCOUNT];

fn render(arguments: &[&str]) -> Ran {
    run(&[&["render"], arguments].concat())
}

fn offline(arguments: &[&str]) -> Ran {
    render(&[arguments, &OFFLINE].concat())
}

fn good(ran: &Ran) -> &str {
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.shown());
    &ran.stdout
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(good(ran)).unwrap()
}

/// An executable of the function in a folder that is gone with the value.
fn bootstrap() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bootstrap");
    std::fs::write(&path, Elf::good().bytes()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn templates_are_the_files_of_the_repository() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cfn");
    for name in ["artifacts", "member", "conformance-pack"] {
        let file = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        assert_eq!(good(&render(&[name])), file);
    }
}

#[test]
fn help_fits_80_columns() {
    for arguments in [
        &["--help"][..],
        &["member", "--help"],
        &["parameters", "--help"],
        &["role-policy", "--help"],
        &["operator-policy", "--help"],
    ] {
        let ran = render(arguments);
        assert_eq!(ran.code, 0);
        assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new(), "{arguments:?}");
    }
    insta::assert_snapshot!("help", render(&["--help"]).shown());
    insta::assert_snapshot!("help_operator_policy", render(&["operator-policy", "--help"]).shown());
    insta::assert_snapshot!("help_parameters", render(&["parameters", "--help"]).shown());
}

#[test]
fn without_a_document_there_is_help_and_a_usage_error() {
    let ran = render(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("operator-policy"), "{}", ran.stderr);
}

#[test]
fn policies() {
    insta::assert_snapshot!("operator_policy", good(&offline(&["operator-policy"])));
    let pack = ["operator-policy", "--purpose", "status,doctor", "--conformance-pack", "--prefix", "ng"];
    insta::assert_snapshot!(
        "operator_policy_of_a_pack",
        good(&offline(&[&pack[..], &["--region", "cn-north-1"]].concat()))
    );
    insta::assert_snapshot!(
        "role_policy",
        good(&offline(&["role-policy", "--region", "eu-west-1", "--checks", "all"]))
    );
}

#[test]
fn minified_is_the_same_on_one_line() {
    for what in
        [&["operator-policy"][..], &["role-policy", "--region", "eu-west-1"], &["parameters", "--stack", "artifacts"]]
    {
        let short = offline(&[what, &["--format", "minified"]].concat());
        assert_eq!(short.stdout.lines().count(), 1, "{what:?}");
        assert_eq!(json(&short), json(&offline(what)), "{what:?}");
    }
}

#[test]
fn purposes_add_up() {
    let actions = |purpose: &str| {
        let document = json(&offline(&["operator-policy", "--purpose", purpose]));
        crate::iam::Policy::of(&document).actions()
    };
    let parts = ["install", "uninstall", "status", "doctor", "report", "evidence"].map(actions);
    let together: std::collections::BTreeSet<String> = parts.into_iter().flatten().collect();
    assert_eq!(together, actions("all"));
}

/// A policy that is too long for one managed policy says so and comes in parts.
#[test]
fn a_long_policy_comes_in_parts() {
    let path = format!("/{}/", "p".repeat(510));
    let boundary = "b".repeat(512);
    let flags = ["operator-policy", "--role-path", &path, "--permissions-boundary", &boundary];
    let whole = offline(&flags);
    assert_eq!(whole.code, 0);
    assert!(whole.stderr.starts_with("warning: ") && whole.stderr.contains("--part 1 to --part 2"), "{}", whole.stderr);
    let whole: Value = serde_json::from_str(&whole.stdout).unwrap();
    let mut statements = Vec::new();
    for number in ["1", "2"] {
        let part = json(&offline(&[&flags[..], &["--part", number]].concat()));
        statements.extend(part["Statement"].as_array().unwrap().clone());
    }
    assert_eq!(Value::from(statements), whole["Statement"]);
    for number in ["0", "3"] {
        let none = offline(&[&flags[..], &["--part", number]].concat());
        assert_eq!((none.code, none.stdout.as_str()), (2, ""));
        assert!(none.stderr.contains("it takes 2 policies"), "{}", none.stderr);
    }
}

#[test]
fn parameters_are_those_of_the_template() {
    let (_folder, code) = bootstrap();
    let flags = ["parameters", "--code", &code, "--checks", "imds-v2", "--triggers", "schedule", "--alarms", "off"];
    let ran = offline(&flags);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let text = regex::Regex::new("[0-9a-f]{64}").unwrap().replace(&ran.stdout, "DIGEST").into_owned();
    insta::assert_snapshot!("parameters", text);
    insta::assert_snapshot!("parameters_artifacts", good(&offline(&["parameters", "--stack", "artifacts"])));
}

#[test]
fn what_cannot_be_rendered_is_told() {
    for (arguments, words) in [
        (&["role-policy"][..], "--region eu-west-1"),
        (&["role-policy", "--region", "all"], "--region eu-west-1"),
        (&["role-policy", "--region", "eu-west-1", "--region", "us-east-1"], "--region eu-west-1"),
        (&["operator-policy", "--prefix", "Guard"], "--prefix Guard"),
        (&["operator-policy", "--partition", "amazon"], "aws-us-gov"),
        (&["parameters", "--code", "/nonexistent"], "/nonexistent"),
    ] {
        let ran = offline(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let short = render(&["operator-policy", "--account", "1111"]);
    assert!(short.code == 2 && short.stderr.contains("twelve digits"), "{}", short.shown());
}

#[test]
fn without_credentials_the_account_has_to_be_named() {
    let ran = render(&["operator-policy"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--account 111122223333"), "{}", ran.stderr);
}

/// The caller's account, in one call; the partition is that of the caller's ARN.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_credentials_the_account_is_the_callers() {
    let stage = Stage::new().await;
    let asked = ran(stage.deployer(&["render", "operator-policy"])).await;
    assert_eq!(good(&asked), good(&offline(&["operator-policy"])));
    let calls: Vec<String> = stage.world().calls().all().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, ["GetCallerIdentity"]);
    stage.sandbox.stop().await;
}

#[test]
fn a_file_is_written_once_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let out = ["--out", path.to_str().unwrap()];
    let put = |more: &[&str]| offline(&[&["operator-policy"], &out[..], more].concat());
    let first = put(&[]);
    assert_eq!((first.code, first.stdout.as_str()), (0, ""), "{}", first.shown());
    assert!(first.stderr.contains("written"), "{}", first.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), offline(&["operator-policy"]).stdout);
    let again = put(&[]);
    assert!(again.code == 0 && again.stderr.contains("unchanged"), "{}", again.shown());
    let other = put(&["--purpose", "doctor"]);
    assert!(other.code == 4 && other.stderr.contains("--force"), "{}", other.shown());
    assert_eq!(put(&["--purpose", "doctor", "--force"]).code, 0);
    let looking = offline(&["operator-policy", "--purpose", "doctor"]).stdout;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), looking);
    assert_eq!(render(&["member", "--force"]).code, 2, "--force is for --out");
}
