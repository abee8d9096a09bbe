//! What AWS answered, page by page, as it came.
//!
//! An interceptor sees each attempt of each call. What it writes is the text of the answer, not what the SDK made of it.
//! Only calls of the list are written: none of them answers with credentials. What else opens something is taken out.

mod strip;

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

use super::desk::Desk;
use super::tape::Tape;
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

/// Where answers go.
#[derive(Debug)]
pub(super) enum To {
    /// Into the bundle.
    Desk(Arc<Desk>),
    /// Into the bundle, once it is begun.
    Tape(Arc<Tape>),
}

/// Writes what one account and Region answers.
#[derive(Debug)]
struct Recorder {
    to: To,
    account: String,
    region: String,
    /// What the names of our rules begin with.
    prefix: String,
}

/// Sees every call to an account and Region.
pub(super) fn watch(desk: &Arc<Desk>, prefix: &str) -> Watch {
    let (desk, prefix) = (desk.clone(), prefix.to_owned());
    Arc::new(move |account: &str, region: &str| recorder(&desk, &prefix, (account, region)))
}

/// Sees the calls of one client.
pub(super) fn recorder(desk: &Arc<Desk>, prefix: &str, (account, region): (&str, &str)) -> SharedInterceptor {
    of(To::Desk(desk.clone()), prefix, (account, region))
}

pub(super) fn of(to: To, prefix: &str, (account, region): (&str, &str)) -> SharedInterceptor {
    let (account, region, prefix) = (account.to_owned(), region.to_owned(), prefix.to_owned());
    SharedInterceptor::new(Recorder { to, account, region, prefix })
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
        let body = strip::without_secrets(service, body, &self.prefix);
        let page = RawPage {
            call: format!("{service}:{}", operation.name()),
            at: Moment::now(),
            region: &self.region,
            status: response.status().as_u16(),
            request: config.load::<Question>().map(|question| question.0.as_str()),
            body: &body,
        };
        match &self.to {
            To::Desk(desk) => desk.raw(&self.account, &page),
            To::Tape(tape) => tape.keep(&self.account, &page),
        }
        Ok(())
    }
}

/// The path and the query of an address.
fn path_of(uri: &str) -> String {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().to_owned()
}
