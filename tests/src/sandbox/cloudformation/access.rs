//! Whether `CloudFormation` may deploy into the organization, and who may act for it.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html>

use serde_json::{Map, Value, json};

use crate::sandbox::organizations::{STACK_SETS, StackSetsAccess, Store};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, State};

/// The organization, for an account that may administer StackSets in the way that it says (`CallAs`).
///
/// # Errors
/// `ValidationError`, in the words that clients have quoted: <https://github.com/cdklabs/cdk-stacksets/issues/265>,
/// <https://github.com/ministryofjustice/aws-root-account/issues/1173>.
pub(crate) fn administrator<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Store, Refusal> {
    let known = |found: &&Store| found.members.contains_key(call.account);
    let organization = state.organization.as_ref().filter(known);
    let delegated = call.text("CallAs") == Some("DELEGATED_ADMIN");
    match organization {
        Some(found) if !delegated && found.management == call.account => Ok(found),
        Some(found) if delegated && found.is_delegate(STACK_SETS, call.account) => Ok(found),
        Some(_) if delegated => Err(Refusal::validation_error("Account used is not a delegated administrator")),
        Some(_) | None => Err(Refusal::validation_error(
            "You must be the management account or delegated admin account of an organization before operating a \
             SERVICE_MANAGED stack set",
        )),
    }
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let status = match administrator(state, call)?.stack_sets {
        StackSetsAccess::Enabled => "ENABLED",
        StackSetsAccess::Disabled => "DISABLED",
        StackSetsAccess::DisabledPermanently => "DISABLED_PERMANENTLY",
    };
    Ok(json!({"Status": status}))
}

/// The organization, for its management account.
fn manager<'a>(state: &'a mut State, call: &Call<'_>) -> Result<(&'a mut Store, &'a mut Ambient), Refusal> {
    let State { organization, ambient, .. } = state;
    let found = organization.as_mut().filter(|found| found.management == call.account);
    let message = "You must be the management account of an organization to change the access of StackSets to it.";
    let found = found.ok_or_else(|| Refusal::new("InvalidOperationException", message))?;
    if found.all_features {
        return Ok((found, ambient));
    }
    let message = "All features must be enabled in the organization to use StackSets with it.";
    Err(Refusal::new("InvalidOperationException", message))
}

pub(super) fn activate(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    if organization.stack_sets == StackSetsAccess::DisabledPermanently {
        let message = "The access of StackSets to this organization is disabled permanently.";
        return Err(Refusal::new("InvalidOperationException", message));
    }
    organization.set_stack_sets(StackSetsAccess::Enabled, ambient.clock.now());
    Ok(Value::Object(Map::new()))
}

pub(super) fn deactivate(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    if organization.stack_sets == StackSetsAccess::Enabled {
        organization.set_stack_sets(StackSetsAccess::Disabled, ambient.clock.now());
    }
    Ok(Value::Object(Map::new()))
}
