//! `deployer report` against the sandbox: an organization whose truth is known, read in every way there is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a suite stops at what it did not expect"
)]

#[path = "cli/runner.rs"]
mod runner;

#[path = "report/aggregators.rs"]
mod aggregators;
#[path = "report/calls.rs"]
mod calls;
#[path = "report/disabled.rs"]
mod disabled;
#[path = "report/failures.rs"]
mod failures;
#[path = "report/flags.rs"]
mod flags;
#[path = "report/permissions.rs"]
mod permissions;
#[path = "report/scale.rs"]
mod scale;
#[path = "report/stage.rs"]
mod stage;
#[path = "report/truth.rs"]
mod truth;
#[path = "report/whole.rs"]
mod whole;
