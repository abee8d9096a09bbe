//! `deployer`: installs Notebook Guard, judges notebooks on the spot and proves their compliance.
//!
//! So far: `checks` shows the registry, `evaluate` runs the checks now, without installing anything, `package` makes
//! the zip that Lambda runs. Flags become values in `cli`; [`evaluate`] reads the world into a [`evaluate::Report`],
//! and a renderer prints it; [`artifact`] finds the function's executable, judges it and packs it.

pub mod aggregator;
pub mod apply;
pub mod artifact;
pub mod aws;
mod cli;
pub mod compliance;
mod confirm;
pub mod controls;
mod digest;
mod display;
pub mod doctor;
pub mod evaluate;
pub mod evidence;
pub mod exemptions;
pub mod exit;
pub mod failure;
mod input;
mod install;
mod interrupt;
pub mod managed_pack;
pub mod names;
mod near;
pub mod observe;
pub mod organization;
pub mod output;
pub mod permissions;
pub mod plan;
pub mod policy;
mod progress;
pub mod recording;
mod regions;
pub mod report;
pub mod save;
pub mod scp;
mod session;
pub mod settings;
mod spreadsheet;
pub mod stack_set;
pub mod stacks;
pub mod status;
pub mod templates;
mod uninstall;

pub use cli::command;

use std::process::ExitCode;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::Printer::of_process().failure(&failure::Failure::internal(&error));
            return exit::Exit::Internal.into();
        }
    };
    runtime.block_on(cli::run()).into()
}
