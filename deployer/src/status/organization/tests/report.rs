//! What is said of installations, and in how many lines.

use std::convert::Infallible;

use serde_json::Value;

use super::{covered, installed, member, regions, report, set, why};
use crate::status::Level;
use crate::status::organization::{Coverage, Expectation, Found, Guardrail, Why, render};

/// Without colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn words(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As bad as it gets: every account fails for a reason of its own.
fn worst(accounts: usize, places: usize) -> Coverage {
    let members = (1..=accounts).map(|number| member(number, Expectation::Covered)).collect();
    let mut coverage = Coverage::expecting(regions(places), members);
    for number in 1..=accounts {
        let failed = Found::Failed(why("other", &format!("reason {number} that takes many words to tell, and more")));
        for region in regions(places) {
            coverage.record(&format!("{number:012}"), &region, &failed);
        }
    }
    coverage
}

#[test]
fn the_largest_organization_is_told_in_less_than_a_hundred_lines() {
    for coverage in [covered(10_000, 17), worst(2_000, 34)] {
        let mut installed = installed(coverage);
        installed.sets = (1..40).map(|number| set(&format!("notebook-guard-set-{number}"), &regions(17))).collect();
        for set in &mut installed.sets {
            set.auto_deployment = false;
            set.is_changed = Some(true);
        }
        let report = report(installed);
        for width in [80, 200] {
            let text = plain(&render::text(&report, width));
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.len() < 100, "{} lines:\n{text}", lines.len());
            let wide: Vec<&&str> = lines.iter().filter(|line| line.chars().count() > width).collect();
            assert_eq!(wide, Vec::<&&str>::new());
        }
    }
}

#[test]
fn health_is_said_in_one_sentence() {
    let report = report(installed(covered(3, 2)));
    assert_eq!(report.findings(), []);
    let text = words(&render::text(&report, 80));
    assert!(text.contains("The guard is in 6 of 6 places where it can be. It is as it was installed."), "{text}");
}

#[test]
fn each_reason_is_told_once_with_its_numbers() {
    let members = (1..=30)
        .map(|number| match number {
            28 => member(number, Expectation::Skipped(Why::new("not-active", "the account is SUSPENDED"))),
            29 => member(number, Expectation::OutOfScope(Why::new("excluded", "excluded by name"))),
            _ => member(number, Expectation::Covered),
        })
        .collect();
    let mut coverage = Coverage::expecting(regions(2), members);
    for number in 1..=27 {
        coverage.record(&format!("{number:012}"), "eu-west-1", &Found::Failed(why("no-recorder", "no recorder")));
        coverage.record(&format!("{number:012}"), "eu-west-2", &Found::Current);
    }
    let report = report(installed(coverage));
    let text = words(&render::text(&report, 80));
    for told in [
        "failed in 27 accounts in eu-west-1 (27 places): no recorder one is 000000000027 (account-27) in eu-west-1",
        "skipped in 1 account (2 places): the account is SUSPENDED",
        "out of scope in 1 account (2 places): excluded by name",
        "not installed in 1 account (2 places): nothing has been installed there yet",
        "The guard is in 27 of 56 places where it can be.",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let findings = report.findings();
    assert!(findings.iter().any(|one| one.fix.as_deref().is_some_and(|fix| fix.contains("deployer retry --org"))));
}

#[test]
fn a_canary_that_was_left_half_way_is_told() {
    let members = (1..=3).map(|number| member(number, Expectation::Covered)).collect();
    let mut coverage = Coverage::expecting(regions(1), members);
    coverage.record("000000000001", "eu-west-1", &Found::Current);
    let mut installed = installed(coverage);
    installed.sets.iter_mut().for_each(|set| set.auto_deployment = false);
    let findings = report(installed.clone()).findings();
    assert!(findings.iter().any(|one| one.message.contains("canary was left half-way")), "{findings:?}");
    // With single accounts it has to be off.
    installed.record.accounts = vec!["000000000001".to_owned()];
    let findings = report(installed).findings();
    let about = |one: &&crate::status::organization::Finding| one.message.contains("auto-deployment");
    assert_eq!(findings.iter().filter(about).map(|one| one.level).collect::<Vec<_>>(), [Level::Note]);
}

#[test]
fn changes_by_hand_are_problems() {
    let mut installed = installed(covered(1, 1));
    installed.sets.iter_mut().for_each(|set| set.is_changed = Some(true));
    installed.trusted_access = Ok(false);
    installed.record.is_there = false;
    installed.guardrail = Ok(Some(Guardrail {
        policies: [("notebook-guard-network".to_owned(), Vec::new())].into(),
        ..Guardrail::default()
    }));
    let findings = report(installed).findings();
    for told in ["were changed", "switched off", "record of targets is gone", "attached to nothing"] {
        let found = findings.iter().find(|one| one.message.contains(told));
        assert_eq!(found.map(|one| one.level), Some(Level::Problem), "{told}: {findings:?}");
    }
}

#[test]
fn json_has_every_row() {
    let report = report(installed(covered(1_200, 2)));
    let (mut text, mut pieces) = (String::new(), 0);
    let written: Result<(), Infallible> = render::json(&report, |piece| {
        text.push_str(piece);
        pieces += 1;
        Ok(())
    });
    assert_eq!((written, pieces), (Ok(()), 5), "in pieces");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["rows"].as_array().unwrap().len(), 2_400);
    assert_eq!(document["coverage"]["totals"]["installed"], 2_400);
    assert_eq!(document["healthy"], true);
    assert_eq!(document["rows"][2399]["region"], "eu-west-2");
}
