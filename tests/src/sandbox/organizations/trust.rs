//! Services that the organization trusts, and accounts that administer a service for it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::caller::{manager, reader};
use super::listing::listed;
use super::refusals::{constraint, invalid, no_account};
use super::store::{AccountState, MOST_DELEGATES, STACK_SETS, STACK_SETS_ROOT, StackSetsAccess, Store};
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// The service principal of a call. The sandbox knows no list of AWS's services, only how their principals look.
fn principal<'a>(organization: &Store, call: &Call<'a>) -> Result<&'a str, Refusal> {
    if !organization.all_features {
        let message = "You can perform this operation only when all features are enabled in the organization.";
        return Err(constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message));
    }
    let principal = call.required("ServicePrincipal");
    if principal.ends_with(".amazonaws.com") {
        return Ok(principal);
    }
    Err(invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."))
}

pub(super) fn enable(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    let principal = principal(organization, call)?;
    // It does not activate StackSets: only CloudFormation's own operation does.
    organization.trusted.entry(principal.to_owned()).or_insert_with(|| ambient.clock.now());
    Ok(Value::Null)
}

pub(super) fn disable(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    let principal = principal(organization, call)?;
    organization.trusted.remove(principal);
    if [STACK_SETS, STACK_SETS_ROOT].contains(&principal) && organization.stack_sets == StackSetsAccess::Enabled {
        organization.stack_sets = StackSetsAccess::Disabled;
    }
    Ok(Value::Null)
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let trusted = organization.trusted.iter().map(|(principal, since)| (principal.as_str(), (principal, since)));
    listed(
        call,
        &ambient.settings,
        "EnabledServicePrincipals",
        trusted,
        |(principal, since)| json!({"ServicePrincipal": principal, "DateEnabled": since.epoch()}),
    )
}

pub(super) fn register(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    let (account, principal) = (call.required("AccountId"), principal(organization, call)?);
    let member = organization.members.get(account).ok_or_else(no_account)?;
    if account == organization.management {
        let message = "You cannot register master account/yourself as delegated administrator for your organization.";
        return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
    }
    if !matches!(member.state, AccountState::Active | AccountState::PendingActivation) {
        let message = "You cannot register a suspended account as a delegated administrator.";
        return Err(constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", message));
    }
    if !organization.trusted.contains_key(principal) {
        let message = "You must enable service access before you register a delegated administrator.";
        return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", message));
    }
    let accounts = organization.delegates.entry(principal.to_owned()).or_default();
    if accounts.contains_key(account) {
        let message = "The provided account is already a delegated administrator for your organization.";
        return Err(Refusal::new("AccountAlreadyRegisteredException", message));
    }
    if accounts.len() >= MOST_DELEGATES {
        let message = "You have reached the maximum number of delegated administrators for this service.";
        return Err(constraint("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", message));
    }
    accounts.insert(account.to_owned(), ambient.clock.now());
    Ok(Value::Null)
}

pub(super) fn deregister(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    let (account, principal) = (call.required("AccountId"), principal(organization, call)?);
    organization.members.get(account).ok_or_else(no_account)?;
    let accounts = organization.delegates.get_mut(principal);
    accounts.and_then(|accounts| accounts.remove(account)).ok_or_else(not_registered)?;
    Ok(Value::Null)
}

fn not_registered() -> Refusal {
    let message = "The provided account is not a registered delegated administrator for your organization.";
    Refusal::new("AccountNotRegisteredException", message)
}

pub(super) fn list_delegates(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let wanted = call.text("ServicePrincipal");
    let mut since: BTreeMap<&str, Instant> = BTreeMap::new();
    let chosen =
        organization.delegates.iter().filter(|(principal, _)| wanted.is_none_or(|wanted| wanted == *principal));
    for (account, time) in chosen.flat_map(|(_, accounts)| accounts) {
        let first = since.entry(account).or_insert(*time);
        *first = (*first).min(*time);
    }
    let found =
        since.iter().filter_map(|(account, time)| Some((*account, (organization.members.get(*account)?, *time))));
    let settings = &ambient.settings;
    listed(call, settings, "DelegatedAdministrators", found, |(member, time)| {
        let mut shown = organization.shown_account(member, settings);
        if let Some(members) = shown.as_object_mut() {
            members.remove("Paths");
            members.insert("DelegationEnabledDate".to_owned(), time.epoch());
        }
        shown
    })
}

pub(super) fn list_delegated_services(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let account = call.required("AccountId");
    organization.members.get(account).ok_or_else(no_account)?;
    if !organization.is_delegate_of_any(account) {
        return Err(not_registered());
    }
    let services = organization.delegates.iter();
    let services =
        services.filter_map(|(principal, accounts)| Some((principal.as_str(), (principal, accounts.get(account)?))));
    listed(
        call,
        &ambient.settings,
        "DelegatedServices",
        services,
        |(principal, since)| json!({"ServicePrincipal": principal, "DelegationEnabledDate": since.epoch()}),
    )
}
