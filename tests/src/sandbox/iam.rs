//! IAM: roles, which are the same in every Region of an account, and who may do what.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::clock::Instant;
use super::page::{Cursor, cut, fingerprint};
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::State;

mod account;
mod context;
mod enforce;
mod permission;
mod resource;
mod scp;
mod simulate;
mod trust;

pub use permission::Denier;
pub use trust::RoleSpec;

pub(crate) use account::MOST_ROLES;
pub(crate) use enforce::{action, denied_to_role, lacks, refusal as denial_of, step as denied_step};
pub(crate) use permission::{Denial, Permissions};
pub(crate) use resource::Subject;
pub(crate) use scp::principal_arn;
pub(crate) use trust::assumable;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "iam",
    model_text: include_str!("model/iam.json"),
    operations: &[
        ("GetAccountSummary", account::summary),
        ("GetPolicy", account::policy),
        ("GetRole", get_role),
        ("GetRolePolicy", get_role_policy),
        ("ListRolePolicies", list_role_policies),
        ("ListRoleTags", list_role_tags),
        ("ListRoles", list_roles),
        ("SimulatePrincipalPolicy", simulate::simulate),
    ],
};

/// What an account has, by name.
pub(crate) type Store = BTreeMap<String, Role>;

/// One role.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) path: String,
    pub(crate) created: Instant,
    pub(crate) description: Option<String>,
    pub(crate) session: u64,
    /// Who may assume it, as JSON.
    pub(crate) trust: String,
    /// Inline policies by name, as JSON.
    pub(crate) policies: BTreeMap<String, String>,
    pub(crate) managed: Vec<String>,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Vec<Value>,
}

impl Role {
    fn shown(&self, name: &str, whole: bool) -> Value {
        let mut shown = json!({
            "Path": self.path, "RoleName": name, "RoleId": self.id, "Arn": self.arn,
            "CreateDate": self.created.epoch(), "AssumeRolePolicyDocument": encoded(&self.trust),
            "Description": self.description, "MaxSessionDuration": self.session,
        });
        if let Value::Object(members) = &mut shown
            && whole
        {
            let boundary = self.boundary.as_ref().map(
                |arn| json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}),
            );
            members.insert("PermissionsBoundary".to_owned(), boundary.unwrap_or_default());
            members.insert("Tags".to_owned(), Value::Array(self.tags.clone()));
        }
        shown
    }
}

/// IAM answers documents percent-encoded.
fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

fn role<'a>(state: &'a State, call: &Call<'_>) -> Result<(&'a str, &'a Role), Refusal> {
    let name = call.required("RoleName");
    let found = state.accounts.get(call.account).and_then(|account| account.iam.get_key_value(name));
    let missing = || no_such_entity(format!("The role with name {name} cannot be found."));
    found.map(|(name, role)| (name.as_str(), role)).ok_or_else(missing)
}

fn no_such_entity(message: String) -> Refusal {
    Refusal::new("NoSuchEntity", message).with_status(404)
}

fn get_role(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, role) = role(state, call)?;
    Ok(json!({"Role": role.shown(name, true)}))
}

fn get_role_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = call.required("PolicyName");
    let (name, role) = role(state, call)?;
    let missing = || no_such_entity(format!("The role policy with name {wanted} cannot be found."));
    let document = role.policies.get(wanted).ok_or_else(missing)?;
    Ok(json!({"RoleName": name, "PolicyName": wanted, "PolicyDocument": encoded(document)}))
}

fn list_role_policies(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (_, role) = role(state, call)?;
    let names: Vec<_> = role.policies.keys().map(|name| (vec![name.clone()], Value::from(name.as_str()))).collect();
    listed(call, "PolicyNames", names)
}

fn list_role_tags(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (_, role) = role(state, call)?;
    let tags = role.tags.iter().enumerate().map(|(at, tag)| (vec![format!("{at:04}")], tag.clone())).collect();
    listed(call, "Tags", tags)
}

fn list_roles(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let prefix = call.text("PathPrefix").unwrap_or("/");
    let account = state.accounts.get(call.account);
    let roles = account.into_iter().flat_map(|account| &account.iam);
    let roles = roles.filter(|(_, role)| role.path.starts_with(prefix));
    let shown = roles.map(|(name, role)| (vec![name.clone()], role.shown(name, false))).collect();
    listed(call, "Roles", shown)
}

/// A page of a listing that is in order of its keys.
fn listed(call: &Call<'_>, member: &str, all: Vec<(Vec<String>, Value)>) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["Marker", "MaxItems"]);
    let invalid = || Refusal::validation_error("Invalid Marker.");
    let cursor = call.text("Marker").map(|marker| Cursor::parse(marker, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let rest = all.into_iter().filter(|(key, _)| cursor.after.as_ref().is_none_or(|after| key > after));
    let page = cut(rest, call.count("MaxItems").unwrap_or(100), cursor.page, fingerprint);
    Ok(json!({member: page.items, "IsTruncated": page.next.is_some(), "Marker": page.next}))
}
