//! Runs of commands beside a sandbox in the same process.

use std::io;
use std::process::{Command, Output};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The exit code; -1 if a signal ended it, or if it could not be started.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error, or why it could not be started.
    pub stderr: String,
}

impl Ran {
    /// The whole run as a snapshot shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}", self.code, self.stdout, self.stderr)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command without blocking the sandbox.
pub async fn ran(mut command: Command) -> Ran {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    match output.map_err(io::Error::from).and_then(|output| output) {
        Ok(output) => output.into(),
        Err(error) => Ran { code: -1, stdout: String::new(), stderr: error.to_string() },
    }
}
