//! Every number, in every form that programs read.

use std::collections::BTreeMap;

use deployer::report::{Format, Layout};
use serde_json::{Value, json};

use crate::rows::{GONE, MUTE, ONE, SCREEN, beyond, borne, organization, report, table, totals};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn counted<'a>(all: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    all.fold(BTreeMap::new(), |mut counts, one| {
        *counts.entry(one).or_default() += 1;
        counts
    })
}

#[test]
fn json_has_every_row_and_the_totals() {
    let rows = organization();
    let whole: Value = serde_json::from_str(&report(Format::Json, &rows, SCREEN)).unwrap();
    assert_eq!(whole["evaluations"].as_array().unwrap().len(), 8);
    let states = whole["places"].as_array().unwrap().iter().map(|place| place["state"].as_str().unwrap());
    assert_eq!(counted(states), BTreeMap::from([("excluded", 2), ("incomplete", 1), ("read", 1), ("unread", 2)]));
    assert_eq!(whole["totals"], serde_json::to_value(totals(&rows)).unwrap());
    assert_eq!(
        whole["totals"]["evaluations"],
        json!({"compliant": 3, "nonCompliant": 3, "notApplicable": 1, "insufficientData": 1, "exempt": 1, "lapsed": 0})
    );
    assert_eq!(whole["meta"]["caller"], "arn:aws:sts::111122223333:assumed-role/Audit/jo");
    assert_eq!(whole["checks"].as_array().unwrap().len(), rule::check::ALL.len());
}

#[test]
fn json_without_any_row_is_whole() {
    let whole: Value = serde_json::from_str(&report(Format::Json, &[], SCREEN)).unwrap();
    assert_eq!((&whole["evaluations"], &whole["places"]), (&json!([]), &json!([])));
}

#[test]
fn csv_has_a_line_for_each_result_and_for_each_place_that_was_not_read() {
    let text = report(Format::Csv, &organization(), SCREEN);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let states = counted(rows.iter().map(|row| &row[0]));
    assert_eq!(states, BTreeMap::from([("evaluated", 8), ("incomplete", 1), ("no data", 2), ("out of scope", 2)]));
    let results = counted(rows.iter().map(|row| &row[9]).filter(|result| !result.is_empty()));
    let expected = [("COMPLIANT", 3), ("INSUFFICIENT_DATA", 1), ("NON_COMPLIANT", 3), ("NOT_APPLICABLE", 1)];
    assert_eq!(results, BTreeMap::from(expected));
    let expired: Vec<&str> = rows.iter().filter(|row| &row[14] == "yes").map(|row| &row[9]).collect();
    assert_eq!(expired, ["NON_COMPLIANT"]);
    assert_eq!(report(Format::Csv, &[], SCREEN).lines().count(), 1, "a header alone");
}

#[test]
fn ocsf_tells_each_result_and_each_place_without_data() {
    let events = lines(&report(Format::Ocsf, &organization(), SCREEN));
    let status = |event: &'_ Value| event["compliance"]["status"].as_str().unwrap().to_owned();
    let told: Vec<String> = events.iter().map(status).collect();
    let told = counted(told.iter().map(String::as_str));
    // Unknown: one without a result, one read in part, two not read. Pass: three results, and one read to the end.
    let expected = [("Fail", 3), ("NOT_APPLICABLE", 1), ("OUT_OF_SCOPE", 2), ("Pass", 4), ("Unknown", 4)];
    assert_eq!(told, BTreeMap::from(expected));
    let of = |uid: &str| events.iter().find(|event| event["finding_info"]["uid"] == uid).unwrap().clone();
    let arn = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/research";
    let bad = of(&format!("notebook-guard/{ONE}/eu-west-1/notebook-guard-direct-internet-access/{arn}"));
    assert_eq!(
        (&bad["severity"], &bad["status"], &bad["time"]),
        (&json!("High"), &json!("New"), &json!(1_795_413_603_250_u64))
    );
    assert_eq!(bad["compliance"]["control"], "SageMaker.1");
    assert_eq!(bad["compliance"]["requirements"].as_array().unwrap().len(), 20);
    let exempt = of(&format!("notebook-guard/{ONE}/eu-west-1/notebook-guard-imds-v2/{arn}"));
    assert_eq!(
        (&exempt["status"], &exempt["unmapped"]["exemption"]["ticket"]),
        (&json!("Suppressed"), &json!("SEC-123"))
    );
    let mute = of(&format!("notebook-guard/{MUTE}/eu-west-1/coverage"));
    assert_eq!((&mute["compliance"]["status_id"], &mute["severity_id"]), (&json!(0), &json!(1)));
    let state =
        |account: &str, region: &str| of(&format!("notebook-guard/{account}/{region}/coverage"))["status"].clone();
    let places = [state(MUTE, "eu-west-1"), state(ONE, "us-east-1"), state(ONE, "eu-west-1"), state(GONE, "us-east-1")];
    assert_eq!(places, ["New", "New", "Resolved", "Archived"]);
}

#[test]
fn asff_is_requests_of_one_account_and_region_each() {
    let requests = lines(&report(Format::Asff, &organization(), SCREEN));
    let mut all = Vec::new();
    for request in &requests {
        let findings = request["Findings"].as_array().unwrap();
        let place = |finding: &Value| (finding["AwsAccountId"].clone(), finding["Region"].clone());
        assert!(findings.iter().all(|finding| place(finding) == place(&findings[0])), "{request}");
        all.extend(findings.iter().cloned());
    }
    assert_eq!(requests.len(), 6, "three accounts in two Regions");
    let told = counted(all.iter().map(|finding| finding["Compliance"]["Status"].as_str().unwrap()));
    assert_eq!(told, BTreeMap::from([("FAILED", 3), ("NOT_AVAILABLE", 7), ("PASSED", 4)]));
    assert!(all.iter().all(|finding| finding.get("Workflow").is_none()), "it is its owner's");
    for finding in &all {
        let (of, is) = (&finding["FindingProviderFields"], [&finding["Severity"], &finding["Types"]]);
        assert_eq!([&of["Severity"], &of["Types"]], is, "{finding}");
    }
    let archived: Vec<&str> = all
        .iter()
        .filter(|finding| finding["RecordState"] == "ARCHIVED")
        .map(|finding| finding["ProductFields"]["notebook-guard/exemption"].as_str().unwrap_or("coverage"))
        .collect();
    assert_eq!(
        archived,
        ["SEC-123", "coverage", "coverage", "coverage"],
        "an exemption holds, read, out of scope twice"
    );
    let severe = counted(all.iter().map(|finding| finding["Severity"]["Label"].as_str().unwrap()));
    assert_eq!(severe, BTreeMap::from([("HIGH", 3), ("INFORMATIONAL", 11)]));
}

#[test]
fn what_no_installed_check_applies_to_is_named_everywhere_and_lacks_nothing() {
    let rows = beyond();
    let all = totals(&rows);
    assert_eq!((all.resources.listed, all.resources.not_judged, all.resources.listed_not_evaluated), (2, 1, 0));
    assert!(all.check_resources.values().all(|check| check.listed_not_evaluated == 0), "{all:?}");
    let whole: Value = serde_json::from_str(&report(Format::Json, &rows, SCREEN)).unwrap();
    assert_eq!(whole["notJudged"].as_array().unwrap().len(), 1);
    assert_eq!(whole["totals"]["resources"]["notJudged"], 1);
    let text = report(Format::Csv, &rows, SCREEN);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let row = csv.records().map(Result::unwrap).find(|row| &row[0] == "not judged").unwrap();
    assert_eq!((&row[5], &row[9], &row[17]), ("d-1", "", ""));
    let said = "everything was read to its end; 1 notebook or domain is not judged: no installed check applies to it";
    let events = lines(&report(Format::Ocsf, &rows, SCREEN));
    assert_eq!(events.iter().filter(|one| one["message"] == said && one["status"] == "Resolved").count(), 1);
    let findings = lines(&report(Format::Asff, &rows, SCREEN));
    let findings = findings[0]["Findings"].as_array().unwrap();
    assert_eq!(findings.iter().filter(|one| one["Description"] == said).count(), 1);
    let text = table(&rows, Layout { width: 200, everything: false });
    for said in [
        "– 1 Studio domain, not judged: no installed check applies to Studio domains: studio-vpc-only is not installed",
        "  d-1 111122223333 eu-west-1",
        "The only notebook complies.",
        "1 of 2 that exist is judged by no check, because none that is installed applies.",
    ] {
        assert!(text.contains(said), "it does not say `{said}`:\n{text}");
    }
    let page = report(Format::Html, &rows, SCREEN);
    assert!(page.contains("Not judged: 1 Studio domain") && page.contains("studio-vpc-only is not installed"));
}

#[test]
fn what_an_exemption_bore_that_has_expired_is_a_violation_everywhere() {
    for (expired, lapsed, ocsf, asff, violation) in [
        (
            false,
            0,
            ["NOT_APPLICABLE", "Suppressed", "Informational"],
            ["NOT_AVAILABLE", "ARCHIVED", "INFORMATIONAL"],
            "no",
        ),
        (true, 1, ["Fail", "New", "High"], ["FAILED", "ACTIVE", "HIGH"], "yes"),
    ] {
        let rows = borne(expired);
        let counts = totals(&rows).checks["root-access"];
        assert_eq!((counts.lapsed, counts.exempt, counts.not_applicable), (lapsed, 1 - lapsed, 1));
        let whole: Value = serde_json::from_str(&report(Format::Json, &rows, SCREEN)).unwrap();
        assert_eq!(whole["totals"]["evaluations"]["lapsed"], lapsed);
        let events = lines(&report(Format::Ocsf, &rows, SCREEN));
        let event = events.iter().find(|one| one["finding_info"]["types"] == json!(["root-access"])).unwrap();
        assert_eq!(json!([event["compliance"]["status"], event["status"], event["severity"]]), json!(ocsf));
        let request = &lines(&report(Format::Asff, &rows, SCREEN))[0];
        let of_check = |one: &&Value| one["ProductFields"]["notebook-guard/check"] == "root-access";
        let finding = request["Findings"].as_array().unwrap().iter().find(of_check).unwrap();
        let told = json!([finding["Compliance"]["Status"], finding["RecordState"], finding["Severity"]["Label"]]);
        assert_eq!(told, json!(asff));
        assert_eq!(finding["Description"].as_str().unwrap().contains("the rule has not run since"), expired);
        let text = report(Format::Csv, &rows, SCREEN);
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let of_check = |row: &csv::StringRecord| &row[6] == "root-access";
        let row = csv.records().map(Result::unwrap).find(of_check).unwrap();
        assert_eq!((&row[9], &row[17]), ("NOT_APPLICABLE", violation));
    }
}
