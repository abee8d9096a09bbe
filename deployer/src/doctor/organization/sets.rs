//! StackSets of our names, and what runs on them.

use super::{Inside, Observed, Running, SetFact, SetStanding};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of(&observed.home);
    let sets = match &inside.sets {
        Err(refusal) => {
            notes.unknown(topic::STACK_SETS, refusal);
            return notes.done();
        }
        Ok(sets) => sets,
    };
    if sets.named.is_empty() {
        notes.good(topic::STACK_SETS, format!("the name {} is free", observed.prefix));
    }
    for set in &sets.named {
        standing(set, &mut notes);
        for running in &set.running {
            operation(&set.name, running, &mut notes);
        }
    }
    if sets.named.iter().all(|set| set.running.is_empty()) {
        notes.good(topic::OPERATIONS, "nothing runs on a StackSet of ours");
    }
    notes.done()
}

fn standing(set: &SetFact, notes: &mut Notes) {
    let name = &set.name;
    match &set.standing {
        SetStanding::Ours(version) => {
            notes.good(topic::STACK_SETS, format!("{name} is ours, version {version}"));
        }
        SetStanding::SelfManaged => notes.bad(
            topic::STACK_SETS,
            format!("the StackSet {name} has our tag, but is not service-managed: install makes no such"),
            "delete it if it is left over, or choose other names with --prefix",
        ),
        SetStanding::Foreign => notes.bad(
            topic::STACK_SETS,
            format!("the StackSet {name} exists, and deployer did not make it"),
            "choose other names with --prefix, or delete the StackSet if nobody needs it",
        ),
    }
}

fn operation(set: &str, running: &Running, notes: &mut Notes) {
    let Running { id, action, status, is_ours } = running;
    if *is_ours {
        notes.warning(
            topic::OPERATIONS,
            format!("an operation of ours is on its way on {set}: {action} {id} is {status}"),
            "nothing: install attaches to it if it wants the same, else waits for it",
        );
    } else {
        notes.warning(
            topic::OPERATIONS,
            format!("somebody else's operation is on its way on {set}: {action} {id} is {status}"),
            "nothing: install waits for it, an hour at most",
        );
    }
}
