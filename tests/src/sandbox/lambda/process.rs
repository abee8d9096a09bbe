//! The process of a function: its environment variables, and what it writes.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use super::Function;
use crate::sandbox::credentials::Credential;

/// What a new process is told besides its function.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    /// The host and port of its Runtime API.
    pub(super) runtime_api: String,
    /// The sandbox's endpoint.
    pub(super) endpoint: String,
    /// The session of the function's role.
    pub(super) credential: &'a Credential,
    /// The name of its log stream.
    pub(super) log_stream: String,
}

/// Starts the process. It is killed when the child is dropped.
///
/// # Errors
/// The program cannot be started.
pub(super) fn spawn(function: &Function, surroundings: &Surroundings<'_>) -> io::Result<Child> {
    let spec = &function.0.spec;
    let root = spec.program.parent().unwrap_or(Path::new("/"));
    let mut command = Command::new(&spec.program);
    let environment = spec.environment.iter().filter(|(name, value)| !is_of_the_image(name, value));
    command.env_clear().envs(environment.map(|(name, value)| (name, value)));
    // Lambda refuses its own names in a function's environment, so that nothing here is overwritten.
    command.envs(variables(function, surroundings, root)).envs(surroundings.credential.environment());
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn()
}

/// Amazon Linux has its certificates in this file, and this machine may have them elsewhere. The function then looks
/// for them itself.
fn is_of_the_image(name: &str, value: &str) -> bool {
    name == "SSL_CERT_FILE" && !Path::new(value).exists()
}

/// The variables that Lambda documents for a custom runtime.
fn variables(function: &Function, surroundings: &Surroundings<'_>, root: &Path) -> Vec<(&'static str, String)> {
    let (spec, region) = (&function.0.spec, &function.0.place.region);
    vec![
        ("_HANDLER", "bootstrap".to_owned()),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", surroundings.log_stream.clone()),
        ("AWS_LAMBDA_RUNTIME_API", surroundings.runtime_api.clone()),
        ("AWS_ENDPOINT_URL", surroundings.endpoint.clone()),
        ("LAMBDA_TASK_ROOT", root.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ]
}

/// The lines that a process writes, collected until an attempt takes them.
#[derive(Debug)]
pub(super) struct Logs {
    lines: Arc<Mutex<Vec<String>>>,
    readers: JoinSet<()>,
}

impl Logs {
    /// Reads both outputs of a process.
    pub(super) fn of(child: &mut Child) -> Self {
        let (lines, mut readers) = (Arc::default(), JoinSet::new());
        if let Some(stdout) = child.stdout.take() {
            readers.spawn(read(stdout, Arc::clone(&lines)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.spawn(read(stderr, Arc::clone(&lines)));
        }
        Self { lines, readers }
    }

    /// The lines so far, once no more come for a moment: what was written before a response may be read after it.
    pub(super) async fn take(&self) -> Vec<String> {
        let count = || self.lines.lock().unwrap_or_else(PoisonError::into_inner).len();
        let mut quiet = 0;
        for _ in 0..25 {
            let before = count();
            tokio::time::sleep(Duration::from_millis(1)).await;
            quiet = if count() == before { quiet + 1 } else { 0 };
            if quiet == 2 {
                break;
            }
        }
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All lines of a process that has ended.
    pub(super) async fn rest(&mut self) -> Vec<String> {
        // A grandchild may hold the pipe open: do not wait for it for ever.
        let ended = async { while self.readers.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_millis(250), ended).await;
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn read(output: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>) {
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // Bytes, not `lines()`: a line that is not UTF-8 must not end the log.
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
        lines.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        line.clear();
    }
}
