//! Reading and stopping operations.

use serde_json::{Value, json};

use super::model::StackSet;
use super::operation::{Operation, State as Progress, Work};
use super::{access, page};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// What is said of an operation that is not there.
pub(super) fn missing(id: &str) -> Refusal {
    Refusal::new("OperationNotFoundException", format!("Operation {id} not found")).with_status(404)
}

/// What is shown of an operation in a listing.
fn summary(operation: &Operation) -> Value {
    let mut shown = json!({
        "OperationId": &*operation.id, "Action": operation.action().word(), "Status": operation.state.word(),
        "CreationTimestamp": operation.created.epoch(),
        "StatusDetails": {"FailedStackInstancesCount": operation.failed},
        "OperationPreferences": operation.preferences.shown(),
    });
    if let (Value::Object(members), Some(ended)) = (&mut shown, operation.ended) {
        members.insert("EndTimestamp".to_owned(), ended.epoch());
    }
    shown
}

fn whole(set: &StackSet, operation: &Operation) -> Value {
    let mut shown = summary(operation);
    if let Value::Object(members) = &mut shown {
        members.insert("StackSetId".to_owned(), set.id.as_str().into());
        members.extend(operation.targets.clone().map(|targets| ("DeploymentTargets".to_owned(), targets)));
        if let Work::Delete { retain, .. } = operation.work {
            members.insert("RetainStacks".to_owned(), retain.into());
        }
    }
    shown
}

pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let set = access::find(state, call)?;
    let id = call.required("OperationId");
    let operation = set.operation(id).ok_or_else(|| missing(id))?;
    Ok(json!({"StackSetOperation": whole(set, operation)}))
}

/// Newest first.
pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = page::asked(call)?;
    let set = access::find(state, call)?;
    let page = listing.numbered(set.operations.iter().rev(), summary);
    Ok(json!({"Summaries": page.items, "NextToken": page.next}))
}

pub(crate) fn stop(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = access::changed(state, call)?;
    let now = state.ambient.clock.now();
    let id = call.required("OperationId");
    let set = state.stack_sets.sets.get_mut(&key).ok_or_else(|| access::missing(call.required("StackSetName")))?;
    let operation = set.operations.iter_mut().find(|operation| &*operation.id == id).ok_or_else(|| missing(id))?;
    if !operation.is_active() {
        let message = format!("Operation {id} is {} and cannot be stopped", operation.state.word());
        return Err(Refusal::new("InvalidOperationException", message));
    }
    if operation.state == Progress::Queued || operation.is_foreign() {
        operation.state = Progress::Stopped;
        operation.ended = Some(now);
    } else {
        operation.state = Progress::Stopping;
    }
    Ok(json!({}))
}
