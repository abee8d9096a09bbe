//! An execution environment: one process with its Runtime API, which takes one event after the other.

use std::io;
use std::net::Ipv4Addr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::process::{Logs, Surroundings, spawn};
use super::runtime_api::{Job, RuntimeApi, Said, serve};
use super::{Attempt, Function, Outcome};
use crate::sandbox::credentials::Credential;

/// Lambda's limit for the time until a process first asks for an event. After it, Lambda starts over inside the
/// invocation, with the function's own timeout; here the process simply gets that time in addition.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// A running process. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Environment {
    child: Child,
    jobs: mpsc::UnboundedSender<Job>,
    said: mpsc::UnboundedReceiver<Said>,
    asked: watch::Receiver<u64>,
    logs: Logs,
    born: Instant,
    warm: bool,
    /// Ends with the environment.
    _server: JoinSet<()>,
}

/// How a wait for the process ended.
enum Waited {
    Said(Said),
    Asked,
    Exited(io::Result<ExitStatus>),
    TimedOut,
    Stopped,
}

impl Environment {
    /// Starts a process for a function.
    ///
    /// # Errors
    /// No port, or the program cannot be started.
    pub(super) async fn start(
        function: &Function,
        endpoint: String,
        credential: &Credential,
        log_stream: String,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let runtime_api = listener.local_addr()?.to_string();
        let (jobs, queue) = mpsc::unbounded_channel();
        let (sender, said) = mpsc::unbounded_channel();
        let api = Arc::new(RuntimeApi::new(queue, sender));
        let asked = api.asked();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, api));
        let mut child = spawn(function, &Surroundings { runtime_api, endpoint, credential, log_stream })?;
        let logs = Logs::of(&mut child);
        Ok(Self { child, jobs, said, asked, logs, born: Instant::now(), warm: false, _server: server })
    }

    /// Itself, if the process still runs.
    pub(super) fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    /// Gives the process an event and waits for the end. The second value is the environment, if it can go on.
    pub(super) async fn run(
        mut self,
        job: Job,
        time: Duration,
        mut stopped: watch::Receiver<bool>,
    ) -> (Attempt, Option<Self>) {
        let request_id = job.request_id.clone();
        let cold = !self.warm;
        if cold {
            let waited = self.initialized(INIT_LIMIT + time, &mut stopped).await;
            if !matches!(waited, Waited::Asked) {
                let outcome = outcome(waited, &request_id, INIT_LIMIT + time);
                return (self.ended(outcome, self.born.elapsed(), None).await, None);
            }
            self.warm = true;
        }
        let init_duration = cold.then(|| self.born.elapsed());
        let begun = Instant::now();
        let _ = self.jobs.send(job);
        let waited = self.waited(time, &mut stopped).await;
        let duration = begun.elapsed();
        if let Waited::Said(Said::Done(outcome)) = waited {
            let logs = self.logs.take().await;
            return (Attempt { outcome, duration, logs, init_duration }, Some(self));
        }
        let outcome = outcome(waited, &request_id, time);
        (self.ended(outcome, duration, init_duration).await, None)
    }

    async fn initialized(&mut self, time: Duration, stopped: &mut watch::Receiver<bool>) -> Waited {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => Waited::Stopped,
            Some(said) = self.said.recv() => Waited::Said(said),
            _ = self.asked.wait_for(|asked| *asked > 0) => Waited::Asked,
            status = self.child.wait() => Waited::Exited(status),
            () = tokio::time::sleep(time) => Waited::TimedOut,
        }
    }

    async fn waited(&mut self, time: Duration, stopped: &mut watch::Receiver<bool>) -> Waited {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => Waited::Stopped,
            Some(said) = self.said.recv() => Waited::Said(said),
            status = self.child.wait() => Waited::Exited(status),
            () = tokio::time::sleep(time) => Waited::TimedOut,
        }
    }

    /// The attempt of a process that is over: it is killed if it still runs.
    async fn ended(&mut self, outcome: Outcome, duration: Duration, init_duration: Option<Duration>) -> Attempt {
        let _ = self.child.kill().await;
        let logs = self.logs.rest().await;
        Attempt { outcome, duration, logs, init_duration }
    }
}

/// What Lambda makes of a process that did not answer.
fn outcome(waited: Waited, request_id: &str, time: Duration) -> Outcome {
    match waited {
        Waited::Said(Said::Done(outcome) | Said::InitError(outcome)) => outcome,
        Waited::TimedOut => {
            let seconds = time.as_secs_f64();
            Outcome::error(
                "Sandbox.Timedout",
                format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
            )
        }
        Waited::Exited(status) => {
            Outcome::error("Runtime.ExitError", format!("RequestId: {request_id} Error: {}", exit(status)))
        }
        Waited::Stopped | Waited::Asked => Outcome::error("Sandbox.Stopped", "the sandbox was stopped"),
    }
}

fn exit(status: io::Result<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Ok((Some(0), _)) => "Runtime exited without providing a reason".to_owned(),
        Ok((Some(code), _)) => format!("Runtime exited with error: exit status {code}"),
        Ok((None, Some(9))) => "Runtime exited with error: signal: killed".to_owned(),
        Ok((None, signal)) => format!("Runtime exited with error: signal: {}", signal.unwrap_or_default()),
        Err(error) => format!("Runtime exited with error: {error}"),
    }
}
