//! `deployer render`, and whether the policies that it prints are enough and no more than that.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a suite stops at what it did not expect"
)]

#[path = "artifact/elf.rs"]
#[expect(dead_code, reason = "the suite of artifacts uses all of it")]
mod elf;
#[path = "cli/runner.rs"]
mod runner;
#[path = "install/stage.rs"]
#[expect(dead_code, reason = "the suite of install uses all of it")]
mod stage;

#[path = "render/calls.rs"]
mod calls;
#[path = "render/documents.rs"]
mod documents;
#[path = "render/handlers.rs"]
mod handlers;
#[path = "render/iam.rs"]
mod iam;
#[path = "render/operator.rs"]
mod operator;
