//! Who may do something with `StackSets`, and which one is meant.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html>

use super::model::StackSet;
use crate::sandbox::cloudformation::access::administrator;
use crate::sandbox::organizations::{StackSetsAccess, Store as Organization};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

fn delegated(call: &Call<'_>) -> bool {
    call.text("CallAs") == Some("DELEGATED_ADMIN")
}

/// The organization that the caller may act for.
///
/// # Errors
/// `ValidationError`: it may not, or not in this role.
pub(super) fn organization<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Organization, Refusal> {
    administrator(state, call)
}

/// The same, for what changes something: trusted access has to be there.
///
/// # Errors
/// `ValidationError`.
pub(super) fn trusted<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Organization, Refusal> {
    let organization = organization(state, call)?;
    if organization.stack_sets == StackSetsAccess::Enabled && organization.all_features {
        return Ok(organization);
    }
    let message = "You must enable organizations access to operate a service managed stack set";
    Err(Refusal::validation_error(message))
}

/// What is said of a `StackSet` that is not there.
pub(super) fn missing(name: &str) -> Refusal {
    Refusal::new("StackSetNotFoundException", format!("StackSet {name} not found")).with_status(404)
}

/// The key of the `StackSet` that a call names, by its name or id. Deleted ones are found by their id alone.
///
/// # Errors
/// `StackSetNotFoundException`, `ValidationError`.
pub(super) fn key(state: &State, call: &Call<'_>) -> Result<(String, String), Refusal> {
    let name = call.required("StackSetName");
    // An account that has no organization to act for sees its own StackSets, of which there are none here.
    if !delegated(call) && organization(state, call).is_err() {
        return Err(missing(name));
    }
    organization(state, call)?;
    let by_id = (call.region.to_owned(), name.to_owned());
    if state.stack_sets.sets.contains_key(&by_id) {
        return Ok(by_id);
    }
    let mut sets = state.stack_sets.sets.iter();
    let found = sets.find(|((region, _), set)| region == call.region && set.name == name && !set.deleted);
    found.map(|(key, _)| key.clone()).ok_or_else(|| missing(name))
}

/// The `StackSet` that a call reads.
///
/// # Errors
/// `StackSetNotFoundException`, `ValidationError`.
pub(super) fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a StackSet, Refusal> {
    let key = key(state, call)?;
    state.stack_sets.sets.get(&key).ok_or_else(|| missing(call.required("StackSetName")))
}

/// The key of the `StackSet` that a call changes.
///
/// # Errors
/// `StackSetNotFoundException`, `ValidationError`.
pub(super) fn changed(state: &State, call: &Call<'_>) -> Result<(String, String), Refusal> {
    let key = key(state, call)?;
    if state.stack_sets.sets.get(&key).is_none_or(|set| set.deleted) {
        return Err(missing(call.required("StackSetName")));
    }
    trusted(state, call)?;
    Ok(key)
}
