//! Service control policies: the commands that look at them, and the stack that makes ours, on the sandbox.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "scp/command.rs"]
mod command;
#[path = "scp/guardrail.rs"]
mod guardrail;
#[path = "cli/runner.rs"]
mod runner;
#[path = "scp/stage.rs"]
mod stage;
