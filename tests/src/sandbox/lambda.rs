//! AWS Lambda, as far as AWS Config needs it: functions that are real processes behind the Lambda Runtime API.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};

use super::state::Place;

mod api;
mod courier;
mod entrypoint;
mod environment;
mod process;
mod runtime_api;
mod store;

pub(crate) use api::{SERVICE, name_of};
pub(crate) use courier::{Courier, invoke, run};
use environment::Environment;
pub(crate) use store::{CodeStorage, Record, Store, code_sha256, last_modified, replace_code, unpack};

/// A function to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSpec {
    /// `FunctionName`.
    pub name: String,
    /// The program: a `bootstrap` for `provided.al2023`. Its folder is the function's `LAMBDA_TASK_ROOT`.
    pub program: PathBuf,
    /// The function's own environment variables.
    pub environment: Vec<(String, String)>,
    /// `Timeout`.
    pub timeout: Duration,
    /// `MemorySize` in MB. It is told to the function, not enforced.
    pub memory: u32,
    /// `ReservedConcurrentExecutions`: how many processes run at most. With 1, invocations keep their order.
    pub concurrency: usize,
}

impl FunctionSpec {
    /// A function with a minute of time, 256 MB and four processes at most.
    #[must_use]
    pub fn new(name: &str, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            environment: Vec::new(),
            timeout: Duration::from_mins(1),
            memory: 256,
            concurrency: 4,
        }
    }

    /// The same function with one more environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same function with another timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same function with another limit of processes.
    #[must_use]
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }
}

/// How a function is invoked through the Rust API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvokeOptions {
    /// The time that this invocation gets, in place of the function's timeout.
    pub timeout: Option<Duration>,
    /// Whether a failed attempt is repeated twice, as for every asynchronous invocation.
    pub retries: bool,
}

impl Default for InvokeOptions {
    fn default() -> Self {
        Self { timeout: None, retries: true }
    }
}

/// One event and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The function.
    pub function: String,
    /// The request id, the same in every attempt.
    pub request_id: String,
    /// The event.
    pub payload: Value,
    /// The attempts: one, or up to three if they failed.
    pub attempts: Vec<Attempt>,
}

impl Invocation {
    /// Whether the last attempt succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.attempts.last().is_some_and(|attempt| matches!(attempt.outcome, Outcome::Ok(_)))
    }

    /// The `errorType` of the last attempt, if it failed.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        match &self.attempts.last()?.outcome {
            Outcome::Err { error_type, .. } => Some(error_type),
            Outcome::Ok(_) => None,
        }
    }

    /// Everything that was written in all attempts.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        self.attempts.iter().flat_map(|attempt| attempt.logs.iter().map(String::as_str))
    }
}

/// One run of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// From the event's delivery to the end.
    pub duration: Duration,
    /// The lines on standard output and standard error.
    pub logs: Vec<String>,
    /// From the start of the process to its first call for an event; `None` if it was warm.
    pub init_duration: Option<Duration>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With this response.
    Ok(Value),
    /// With an error, its own or Lambda's (`Sandbox.Timedout`, `Runtime.ExitError`).
    Err {
        /// `errorType`.
        error_type: String,
        /// `errorMessage`.
        error_message: String,
    },
}

impl Outcome {
    fn error(error_type: &str, error_message: impl Into<String>) -> Self {
        Self::Err { error_type: error_type.to_owned(), error_message: error_message.into() }
    }
}

/// An invocation that a service has sent and that is not done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Where the function is.
    pub(crate) place: Place,
    /// Its name.
    pub(crate) function: String,
    /// The event.
    pub(crate) payload: String,
}

/// A function that is installed. Clones share the processes.
#[derive(Debug, Clone)]
pub(crate) struct Function(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    place: Place,
    spec: FunctionSpec,
    /// Warm processes that wait for an event.
    idle: Mutex<Vec<Environment>>,
    permits: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
    /// What it is declared to run on, if it came as a package.
    architecture: Option<String>,
    /// Where its program was unpacked; removed with the function.
    _folder: Option<TempDir>,
}

impl Function {
    /// A function whose program is the caller's.
    pub(crate) fn new(place: Place, spec: FunctionSpec) -> Self {
        Self::made(place, spec, None, None)
    }

    /// A function that came as a package, which was unpacked into a folder.
    pub(crate) fn packaged(place: Place, spec: FunctionSpec, folder: TempDir, architecture: String) -> Self {
        let spec = FunctionSpec { program: folder.path().join("bootstrap"), ..spec };
        Self::made(place, spec, Some(folder), Some(architecture))
    }

    fn made(place: Place, spec: FunctionSpec, folder: Option<TempDir>, architecture: Option<String>) -> Self {
        let permits = Arc::new(Semaphore::new(spec.concurrency.max(1)));
        let (idle, stopped) = (Mutex::default(), watch::Sender::new(false));
        Self(Arc::new(Pool { place, spec, idle, permits, stopped, architecture, _folder: folder }))
    }

    /// The same function with other code.
    fn with_code(&self, folder: TempDir) -> Self {
        let architecture = self.0.architecture.clone().unwrap_or_else(|| "x86_64".to_owned());
        Self::packaged(self.0.place.clone(), self.0.spec.clone(), folder, architecture)
    }

    fn arn(&self) -> String {
        self.0.place.arn("lambda", &format!("function:{}", self.0.spec.name))
    }

    /// A warm process, if one waits.
    fn warm(&self) -> Option<Environment> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find_map(Environment::if_alive)
    }

    /// Keeps a process for the next event.
    fn keep(&self, environment: Environment) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !*self.0.stopped.borrow() {
            idle.push(environment);
        }
    }

    /// Ends all processes, the busy ones included, and lets no new one start.
    pub(crate) fn stop(&self) {
        self.0.stopped.send_replace(true);
        self.discard_warm();
    }

    /// Ends the warm processes: the next invocation is a cold start.
    pub(crate) fn discard_warm(&self) {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
