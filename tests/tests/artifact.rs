//! The zip that Lambda runs: which executables are accepted, where they are found, and what the zip holds.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "helpers of tests may panic")]

#[path = "artifact/command.rs"]
mod command;
#[path = "artifact/elf.rs"]
mod elf;
#[path = "artifact/found.rs"]
mod found;
#[path = "artifact/judged.rs"]
mod judged;
#[path = "artifact/packed.rs"]
mod packed;
#[path = "artifact/properties.rs"]
mod properties;
#[path = "cli/runner.rs"]
mod runner;
