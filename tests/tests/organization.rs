//! Installations into an organization, on the sandbox.
#![expect(clippy::unwrap_used, reason = "a suite stops at what it did not expect")]

#[path = "artifact/elf.rs"]
#[expect(dead_code, reason = "the suite of artifacts uses all of it")]
mod elf;
#[path = "cli/runner.rs"]
#[expect(dead_code, reason = "the suite of the command line uses all of it")]
mod runner;

mod organization {
    mod aggregators;
    mod callers;
    mod changes;
    mod failures;
    mod fresh;
    mod kills;
    mod managed_pack;
    mod people;
    mod plans;
    mod policies;
    mod records;
    mod stage;
}
