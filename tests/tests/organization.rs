//! Installations into an organization, on the sandbox.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite stops at what it did not expect")]

#[path = "artifact/elf.rs"]
mod elf;
#[path = "cli/runner.rs"]
mod runner;

mod organization {
    mod callers;
    mod changes;
    mod failures;
    mod fresh;
    mod kills;
    mod managed_pack;
    mod people;
    mod plans;
    mod stage;
}
