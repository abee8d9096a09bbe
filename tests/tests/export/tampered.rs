//! Whoever can write a manifest can write any: a bundle that was changed and made anew is found by what it says.

use std::path::Path;

use deployer::evidence::{Form, Moment, Writer};
use serde_json::{Map, Value};

use crate::bundle::{PERIOD, Place, export_all, rows, stage, verify};

/// The same bundle with one file changed, and a manifest that fits.
fn made_anew(from: &Path, to: &Path, name: &str, change: impl Fn(String) -> String) {
    let mut writer = Writer::create(to, Form::of(to)).unwrap();
    let mut folders = vec![from.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let own = path.strip_prefix(from).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if own != "manifest.json" {
                let text = std::fs::read_to_string(&path).unwrap();
                let new = if own == name { change(text.clone()) } else { text.clone() };
                assert!(own != name || new != text, "{name} is as it was");
                writer.put(&own, new.as_bytes()).unwrap();
            }
        }
    }
    writer.finish(Moment::now(), Map::new(), None).unwrap();
}

/// Without its first line that has these words.
fn without(text: &str, words: &str) -> String {
    let at = text.lines().position(|line| line.contains(words)).unwrap();
    let kept = text.lines().enumerate().filter(|(number, _)| *number != at);
    kept.fold(String::new(), |text, (_, line)| text + line + "\n")
}

/// Each line with a change.
fn each_line(text: &str, change: impl Fn(&mut Value)) -> String {
    let changed = text.lines().map(|line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        change(&mut row);
        row
    });
    changed.fold(String::new(), |text, row| text + &row.to_string() + "\n")
}

/// Nobody was asked for results.
fn unasked(text: &str) -> String {
    each_line(text, |row| {
        if let Some(asked) = row["asked"].as_array_mut() {
            asked.retain(|asked| !asked["call"].as_str().unwrap().contains("ComplianceDetails"));
        }
    })
}

/// No check is said to judge the notebooks of an account.
fn not_judged(text: &str) -> String {
    each_line(text, |row| {
        let is_place = row["row"] == "place";
        if row["account"] != "222222222222" || is_place && row["resources"] == 0 {
            return;
        }
        if is_place {
            row["notJudged"] = row["resources"].clone();
            row["checks"] = serde_json::json!([]);
        } else if row["known"] == "listed" {
            row["notJudged"] = "no installed check applies to notebooks".into();
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_contradiction_is_found() {
    let (stage, place) = (stage().await, Place::new());
    let (out, bundle) = (place.text("bundle"), place.path("bundle"));
    let ran = export_all(&stage, &[&["--out", &out], &PERIOD[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ended = rows(&bundle, "remediation.jsonl").into_iter().find(|row| row.get("until").is_some()).unwrap();
    let seconds = format!("\"seconds\":{}", ended["seconds"]);
    let replace = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        Box::new(move |text: String| text.replacen(&from, &to, 1)) as Box<dyn Fn(String) -> String>
    };
    let drop = |words: &str| {
        let words = words.to_owned();
        Box::new(move |text: String| without(&text, &words)) as Box<dyn Fn(String) -> String>
    };
    let rule = "\"rule\":\"notebook-guard-root-access\"";
    let changes = [
        ("remediation.jsonl", replace(&seconds, "\"seconds\":60"), "seconds of"),
        ("remediation.jsonl", drop("until"), "lacks 1 violations"),
        ("remediation.jsonl", replace("2026-10-07T", "2026-10-06T"), "that the timeline has not"),
        ("timeline.jsonl", drop("2026-10-07T00:00:00Z"), "that the timeline has not"),
        ("report.json", replace("\"remediated\": 1", "\"remediated\": 2"), "another time to remediate"),
        ("report.json", replace("\"unread\": 2", "\"unread\": 0"), "`unread` of all places"),
        ("functions.jsonl", replace("\"agrees\":true", "\"agrees\":false"), "its two digests do not"),
        ("ocsf.jsonl", drop("\"status_code\":\"NON_COMPLIANT\""), "results that are NON_COMPLIANT, and the report"),
        ("evaluations.csv", drop(",NON_COMPLIANT,"), "results that are NON_COMPLIANT, and the report"),
        ("exemptions.jsonl", replace("\"vendor\"", "\"others\""), "says that 1 results name"),
        ("functions.jsonl", drop("function"), "lacks the function"),
        ("rules.jsonl", drop(rule), "which is no rule there"),
        ("raw/222222222222.jsonl", drop("sagemaker:ListNotebookInstances"), "and `raw` has 0"),
        (
            "raw/222222222222.jsonl",
            replace("\\\"ComplianceType\\\":\\\"NON_COMPLIANT\\\"", "\\\"ComplianceType\\\":\\\"COMPLIANT\\\""),
            "and AWS Config answered otherwise",
        ),
        (
            "oscal/assessment-results.json",
            replace("\"value\":\"NON_COMPLIANT\"", "\"value\":\"COMPLIANT\""),
            "observations that are NON_COMPLIANT",
        ),
        (
            "oscal/assessment-results.json",
            replace("\"state\":\"not-satisfied\"", "\"state\":\"satisfied\""),
            "says satisfied",
        ),
        ("remediation.jsonl", replace("\"earlier\":true", "\"earlier\":false"), "that the timeline has not"),
        ("remediation.jsonl", replace("\"gap\":true", "\"gap\":false"), "that the timeline has not"),
        ("evaluations.jsonl", replace("NON_COMPLIANT", "COMPLIANT"), "the lines come to"),
        ("evaluations.jsonl", replace("NON_COMPLIANT", "COMPLIANT"), "AWS Config answered otherwise"),
        ("evaluations.jsonl", drop("NON_COMPLIANT"), "that AWS Config answered"),
        ("population.jsonl", drop("\"row\":\"resource\""), "which is not in the population"),
        ("population.jsonl", Box::new(|text: String| unasked(&text)), "which was not asked for any"),
        ("population.jsonl", Box::new(|text: String| not_judged(&text)), "and names one that does"),
        ("report.json", replace("\"unreadPlaces\": ", "\"unreadPlaces\": 1"), "has `unreadPlaces` otherwise"),
    ];
    for (number, (name, change, said)) in changes.iter().enumerate() {
        let to = place.path(&format!("anew-{number}"));
        made_anew(&bundle, &to, name, change);
        let ran = verify(&[to.to_str().unwrap(), "--format", "json"]);
        assert_eq!(ran.code, 3, "{name}: {said}: {}", ran.shown());
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        let findings = told["findings"].as_array().unwrap();
        assert!(findings.iter().all(|one| one["kind"] == "inconsistent"), "{name}: {}", ran.stdout);
        assert!(ran.stdout.contains(said), "{name}: {said}: {}", ran.stdout);
    }
    stage.sandbox.stop().await;
}
