//! What can be told of a request before it is understood, and the form its answer takes.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::cbor;
use super::rest_out::{self, Encoded};
use super::signature::{Authorization, header};
use super::typed::typed;
use super::{Incoming, logged_headers, rest, xml};
use crate::sandbox::calls::{CallRecord, HeldCall};
use crate::sandbox::model::{Model, Protocol};
use crate::sandbox::organizations;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service;
use crate::sandbox::world::World;

/// Where a request goes, who it says it is from, and how to answer it.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) incoming: Incoming,
    pub(super) protocol: Protocol,
    pub(super) authorization: Option<Authorization>,
    pub(super) service: String,
    pub(super) region: String,
    pub(super) operation: String,
    /// Whether the target or version is the one of the service that the request was signed for.
    pub(super) addressed: bool,
    pub(super) form: Vec<(String, String)>,
    /// The labels of a REST path.
    pub(super) labels: Vec<(String, String)>,
    /// Known once the caller is.
    pub(super) account: String,
    pub(super) access_key_id: String,
    request_id: String,
}

impl Envelope {
    pub(super) fn read(world: &World, incoming: Incoming) -> Self {
        let authorization = header(&incoming.headers, "authorization").and_then(|header| Authorization::parse(&header));
        let (service, region) =
            authorization.as_ref().map(|scope| (scope.service.clone(), scope.region.clone())).unwrap_or_default();
        let model = service::find(&service).and_then(service::Service::model);
        let target = header(&incoming.headers, "x-amz-target");
        let packed = speaks_cbor(&incoming, model);
        let form = if target.is_some() || packed { Vec::new() } else { fields(&incoming) };
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let fallback = if target.is_some() { Protocol::Json } else { Protocol::Query };
        let protocol = match model {
            Some(_) if packed => Protocol::Cbor,
            Some(model) if target.is_some() && model.metadata.takes("json") => Protocol::Json,
            Some(model) => model.metadata.protocol,
            None => fallback,
        };
        let mut labels = Vec::new();
        let (operation, addressed) = if packed {
            let (prefix, operation) = cbor::route(&incoming.path).unwrap_or_default();
            (operation, model.is_some_and(|model| model.metadata.target_prefix == prefix))
        } else if let Some(model) = model.filter(|_| protocol.is_rest()) {
            let route = rest::route(model, &incoming);
            let addressed = route.is_some();
            let (operation, found) = route.unwrap_or_default();
            labels = found;
            (operation, addressed)
        } else if let (Some(target), Protocol::Json) = (&target, protocol) {
            let (prefix, operation) = target.split_once('.').unwrap_or(("", target));
            (operation, model.is_some_and(|model| model.metadata.target_prefix == prefix))
        } else {
            let version = field("Version").unwrap_or_default();
            (field("Action").unwrap_or_default(), model.is_some_and(|model| model.metadata.api_version == version))
        };
        let (operation, request_id) = (operation.to_owned(), world.change(|state| state.ambient.random.uuid()));
        let (account, access_key_id) = (String::new(), String::new());
        Self {
            incoming,
            protocol,
            authorization,
            service,
            region,
            operation,
            addressed,
            form,
            labels,
            account,
            access_key_id,
            request_id,
        }
    }

    /// The call as a hold tells of it.
    pub(super) fn held(&self) -> HeldCall {
        let Self { service, operation, account, region, .. } = self;
        let [service, operation, account, region] = [service, operation, account, region].map(Clone::clone);
        HeldCall { service, operation, account, region }
    }

    /// The status and body of an answer.
    pub(super) fn encoded(&self, outcome: &Result<Value, Refusal>) -> Encoded {
        if self.protocol.is_rest() {
            let model = service::find(&self.service).and_then(service::Service::model);
            return match (outcome, model) {
                (Ok(output), Some(model)) => rest_out::answer(model, &self.operation, output),
                (Ok(_), None) => Encoded::default(),
                (Err(refusal), _) => rest_out::refusal(self.protocol, refusal, &self.request_id),
            };
        }
        if self.protocol == Protocol::Cbor {
            return self.packed(outcome);
        }
        let (status, body) = self.text(outcome);
        let content_type = match self.protocol {
            Protocol::Json if self.is_of_json_1_0() => "application/x-amz-json-1.0",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::Ec2 => "text/xml;charset=UTF-8",
            Protocol::Query | Protocol::RestJson | Protocol::RestXml | Protocol::Cbor => "text/xml",
        };
        Encoded { status, content_type, headers: Vec::new(), body: body.into_bytes() }
    }

    fn is_of_json_1_0(&self) -> bool {
        let model = service::find(&self.service).and_then(service::Service::model);
        model.is_some_and(|model| model.metadata.json_version == "1.0")
    }

    /// An answer in CBOR.
    fn packed(&self, outcome: &Result<Value, Refusal>) -> Encoded {
        let model = service::find(&self.service).and_then(service::Service::model);
        let mut encoded = Encoded { status: 200, content_type: cbor::CONTENT_TYPE, ..Encoded::default() };
        encoded.headers.push(("smithy-protocol".to_owned(), cbor::NAME.to_owned()));
        match outcome {
            Ok(output) => {
                encoded.body = model.map(|model| cbor::answer(model, &self.operation, output)).unwrap_or_default();
            }
            Err(refusal) => {
                let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
                encoded.status = refusal.status;
                encoded.headers.push((cbor::QUERY_ERROR.to_owned(), format!("{};{kind}", refusal.code)));
                encoded.body = cbor::refusal(refusal);
            }
        }
        encoded
    }

    /// The status and body of an answer of the protocols without REST.
    fn text(&self, outcome: &Result<Value, Refusal>) -> (u16, String) {
        let model = service::find(&self.service).and_then(service::Service::model);
        match (outcome, self.protocol) {
            (Ok(output), Protocol::Json) if model.is_some_and(|model| model.metadata.takes("json")) => {
                let reference =
                    model.and_then(|model| Some((model, model.operation(&self.operation)?.output.as_ref()?)));
                (200, reference.map_or(Value::Null, |(model, reference)| typed(model, reference, output)).to_string())
            }
            (Ok(output), Protocol::Json) => (200, if output.is_null() { String::new() } else { output.to_string() }),
            (Ok(output), Protocol::Query | Protocol::Ec2 | Protocol::RestJson | Protocol::RestXml | Protocol::Cbor) => {
                let encode = |model| xml::answer(model, &self.operation, output, &self.request_id);
                (200, model.map(encode).unwrap_or_default())
            }
            (Err(refusal), Protocol::Json) => (refusal.status, self.json_refusal(refusal).to_string()),
            (Err(refusal), protocol) => {
                let namespace = model.map(|model| model.metadata.xml_namespace.as_str()).unwrap_or_default();
                (refusal.status, xml::refusal(protocol, namespace, refusal, &self.request_id))
            }
        }
    }

    fn json_refusal(&self, refusal: &Refusal) -> Value {
        // Organizations says more than the others, and writes its members in its own way.
        let verbose = self.service == organizations::SERVICE.name;
        let message = if verbose { "Message" } else { "message" };
        let mut body = json!({"__type": refusal.code, message: refusal.message});
        if let Value::Object(members) = &mut body
            && verbose
        {
            members.extend(refusal.details.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
        }
        body
    }

    /// Logs the call and makes its answer.
    pub(super) fn finish(
        &self,
        world: &World,
        outcome: Result<Value, Refusal>,
        faulted: bool,
    ) -> Response<Full<Bytes>> {
        let Encoded { status, content_type, headers, body } = self.encoded(&outcome);
        let error = outcome.err().map(|refusal| refusal.code);
        let logged = self.record(world);
        let response = self.readable(&body);
        world.calls().push(CallRecord { status, error, response, faulted, ..logged });
        let id_header = match self.protocol {
            Protocol::Ec2 => "x-amzn-RequestId",
            Protocol::RestXml => "x-amz-request-id",
            Protocol::Json | Protocol::Query | Protocol::RestJson | Protocol::Cbor => "x-amzn-requestid",
        };
        let mut builder = Response::builder().status(status).header(id_header, &self.request_id);
        if !headers.iter().any(|(name, _)| name == "content-type") {
            builder = builder.header("content-type", content_type);
        }
        let head = self.incoming.method == "HEAD";
        // The length of what a HEAD does not carry is its answer; elsewhere it is the body's own.
        for (name, value) in headers.iter().filter(|(name, _)| name != "content-length" || head) {
            builder = builder.header(name, value);
        }
        let body = if head { Vec::new() } else { body };
        let built = builder.body(Full::new(Bytes::from(body)));
        built.unwrap_or_else(|_| Response::new(Full::new(Bytes::new())))
    }

    /// Logs a call whose connection is closed instead of answered.
    pub(super) fn lost(&self, world: &World, body: &str) {
        let record = self.record(world);
        world.calls().push(CallRecord { response: without_secrets(body), faulted: true, ..record });
    }

    /// A body as the log keeps it: CBOR as JSON.
    fn readable(&self, body: &[u8]) -> String {
        let unpacked = (self.protocol == Protocol::Cbor).then(|| cbor::read(body).ok()).flatten();
        unpacked.map_or_else(|| shown(body), |value| value.to_string())
    }

    /// The method, path and query of the request.
    fn line(&self) -> String {
        let Incoming { method, path, query, .. } = &self.incoming;
        if query.is_empty() { format!("{method} {path}") } else { format!("{method} {path}?{query}") }
    }

    fn record(&self, world: &World) -> CallRecord {
        let request = match self.protocol {
            Protocol::Json | Protocol::RestJson => serde_json::from_slice(&self.incoming.body).unwrap_or(Value::Null),
            Protocol::Cbor => cbor::read(&self.incoming.body).unwrap_or(Value::Null),
            Protocol::RestXml => self.labels.iter().map(|(name, value)| (name.clone(), value.as_str())).collect(),
            Protocol::Query | Protocol::Ec2 => Value::Object(
                self.form
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                    .collect::<Map<_, _>>(),
            ),
        };
        CallRecord {
            service: self.service.clone(),
            operation: self.operation.clone(),
            protocol: match self.protocol {
                Protocol::Json => "json",
                Protocol::Query => "query",
                Protocol::Ec2 => "ec2",
                Protocol::RestJson => "rest-json",
                Protocol::RestXml => "rest-xml",
                Protocol::Cbor => cbor::MODEL_NAME,
            },
            line: self.line(),
            account: self.account.clone(),
            region: self.region.clone(),
            access_key_id: self.access_key_id.clone(),
            time: world.clock().now(),
            status: 0,
            error: None,
            request,
            body: self.readable(&self.incoming.body),
            response: String::new(),
            headers: logged_headers(&self.incoming.headers),
            faulted: false,
        }
    }
}

/// Whether a request is one of Smithy's RPC protocol, to a service that takes it.
fn speaks_cbor(incoming: &Incoming, model: Option<&Model>) -> bool {
    header(&incoming.headers, "smithy-protocol").as_deref() == Some(cbor::NAME)
        && model.is_some_and(|model| model.metadata.takes(cbor::MODEL_NAME))
}

/// The fields of a query request: in the body, or behind the question mark.
fn fields(incoming: &Incoming) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(&incoming.body).chain(form_urlencoded::parse(incoming.query.as_bytes()));
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A body as the log keeps it: without secrets, and without what is not text.
fn shown(body: &[u8]) -> String {
    std::str::from_utf8(body).map_or_else(|_| format!("({} bytes)", body.len()), without_secrets)
}

/// The answer with the secrets of `AssumeRole` blotted out.
fn without_secrets(body: &str) -> String {
    let mut shown = body.to_owned();
    for tag in ["SecretAccessKey", "SessionToken"] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        if let Some((before, rest)) = shown.split_once(&open)
            && let Some((_, after)) = rest.split_once(&close)
        {
            shown = format!("{before}{open}not-recorded{close}{after}");
        }
    }
    shown
}
