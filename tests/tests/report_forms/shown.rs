//! What people see on a terminal.

use deployer::evidence::rows::Reading;
use deployer::report::Layout;

use crate::rows::{ONE, SCREEN, organization, place, table};

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
