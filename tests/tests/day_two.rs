//! What is done with an installation in an organization from the second day on, against the sandbox: `doctor`, `status`,
//! `retry` and `uninstall` with `--org`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite stops at what it did not expect")]

#[path = "artifact/elf.rs"]
#[expect(dead_code, reason = "the suite of artifacts uses all of it")]
mod elf;
#[path = "cli/runner.rs"]
mod runner;

#[path = "day_two/converge.rs"]
mod converge;
#[path = "day_two/doctor.rs"]
mod doctor;
#[path = "day_two/home.rs"]
mod home;
#[path = "day_two/member.rs"]
mod member;
#[path = "day_two/packs.rs"]
mod packs;
#[path = "day_two/permissions.rs"]
mod permissions;
#[path = "day_two/retry.rs"]
mod retry;
#[path = "day_two/stage.rs"]
mod stage;
#[path = "day_two/status.rs"]
mod status;
#[path = "day_two/uninstall.rs"]
mod uninstall;
