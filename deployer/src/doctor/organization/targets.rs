//! Accounts by state, and whether what is targeted is there.

use std::collections::BTreeMap;

use super::access::role;
use super::{Inside, Observed, Role, Tree};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::output::counted;

/// Names that are told before the rest is counted.
const SHOWN: usize = 10;

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    let tree = match &inside.tree {
        Err(refusal) => {
            notes.unknown(topic::ACCOUNTS, refusal);
            return notes.done();
        }
        Ok(tree) => tree,
    };
    accounts(tree, &mut notes);
    targets(tree, &mut notes);
    management(observed, tree, &mut notes);
    recorders(&mut notes);
    landing_zone(tree, &mut notes);
    notes.done()
}

fn accounts(tree: &Tree, notes: &mut Notes) {
    notes.good(topic::ACCOUNTS, by_state(&tree.states));
    if !tree.skipped.is_empty() {
        let count: usize = tree.skipped.values().sum();
        notes.warning(
            topic::ACCOUNTS,
            format!("{} in the targets will be skipped: {}", counted(count, "account"), by_state(&tree.skipped)),
            "nothing: StackSets take no account that is not ACTIVE; one that becomes so is covered by auto-deployment",
        );
    }
}

fn by_state(states: &BTreeMap<String, usize>) -> String {
    let parts: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
    parts.join(", ")
}

fn targets(tree: &Tree, notes: &mut Notes) {
    for fault in &tree.faults {
        notes.bad(topic::TARGETS, fault, "deployer doctor --org without targets tells what there is");
    }
    let there = tree.targets.iter();
    let empty: Vec<&str> =
        there.clone().filter(|target| target.active == 0).map(|target| target.path.as_str()).collect();
    if !empty.is_empty() {
        notes.warning(
            topic::TARGETS,
            format!("no ACTIVE account is in {}", listed(&empty)),
            "nothing: accounts that come to be there are covered by auto-deployment",
        );
    }
    let full: Vec<String> = there
        .filter(|target| target.active > 0)
        .map(|target| format!("{} ({})", target.path, counted(target.active, "account")))
        .collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    if full.is_empty() {
        return;
    }
    notes.good(topic::TARGETS, format!("{} in {}", counted(tree.in_scope, "ACTIVE account"), listed(&full)));
}

/// The first of them, and how many more there are.
pub(super) fn listed(all: &[&str]) -> String {
    let (shown, more) = all.split_at_checked(SHOWN).unwrap_or((all, &[]));
    match more.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn management(observed: &Observed, tree: &Tree, notes: &mut Notes) {
    match role(observed) {
        Some(Role::Management) if tree.covers_management => notes.good(
            topic::MANAGEMENT,
            "it gets stacks of its own, because StackSets never work in it; service control policies do not bind it",
        ),
        Some(Role::Management) => notes.warning(
            topic::MANAGEMENT,
            "the management account will not be covered, as --no-management-account says",
            "leave the flag out if notebooks may be there: service control policies do not bind it either",
        ),
        Some(Role::DelegatedAdministrator | Role::Member | Role::Unknown) | None => notes.warning(
            topic::MANAGEMENT,
            "the management account cannot be covered from here: StackSets never work in it, and service control \
             policies do not bind it",
            "run deployer install (without --org) with credentials of the management account",
        ),
    }
}

/// Nobody can see the recorders of all members without an aggregator, and none is made for it.
fn recorders(notes: &mut Notes) {
    notes.warning(
        topic::MEMBER_RECORDERS,
        "whether the members record their configuration is not known before the roll-out",
        "nothing: accounts without a recorder are named by the roll-out and by deployer status --org",
    );
}

fn landing_zone(tree: &Tree, notes: &mut Notes) {
    if tree.landing_zone.is_empty() {
        return;
    }
    let hints: Vec<&str> = tree.landing_zone.iter().map(String::as_str).collect();
    notes.warning(
        topic::LANDING_ZONE,
        format!("a landing zone seems to be in charge here: {}", listed(&hints)),
        "nothing of it is touched; its controls may forbid what StackSets do: policies-in-force says what is known",
    );
}
