//! REST answers: headers, and a body of XML, JSON or bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use time::macros::format_description;

use super::xml;
use crate::sandbox::clock::Instant;
use crate::sandbox::model::{Kind, Model, Protocol, Reference, Shape};
use crate::sandbox::refusal::Refusal;

/// S3's own names of answers, which SDKs insist on: <https://docs.aws.amazon.com/AmazonS3/latest/API/>.
const ROOTS: [(&str, &str); 6] = [
    ("DeleteObjects", "DeleteResult"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListObjectVersions", "ListVersionsResult"),
    ("ListObjectsV2", "ListBucketResult"),
];

/// An answer, ready to be sent.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The answer of an operation.
pub(super) fn answer(model: &Model, name: &str, output: &Value) -> Encoded {
    let operation = model.operation(name);
    let code = operation.and_then(|operation| operation.http.as_ref()?.response_code).unwrap_or(200);
    let xml = model.metadata.protocol == Protocol::RestXml;
    let content_type = if xml { "application/xml" } else { "application/json" };
    let mut encoded = Encoded { status: code, content_type, ..Encoded::default() };
    let reference = operation.and_then(|operation| operation.output.as_ref());
    let Some((reference, shape)) = reference.and_then(|reference| Some((reference, model.shape(reference)?))) else {
        return encoded;
    };
    headers(model, shape, output, &mut encoded);
    if let Some(payload) = &shape.payload {
        let member = shape.members.get(payload);
        let value = output.get(payload).unwrap_or(&Value::Null);
        let kind = member.and_then(|member| model.shape(member)).map(|shape| shape.kind);
        encoded.body = match (kind, value.as_str()) {
            (Some(Kind::Blob), Some(text)) => {
                encoded.content_type = "binary/octet-stream";
                STANDARD.decode(text).unwrap_or_default()
            }
            (Some(Kind::String), Some(text)) => text.as_bytes().to_vec(),
            _ => {
                let root = |member: &Reference| member.location_name.clone().unwrap_or_else(|| member.shape.clone());
                member.map(|member| xml::document(model, &root(member), member, value)).unwrap_or_default()
            }
        };
    } else if name == "GetBucketLocation" {
        let place = xml::escaped(output.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default());
        let document = format!("<LocationConstraint xmlns=\"{}\">{place}</LocationConstraint>", xml::S3);
        encoded.body = document.into_bytes();
    } else if shape.members.values().any(|member| member.location.is_none()) {
        let root = ROOTS.iter().find(|(operation, _)| *operation == name).map_or(name, |(_, root)| root);
        encoded.body =
            if xml { xml::document(model, root, reference, output) } else { bodily(shape, output).into_bytes() };
    }
    encoded
}

/// The members of a JSON answer that are not sent elsewhere.
fn bodily(shape: &Shape, output: &Value) -> String {
    let members = output.as_object().into_iter().flatten();
    let body = members.filter(|(name, _)| shape.members.get(*name).is_some_and(|member| member.location.is_none()));
    Value::Object(body.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()).to_string()
}

fn headers(model: &Model, shape: &Shape, output: &Value, encoded: &mut Encoded) {
    for (name, reference) in &shape.members {
        let Some(value) = output.get(name).filter(|value| !value.is_null()) else { continue };
        let key = reference.location_name.as_deref().unwrap_or(name).to_lowercase();
        match reference.location.as_deref() {
            Some("header") => {
                let shape = model.shape(reference);
                let dated = shape.is_some_and(|shape| shape.kind == Kind::Timestamp);
                let iso = shape.is_some_and(|shape| shape.time_format.as_deref() == Some("iso8601"));
                let text = match (dated, iso) {
                    (true, true) => Instant::from_epoch(value).map(Instant::iso).unwrap_or_default(),
                    (true, false) => http_date(value),
                    (false, _) => text(value),
                };
                encoded.headers.push((key, text));
            }
            Some("headers") => {
                let map = value.as_object().into_iter().flatten();
                encoded.headers.extend(map.map(|(name, value)| (format!("{key}{name}"), text(value))));
            }
            Some("statusCode") => {
                encoded.status = value.as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(encoded.status);
            }
            _ => {}
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn http_date(value: &Value) -> String {
    let form =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    Instant::from_epoch(value).and_then(|at| at.date().format(form).ok()).unwrap_or_default()
}

/// A refusal.
pub(super) fn refusal(protocol: Protocol, refusal: &Refusal, request_id: &str) -> Encoded {
    let (code, message) = (&refusal.code, &refusal.message);
    let mut encoded = Encoded { status: refusal.status, ..Encoded::default() };
    let (headers, elements): (Vec<_>, Vec<_>) =
        refusal.details.iter().cloned().partition(|(name, _)| name.starts_with("x-"));
    encoded.headers = headers;
    if protocol == Protocol::RestXml {
        encoded.content_type = "application/xml";
        let element = |(name, value): &(String, String)| format!("<{name}>{}</{name}>", xml::escaped(value));
        let more: String = elements.iter().map(element).collect();
        let (code, message) = (xml::escaped(code), xml::escaped(message));
        let document = format!(
            "{}<Error><Code>{code}</Code><Message>{message}</Message>{more}<RequestId>{request_id}</RequestId>\
             <HostId>sandbox</HostId></Error>",
            xml::DECLARATION
        );
        encoded.body = document.into_bytes();
    } else {
        encoded.content_type = "application/json";
        encoded.headers.push(("x-amzn-errortype".to_owned(), code.clone()));
        let kind = if refusal.status < 500 { "User" } else { "Service" };
        encoded.body = json!({"Type": kind, "Message": message, "message": message}).to_string().into_bytes();
    }
    encoded
}
