//! What an invocation says about itself: a log line, and a line of metrics in CloudWatch's embedded metric format,
//! which needs no permission of its own. Ids, counts and durations; never a token, a credential or an event.

use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::message_name;
use crate::aws::Metered;
use crate::evaluation::ComplianceType;
use crate::event::Message;
use crate::handler::Accepted;
use crate::outcome::{InvocationError, Outcome};

/// The CloudWatch namespace of all metrics.
const NAMESPACE: &str = "NotebookGuard";

/// How many exemptions without a violation are named in one invocation.
const MOST_UNMATCHED: usize = 20;

/// JSON lines on standard output, of this crate only: the SDK's own debug lines could show headers.
pub(super) fn start() {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stdout);
    let own = Targets::new().with_target("rule", Level::INFO);
    // A second start in one process, as tests may do, keeps the first.
    let _ = tracing_subscriber::registry().with(own).with(lines).try_init();
}

/// An event that was not worked on.
pub(super) fn refused(request_id: &str, function_name: &str, error: &InvocationError) {
    tracing::error!(request_id, error_type = error.error_type, error = %error.message, "the event was refused");
    let properties = json!({"FunctionName": function_name, "ErrorType": error.error_type});
    emit(&json!({"Refused": 1}), &[("Refused", "Count")], &properties, ["FunctionName", "ErrorType"]);
}

/// An invocation that was worked on.
pub(super) struct Telemetry<'a> {
    pub(super) request_id: &'a str,
    pub(super) function_name: &'a str,
    pub(super) accepted: &'a Accepted,
    pub(super) metered: Metered,
    pub(super) duration: Duration,
}

impl Telemetry<'_> {
    pub(super) fn report(&self, outcome: &Outcome, error: Option<&InvocationError>) {
        let count = |kind: ComplianceType| outcome.delivered.get(&kind).copied().unwrap_or_default();
        let milliseconds = u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX);
        self.log_unmatched(outcome);
        self.log(outcome, error, milliseconds);
        let message = &self.accepted.invocation.message;
        let mut values = json!({
            "Delivered": outcome.delivered_count(),
            "Compliant": count(ComplianceType::Compliant),
            "NonCompliant": count(ComplianceType::NonCompliant),
            "NotApplicable": count(ComplianceType::NotApplicable),
            "Undetermined": outcome.undetermined.count,
            "NotDelivered": outcome.undelivered.count,
            "AwsCalls": self.metered.calls,
            "Throttles": self.metered.throttles,
            "Duration": milliseconds,
        });
        let mut metrics = METRICS.to_vec();
        // Changes say nothing about whether the schedule still runs, so they do not have this metric at all.
        if let (Message::Scheduled { .. }, Some(values)) = (message, values.as_object_mut()) {
            values.insert("Swept".to_owned(), json!(u8::from(outcome.has_swept())));
            metrics.push(("Swept", "Count"));
        }
        let check = self.accepted.parameters.check.id;
        let properties = json!({"FunctionName": self.function_name, "Check": check, "Event": message_name(message)});
        emit(&values, &metrics, &properties, ["FunctionName", "Check"]);
    }
}

impl Telemetry<'_> {
    /// Exemptions that can be cleaned up. The first by name, all of them counted in the line of the invocation.
    fn log_unmatched(&self, outcome: &Outcome) {
        for one in outcome.unmatched.iter().take(MOST_UNMATCHED) {
            tracing::warn!(
                request_id = self.request_id,
                check = one.check,
                notebook = one.notebook.as_str(),
                ticket = one.ticket,
                expires = %one.expires,
                "the exemption matched no violation"
            );
        }
    }

    fn log(&self, outcome: &Outcome, error: Option<&InvocationError>, milliseconds: u64) {
        let invocation = &self.accepted.invocation;
        match error {
            None => tracing::info!(
                request_id = self.request_id,
                check = self.accepted.parameters.check.id,
                rule = invocation.rule_name.as_deref(),
                event = message_name(&invocation.message),
                listed = outcome.listed,
                gone = outcome.gone,
                delivered = outcome.delivered_count(),
                exempted = outcome.exempted,
                unmatched_exemptions = outcome.unmatched.len(),
                stale = outcome.stale,
                rule_deleted = outcome.rule_deleted,
                aws_calls = self.metered.calls,
                throttles = self.metered.throttles,
                milliseconds,
                "done"
            ),
            Some(error) => tracing::error!(
                request_id = self.request_id,
                check = self.accepted.parameters.check.id,
                rule = invocation.rule_name.as_deref(),
                event = message_name(&invocation.message),
                listed = outcome.listed,
                delivered = outcome.delivered_count(),
                exempted = outcome.exempted,
                unmatched_exemptions = outcome.unmatched.len(),
                undetermined = outcome.undetermined.count,
                undelivered = outcome.undelivered.count,
                error_type = error.error_type,
                error = %error.message,
                aws_calls = self.metered.calls,
                throttles = self.metered.throttles,
                milliseconds,
                "not everything could be done"
            ),
        }
    }
}

const METRICS: [(&str, &str); 9] = [
    ("Delivered", "Count"),
    ("Compliant", "Count"),
    ("NonCompliant", "Count"),
    ("NotApplicable", "Count"),
    ("Undetermined", "Count"),
    ("NotDelivered", "Count"),
    ("AwsCalls", "Count"),
    ("Throttles", "Count"),
    ("Duration", "Milliseconds"),
];

/// Writes one line in the embedded metric format
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
fn emit(values: &Value, metrics: &[(&str, &str)], properties: &Value, dimensions: [&str; 2]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let metrics: Vec<Value> = metrics.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = json!({"_aws": {
        "Timestamp": u64::try_from(now).unwrap_or_default(),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics}],
    }});
    if let Some(object) = line.as_object_mut() {
        for part in [values, properties] {
            object.extend(part.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    // Metrics that cannot be written are missed by the alarm on missing data; there is nowhere else to say so.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
