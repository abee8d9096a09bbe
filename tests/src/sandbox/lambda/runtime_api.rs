//! The Lambda Runtime API (2018-06-01): one listener for each process.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming as Body;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::Outcome;

const LARGEST_RESPONSE: usize = 6 * 1024 * 1024;

/// An event on its way to the process.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) request_id: String,
    pub(super) deadline_ms: i64,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
    pub(super) payload: String,
}

/// What the process has said.
#[derive(Debug)]
pub(super) enum Said {
    /// The event is done.
    Done(Outcome),
    /// It could not start.
    InitError(Outcome),
}

/// The API's side of one process.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    jobs: tokio::sync::Mutex<mpsc::UnboundedReceiver<Job>>,
    /// The request id of the event that the process has.
    current: Mutex<Option<String>>,
    said: mpsc::UnboundedSender<Said>,
    /// How often the process has asked for an event.
    asked: watch::Sender<u64>,
}

impl RuntimeApi {
    pub(super) fn new(jobs: mpsc::UnboundedReceiver<Job>, said: mpsc::UnboundedSender<Said>) -> Self {
        Self { jobs: tokio::sync::Mutex::new(jobs), current: Mutex::default(), said, asked: watch::Sender::new(0) }
    }

    /// Counts the process's calls for an event.
    pub(super) fn asked(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    async fn answer(&self, request: Request<Body>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let path: Vec<&str> = parts.uri.path().trim_start_matches('/').split('/').collect();
        match (&parts.method, path.as_slice()) {
            (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => self.next().await,
            (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "response"]) => self.response(id, &body),
            (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "error"]) => self.error(id, &body),
            (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
                let _ = self.said.send(Said::InitError(reported(&body)));
                accepted()
            }
            _ => refused(StatusCode::NOT_FOUND, "NotFound", "no such path in the runtime api"),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.asked.send_modify(|asked| *asked += 1);
        let Some(job) = self.jobs.lock().await.recv().await else {
            return refused(StatusCode::GONE, "Stopped", "the environment is stopped");
        };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(job.request_id.clone());
        let builder = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &job.request_id)
            .header("lambda-runtime-deadline-ms", job.deadline_ms)
            .header("lambda-runtime-invoked-function-arn", &job.function_arn)
            .header("lambda-runtime-trace-id", &job.trace_id);
        builder.body(Full::new(Bytes::from(job.payload))).unwrap_or_default()
    }

    fn response(&self, id: &str, body: &Bytes) -> Response<Full<Bytes>> {
        if body.len() > LARGEST_RESPONSE {
            return refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                "exceeded maximum allowed payload size",
            );
        }
        let text = || Value::from(String::from_utf8_lossy(body).into_owned());
        self.done(id, Outcome::Ok(serde_json::from_slice(body).unwrap_or_else(|_| text())))
    }

    fn error(&self, id: &str, body: &Bytes) -> Response<Full<Bytes>> {
        self.done(id, reported(body))
    }

    fn done(&self, id: &str, outcome: Outcome) -> Response<Full<Bytes>> {
        let taken = self.current.lock().unwrap_or_else(PoisonError::into_inner).take_if(|current| current == id);
        if taken.is_none() {
            return refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
        }
        let _ = self.said.send(Said::Done(outcome));
        accepted()
    }
}

/// The error that a process reports of itself.
fn reported(body: &Bytes) -> Outcome {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |member: &str| value.get(member).and_then(Value::as_str).map(ToOwned::to_owned);
    Outcome::Err {
        error_type: text("errorType").unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        error_message: text("errorMessage").unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()),
    }
}

fn accepted() -> Response<Full<Bytes>> {
    plain(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    plain(status, &json!({"errorType": kind, "errorMessage": message}))
}

fn plain(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let builder = Response::builder().status(status).header("content-type", "application/json");
    builder.body(Full::new(Bytes::from(body.to_string()))).unwrap_or_default()
}

/// Serves the API until the task is dropped.
pub(super) async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, Arc::clone(&api)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, api: Arc<RuntimeApi>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { Ok::<_, Infallible>(api.answer(request).await) }
    });
    // An error means that the process is gone, which its exit tells.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
