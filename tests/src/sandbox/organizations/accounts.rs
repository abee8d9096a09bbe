//! The accounts of the organization: read, moved, closed.

use serde_json::{Value, json};

use super::caller::{manager, reader};
use super::listing::listed;
use super::refusals::{constraint, no_account};
use super::store::{AccountState, Member, Store};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Settings, State};

impl Store {
    /// An account as the API shows it. `Status` was retired on 9 September 2026.
    pub(super) fn shown_account(&self, member: &Member, settings: &Settings) -> Value {
        let mut shown = json!({
            "Id": member.id, "Arn": self.arn("account", Some(&member.id)), "Email": member.email,
            "Name": member.name, "State": member.state.word(), "JoinedMethod": "CREATED",
            "JoinedTimestamp": member.joined.epoch(), "Paths": [self.path(&member.id)],
        });
        if settings.account_status
            && let Some(members) = shown.as_object_mut()
        {
            members.insert("Status".to_owned(), old_status(member.state).into());
        }
        shown
    }
}

/// The word that the retired member had for a state.
fn old_status(state: AccountState) -> &'static str {
    match state {
        AccountState::PendingActivation | AccountState::Active => "ACTIVE",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Suspended | AccountState::Closed => "SUSPENDED",
    }
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let member = organization.members.get(call.required("AccountId")).ok_or_else(no_account)?;
    Ok(json!({"Account": organization.shown_account(member, &ambient.settings)}))
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let members = organization.members.values().map(|member| (member.id.as_str(), member));
    let settings = &ambient.settings;
    listed(call, settings, "Accounts", members, |member| organization.shown_account(member, settings))
}

pub(super) fn move_to(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    let member = organization.members.get(call.required("AccountId")).ok_or_else(no_account)?;
    let (from, to) = (call.required("SourceParentId"), call.required("DestinationParentId"));
    if !organization.is_parent(from) || member.parent != from {
        let message = "You specified a source root or OU that the account is not in.";
        return Err(Refusal::new("SourceParentNotFoundException", message));
    }
    if !organization.is_parent(to) {
        let message = "We can't find the destination container (a root or OU) with the ParentId that you specified.";
        return Err(Refusal::new("DestinationParentNotFoundException", message));
    }
    if from == to {
        let message = "That account is already present in the specified destination.";
        return Err(Refusal::new("DuplicateAccountException", message));
    }
    organization.join(call.required("AccountId"), to, ambient.clock.now());
    Ok(Value::Null)
}

pub(super) fn close(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    let account = call.required("AccountId");
    if account == organization.management {
        return Err(constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account."));
    }
    let until = ambient.clock.now().plus(ambient.settings.organization_delay);
    let member = organization.members.get_mut(account).ok_or_else(no_account)?;
    if matches!(member.state, AccountState::Closed | AccountState::PendingClosure) {
        return Err(Refusal::new("AccountAlreadyClosedException", "The account is already closed."));
    }
    member.state = AccountState::PendingClosure;
    organization.closing.insert(account.to_owned(), until);
    Ok(Value::Null)
}
