//! The organization, its root and its units.

use serde_json::{Value, json};

use super::caller::{any_member, reader};
use super::listing::listed;
use super::refusals::not_in_use;
use super::store::{Store, TypeStatus, Unit};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// The only policy type that the sandbox has.
pub(super) const SCP: &str = "SERVICE_CONTROL_POLICY";

pub(super) fn describe_organization(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = any_member(state, call)?;
    let management = organization.members.get(&organization.management).ok_or_else(not_in_use)?;
    // Whether the type is in force is told by ListRoots alone.
    let available = json!([{"Type": SCP, "Status": "ENABLED"}]);
    Ok(json!({"Organization": {
        "Id": organization.id,
        "Arn": organization.arn("organization", None),
        "FeatureSet": if organization.all_features { "ALL" } else { "CONSOLIDATED_BILLING" },
        "MasterAccountArn": organization.arn("account", Some(&management.id)),
        "MasterAccountId": management.id,
        "MasterAccountEmail": management.email,
        "AvailablePolicyTypes": if organization.all_features { available } else { json!([]) },
    }}))
}

/// The root, with the policy types that are in force or soon will be.
pub(super) fn shown_root(organization: &Store) -> Value {
    let types = match organization.policy_type {
        TypeStatus::Disabled => json!([]),
        TypeStatus::Pending(_) => json!([{"Type": SCP, "Status": "PENDING_ENABLE"}]),
        TypeStatus::Enabled => json!([{"Type": SCP, "Status": "ENABLED"}]),
    };
    let root = &organization.root;
    json!({"Id": root, "Arn": organization.arn("root", Some(root)), "Name": "Root", "PolicyTypes": types})
}

pub(super) fn list_roots(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let roots = std::iter::once((organization.root.as_str(), ()));
    listed(call, &ambient.settings, "Roots", roots, |()| shown_root(organization))
}

fn shown_unit(organization: &Store, unit: &Unit) -> Value {
    json!({
        "Id": unit.id, "Arn": organization.arn("ou", Some(&unit.id)), "Name": unit.name,
        "Path": organization.path(&unit.id),
    })
}

pub(super) fn describe_unit(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = reader(state, call)?;
    let missing = || {
        let message = "You specified an organizational unit that doesn't exist.";
        Refusal::new("OrganizationalUnitNotFoundException", message)
    };
    let unit = organization.units.get(call.required("OrganizationalUnitId")).ok_or_else(missing)?;
    Ok(json!({"OrganizationalUnit": shown_unit(organization, unit)}))
}

fn parent_of_call<'a>(organization: &Store, call: &Call<'a>) -> Result<&'a str, Refusal> {
    let parent = call.required("ParentId");
    let message = "We can't find a root or organizational unit (OU) with the ParentId that you specified.";
    let missing = || Refusal::new("ParentNotFoundException", message);
    organization.is_parent(parent).then_some(parent).ok_or_else(missing)
}

pub(super) fn list_units(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let parent = parent_of_call(organization, call)?;
    let units = organization.units.values().filter(|unit| unit.parent == parent);
    let units = units.map(|unit| (unit.id.as_str(), unit));
    listed(call, &ambient.settings, "OrganizationalUnits", units, |unit| shown_unit(organization, unit))
}

pub(super) fn list_accounts_for_parent(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let parent = parent_of_call(organization, call)?;
    let members = organization.members.values().filter(|member| member.parent == parent);
    let members = members.map(|member| (member.id.as_str(), member));
    let settings = &ambient.settings;
    listed(call, settings, "Accounts", members, |member| organization.shown_account(member, settings))
}

pub(super) fn list_children(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let parent = parent_of_call(organization, call)?;
    let kind = call.required("ChildType");
    let ids: Vec<&str> = if kind == "ACCOUNT" {
        let members = organization.members.values().filter(|member| member.parent == parent);
        members.map(|member| member.id.as_str()).collect()
    } else {
        let units = organization.units.values().filter(|unit| unit.parent == parent);
        units.map(|unit| unit.id.as_str()).collect()
    };
    let children = ids.into_iter().map(|id| (id, id));
    listed(call, &ambient.settings, "Children", children, |id| json!({"Id": id, "Type": kind}))
}

pub(super) fn list_parents(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let message = "You specified an organizational unit (OU) or AWS account that doesn't exist.";
    let missing = || Refusal::new("ChildNotFoundException", message);
    let parent = organization.parent(call.required("ChildId")).ok_or_else(missing)?;
    let kind = if parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    let parents = std::iter::once((parent, parent));
    listed(call, &ambient.settings, "Parents", parents, |id| json!({"Id": id, "Type": kind}))
}
