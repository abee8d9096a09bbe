//! The log of calls: what was asked, what was answered.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::clock::Instant;

mod hold;

pub use hold::{Held, HeldCall, Hold};

pub(crate) use hold::Stop;

/// What the names of operations begin with that change nothing.
const READS: [&str; 5] = ["Get", "List", "Describe", "Head", "Simulate"];

impl CallRecord {
    /// Whether it changes anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !READS.iter().any(|read| self.operation.starts_with(read))
    }
}

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

/// How often an operation was called in an account and Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The service's name in a credential scope.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The account; empty if the caller is not known.
    pub account: String,
    /// The Region.
    pub region: String,
}

/// The log. It keeps the newest calls, and counts all.
#[derive(Debug)]
pub struct Calls {
    inner: Mutex<Inner>,
    hold: hold::Slot,
}

#[derive(Debug)]
struct Inner {
    kept: VecDeque<CallRecord>,
    limit: usize,
    counts: BTreeMap<Operation, usize>,
    file: Option<File>,
}

impl Calls {
    pub(crate) fn new(limit: usize, record: Option<&Path>) -> std::io::Result<Self> {
        let open = |path: &Path| File::options().create(true).append(true).open(path);
        let file = record.map(open).transpose()?;
        let inner = Mutex::new(Inner { kept: VecDeque::new(), limit, counts: BTreeMap::new(), file });
        Ok(Self { inner, hold: hold::Slot::default() })
    }

    /// Stops at the call with that number, counted from 1 and from now, and at every call after it. Calls that
    /// functions make do not count.
    pub fn hold_at(&self, number: usize, hold: Hold) -> Held {
        self.hold.set(number, hold)
    }

    pub(crate) fn arrive(&self, call: impl FnOnce() -> HeldCall) -> Stop {
        self.hold.arrive(call)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn push(&self, call: CallRecord) {
        self.with(|inner| {
            let operation = Operation {
                service: call.service.clone(),
                operation: call.operation.clone(),
                account: call.account.clone(),
                region: call.region.clone(),
            };
            *inner.counts.entry(operation).or_default() += 1;
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
        let wanted = |called: &&Operation| called.service == service && called.operation == operation;
        self.with(|inner| inner.counts.iter().filter(|(called, _)| wanted(called)).map(|(_, count)| count).sum())
    }

    /// How many calls there were in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.with(|inner| inner.counts.values().sum())
    }

    /// How many calls there were in an account and Region.
    #[must_use]
    pub fn count_in(&self, account: &str, region: &str) -> usize {
        let here = |called: &Operation| called.account == account && called.region == region;
        self.with(|inner| inner.counts.iter().filter(|(called, _)| here(called)).map(|(_, count)| count).sum())
    }

    /// How often each operation was called in each account and Region.
    #[must_use]
    pub fn by_place(&self) -> BTreeMap<Operation, usize> {
        self.with(|inner| inner.counts.clone())
    }

    /// The same as lines of text, one for each account and Region, most calls first in each.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut places: BTreeMap<(String, String), Vec<(usize, String)>> = BTreeMap::new();
        for (called, count) in self.by_place() {
            let Operation { service, operation, account, region } = called;
            places.entry((account, region)).or_default().push((count, format!("{service}:{operation}")));
        }
        let line = |((account, region), mut calls): ((String, String), Vec<(usize, String)>)| {
            calls.sort_by(|(a, left), (b, right)| b.cmp(a).then(left.cmp(right)));
            let total: usize = calls.iter().map(|(count, _)| count).sum();
            let calls: Vec<String> = calls.iter().map(|(count, name)| format!("{count} {name}")).collect();
            format!("{account} {region}: {total} calls: {}\n", calls.join(", "))
        };
        places.into_iter().map(line).collect()
    }

    /// How often each operation was called, by service and operation.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for (called, count) in self.by_place() {
            *counts.entry((called.service, called.operation)).or_default() += count;
        }
        counts
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
