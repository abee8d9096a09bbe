//! `deployer` in one of the sandbox's accounts, as a user would run it.

use std::process::Stdio;

use tokio::process::Command;

use super::program::Programs;
use super::{DemoError, say};
use crate::sandbox::Sandbox;

/// Shows a command, runs it in an account, and lets it speak for itself.
pub(super) async fn run(
    sandbox: &Sandbox,
    programs: &Programs,
    place: (&str, &str),
    arguments: &[&str],
) -> Result<(), DemoError> {
    run_to(sandbox, programs, place, arguments, 0).await
}

/// The same, with the exit code that it has to end with.
pub(super) async fn run_to(
    sandbox: &Sandbox,
    programs: &Programs,
    (account, region): (&str, &str),
    arguments: &[&str],
    code: i32,
) -> Result<(), DemoError> {
    let strong = anstyle::Style::new().bold();
    say(&format!("\n{strong}account {account} $ deployer {}{strong:#}", arguments.join(" ")))?;
    let mut command = Command::new(&programs.deployer);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    // Nothing of the user's own AWS configuration may get in.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(sandbox.environment(account, region)?);
    let status = command.status().await?;
    if status.code() == Some(code) {
        Ok(())
    } else {
        Err(DemoError::Program(format!("deployer {} ended with {status}", arguments.join(" "))))
    }
}
