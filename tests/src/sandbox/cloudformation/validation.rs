//! Early validation of change sets, and `DescribeEvents`, which alone tells what it found. Only scripted faults are
//! found: the sandbox does not look for them.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html>

use serde_json::{Value, json};

use super::change_set;
use super::describe::paged;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

const CHECK: &str = "AWS::EarlyValidation::ResourceExistenceCheck";

/// What is wrong with a resource that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    logical: String,
    kind: String,
    message: String,
}

/// A fault that the next change set has which would make this resource, named by logical id or type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) resource: String,
    pub(crate) message: String,
}

/// The faults that were scripted for the resources that changes add. Each is found once.
pub(super) fn faults(state: &mut State, changes: &[Value]) -> Vec<Fault> {
    let scripts = &mut state.ambient.settings.validation_failures;
    let text = |change: &Value, name: &str| {
        let found = change.pointer(&format!("/ResourceChange/{name}")).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let added = changes.iter().filter(|change| text(change, "Action") == "Add");
    let fault = |change: &Value| {
        let (logical, kind) = (text(change, "LogicalResourceId"), text(change, "ResourceType"));
        let at = scripts.iter().position(|script| [&logical, &kind].contains(&&script.resource))?;
        let message = scripts.remove(at).message;
        Some(Fault { logical, kind, message })
    };
    added.filter_map(fault).collect()
}

/// The reason of a change set's status.
pub(super) fn reason(faults: &[Fault]) -> Option<String> {
    (!faults.is_empty()).then(|| {
        format!(
            "The following hook(s)/validation failed: [{CHECK}]. To troubleshoot Early Validation errors, use the \
             DescribeEvents API for detailed failure information."
        )
    })
}

/// `DescribeEvents` of a change set.
pub(super) fn events(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    if call.text("ChangeSetName").is_none() {
        return Err(Refusal::validation_error("the sandbox tells events of change sets only"));
    }
    let now = state.ambient.clock.now();
    let found = change_set::find(state, call)?;
    let Some(ended) = found.ended(now) else { return Ok(json!({"OperationEvents": []})) };
    let only_failed = call.input.pointer("/Filters/FailedEvents").and_then(Value::as_bool).unwrap_or_default();
    let operation = found.id().rsplit('/').next().unwrap_or_default().to_owned();
    let stack = &found.stack;
    let of = |number: usize, members: Value| {
        let mut event = json!({
            "EventId": format!("{operation}-{number}"), "StackId": stack, "OperationId": operation,
            "OperationType": "CREATE_CHANGESET", "Timestamp": ended.epoch(),
        });
        if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
            event.extend(members);
        }
        event
    };
    let whole = of(
        0,
        json!({
            "EventType": "STACK_EVENT",
            "OperationStatus": if found.faults.is_empty() { "SUCCEEDED" } else { "FAILED" },
        }),
    );
    let validations = found.faults.iter().enumerate().map(|(at, fault)| {
        of(
            at + 1,
            json!({
                "EventType": "VALIDATION_ERROR", "LogicalResourceId": fault.logical, "ResourceType": fault.kind,
                "ValidationName": CHECK, "ValidationStatus": "FAILED", "ValidationFailureMode": "FAIL",
                "ValidationStatusReason": fault.message,
                "ValidationPath": format!("/Resources/{}", fault.logical),
            }),
        )
    });
    let whole = (!only_failed || !found.faults.is_empty()).then_some(whole);
    let events: Vec<Value> = whole.into_iter().chain(validations).collect();
    let page = paged(call, events, 100)?;
    Ok(json!({"OperationEvents": page.items, "NextToken": page.next}))
}
