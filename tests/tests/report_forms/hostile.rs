//! Names that a browser, a spreadsheet, a terminal or a parser would obey.

use deployer::evidence::rows::{Compliance, Reading};
use deployer::report::Format;
use proptest::prelude::*;
use serde_json::Value;

use crate::rows::{ONE, Row, SCREEN, exempt, place, report, result, table};

const NAMES: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "'; DROP TABLE x --",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "\u{1b}[2J\u{202e}x",
    "a\r\nb,\"c\"",
];

/// A report in which everything that somebody else may choose is this text.
fn named(name: &str) -> Vec<Row> {
    let at = (ONE, "eu-west-1");
    let mut exempt = exempt("2026-10-31", true);
    for field in
        [&mut exempt.ticket, &mut exempt.reason, &mut exempt.owner, &mut exempt.approved_by, &mut exempt.expires]
    {
        name.clone_into(field);
    }
    let mut row = result(at, name, "root-access", Compliance::NonCompliant, Some(exempt));
    if let Row::Evaluation(row) = &mut row {
        row.annotation = Some(name.to_owned());
    }
    let mut rows = vec![row, place(at, Reading::Incomplete { why: name.to_owned() }, 0)];
    if let Some(Row::Place(place)) = rows.last_mut() {
        place.account_name = Some(name.to_owned());
    }
    rows
}

fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn no_cell_is_a_formula(name: &str) {
    let text = report(Format::Csv, &named(name), SCREEN);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert!(rows.iter().flatten().all(|cell| !is_formula(cell)), "{text}");
    assert_eq!(rows[0][5].strip_prefix('\'').filter(|_| is_formula(name)).unwrap_or(&rows[0][5]), name);
}

/// The tags of a page are those of the template, and these have no names in them.
fn no_name_becomes_markup(name: &str) {
    let page = |name| report(Format::Html, &named(name), SCREEN);
    let tags = |page: &str| page.matches('<').count();
    let quotes = |page: &str| page.matches('"').count();
    let (hostile, harmless) = (page(name), page("x"));
    assert_eq!((tags(&hostile), quotes(&hostile)), (tags(&harmless), quotes(&harmless)), "{name:?}");
}

#[test]
fn nothing_that_is_named_is_obeyed() {
    for name in NAMES {
        no_cell_is_a_formula(name);
        no_name_becomes_markup(name);
        let text = report(Format::Table, &named(name), SCREEN);
        assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{202e}') && !text.contains('\r'), "{text:?}");
        assert!(!table(&named(name), SCREEN).contains('\u{1b}'));
    }
}

#[test]
fn a_page_runs_nothing_and_asks_nobody() {
    let page = report(Format::Html, &named("x"), SCREEN);
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src &#39;none&#39;; style-src &#39;sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    for bad in ["<script", "src=", "@import", "url(", "style=\""] {
        assert!(!page.contains(bad), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn any_text_stays_what_it_is(name in "\\PC{1,40}|[ -~]{1,40}|[<>&\"'=+@\\x00-\\x1f-]{1,12}") {
        // A label of nothing that can be seen is left out of the page, with its element.
        prop_assume!(name.chars().any(|one| !one.is_whitespace() && !one.is_control()));
        no_cell_is_a_formula(&name);
        no_name_becomes_markup(&name);
        let rows = named(&name);
        let whole: Value = serde_json::from_str(&report(Format::Json, &rows, SCREEN)).unwrap();
        prop_assert_eq!(whole["evaluations"][0]["notebook"].as_str(), Some(name.as_str()));
        for format in [Format::Ocsf, Format::Asff] {
            let text = report(format, &rows, SCREEN);
            prop_assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        }
    }
}
