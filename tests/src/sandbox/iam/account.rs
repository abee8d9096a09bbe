//! What IAM says of an account as a whole, and its managed policies.

use serde_json::{Value, json};

use super::no_such_entity;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(crate) const MOST_ROLES: usize = 1000;

pub(super) fn summary(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let account = state.accounts.get(call.account);
    let missing = || no_such_entity("The account cannot be found.".to_owned());
    let account = account.ok_or_else(missing)?;
    Ok(json!({"SummaryMap": {
        "AccessKeysPerUserQuota": 2, "AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1,
        "AttachedPoliciesPerRoleQuota": 10, "Policies": account.permissions.managed.len(), "PoliciesQuota": 1500,
        "RolePolicySizeQuota": 10240, "Roles": account.roles(), "RolesQuota": account.most_roles,
        "Users": 1, "UsersQuota": 5000,
    }}))
}

pub(super) fn policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let arn = call.required("PolicyArn");
    let now = state.ambient.clock.now().epoch();
    let account = state.accounts.get(call.account);
    let known = account.is_some_and(|account| account.permissions.managed(arn).is_some());
    if !known {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    let path = arn.split_once(":policy").map_or("/", |(_, path)| path);
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    Ok(json!({"Policy": {
        "PolicyName": name, "Arn": arn, "Path": format!("{folder}/"), "DefaultVersionId": "v1", "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": now, "UpdateDate": now,
        "PolicyId": "ANPAAAAAAAAAAAAAAAAAA",
    }}))
}
