//! Killing a program at one of its AWS calls, as a power cut would.

use std::io;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::sandbox::{HeldCall, Hold, World};

/// What came of a program that was to be killed.
#[derive(Debug)]
pub struct Run {
    /// The call that it was killed at; `None`: it ended before it made so many.
    pub killed_at: Option<HeldCall>,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs a program and kills it with SIGKILL at its call with that number, counted from 1, before or after the call took
/// effect. Nothing that it has sent besides takes effect after that. Stacks go on: that is AWS's work.
///
/// To go through all calls, count up until [`Run::killed_at`] is `None`.
///
/// # Errors
/// The program cannot be started.
pub async fn run_until(world: &World, mut command: Command, number: usize, hold: Hold) -> io::Result<Run> {
    let trap = world.calls().hold_at(number, hold);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let (stdout, stderr) = (tokio::spawn(read(child.stdout.take())), tokio::spawn(read(child.stderr.take())));
    let killed_at = tokio::select! {
        biased;
        call = trap.reached() => Some(call),
        _ = child.wait() => None,
    };
    child.start_kill().ok();
    let status = child.wait().await?;
    drop(trap);
    let (stdout, stderr) = (stdout.await.unwrap_or_default(), stderr.await.unwrap_or_default());
    Ok(Run { killed_at, status, stdout, stderr })
}

async fn read(output: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut output) = output {
        // What was read until an error is all there is.
        let _ = output.read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
