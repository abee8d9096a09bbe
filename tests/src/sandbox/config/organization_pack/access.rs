//! Who may work with organization packs.

use super::PRINCIPAL;
use crate::sandbox::iam::lacks;
use crate::sandbox::organizations;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

fn denied(message: &str) -> Refusal {
    Refusal::new("OrganizationAccessDeniedException", message)
}

/// The organization, for its management account or a delegated administrator of AWS Config.
fn administered<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a organizations::Store, Refusal> {
    let organization = state.organization.as_ref().filter(|known| known.members.contains_key(call.account));
    let organization = organization.ok_or_else(|| {
        let message = "The account is not in an organization of AWS Organizations.";
        Refusal::new("NoAvailableOrganizationException", message)
    })?;
    if organization.management == call.account {
        return Ok(organization);
    }
    let may_ask = state.accounts.get(call.account).is_some_and(|account| {
        // AWS Config asks who the delegated administrators are with the caller's own permissions.
        !lacks(account, "organizations:ListDelegatedAdministrators")
    });
    if may_ask && organization.is_delegate(PRINCIPAL, call.account) {
        return Ok(organization);
    }
    Err(denied(
        "This action can only be performed if you are a registered delegated administrator for AWS Config with \
         permissions to call ListDelegatedAdministrators API.",
    ))
}

/// For reads and deletions, which work only where the organization trusts AWS Config. That AWS refuses them elsewhere,
/// and does not answer with nothing, is not documented: whoever can live with the refusal can live with both.
pub(super) fn check(state: &State, call: &Call<'_>) -> Result<(), Refusal> {
    let organization = administered(state, call).map_err(|refusal| denied(&refusal.message))?;
    if organization.trusted.contains_key(PRINCIPAL) {
        return Ok(());
    }
    Err(denied("Service access for config-multiaccountsetup.amazonaws.com is not enabled in the organization."))
}

/// For `PutOrganizationConformancePack`, which enables trusted access itself. `first` is whether the caller has no
/// other pack here: then a service-linked role is made.
pub(super) fn open(state: &mut State, call: &Call<'_>, first: bool) -> Result<(), Refusal> {
    let organization = administered(state, call)?;
    if !organization.all_features {
        let message = "AWS Config resource cannot be created because your organization does not have all features \
                       enabled.";
        return Err(Refusal::new("OrganizationAllFeaturesNotEnabledException", message));
    }
    let account = state.accounts.get(call.account);
    if first && account.is_some_and(|account| lacks(account, "iam:CreateServiceLinkedRole")) {
        let message = "You do not have permission to call IAM GetRole action or create a service-linked role.";
        return Err(Refusal::new("InsufficientPermissionsException", message));
    }
    if organization.trusted.contains_key(PRINCIPAL) {
        return Ok(());
    }
    if account.is_none_or(|account| lacks(account, "organizations:EnableAWSServiceAccess")) {
        return Err(denied("You do not have permission to call the EnableAWSServiceAccess API."));
    }
    let now = state.ambient.clock.now();
    if let Some(organization) = state.organization.as_mut() {
        organization.trusted.insert(PRINCIPAL.to_owned(), now);
    }
    Ok(())
}
