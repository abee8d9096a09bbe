//! `deployer` as users meet it: help, tables, errors, exit codes, at 80 columns and without colour.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "cli/by_hand.rs"]
mod by_hand;
#[path = "cli/checks.rs"]
mod checks;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/doctor_permissions.rs"]
mod doctor_permissions;
#[path = "cli/exemptions.rs"]
mod exemptions;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/live.rs"]
mod live;
#[path = "cli/runner.rs"]
mod runner;
