//! The log of calls: what was asked, what was answered.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::clock::Instant;

/// One call. Credentials and the `Authorization` header are never kept.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// The service's name in the credential scope; empty for an unsigned call.
    pub service: String,
    /// The operation; empty if the request names none.
    pub operation: String,
    /// `json`, `query`, `ec2`, `rest-json`, `rest-xml` or `smithy-rpc-v2-cbor`.
    pub protocol: &'static str,
    /// The method, path and query, such as `PUT /bucket/key`.
    pub line: String,
    /// The account; empty if the caller is not known.
    pub account: String,
    /// The Region of the credential scope.
    pub region: String,
    /// The access key id that it was signed with.
    pub access_key_id: String,
    /// When it came, in the world's time.
    pub time: Instant,
    /// The status of the answer; 0 if the connection was closed instead.
    pub status: u16,
    /// The error code of a refusal.
    pub error: Option<String>,
    /// The request: the JSON that was sent, or the form as an object.
    pub request: Value,
    /// The request's body as it was sent.
    pub body: String,
    /// The answer's body, without secret keys.
    pub response: String,
    /// The request's `content-type` and `x-amz-target`.
    pub headers: BTreeMap<String, String>,
    /// Whether a scripted fault interfered, or the answer differs from the service's model on purpose.
    pub faulted: bool,
}

/// The log. It keeps the newest calls, and counts all.
#[derive(Debug)]
pub struct Calls(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    kept: VecDeque<CallRecord>,
    limit: usize,
    counts: BTreeMap<(String, String), usize>,
    file: Option<File>,
}

impl Calls {
    pub(crate) fn new(limit: usize, record: Option<&Path>) -> std::io::Result<Self> {
        let open = |path: &Path| File::options().create(true).append(true).open(path);
        let file = record.map(open).transpose()?;
        Ok(Self(Mutex::new(Inner { kept: VecDeque::new(), limit, counts: BTreeMap::new(), file })))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn push(&self, call: CallRecord) {
        self.with(|inner| {
            *inner.counts.entry((call.service.clone(), call.operation.clone())).or_default() += 1;
            if let Some(file) = &mut inner.file {
                // A full disk must not change what the sandbox answers; the validator sees the short file.
                // One write for each line: several processes may append to one file.
                let _ = file.write_all(format!("{}\n", line(&call)).as_bytes());
            }
            inner.kept.push_back(call);
            if inner.kept.len() > inner.limit {
                inner.kept.pop_front();
            }
        });
    }

    /// All calls that are kept, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<CallRecord> {
        self.with(|inner| inner.kept.iter().cloned().collect())
    }

    /// The calls of one operation, oldest first.
    #[must_use]
    pub fn of(&self, service: &str, operation: &str) -> Vec<CallRecord> {
        let wanted = |call: &&CallRecord| call.service == service && call.operation == operation;
        self.with(|inner| inner.kept.iter().filter(wanted).cloned().collect())
    }

    /// How often an operation was called, refused calls included.
    #[must_use]
    pub fn count(&self, service: &str, operation: &str) -> usize {
        let key = (service.to_owned(), operation.to_owned());
        self.with(|inner| inner.counts.get(&key).copied().unwrap_or_default())
    }

    /// How often each operation was called, by service and operation.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        self.with(|inner| inner.counts.clone())
    }

    /// The requests of `PutEvaluations`, oldest first, refused ones included.
    #[must_use]
    pub fn puts(&self) -> Vec<Value> {
        self.of("config", "PutEvaluations").into_iter().map(|call| call.request).collect()
    }

    /// Forgets all calls and counts. The file keeps its lines.
    pub fn clear(&self) {
        self.with(|inner| {
            inner.kept.clear();
            inner.counts.clear();
        });
    }
}

/// The record as the validator of the recorded calls reads it.
fn line(call: &CallRecord) -> Value {
    let mut line = json!({
        "service": call.service,
        "operation": call.operation,
        "protocol": call.protocol,
        "region": call.region,
        "account": call.account,
        "request": call.body,
        "request_headers": call.headers,
        "status": call.status,
        "response": call.response,
        "faulted": call.faulted,
    });
    // Of the other protocols, the body says it all.
    let in_path = call.protocol.starts_with("rest-") || call.protocol == "smithy-rpc-v2-cbor";
    if let (Value::Object(members), true) = (&mut line, in_path) {
        members.insert("line".to_owned(), Value::from(call.line.as_str()));
    }
    line
}
