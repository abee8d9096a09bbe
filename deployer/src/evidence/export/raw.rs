//! What AWS answered, page by page, as it came.
//!
//! An interceptor sees each attempt of each call. What it writes is the text of the answer, not what the SDK made of it.
//! Only calls of the list are written: none of them answers with credentials. What else opens something is taken out:
//! links and variables of functions, result tokens, and the parameters of rules that are not ours.

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
use crate::compliance::{Watch, check_of};
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
const OF_FUNCTIONS: [&str; 2] = ["Environment", "Location"];
/// Members that are taken out of an answer of AWS Config: whoever has a result token may put results in the name of a
/// rule (<https://docs.aws.amazon.com/config/latest/APIReference/API_EvaluationResult.html>).
const OF_RESULTS: [&str; 1] = ["ResultToken"];
/// Members of a rule that its owner wrote: nobody knows what is in those of others.
const OF_FOREIGN_RULES: [&str; 3] = ["InputParameters", "CustomPolicyDetails", "Description"];
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
    let (account, region, prefix) = (account.to_owned(), region.to_owned(), prefix.to_owned());
    SharedInterceptor::new(Recorder { desk: desk.clone(), account, region, prefix })
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
        let body = match *service {
            "lambda" => stripped(&body, &|value| strip(value, &OF_FUNCTIONS)),
            "config" => stripped(&body, &|value| strip(value, &OF_RESULTS) | strip_rules(value, &self.prefix)),
            _ => body,
        };
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

/// An answer without what `strip` takes out of it, and as it came if that is nothing. What cannot be read is not kept.
fn stripped(body: &str, strip: &dyn Fn(&mut Value) -> bool) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            if strip(&mut value) {
                value.to_string()
            } else {
                body.to_owned()
            }
        }
        Err(_) => REMOVED.to_owned(),
    }
}

/// Takes members of these names out, wherever they are. Whether there were any.
fn strip(value: &mut Value, names: &[&str]) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |found, (name, member)| {
            if names.contains(&name.as_str()) {
                *member = Value::from(REMOVED);
                return true;
            }
            strip(member, names) | found
        }),
        Value::Array(values) => values.iter_mut().fold(false, |found, value| strip(value, names) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Takes out what the owners of rules wrote that are not ours. Whether there was anything.
fn strip_rules(answer: &mut Value, prefix: &str) -> bool {
    let rules = answer.get_mut("ConfigRules").and_then(Value::as_array_mut);
    let is_foreign = |rule: &&mut Value| {
        let name = rule.get("ConfigRuleName").and_then(Value::as_str).unwrap_or_default();
        check_of(name, prefix).is_none()
    };
    let foreign = rules.into_iter().flatten().filter(is_foreign);
    foreign.fold(false, |found, rule| strip(rule, &OF_FOREIGN_RULES) | found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_links_are_taken_out() {
        let body = r#"{"FunctionName":"f","Environment":{"Variables":{"TOKEN":"hunter2"}},"Code":{"Location":"https://x?X-Amz-Security-Token=t"}}"#;
        let without_secrets = |body: &str| stripped(body, &|value| strip(value, &OF_FUNCTIONS));
        let kept = without_secrets(body);
        assert_eq!(kept, r#"{"Code":{"Location":"(removed)"},"Environment":"(removed)","FunctionName":"f"}"#);
        assert_eq!(without_secrets("<html>hunter2"), REMOVED);
        let as_it_came = r#"{"b": 1, "a": 2}"#;
        assert_eq!(without_secrets(as_it_came), as_it_came);
    }

    #[test]
    fn result_tokens_and_parameters_of_other_rules_are_taken_out() {
        let without = |body: &str| stripped(body, &|value| strip(value, &OF_RESULTS) | strip_rules(value, "guard"));
        let results = r#"{"EvaluationResults":[{"ComplianceType":"COMPLIANT","ResultToken":"hunter2"}]}"#;
        let kept = r#"{"EvaluationResults":[{"ComplianceType":"COMPLIANT","ResultToken":"(removed)"}]}"#;
        assert_eq!(without(results), kept);
        let rule = |name: &str, parameters: &str| {
            format!(
                r#"{{"ConfigRuleName":"{name}","InputParameters":"{parameters}","Source":{{"Owner":"CUSTOM_LAMBDA"}}}}"#
            )
        };
        let rules = |foreign: &str| {
            let ours = rule("guard-root-access", "ours");
            format!(r#"{{"ConfigRules":[{ours},{}]}}"#, rule("guards-own", foreign))
        };
        assert_eq!(without(&rules("hunter2")), rules(REMOVED));
    }
}
