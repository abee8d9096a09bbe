//! `deployer install` against the sandbox: every scenario of a single account.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite stops at what it did not expect")]

#[path = "artifact/elf.rs"]
mod elf;
#[path = "cli/runner.rs"]
mod runner;

#[path = "install/again.rs"]
mod again;
#[path = "install/artifact.rs"]
mod artifact;
#[path = "install/codes.rs"]
mod codes;
#[path = "install/damage.rs"]
mod damage;
#[path = "install/endpoints.rs"]
mod endpoints;
#[path = "install/exemptions.rs"]
mod exemptions;
#[path = "install/faults.rs"]
mod faults;
#[path = "install/fresh.rs"]
mod fresh;
#[path = "install/kills.rs"]
mod kills;
#[path = "install/lags.rs"]
mod lags;
#[path = "install/names.rs"]
mod names;
#[path = "install/permissions.rs"]
mod permissions;
#[path = "install/plans.rs"]
mod plans;
#[path = "install/role.rs"]
mod role;
#[path = "install/speed.rs"]
mod speed;
#[path = "install/stage.rs"]
mod stage;
#[path = "install/states.rs"]
mod states;
#[path = "install/status.rs"]
mod status;
#[path = "install/uninstall.rs"]
mod uninstall;
