//! Drift: how resources differ from what their stack has made of them.
//!
//! Only what a template says is compared, and only what the resource's service tells: the code of a function, for
//! example, is write-only.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stack::{Resource, Stack};
use super::yaml::text;
use super::{describe, no_stack, provider, schema, stack_of};
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// A search for drift.
#[derive(Debug, Clone)]
pub(crate) struct Detection {
    id: String,
    began: Instant,
    /// When it ends.
    ready: Instant,
    /// By logical id, of the resources whose type can be looked at.
    found: BTreeMap<String, Found>,
}

/// What was found of one resource.
#[derive(Debug, Clone)]
struct Found {
    status: &'static str,
    expected: Value,
    actual: Option<Value>,
    differences: Vec<Value>,
}

impl Detection {
    fn drifted(&self) -> usize {
        self.found.values().filter(|found| found.status != "IN_SYNC").count()
    }

    fn status(&self) -> &'static str {
        match (self.found.is_empty(), self.drifted()) {
            (true, _) => "NOT_CHECKED",
            (false, 0) => "IN_SYNC",
            (false, _) => "DRIFTED",
        }
    }
}

/// What a stack's description says of drift.
pub(super) fn of_stack(stack: &Stack, now: Instant) -> Value {
    match stack.drift.as_ref().filter(|drift| drift.ready <= now) {
        None => json!({"StackDriftStatus": "NOT_CHECKED"}),
        Some(drift) => json!({"StackDriftStatus": drift.status(), "LastCheckTimestamp": drift.began.epoch()}),
    }
}

/// What a resource's description says of drift.
pub(super) fn of_resource(stack: &Stack, resource: &Resource, now: Instant) -> Value {
    let drift = stack.drift.as_ref().filter(|drift| drift.ready <= now);
    match drift.and_then(|drift| Some((drift, drift.found.get(&resource.logical)?))) {
        None => json!({"StackResourceDriftStatus": "NOT_CHECKED"}),
        Some((drift, found)) => {
            json!({"StackResourceDriftStatus": found.status, "LastCheckTimestamp": drift.began.epoch()})
        }
    }
}

pub(super) fn detect(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    const GOOD: [&str; 6] = [
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    ];
    let wanted = call.texts("LogicalResourceIds");
    let place = Place::new(call.account, call.region);
    let (began, id) = (state.ambient.clock.now(), state.ambient.random.uuid());
    let ready = began.plus(state.ambient.settings.stack_delay);
    let stack = stack_of(state, call)?;
    if !GOOD.contains(&stack.status.as_str()) {
        let message = format!(
            "Drift detection cannot be performed on stack [{}] while it is in [{}] state",
            stack.id, stack.status
        );
        return Err(Refusal::validation_error(message));
    }
    if stack.drift.as_ref().is_some_and(|running| running.ready > began) {
        let message = format!("Drift detection is already in progress for stack [{}]", stack.id);
        return Err(Refusal::validation_error(message));
    }
    let stack_id = stack.id.clone();
    let chosen = stack.resources.values().filter(|resource| resource.exists() && provider::is_known(&resource.kind));
    let chosen: Vec<Resource> =
        chosen.filter(|resource| wanted.is_empty() || wanted.contains(&resource.logical.as_str())).cloned().collect();
    let found = chosen.iter().map(|resource| (resource.logical.clone(), look(state, &place, resource))).collect();
    let detection = Detection { id: id.clone(), began, ready, found };
    let (region, _) = state.here(call)?;
    let stack = region.cloudformation.stacks.get_mut(&stack_id).ok_or_else(|| no_stack(&stack_id))?;
    stack.drift = Some(detection.clone());
    region.cloudformation.detections.insert(id.clone(), (stack_id, detection));
    Ok(json!({"StackDriftDetectionId": id}))
}

fn look(state: &State, place: &Place, resource: &Resource) -> Found {
    let expected = told(&resource.kind, &resource.properties);
    let Some(actual) = provider::read(state, place, resource) else {
        return Found { status: "DELETED", expected, actual: None, differences: Vec::new() };
    };
    let names = expected.as_object().into_iter().flatten();
    let actual: Value = names.filter_map(|(name, _)| Some((name.clone(), actual.get(name)?.clone()))).collect();
    let mut differences = Vec::new();
    compare(&expected, &actual, "", &mut differences);
    let status = if differences.is_empty() { "IN_SYNC" } else { "MODIFIED" };
    Found { status, expected, actual: Some(actual), differences }
}

/// The properties without those that no service tells.
fn told(kind: &str, properties: &Value) -> Value {
    let hidden = schema::find(kind).map(schema::Schema::write_only).unwrap_or_default();
    let members = properties.as_object().into_iter().flatten();
    members.filter(|(name, _)| !hidden.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether two values mean the same: templates may write numbers and truth values as text.
fn same(left: &Value, right: &Value) -> bool {
    left == right || text(left).is_some_and(|left| Some(left) == text(right))
}

fn compare(expected: &Value, actual: &Value, path: &str, differences: &mut Vec<Value>) {
    let mut differs = |path: &str, expected: &Value, actual: &Value, kind: &str| {
        let shown = |value: &Value| text(value).unwrap_or_else(|| value.to_string());
        differences.push(json!({
            "PropertyPath": path, "ExpectedValue": shown(expected), "ActualValue": shown(actual),
            "DifferenceType": kind,
        }));
    };
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                let path = format!("{path}/{name}");
                match actual.get(name) {
                    Some(actual) => compare(value, actual, &path, differences),
                    None => differs_missing(value, &path, differences),
                }
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            // The order of most lists means nothing.
            let missing = items.iter().filter(|item| !others.iter().any(|other| alike(item, other)));
            if missing.count() > 0 {
                differs(path, expected, actual, "NOT_EQUAL");
            }
        }
        _ if same(expected, actual) => {}
        _ => differs(path, expected, actual, "NOT_EQUAL"),
    }
}

fn differs_missing(expected: &Value, path: &str, differences: &mut Vec<Value>) {
    let shown = text(expected).unwrap_or_else(|| expected.to_string());
    differences.push(json!({
        "PropertyPath": path, "ExpectedValue": shown, "ActualValue": "null", "DifferenceType": "REMOVE",
    }));
}

fn alike(expected: &Value, actual: &Value) -> bool {
    let mut differences = Vec::new();
    compare(expected, actual, "", &mut differences);
    differences.is_empty()
}

pub(super) fn status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.required("StackDriftDetectionId");
    let now = state.ambient.clock.now();
    let (region, _) = state.here(call)?;
    let missing = || Refusal::validation_error(format!("Drift detection ID {id} does not exist"));
    let (stack, detection) = region.cloudformation.detections.get(id).ok_or_else(missing)?;
    let mut shown = json!({
        "StackId": stack, "StackDriftDetectionId": detection.id, "DetectionStatus": "DETECTION_IN_PROGRESS",
        "Timestamp": detection.began.epoch(),
    });
    if let Value::Object(members) = &mut shown
        && detection.ready <= now
    {
        members.insert("DetectionStatus".to_owned(), "DETECTION_COMPLETE".into());
        members.insert("StackDriftStatus".to_owned(), detection.status().into());
        members.insert("DriftedStackResourceCount".to_owned(), detection.drifted().into());
    }
    Ok(shown)
}

pub(super) fn resources(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let wanted = call.texts("StackResourceDriftStatusFilters");
    let stack = stack_of(state, call)?;
    let drift = stack.drift.as_ref().filter(|drift| drift.ready <= now);
    let found = drift.into_iter().flat_map(|drift| drift.found.iter().map(|found| (drift.began, found)));
    let shown = found.filter(|(_, (_, found))| wanted.is_empty() || wanted.contains(&found.status)).filter_map(
        |(began, (logical, found))| {
            let resource = stack.resources.get(logical)?;
            Some(json!({
                "StackId": stack.id, "LogicalResourceId": logical, "PhysicalResourceId": resource.physical,
                "ResourceType": resource.kind, "ExpectedProperties": found.expected.to_string(),
                "ActualProperties": found.actual.as_ref().map(Value::to_string),
                "PropertyDifferences": found.differences, "StackResourceDriftStatus": found.status,
                "Timestamp": began.epoch(),
            }))
        },
    );
    let size = call.count("MaxResults").unwrap_or(100);
    let page = describe::paged(call, shown.collect(), size)?;
    Ok(json!({"StackResourceDrifts": page.items, "NextToken": page.next}))
}

/// What CloudFormation says of its own limits.
pub(super) fn limits(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let stacks = region.cloudformation.limit();
    Ok(json!({"AccountLimits": [
        {"Name": "StackLimit", "Value": stacks},
        {"Name": "StackOutputsLimit", "Value": 200},
        {"Name": "ConcurrentResourcesLimit", "Value": 2500},
    ]}))
}
