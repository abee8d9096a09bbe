//! `DeleteStackSet`.

use serde_json::{Value, json};

use super::{access, begin};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.required("StackSetName");
    access::organization(state, call)?;
    // Deleting what is not there is no error.
    let Ok(key) = access::key(state, call) else { return Ok(json!({})) };
    access::trusted(state, call)?;
    let Some(set) = state.stack_sets.sets.get_mut(&key) else { return Ok(json!({})) };
    begin::check_idle(set)?;
    if !set.instances.is_empty() {
        let message = format!("StackSet {name} is not empty");
        return Err(Refusal::new("StackSetNotEmptyException", message).with_status(409));
    }
    set.deleted = true;
    set.operations.clear();
    set.targets.clear();
    Ok(json!({}))
}
