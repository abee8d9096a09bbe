//! The pack in one account.

use std::collections::BTreeSet;

use super::{InAccount, NO_RECORDER, OrganizationPack};
use crate::sandbox::config::{delete_pack, put_pack};
use crate::sandbox::organizations::AccountState;
use crate::sandbox::state::{Place, State};

/// The accounts that a pack is for. What AWS does with accounts that are not active is not documented; here they have
/// nothing, and are not told of.
pub(super) fn targets(state: &State, excluded: &BTreeSet<String>) -> BTreeSet<String> {
    let members = state.organization.iter().flat_map(|organization| organization.members.values());
    let active = members.filter(|member| member.state == AccountState::Active && !excluded.contains(&member.id));
    active.map(|member| member.id.clone()).collect()
}

/// Makes or changes the account's own pack. `owner` is where the organization pack was put.
pub(super) fn bring(
    state: &mut State,
    owner: &Place,
    pack: &OrganizationPack,
    account: &str,
    mut here: InAccount,
) -> InAccount {
    let operation = if here.made { "UPDATE" } else { "CREATE" };
    here.error = brought(state, owner, pack, account, &here.pack).err();
    here.made |= here.error.is_none();
    let end = if here.error.is_none() { "SUCCESSFUL" } else { "FAILED" };
    here.word = format!("{operation}_{end}");
    here.updated = state.ambient.clock.now();
    here
}

type Told = (String, String);

fn brought(state: &mut State, owner: &Place, pack: &OrganizationPack, account: &str, name: &str) -> Result<(), Told> {
    let told = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    if let Some(scripted) = state.organization_packs.failures.get(account) {
        return Err(scripted.clone());
    }
    let place = Place::new(account, &owner.region);
    // The code and the words for a Region that is off are not published.
    let Some(region) = state.regions.get(&place) else {
        return Err(told("OptInRequired", "The Region is not enabled in the account"));
    };
    if region.config.recorder.is_none() {
        let message = "You must create a configuration recorder before you can create or update a Config rule.";
        return Err(told(NO_RECORDER, message));
    }
    if is_management_without_role(state, owner, account) {
        // "AWS Config won't automatically create" it there for a delegated administrator; the words are not published.
        let message = "The service-linked role AWSServiceRoleForConfigConforms does not exist in the account";
        return Err(told("InsufficientPermissionsException", message));
    }
    let made = put_pack(state, &place, name, &pack.body, &pack.inputs);
    let made = made.map_err(|refusal| (refusal.code, refusal.message))?;
    made.failure().map_or(Ok(()), |reason| Err(told("ConformancePackFailed", reason)))
}

fn is_management_without_role(state: &State, owner: &Place, account: &str) -> bool {
    let is_management = state.organization.as_ref().is_some_and(|known| known.management == account);
    let has_role =
        state.accounts.get(account).is_some_and(|known| known.iam.contains_key("AWSServiceRoleForConfigConforms"));
    is_management && owner.account != account && !has_role
}

/// Takes the account's own pack away; gives whether it is gone.
pub(super) fn take(state: &mut State, owner: &Place, account: &str, here: &mut InAccount) -> bool {
    here.updated = state.ambient.clock.now();
    if let Some(scripted) = state.organization_packs.failures.get(account).filter(|_| here.made) {
        here.error = Some(scripted.clone());
        "DELETE_FAILED".clone_into(&mut here.word);
        return false;
    }
    // Without the pack, or the account, there is nothing to take.
    let _ = delete_pack(state, &Place::new(account, &owner.region), &here.pack);
    true
}
