//! What AWS answered, page by page, as it came.
//!
//! An interceptor sees each attempt of each call. What it writes is the text of the answer, not what the SDK made of it.
//! Only calls of the list are written: none of them answers with credentials, links that hold them, or result tokens.
//! The settings of a function may hold secrets of its owner: its variables are taken out.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use crate::compliance::Watch;
use crate::evidence::Moment;

/// The services whose answers are kept, as the SDK and as IAM name them.
const SERVICES: [(&str, &str); 5] = [
    ("Config Service", "config"),
    ("SageMaker", "sagemaker"),
    ("Lambda", "lambda"),
    ("CloudFormation", "cloudformation"),
    ("Organizations", "organizations"),
];
/// Members that are taken out of an answer of Lambda, wherever they are.
const SECRET: [&str; 2] = ["Environment", "Location"];
/// What stands in their place.
const REMOVED: &str = "(removed)";

/// A line of `raw/ACCOUNT.jsonl`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RawPage<'a> {
    call: String,
    at: Moment,
    region: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    body: &'a str,
}

/// What was asked: once it is sent, the request no longer has it.
#[derive(Debug)]
struct Question(String);

impl Storable for Question {
    type Storer = StoreReplace<Self>;
}

/// Writes what one account and Region answers.
#[derive(Debug)]
struct Recorder {
    desk: Arc<Desk>,
    account: String,
    region: String,
}

/// Sees every call to an account and Region.
pub(super) fn watch(desk: &Arc<Desk>) -> Watch {
    let desk = desk.clone();
    Arc::new(move |account: &str, region: &str| recorder(&desk, account, region))
}

/// Sees the calls of one client.
pub(super) fn recorder(desk: &Arc<Desk>, account: &str, region: &str) -> SharedInterceptor {
    SharedInterceptor::new(Recorder { desk: desk.clone(), account: account.to_owned(), region: region.to_owned() })
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What is not in the body is in the path: that of a function has its name.
        let request = context.request();
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let question = if body.is_empty() { path_of(request.uri()) } else { body.into_owned() };
        config.interceptor_state().store_put(Question(question));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(response), Some(operation)) = (context.response(), config.load::<Metadata>()) else { return Ok(()) };
        let service = SERVICES.iter().find(|(name, _)| *name == operation.service());
        let Some((_, service)) = service else { return Ok(()) };
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let body = text(response.body().bytes()).unwrap_or_default();
        let body = if *service == "lambda" { without_secrets(&body) } else { body };
        self.desk.raw(
            &self.account,
            &RawPage {
                call: format!("{service}:{}", operation.name()),
                at: Moment::now(),
                region: &self.region,
                status: response.status().as_u16(),
                request: config.load::<Question>().map(|question| question.0.as_str()),
                body: &body,
            },
        );
        Ok(())
    }
}

/// The path and the query of an address.
fn path_of(uri: &str) -> String {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().to_owned()
}

/// An answer without the values of variables and without links. What cannot be read is not kept.
fn without_secrets(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            strip(&mut value);
            value.to_string()
        }
        Err(_) => REMOVED.to_owned(),
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET.contains(&name.as_str()) { *member = Value::from(REMOVED) } else { strip(member) }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_links_are_taken_out() {
        let body = r#"{"FunctionName":"f","Environment":{"Variables":{"TOKEN":"hunter2"}},"Code":{"Location":"https://x?X-Amz-Security-Token=t"}}"#;
        let kept = without_secrets(body);
        assert_eq!(kept, r#"{"Code":{"Location":"(removed)"},"Environment":"(removed)","FunctionName":"f"}"#);
        assert_eq!(without_secrets("<html>hunter2"), REMOVED);
    }
}
