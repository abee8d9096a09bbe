//! The wire: HTTP in, the right service's handler, HTTP out.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::Full;
use serde_json::{Map, Value};

use super::calls::Stop;
use super::credentials::Credential;
use super::faults::{Target, Verdict};
use super::iam;
use super::model::{Kind, Model, Protocol, Shape, Violation, check};
use super::organizations;
use super::refusal::Refusal;
use super::service::{self, Call, Service};
use super::world::World;
use envelope::Envelope;

mod authentication;
mod cbor;
mod chunked;
mod envelope;
mod form;
mod rest;
mod rest_out;
mod server;
mod signature;
mod typed;
mod xml;
mod xml_in;

pub(crate) use server::serve;

/// One request as it came.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The connection is to be closed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed on purpose")]
pub(crate) struct Closed;

/// Answers a request of an AWS client.
pub(crate) async fn answer(world: &World, incoming: Incoming) -> Result<Response<Full<Bytes>>, Closed> {
    pause(world.latency()).await;
    let mut envelope = Envelope::read(world, incoming);
    let caller = match authentication::caller(world, &envelope) {
        Ok(caller) => caller,
        Err(refusal) => return Ok(envelope.finish(world, Err(refusal), false)),
    };
    envelope.account.clone_from(&caller.account);
    envelope.access_key_id.clone_from(&caller.access_key_id);
    let stop = if caller.of_function { Stop::default() } else { world.calls().arrive(|| envelope.held()) };
    if !stop.before().await {
        return Err(Closed);
    }
    let verdict = verdict(world, &envelope);
    pause(verdict.delay).await;
    if verdict.reset {
        envelope.lost(world, "");
        return Err(Closed);
    }
    let (outcome, odd) = match &verdict.refusal {
        Some(refusal) => (Err(refusal.clone()), false),
        None => dispatch(world, &envelope, &caller, &verdict),
    };
    if verdict.lost_answer {
        let body = envelope.encoded(&outcome).body;
        envelope.lost(world, &String::from_utf8_lossy(&body));
        return Err(Closed);
    }
    if stop.holds_answer() && !stop.after().await {
        let body = envelope.encoded(&outcome).body;
        envelope.lost(world, &String::from_utf8_lossy(&body));
        return Err(Closed);
    }
    Ok(envelope.finish(world, outcome, odd || verdict.interferes()))
}

/// Waits without blocking a thread; not at all if there is nothing to wait for.
async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn verdict(world: &World, envelope: &Envelope) -> Verdict {
    let target = Target {
        service: &envelope.service,
        operation: &envelope.operation,
        account: &envelope.account,
        region: &envelope.region,
    };
    world.faults().verdict(&target, envelope.protocol, world.clock().wall())
}

/// The outcome of a call, and whether it is odd on purpose.
fn dispatch(
    world: &World,
    envelope: &Envelope,
    caller: &Credential,
    verdict: &Verdict,
) -> (Result<Value, Refusal>, bool) {
    let service = service::find(&envelope.service).filter(|_| envelope.addressed);
    let handler = service.and_then(|service| Some((service, service.handler(&envelope.operation)?)));
    let Some((service, handler)) = handler else { return (Err(unknown_operation(envelope)), false) };
    let input = match input(service, envelope) {
        Ok(input) => input,
        Err(refusal) => return (Err(refusal), false),
    };
    let call = Call {
        operation: &envelope.operation,
        account: &envelope.account,
        region: &envelope.region,
        caller,
        input: &input,
        failing: &verdict.failing,
    };
    let asked = (envelope.service.as_str(), envelope.operation.as_str(), envelope.region.as_str());
    world.change(|state| match iam::denial_of(state, caller, asked, envelope.protocol, &input) {
        Some(refusal) => (Err(refusal), false),
        None => (handler(state, &call), std::mem::take(&mut state.ambient.odd)),
    })
}

fn unknown_operation(envelope: &Envelope) -> Refusal {
    let (service, operation) = (&envelope.service, &envelope.operation);
    match envelope.protocol {
        Protocol::Json => {
            let message = format!("the sandbox has no operation {operation} of the service {service}");
            Refusal::new("UnknownOperationException", message)
        }
        Protocol::Query | Protocol::Ec2 | Protocol::Cbor => {
            Refusal::new("InvalidAction", format!("The action {operation} is not valid for this web service."))
        }
        Protocol::RestJson => {
            let asked = [&envelope.incoming.method, " ", &envelope.incoming.path].concat();
            let message = format!("the sandbox has no operation of the service {service} for {asked}");
            Refusal::new("UnknownOperationException", message).with_status(404)
        }
        Protocol::RestXml => {
            let message = "A header or query you provided implies functionality that is not implemented";
            Refusal::new("NotImplemented", message).with_status(501)
        }
    }
}

/// The request by the model's names, checked, without null members.
fn input(service: &Service, envelope: &Envelope) -> Result<Value, Refusal> {
    let model = service.model().ok_or_else(|| unknown_operation(envelope))?;
    let operation = model.operation(&envelope.operation).ok_or_else(|| unknown_operation(envelope))?;
    let Some(shape) = operation.input.as_ref().and_then(|reference| model.shape(reference)) else {
        return Ok(Value::Object(Map::new()));
    };
    let mut input = match envelope.protocol {
        Protocol::Json => parsed(&envelope.incoming.body)?,
        Protocol::Query | Protocol::Ec2 => form::read(model, shape, &envelope.form)?,
        Protocol::Cbor => cbor::read(&envelope.incoming.body)?,
        Protocol::RestJson | Protocol::RestXml => rest::read(model, shape, &envelope.incoming, &envelope.labels)?,
    };
    let violations = check(model, shape, &input)?;
    if !violations.is_empty() {
        return Err(invalid(service, envelope.protocol, &violations));
    }
    keep_known(model, shape, &mut input);
    Ok(input)
}

fn parsed(body: &Bytes) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::new("SerializationException", "Unable to parse the request body"))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refusal::new("SerializationException", "Start of structure or map found where not expected."))
    }
}

fn invalid(service: &Service, protocol: Protocol, violations: &[Violation]) -> Refusal {
    if service.name == organizations::SERVICE.name {
        return organizations::unfit(violations);
    }
    match (protocol, violations.first()) {
        (Protocol::Ec2, Some(first)) if first.is_missing() => {
            let name = capitalized(&first.path);
            Refusal::new("MissingParameter", format!("The request must contain the parameter {name}"))
        }
        (Protocol::Ec2, Some(first)) => {
            let message =
                format!("Value ({}) for parameter {} is invalid. {}", first.value, first.path, first.constraint);
            Refusal::new("InvalidParameterValue", message)
        }
        (Protocol::Query | Protocol::Cbor, _) => Violation::refusal("ValidationError", violations),
        (Protocol::RestXml, _) => {
            let message = Violation::refusal("InvalidRequest", violations).message;
            Refusal::new("InvalidRequest", message)
        }
        (Protocol::Json | Protocol::Ec2 | Protocol::RestJson, _) => {
            Violation::refusal("ValidationException", violations)
        }
    }
}

/// Leaves out null members, and those that the model does not know, as AWS reads past them.
fn keep_known(model: &Model, shape: &Shape, value: &mut Value) {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(object)) => {
            object.retain(|name, member| !member.is_null() && shape.members.contains_key(name));
            for (name, member) in object.iter_mut() {
                if let Some(shape) = shape.members.get(name).and_then(|reference| model.shape(reference)) {
                    keep_known(model, shape, member);
                }
            }
        }
        (Kind::List, Value::Array(items)) => {
            if let Some(shape) = shape.member.as_ref().and_then(|reference| model.shape(reference)) {
                for item in items {
                    keep_known(model, shape, item);
                }
            }
        }
        _ => {}
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The headers that the log keeps.
fn logged_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let kept = ["content-type", "x-amz-target"];
    kept.iter().filter_map(|name| Some(((*name).to_owned(), signature::header(headers, name)?))).collect()
}
