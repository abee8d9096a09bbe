//! `exemptions.yaml` as `deployer` reads it: every fault at its place, nothing guessed, and what is written is what
//! the evaluator reads.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::fmt::Write as _;

use deployer::exemptions::{Exemptions, Fault, read};
use guard_tests::process::words;
use proptest::prelude::*;
use rule::exemption::Field;
use time::macros::date;
use time::{Date, Duration};

const TODAY: Date = date!(2026 - 11 - 22);

fn good(field: Field) -> &'static str {
    match field {
        Field::Account => "\"012345678901\"",
        Field::Region => "eu-west-1",
        Field::Notebook => "legacy-*",
        Field::Check => "root-access",
        Field::Reason => "the vendor needs it",
        Field::Owner => "research",
        Field::Ticket => "SEC-1",
        Field::ApprovedBy => "ciso",
        Field::Expires => "2027-01-31",
    }
}

/// A file with one entry per change: a field and its value as YAML, or nothing to leave it out.
fn file(entries: &[(Field, Option<&str>)]) -> String {
    let mut text = String::from("exemptions:\n");
    for (changed, value) in entries {
        let mut dash = "-";
        for field in Field::ALL {
            let value = if field == *changed { *value } else { Some(good(field)) };
            if let Some(value) = value {
                writeln!(text, "  {dash} {field}: {value}").unwrap();
                dash = " ";
            }
        }
    }
    text
}

fn one(field: Field, value: &str) -> Result<Exemptions, Vec<Fault>> {
    read(&file(&[(field, Some(value))]), TODAY)
}

fn faults(text: &str) -> Vec<Fault> {
    read(text, TODAY).unwrap_err()
}

#[test]
fn values_are_texts_whatever_yaml_would_make_of_them() {
    let read = |field, value| one(field, value).unwrap().all().as_slice()[0].text(field);
    assert_eq!(read(Field::Account, "012345678901"), "012345678901");
    assert_eq!(read(Field::Reason, "no"), "no");
    assert_eq!(read(Field::Ticket, "2027"), "2027");
    assert_eq!(read(Field::Reason, ">\n      several\n      lines  of text\n"), "several lines of text");
    assert_eq!(read(Field::Reason, "\"caf\\u00e9: # 'x'\""), "café: # 'x'");
    assert_eq!(read(Field::Notebook, "'*-old'"), "*-old");
}

#[test]
fn the_order_and_form_of_the_file_do_not_matter_to_the_artifact() {
    let block = file(&[(Field::Notebook, Some("a")), (Field::Notebook, Some("b"))]);
    let turned = file(&[(Field::Notebook, Some("\"b\"")), (Field::Notebook, Some("'a' # first"))]);
    let artifact = |text: &str| read(text, TODAY).unwrap().to_artifact();
    assert_eq!(artifact(&block), artifact(&turned));
    assert_eq!(artifact(&block), artifact(&block.replace('\n', "\r\n")));
    assert_eq!(artifact("exemptions: []"), Exemptions::default().to_artifact());
    assert_eq!(artifact("# none\nexemptions:\n"), Exemptions::default().to_artifact());
}

#[test]
fn all_faults_are_told_with_line_column_exemption_and_field() {
    let text = "exemptions:\n  - account: 123\n    region: eu-west-1\n    notebook: a\n    check: rot-access\n    \
                reason: r\n    owner: o\n    tickets: T\n    approved_by: a\n    expires: 2027-01-31\n  - just a text\n";
    let faults = faults(text);
    let told = |fault: &Fault| (fault.line, fault.column, fault.entry, fault.field.clone());
    assert_eq!(
        faults.iter().map(told).collect::<Vec<_>>(),
        [
            (2, 5, Some(1), Some("ticket".to_owned())),
            (2, 14, Some(1), Some("account".to_owned())),
            (5, 12, Some(1), Some("check".to_owned())),
            (8, 5, Some(1), Some("tickets".to_owned())),
            (11, 5, Some(2), None),
        ]
    );
    let said = |index: usize| faults[index].to_string();
    assert!(said(0).contains("`ticket` is missing"), "{}", said(0));
    assert!(said(1).contains("`123`; allowed: one account id of twelve digits"), "{}", said(1));
    assert!(said(2).contains("did you mean `root-access`?; allowed: one of direct-internet-access"), "{}", said(2));
    assert!(said(3).contains("`tickets` is no field of an exemption; did you mean `ticket`?"), "{}", said(3));
}

#[test]
fn each_field_is_needed_and_may_not_be_empty() {
    for field in Field::ALL {
        let [missing] = faults(&file(&[(field, None)])).try_into().unwrap();
        assert_eq!((missing.field.as_deref(), missing.line), (Some(field.name()), 2), "{missing}");
        assert!(missing.problem.contains("is missing"), "{missing}");
        for nothing in ["", "~", "null", "''", "\" \""] {
            let [empty] = one(field, nothing).unwrap_err().try_into().unwrap();
            assert!(empty.problem.contains("is empty") && empty.field.as_deref() == Some(field.name()), "{empty}");
        }
        for (structure, says) in [("[a]", "is a list"), ("{a: b}", "is a map")] {
            let [wrong] = one(field, structure).unwrap_err().try_into().unwrap();
            assert!(wrong.problem.contains(says) && wrong.entry == Some(1), "{wrong}");
        }
    }
}

#[test]
fn what_is_no_file_of_exemptions_is_told_with_the_way_out() {
    for (text, line, says) in [
        ("", 1, "the file is empty; allowed: `exemptions:` with a list"),
        ("# nothing\n", 1, "the file is empty"),
        ("- account: a\n", 1, "does not begin with `exemptions:`"),
        ("exemptions: {}\n", 1, "`exemptions` is no list"),
        ("exemption: []\n", 1, "`exemption` is no part of the file"),
        ("exemptions: []\nexemptions: []\n", 2, "is there twice"),
        ("exemptions: []\n---\nexemptions: []\n", 2, "a second document"),
        ("exemptions:\n  - notebook: *-old\n", 2, "notebook: \"*-legacy\""),
        ("exemptions:\n  - notebook: *\n", 2, "notebook: \"*-legacy\""),
        ("exemptions:\n  - &a\n    notebook: x\n  - *a\n", 2, "an anchor (`&`)"),
        ("exemptions:\n  - notebook: !!str x\n", 2, "a tag (`!`)"),
        ("exemptions:\n\t- notebook: x\n", 2, "no tabs"),
        ("exemptions:\n  - reason: because: it is\n", 2, "need quotes"),
        ("exemptions: [[[[[[[[[[[[[[[[[[[[", 1, "nested too deeply"),
    ] {
        let [fault] = faults(text).try_into().unwrap_or_else(|all| panic!("{text}: {all:?}"));
        assert!(fault.line == line && fault.to_string().contains(says), "{text}: {fault}");
    }
}

#[test]
fn a_second_exemption_for_the_same_is_a_fault_in_any_letter_case() {
    let text = file(&[(Field::Notebook, Some("nb")), (Field::Notebook, Some("other")), (Field::Notebook, Some("NB"))]);
    let [fault] = faults(&text).try_into().unwrap();
    assert_eq!((fault.entry, fault.line), (Some(3), 22));
    assert!(fault.problem.contains("as in exemption 1 on line 2"), "{fault}");
    let another = file(&[(Field::Check, Some("inside-vpc")), (Field::Check, Some("imds-v2"))]);
    assert_eq!(read(&another, TODAY).unwrap().all().as_slice().len(), 2);
    let twice = file(&[(Field::Check, Some("inside-vpc"))]).replace("    owner:", "    region: eu-west-1\n    owner:");
    assert!(faults(&twice)[0].to_string().contains("`region` is there twice, first on line 3"));
}

#[test]
fn the_last_day_is_at_most_366_days_ahead_and_past_days_are_warned_of() {
    let expires = |days: i64| one(Field::Expires, &(TODAY + Duration::days(days)).to_string());
    for (days, warnings) in [(-400, 1), (-1, 1), (0, 0), (366, 0)] {
        let read = expires(days).unwrap();
        assert_eq!(read.warnings().len(), warnings, "{days}");
        assert_eq!(read.all().as_slice().len(), 1, "an expired one stays, and says so in its annotation");
    }
    let [fault] = expires(367).unwrap_err().try_into().unwrap();
    assert!(fault.to_string().contains("367 days ahead; allowed: at most 366 days ahead: until 2027-11-23"), "{fault}");
    assert!(expires(-1).unwrap().warnings()[0].to_string().contains("SEC-1 no longer holds"));
    assert!(one(Field::Expires, "9999-12-31").is_err());
    assert!(read(&file(&[(Field::Expires, Some("9999-12-31"))]), Date::MAX).is_ok());
}

#[test]
fn the_limits_are_kept() {
    let names: Vec<String> = (0..=2000).map(|index| format!("nb-{index}")).collect();
    let entries = |count: usize| {
        let all: Vec<_> = names.iter().take(count).map(|name| (Field::Notebook, Some(name.as_str()))).collect();
        file(&all)
    };
    let read_all = read(&entries(2000), TODAY).unwrap();
    assert_eq!(rule::exemption::Exemptions::read(&read_all.to_artifact()).unwrap(), *read_all.all());
    let [fault] = faults(&entries(2001)).try_into().unwrap();
    assert!(fault.to_string().contains("2001 exemptions; allowed: at most 2000"), "{fault}");
    assert_eq!(fault.line, 2 + 2000 * 9);
    let padded = format!("{}#{}", entries(1), " ".repeat(1 << 20));
    assert!(faults(&padded)[0].to_string().contains("at most 1048576 bytes"));
    // Small as YAML, too large as JSON: each backslash is doubled.
    let reason = "\\".repeat(480);
    let fat: Vec<_> = names.iter().take(1500).map(|name| (Field::Notebook, Some(name.as_str()))).collect();
    let fat = file(&fat).replace("the vendor needs it", &reason);
    assert!(fat.len() < 1 << 20);
    assert!(faults(&fat)[0].to_string().contains("bytes in the artifact"));
}

#[test]
fn the_example_of_the_documentation_is_in_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/");
    let example = std::fs::read_to_string(format!("{folder}exemptions.yaml")).unwrap();
    let read_example = read(&example, TODAY).unwrap();
    assert_eq!((read_example.all().as_slice().len(), read_example.warnings()), (3, &[][..]));
    let page = std::fs::read_to_string(format!("{folder}exemptions.md")).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    assert_eq!(read(rest.split_once("```").unwrap().0, TODAY).unwrap().all().as_slice().len(), 1);
    for field in Field::ALL {
        assert!(page.contains(&format!("| `{field}` |")), "{field} is not documented");
    }
}

/// Pieces that YAML and this reader care about.
fn pieces() -> impl Strategy<Value = String> {
    let known = [
        "exemptions:",
        "\n",
        "  ",
        "- ",
        "account: ",
        "\"111122223333\"",
        "notebook: ",
        "*",
        "&a ",
        "*a",
        "!t ",
        "|\n",
        ">\n",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "#",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "? ",
        ": ",
        "\t",
        "expires: ",
        "2027-01-31",
        "check: root-access",
        "<<: ",
        "~",
        "\\",
        "\u{feff}",
        "\u{0}",
        "é",
        "\r",
        "@",
        "`",
    ];
    let piece = prop_oneof![5 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A value in double quotes, in which YAML and JSON agree.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_or_every_fault_has_its_place(text in pieces()) {
        match read(&text, TODAY) {
            Ok(exemptions) => {
                let again = rule::exemption::Exemptions::read(&exemptions.to_artifact());
                prop_assert_eq!(&again.unwrap(), exemptions.all());
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                // To YAML a carriage return alone ends a line too; an end that is missing is noticed behind the last.
                let lines = text.split(['\n', '\r']).count() + 1;
                for fault in faults {
                    prop_assert!((1..=lines).contains(&fault.line) && fault.column >= 1, "{fault}");
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_what_the_evaluator_reads(
        reason in "[\\PC\n]{0,60}x",
        owner in "\\PC{0,30}x",
        notebook in "[a-zA-Z0-9*-]{1,30}",
        days in -30_i64..=366,
    ) {
        let expires = (TODAY + Duration::days(days)).to_string();
        let mut text = file(&[(Field::Notebook, Some(&quoted(&notebook)))]);
        for (old, new) in [("the vendor needs it", &reason), ("research", &owner), ("2027-01-31", &expires)] {
            text = text.replace(old, &quoted(new));
        }
        let written = read(&text, TODAY).unwrap();
        let again = rule::exemption::Exemptions::read(&written.to_artifact()).unwrap();
        prop_assert_eq!(&again, written.all());
        let one = &again.as_slice()[0];
        prop_assert_eq!((&one.reason, &one.owner), (&words(&reason), &words(&owner)));
        prop_assert_eq!((one.notebook.as_str(), one.text(Field::Expires)), (notebook.as_str(), expires));
    }
}
