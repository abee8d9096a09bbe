//! What people see on a terminal.

use deployer::evidence::rows::{Compliance, Reading};
use deployer::report::{Format, Layout, Meta};

use crate::rows::{
    ONE, Row, SCREEN, beyond, borne, good, meta, organization, place, report, report_as, resource, result, table,
};

#[test]
fn a_small_organization() {
    insta::assert_snapshot!(table(&organization(), SCREEN));
}

#[test]
fn everything_on_a_wide_terminal() {
    insta::assert_snapshot!(table(&organization(), Layout { width: 120, everything: true }));
}

#[test]
fn nothing_there() {
    insta::assert_snapshot!(table(&[place((ONE, "eu-west-1"), Reading::Read, 0)], SCREEN));
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    for width in [60, 80, 120, 200] {
        for everything in [false, true] {
            let text = table(&organization(), Layout { width, everything });
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            // The table of checks has a width of its own.
            assert!(longest <= width.max(80), "{longest} columns of {width}:\n{text}");
        }
    }
}

#[test]
fn what_an_exemption_bore_that_has_expired_is_shown_as_a_violation() {
    let text = table(&borne(true), SCREEN);
    for said in [
        "root-access (high) exemption SEC-123, expired on 2026-11-22",
        "1 of 1 notebook does not comply.",
        "1 result had an exemption that has expired: it is a violation again.",
    ] {
        assert!(text.contains(said), "it does not say `{said}`:\n{text}");
    }
    assert!(!text.contains("exempt until"), "{text}");
    assert!(table(&borne(false), SCREEN).contains(", 1 exempt."));
}

#[test]
fn nobody_complies_with_everything_where_exempt_results_are_not_seen() {
    assert!(table(&good(), SCREEN).contains("The only notebook complies."));
    let aggregator = || Meta { sees_exempt: false, ..meta() };
    for format in [Format::Table, Format::Html] {
        let text = report_as(aggregator(), format, &good(), Layout { width: 200, everything: false });
        assert!(text.contains("No violation of 1 notebook was seen; an aggregator does not show what is exempt."));
        assert!(!text.contains("complies."), "{text}");
    }
    let page = report_as(aggregator(), Format::Html, &good(), SCREEN);
    assert!(page.contains("Results that are exempt are not seen through an aggregator."));
    assert!(report(Format::Html, &good(), SCREEN).contains("No result tells of an exemption."));
}

#[test]
fn what_one_check_judged_is_no_result_of_another() {
    let here = (ONE, "eu-west-1");
    let mut rows = good();
    rows.insert(0, resource(here, "AWS::SageMaker::NotebookInstance", "scratch"));
    rows.insert(2, result(here, "scratch", "root-access", Compliance::Compliant, None));
    let text = table(&rows, SCREEN);
    assert!(text.contains("No violation was seen, but not everything was judged."), "{text}");
    assert!(text.contains("2 checks have no result for some that exist."), "{text}");
}

#[test]
fn two_rules_of_one_check_tell_of_one_violation() {
    let here = (ONE, "eu-west-1");
    let of_rule = |name: &str| match result(here, "research", "root-access", Compliance::NonCompliant, None) {
        Row::Evaluation(mut row) => {
            name.clone_into(&mut row.rule);
            Row::Evaluation(row)
        }
        other @ (Row::Resource(_) | Row::Place(_)) => other,
    };
    let rows = [
        resource(here, "AWS::SageMaker::NotebookInstance", "research"),
        of_rule("notebook-guard-root-access"),
        of_rule("notebook-guard-root-access-conformance-pack-abcdef"),
        place(here, Reading::Read, 0),
    ];
    let text = table(&rows, SCREEN);
    assert_eq!(text.matches("root-access of research is wrong").count(), 1);
    let line = text.lines().find(|line| line.starts_with("root-access  ")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["root-access", "high", "1", "-", "-", "-", "-"]);
    let said = "Several rules judge by one check, and each notebook counts once: root-access has\n2 results of 1.";
    assert!(text.contains(said), "{text}");
    let page = report(Format::Html, &rows, SCREEN);
    assert!(page.contains("root-access has 2 results of 1."), "{page}");
    assert_eq!(report(Format::Html, &rows, SCREEN).matches("root-access of research is wrong").count(), 1);
}

#[test]
fn only_checks_that_are_installed_have_a_row_and_the_others_are_named() {
    let text = table(&beyond(), SCREEN);
    for id in ["root-access  ", "studio-vpc-only  "] {
        assert!(!text.lines().any(|line| line.starts_with(id)), "{text}");
    }
    let said = "Not installed: inside-vpc, root-access, open-ingress";
    assert!(text.contains(said), "{text}");
    let page = report(Format::Html, &beyond(), SCREEN);
    assert!(page.contains("Not installed: <span class=\"whole\">inside-vpc,</span>"), "{page}");
    assert!(page.matches("<span class=\"what\">").count() == 1, "{page}");
    assert!(page.contains("<dt>Checks</dt><dd><b>1</b> <span>1 result</span>"), "{page}");
    // Whoever asks for one hears of no other.
    let asked = || Meta { checks: vec!["direct-internet-access".to_owned(), "imds-v2".to_owned()], ..meta() };
    let text = report_as(asked(), Format::Table, &beyond(), SCREEN);
    assert!(text.contains("imds-v2") && !text.contains("Not installed"), "{text}");
}

#[test]
fn what_an_aggregator_does_not_show_is_not_none() {
    let meta = Meta { sees_exempt: false, ..meta() };
    let text = report_as(meta.clone(), Format::Table, &good(), SCREEN);
    let line = text.lines().find(|line| line.starts_with("direct-internet-access")).unwrap();
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(cells, ["direct-internet-access", "high", "-", "1", "?", "?", "-"]);
    assert!(text.contains("? An aggregator does not show what is exempt or not applicable."), "{text}");
    assert!(text.contains("Not installed, or without a result that an aggregator shows: inside-vpc"), "{text}");
    let page = report_as(meta, Format::Html, &good(), SCREEN);
    assert!(page.contains(">?<span class=\"unit\"> exempt</span>"), "{page}");
}
