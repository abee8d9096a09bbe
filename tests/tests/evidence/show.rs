//! One notebook's story.

use deployer::evidence::Form;
use guard_tests::process::words;
use serde_json::{Value, json};

use crate::bundle::{Bundle, ONE, TWO, arn, file, files, lines, population};
use crate::command::{run, shown};

#[test]
fn the_whole_story_of_a_notebook() {
    let bundle = Bundle::signed(Form::Zip);
    insta::assert_snapshot!(shown(&run(
        &["evidence", "show", "research-notebook", "evidence.zip"],
        bundle.folder.path()
    )));
    insta::assert_snapshot!(shown(&run(&["evidence", "show", "gone", "evidence.zip"], bundle.folder.path())));
    insta::assert_snapshot!(shown(&run(&["evidence", "show", "legacy", "evidence.zip"], bundle.folder.path())));
}

#[test]
fn the_story_for_programs() {
    let bundle = Bundle::unsigned(Form::Directory);
    let name = arn(ONE, "RESEARCH-notebook");
    let (code, stdout, _) = run(&["evidence", "show", &name, "evidence", "--format", "json"], bundle.folder.path());
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &told["resource"]["name"]), (0, &json!("research-notebook")));
    assert_eq!(told["evaluations"].as_array().unwrap().len(), 3);
    assert_eq!(told["timeline"].as_array().unwrap().len(), 6);
    // Two days and 55 minutes on paper: 2026-10-01T08:05 to 2026-10-03T09:05 is 49 hours.
    let root = json!({"check": "root-access", "rule": "notebook-guard-root-access", "from": "2026-10-01T08:05:00Z",
        "until": "2026-10-03T09:05:00Z", "seconds": 49 * 3600, "hasGap": false});
    let internet = json!({"check": "direct-internet-access", "rule": "notebook-guard-direct-internet-access",
        "from": "2026-10-09T12:00:00Z", "until": null, "seconds": null, "hasGap": true});
    assert_eq!(told["violations"], json!([root, internet]));
}

#[test]
fn a_name_that_nobody_or_that_several_have() {
    let mut all = files();
    let mut rows = population();
    rows.push(
        json!({"row": "place", "account": "777788889999", "region": "eu-west-1", "state": "read", "resources": 1}),
    );
    let mut other = rows[2].clone();
    other["account"] = "777788889999".into();
    other["resourceId"] = arn("777788889999", "research-notebook").into();
    rows.push(other);
    *file(&mut all, "population.jsonl") = lines(&rows).into_bytes();
    let mut report = crate::bundle::report();
    report["totals"]["places"]["read"] = 2.into();
    report["totals"]["resources"]["listed"] = 3.into();
    report["totals"]["resources"]["listedNotEvaluated"] = 2.into();
    for check in report["totals"]["checkResources"].as_object_mut().unwrap().values_mut() {
        check["listedNotEvaluated"] = 2.into();
    }
    *file(&mut all, "report.json") = report.to_string().into_bytes();
    let bundle = Bundle::of(Form::Directory, &all, None);
    let show = |arguments: &[&str]| run(&[&["evidence", "show"], arguments].concat(), bundle.folder.path());
    insta::assert_snapshot!(shown(&show(&["research-notebook", "evidence"])));
    insta::assert_snapshot!(shown(&show(&["research", "evidence", "--account", ONE])));
    let one = show(&["research-notebook", "evidence", "--account", "777788889999"]);
    assert!(one.0 == 0 && one.1.contains("none: it was never evaluated"), "{one:?}");
    assert_eq!(show(&["research-notebook", "evidence", "--region", "us-east-1"]).0, 2);
    assert_eq!(show(&["research-notebook", "evidence", "--account", TWO]).0, 2);
}

#[test]
fn a_notebook_of_an_account_that_was_not_read_may_be_there() {
    let bundle = Bundle::unsigned(Form::Directory);
    let show = |arguments: &[&str]| {
        let (code, _, stderr) = run(&[&["evidence", "show"], arguments].concat(), bundle.folder.path());
        assert_eq!(code, 2, "{stderr}");
        words(&stderr)
    };
    let why = format!("it may be in account {TWO} in eu-west-1, which could not be read: sts:AssumeRole was denied");
    for arguments in [&["other", "evidence"][..], &[&arn(TWO, "other"), "evidence"]] {
        let told = show(arguments);
        assert!(told.contains(&why), "{told}");
    }
    let told = show(&["other", "evidence", "--account", ONE]);
    assert!(told.contains("no notebook `other`") && !told.contains("may be"), "{told}");
    let told = show(&[&arn("999900001111", "other"), "evidence"]);
    assert!(told.contains("it is not about that account or Region"), "{told}");
    // The bundle was named first.
    let told = show(&["evidence", "other"]);
    assert!(told.contains("the notebook comes first deployer evidence show other evidence"), "{told}");
}

#[test]
fn a_bundle_that_does_not_verify_tells_nothing() {
    let bundle = Bundle::unsigned(Form::Directory);
    bundle.change(|files| file(files, "report.html")[0] ^= 1);
    insta::assert_snapshot!(shown(&run(&["evidence", "show", "legacy", "evidence"], bundle.folder.path())));
    let mut bare = files();
    bare.retain(|(name, _)| name.starts_with("raw/"));
    let bundle = Bundle::of(Form::Directory, &bare, None);
    let ran = run(&["evidence", "show", "legacy", "evidence"], bundle.folder.path());
    assert!(ran.0 == 2 && ran.2.contains("tells no stories"), "{ran:?}");
}
