//! Getting a stack out of trouble, and keeping it from being deleted.

use serde_json::{Value, json};

use super::engine;
use super::operations::run;
use super::stack_of;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

pub(super) fn resume(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let skip = call.texts("ResourcesToSkip");
    let stack = stack_of(state, call)?;
    if stack.status != "UPDATE_ROLLBACK_FAILED" {
        let message =
            format!("Stack:{} is in {} state and can not be continued to be rolled back.", stack.id, stack.status);
        return Err(Refusal::validation_error(message));
    }
    if let Some(unknown) =
        skip.iter().find(|name| stack.resources.get(**name).is_none_or(|resource| resource.status != "UPDATE_FAILED"))
    {
        let message = format!("[{unknown}] are not in UPDATE_FAILED state and cannot be skipped.");
        return Err(Refusal::validation_error(message));
    }
    let id = stack.id.clone();
    let token = call.text("ClientRequestToken").map(ToOwned::to_owned);
    run(state, &Place::new(call.account, call.region), &id, |state, stack| {
        let now = state.ambient.clock.now();
        stack.token = token;
        let event = state.ambient.random.uuid();
        stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", Some("User Initiated"), event, now);
        engine::resume(stack, &skip, now.plus(state.ambient.settings.stack_delay));
    })?;
    Ok(json!({}))
}

pub(super) fn cancel(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let stack = stack_of(state, call)?;
    if stack.status != "UPDATE_IN_PROGRESS" {
        let message = "CancelUpdateStack cannot be called from current stack status";
        return Err(Refusal::validation_error(message));
    }
    let id = stack.id.clone();
    run(state, &Place::new(call.account, call.region), &id, |state, stack| {
        let now = state.ambient.clock.now();
        let event = state.ambient.random.uuid();
        stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", Some("User Initiated"), event, now);
        if let Some(operation) = stack.operation.take() {
            engine::undo(stack, operation);
        }
    })?;
    Ok(Value::Null)
}

pub(super) fn protect(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = call.flag("EnableTerminationProtection");
    let stack = stack_of(state, call)?;
    if !stack.lives() || stack.status == "DELETE_IN_PROGRESS" {
        let message = format!("Stack [{}] is in a state that termination protection cannot be changed in", stack.name);
        return Err(Refusal::validation_error(message));
    }
    stack.protected = wanted;
    Ok(json!({"StackId": stack.id}))
}
