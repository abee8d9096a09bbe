//! `DescribeStackEvents`: what happened, newest first.

use serde_json::{Value, json};

use super::describe::paged;
use super::stack::Stack;
use super::stack_of;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    if call.text("StackName").is_none() {
        return Err(Refusal::validation_error("StackName is required"));
    }
    let name = call.required("StackName");
    let missing = || Refusal::validation_error(format!("Stack [{name}] does not exist"));
    let stack = stack_of(state, call).map_err(|_| missing())?;
    let (id, events) = (stack.id.clone(), shown(stack));
    let (region, ambient) = state.here(call)?;
    if lag::read(region, ambient, Lagging::StackEvents, &id).is_some() {
        return Err(missing());
    }
    let page = paged(call, events, 100)?;
    Ok(json!({"StackEvents": page.items, "NextToken": page.next}))
}

fn shown(stack: &Stack) -> Vec<Value> {
    let event = |event: &super::stack::Event| {
        let physical = Some(event.physical.as_str()).filter(|id| !id.is_empty());
        json!({
            "StackId": stack.id, "EventId": event.id, "StackName": stack.name, "LogicalResourceId": event.logical,
            "PhysicalResourceId": physical, "ResourceType": event.kind, "Timestamp": event.time.epoch(),
            "ResourceStatus": event.status, "ResourceStatusReason": event.reason,
            "ResourceProperties": event.properties, "ClientRequestToken": event.token,
        })
    };
    stack.events.iter().rev().map(event).collect()
}
