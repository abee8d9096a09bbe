//! Runs of commands beside a sandbox in the same process.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

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

/// A text without its line breaks and indents: however wide the terminal was, the words are the same.
#[must_use]
pub fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a command without blocking the sandbox.
pub async fn ran(mut command: Command) -> Ran {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    match output.map_err(io::Error::from).and_then(|output| output) {
        Ok(output) => output.into(),
        Err(error) => Ran { code: -1, stdout: String::new(), stderr: error.to_string() },
    }
}

/// Why there is no terminal.
const NO_SCRIPT: &str = "`script` of util-linux gives a command a terminal, and cannot be started: install util-linux \
                         (Debian: bsdutils)";

/// Runs a command, with the environment that was set for it and no other, at a terminal of its own, and types keys and
/// the end of the input as soon as the screen shows a question. What the screen shows is the standard output. A command
/// that has not ended when patience has is ended, with the exit code -1.
///
/// # Errors
/// There is no `script`, or a pipe of it broke.
pub fn at_terminal(command: &Command, (question, keys): (&str, &str), patience: Duration) -> io::Result<Ran> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted: Vec<String> =
        words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"))).collect();
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &quoted.join(" "), "/dev/null"]).env_clear();
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = terminal.spawn().map_err(|error| io::Error::new(error.kind(), format!("{NO_SCRIPT}: {error}")))?;
    let (mut input, screen) = (child.stdin.take(), read(child.stdout.take()));
    let (end, mut shown) = (Instant::now() + patience, String::new());
    loop {
        match screen.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(part) => shown += &part,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                return Ok(Ran { code: -1, stdout: shown, stderr: format!("it did not end within {patience:?}") });
            }
        }
        if shown.contains(question)
            && let Some(mut input) = input.take()
        {
            input.write_all(keys.as_bytes())?;
        }
    }
    Ok(Ran { code: child.wait()?.code().unwrap_or(-1), stdout: shown, stderr: String::new() })
}

/// What comes out of a pipe, piece by piece.
fn read(pipe: Option<impl io::Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let mut part = [0_u8; 4096];
        let Some(mut pipe) = pipe else { return };
        while let Ok(count @ 1..) = pipe.read(&mut part) {
            let text = String::from_utf8_lossy(part.get(..count).unwrap_or_default()).into_owned();
            if tell.send(text).is_err() {
                return;
            }
        }
    });
    hear
}
