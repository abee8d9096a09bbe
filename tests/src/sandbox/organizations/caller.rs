//! Who may ask what: the management account all, delegated administrators may read, members hardly anything.

use super::refusals::{denied, not_in_use};
use super::store::Store;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, State};

/// The organization, for any of its accounts.
///
/// # Errors
/// `AWSOrganizationsNotInUseException`.
pub(super) fn any_member<'a>(
    state: &'a mut State,
    call: &Call<'_>,
) -> Result<(&'a mut Store, &'a mut Ambient), Refusal> {
    let State { organization, ambient, .. } = state;
    let found = organization.as_mut().filter(|found| found.members.contains_key(call.account));
    found.map(|found| (found, ambient)).ok_or_else(not_in_use)
}

/// The organization, for the management account or a delegated administrator of whatever service.
///
/// # Errors
/// `AWSOrganizationsNotInUseException`, `AccessDeniedException`.
pub(super) fn reader<'a>(state: &'a mut State, call: &Call<'_>) -> Result<(&'a mut Store, &'a mut Ambient), Refusal> {
    let (organization, ambient) = any_member(state, call)?;
    if organization.management == call.account || organization.is_delegate_of_any(call.account) {
        return Ok((organization, ambient));
    }
    Err(denied())
}

/// The organization, for the management account.
///
/// # Errors
/// `AWSOrganizationsNotInUseException`, `AccessDeniedException`.
pub(super) fn manager<'a>(state: &'a mut State, call: &Call<'_>) -> Result<(&'a mut Store, &'a mut Ambient), Refusal> {
    let (organization, ambient) = any_member(state, call)?;
    if organization.management == call.account { Ok((organization, ambient)) } else { Err(denied()) }
}
