//! Runs the CLI in an environment that holds nothing of the machine's.

use std::process::{Command, Stdio};

pub(crate) use guard_tests::process::Ran;

/// The command with nothing but 80 columns in its environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployer-under-test"));
    command.args(arguments).env_clear().env("COLUMNS", "80").env("HOME", "/nonexistent").stdin(Stdio::null());
    // Otherwise the search for credentials asks the instance metadata service, which is not there.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    command(arguments).output().unwrap().into()
}

/// Lines that are too long for a terminal of 80 columns.
pub(crate) fn too_wide(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.chars().count() > 80).collect()
}
