//! The control API under `/_sandbox/`: for people and scripts, not signed, JSON in and out.
//!
//! | request | body or query | answer |
//! |---|---|---|
//! | `GET /_sandbox/credentials` | `?account=…&region=…` | the environment variables of an AWS client |
//! | `POST /_sandbox/schedule` | `{"account", "region", "rule"}` | runs a rule's scheduled evaluation: the invocation |
//! | `POST /_sandbox/settle` | – | waits for all queued change notifications: the invocations |
//! | `GET /_sandbox/compliance` | `?account=…&region=…&rule=…` | the results that the rule has put |
//! | `GET /_sandbox/calls` | – | how often each operation was called |
//! | `POST /_sandbox/faults` | a fault, see below | adds it |
//! | `DELETE /_sandbox/faults` | – | removes all |
//!
//! A fault is `{"service", "operation", "account", "region", "when", "effect"}`. The first four may be left out.
//! `when` is `"always"` (the default), `{"times": 2}`, `{"nth": 3}`, `{"probability": 0.1}` or
//! `{"rate_limit": {"per_second": 5, "burst": 10}}`. `effect` is `"throttle"`, `"reset"`, `"lost_answer"`,
//! `{"server_error": 503}`, `{"delay_ms": 250}`, `{"refuse": {"status": 400, "code": "…", "message": "…"}}` or
//! `{"failed_evaluations": ["id"]}`.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::SandboxError;
use super::faults::{Effect, Fault, When};
use super::lambda::{Attempt, Invocation, Outcome};
use super::refusal::Refusal;
use super::wire::Incoming;
use super::world::World;

/// What is refused, and with which status.
type Refused = (u16, String);

/// Answers a request of the control API.
pub(crate) async fn answer(world: &World, incoming: &Incoming) -> Response<Full<Bytes>> {
    let (status, body) = match done(world, incoming).await {
        Ok(body) => (200, body),
        Err((status, message)) => (status, json!({"error": message})),
    };
    let builder = Response::builder().status(status).header("content-type", "application/json");
    builder.body(Full::new(Bytes::from(body.to_string()))).unwrap_or_default()
}

async fn done(world: &World, incoming: &Incoming) -> Result<Value, Refused> {
    // A web page may post here from a browser without asking; it cannot send this type without asking.
    let json =
        incoming.headers.get("content-type").is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if incoming.method != "GET" && !incoming.body.is_empty() && !json {
        return Err((415, "send `content-type: application/json`".to_owned()));
    }
    match (incoming.method.as_str(), incoming.path.as_str()) {
        ("GET", "/_sandbox/credentials") => credentials(world, incoming),
        ("POST", "/_sandbox/schedule") => schedule(world, incoming).await,
        ("POST", "/_sandbox/settle") => {
            Ok(json!({"invocations": world.settle().await.iter().map(shown).collect::<Vec<_>>()}))
        }
        ("GET", "/_sandbox/compliance") => compliance(world, incoming),
        ("GET", "/_sandbox/calls") => Ok(calls(world)),
        ("POST", "/_sandbox/faults") => {
            world.faults().add(Fault::from(body::<FaultForm>(incoming)?));
            Ok(json!({}))
        }
        ("DELETE", "/_sandbox/faults") => {
            world.faults().clear();
            Ok(json!({}))
        }
        (method, path) => Err((404, format!("no `{method} {path}` in the control api"))),
    }
}

fn credentials(world: &World, incoming: &Incoming) -> Result<Value, Refused> {
    let variables = world
        .environment(&parameter(incoming, "account")?, &parameter(incoming, "region")?)
        .map_err(|error| unknown(&error))?;
    Ok(Value::Object(variables.into_iter().map(|(name, value)| (name, Value::from(value))).collect()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    account: String,
    region: String,
    rule: String,
}

async fn schedule(world: &World, incoming: &Incoming) -> Result<Value, Refused> {
    let Schedule { account, region, rule } = body(incoming)?;
    world
        .trigger_schedule(&account, &region, &rule)
        .await
        .map(|invocation| shown(&invocation))
        .map_err(|error| unknown(&error))
}

fn compliance(world: &World, incoming: &Incoming) -> Result<Value, Refused> {
    let (account, region) = (parameter(incoming, "account")?, parameter(incoming, "region")?);
    let stored = world.compliance(&account, &region, &parameter(incoming, "rule")?).map_err(|error| unknown(&error))?;
    let evaluations = stored.iter().map(|stored| {
        json!({
            "resource_type": stored.resource_type,
            "resource_id": stored.resource_id,
            "compliance_type": stored.compliance_type,
            "annotation": stored.annotation,
            "ordering_timestamp": stored.ordering_timestamp.iso(),
        })
    });
    Ok(json!({"evaluations": evaluations.collect::<Vec<_>>()}))
}

fn calls(world: &World) -> Value {
    let counts = world.calls().counts().into_iter();
    let counts =
        counts.map(|((service, operation), count)| json!({"service": service, "operation": operation, "count": count}));
    json!({"calls": counts.collect::<Vec<_>>()})
}

fn shown(invocation: &Invocation) -> Value {
    let attempts = invocation.attempts.iter().map(attempt).collect::<Vec<_>>();
    json!({"function": invocation.function, "request_id": invocation.request_id, "attempts": attempts})
}

fn attempt(attempt: &Attempt) -> Value {
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let mut shown = json!({
        "duration_ms": millis(attempt.duration),
        "init_duration_ms": attempt.init_duration.map(millis),
        "logs": attempt.logs,
    });
    let outcome = match &attempt.outcome {
        Outcome::Ok(response) => ("response", response.clone()),
        Outcome::Err { error_type, error_message } => {
            ("error", json!({"errorType": error_type, "errorMessage": error_message}))
        }
    };
    if let Value::Object(members) = &mut shown {
        members.extend(Map::from_iter([(outcome.0.to_owned(), outcome.1)]));
    }
    shown
}

fn body<T: DeserializeOwned>(incoming: &Incoming) -> Result<T, Refused> {
    serde_json::from_slice(&incoming.body).map_err(|error| (400, error.to_string()))
}

fn parameter(incoming: &Incoming, name: &str) -> Result<String, Refused> {
    let found = form_urlencoded::parse(incoming.query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).ok_or_else(|| (400, format!("the query needs `{name}`")))
}

fn unknown(error: &SandboxError) -> Refused {
    (404, error.to_string())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultForm {
    service: Option<String>,
    operation: Option<String>,
    account: Option<String>,
    region: Option<String>,
    when: Option<WhenForm>,
    effect: EffectForm,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhenForm {
    Always,
    Times(u32),
    Nth(u32),
    Probability(f64),
    RateLimit { per_second: f64, burst: f64 },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EffectForm {
    Throttle,
    ServerError(u16),
    Reset,
    LostAnswer,
    DelayMs(u64),
    Refuse { status: u16, code: String, message: String },
    FailedEvaluations(Vec<String>),
}

impl From<FaultForm> for Fault {
    fn from(form: FaultForm) -> Self {
        let when = match form.when {
            None | Some(WhenForm::Always) => When::Always,
            Some(WhenForm::Times(times)) => When::Times(times),
            Some(WhenForm::Nth(nth)) => When::Nth(nth),
            Some(WhenForm::Probability(probability)) => When::Probability(probability),
            Some(WhenForm::RateLimit { per_second, burst }) => When::RateLimit { per_second, burst },
        };
        let effect = match form.effect {
            EffectForm::Throttle => Effect::Throttle,
            EffectForm::ServerError(status) => Effect::ServerError(status),
            EffectForm::Reset => Effect::Reset,
            EffectForm::LostAnswer => Effect::LostAnswer,
            EffectForm::DelayMs(delay) => Effect::Delay(Duration::from_millis(delay)),
            EffectForm::Refuse { status, code, message } => {
                Effect::Refuse(Refusal::new(&code, message).with_status(status))
            }
            EffectForm::FailedEvaluations(ids) => Effect::FailedEvaluations(ids),
        };
        let FaultForm { service, operation, account, region, .. } = form;
        Self { service, operation, account, region, when, effect }
    }
}
