//! Operations on StackSets against the sandbox: begun, attached to, followed, read to the end, retried, removed.
#![expect(clippy::unwrap_used, reason = "a suite stops at what it did not expect")]

#[expect(dead_code, reason = "other suites use more of it")]
#[path = "artifact/elf.rs"]
mod elf;
#[expect(dead_code, reason = "other suites use more of it")]
#[path = "cli/runner.rs"]
mod runner;

#[path = "stack_sets/attach.rs"]
mod attach;
#[path = "stack_sets/canary.rs"]
mod canary;
#[path = "stack_sets/foreign.rs"]
mod foreign;
#[path = "stack_sets/installer.rs"]
mod installer;
#[path = "stack_sets/operations.rs"]
mod operations;
#[path = "stack_sets/removal.rs"]
mod removal;
#[path = "stack_sets/results.rs"]
mod results;
#[path = "stack_sets/stage.rs"]
mod stage;
