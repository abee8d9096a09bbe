//! `AWS::IAM::Role`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Failure, Made, Outcome, Site, generated, number, own_tags, string, tags};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::iam::Role;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "RoleName").unwrap_or_else(|| generated(state, site, 64));
    let known = state.accounts.get(&site.place.account).is_some_and(|account| account.iam.contains_key(&name));
    if known {
        let refusal =
            Refusal::new("EntityAlreadyExists", format!("Role with name {name} already exists.")).with_status(409);
        return Err(Failure::service("Iam", "AlreadyExists", &refusal, state));
    }
    let full = state.accounts.get(&site.place.account).filter(|account| account.roles() >= account.most_roles);
    if let Some(most) = full.map(|account| account.most_roles) {
        let message = format!("Cannot exceed quota for RolesPerAccount: {most}");
        let refusal = Refusal::new("LimitExceeded", message).with_status(409);
        return Err(Failure::service("Iam", "ServiceLimitExceeded", &refusal, state));
    }
    let path = string(properties, "Path").unwrap_or_else(|| "/".to_owned());
    let role = Role {
        id: format!("AROA{}", state.ambient.random.upper(17)),
        arn: site.place.iam_arn(&format!("role{path}{name}")),
        path,
        created: state.ambient.clock.now(),
        description: None,
        session: 3600,
        trust: String::new(),
        policies: BTreeMap::new(),
        managed: Vec::new(),
        boundary: None,
        tags: Vec::new(),
    };
    put(state, site, &name, role, properties)
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    let name = &old.physical;
    let known = state.accounts.get(&site.place.account).and_then(|account| account.iam.get(name)).cloned();
    let missing = || Failure::new("NotFound", format!("The role with name {name} cannot be found."));
    put(state, site, name, known.ok_or_else(missing)?, properties)
}

fn document(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(document) => document.to_string(),
        None => String::new(),
    }
}

fn put(state: &mut State, site: &Site<'_>, name: &str, mut role: Role, properties: &Value) -> Outcome {
    role.trust = document(properties.get("AssumeRolePolicyDocument"));
    let policies = properties.get("Policies").and_then(Value::as_array).into_iter().flatten();
    role.policies = policies
        .map(|policy| (string(policy, "PolicyName").unwrap_or_default(), document(policy.get("PolicyDocument"))))
        .collect();
    let documents = std::iter::once(&role.trust).chain(role.policies.values());
    let broken = documents.into_iter().any(|document| {
        let parsed: Option<Value> = serde_json::from_str(document).ok();
        parsed.is_none_or(|parsed| parsed.get("Statement").is_none())
    });
    if broken {
        let refusal = Refusal::new("MalformedPolicyDocument", "Syntax errors in policy.");
        return Err(Failure::service("Iam", "InvalidRequest", &refusal, state));
    }
    let managed = properties.get("ManagedPolicyArns").and_then(Value::as_array).into_iter().flatten();
    role.managed = managed.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    role.description = string(properties, "Description");
    role.session = number(properties, "MaxSessionDuration").unwrap_or(3600);
    role.boundary = string(properties, "PermissionsBoundary");
    let attached =
        role.managed.iter().map(|arn| (arn, "Policy")).chain(role.boundary.iter().map(|arn| (arn, "Scope ARN:")));
    let permissions = state.accounts.get(&site.place.account).map(|account| &account.permissions);
    let missing = attached.into_iter().find(|(arn, _)| permissions.is_none_or(|known| !known.has_managed(arn)));
    if let Some((arn, what)) = missing {
        let message = format!("{what} {arn} does not exist or is not attachable.");
        let refusal = Refusal::new("NoSuchEntity", message).with_status(404);
        return Err(Failure::service("Iam", "NotFound", &refusal, state));
    }
    role.tags = tags(site, properties);
    let made = made(name, &role);
    if let Some(account) = state.accounts.get_mut(&site.place.account) {
        account.iam.insert(name.to_owned(), role);
    }
    Ok(made)
}

fn made(name: &str, role: &Role) -> Made {
    Made::new(name, [("Arn", role.arn.clone()), ("RoleId", role.id.clone())])
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    state.accounts.get(&place.account)?.iam.get(name).map(|role| made(name, role))
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let role = state.accounts.get(&place.account)?.iam.get(&resource.physical)?;
    let parsed = |text: &String| serde_json::from_str::<Value>(text).unwrap_or_default();
    let policies =
        role.policies.iter().map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": parsed(document)}));
    Some(json!({
        "RoleName": resource.physical, "Path": role.path, "AssumeRolePolicyDocument": parsed(&role.trust),
        "Policies": policies.collect::<Vec<_>>(), "ManagedPolicyArns": role.managed, "Description": role.description,
        "MaxSessionDuration": role.session, "PermissionsBoundary": role.boundary, "Tags": own_tags(&role.tags),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    if let Some(account) = state.accounts.get_mut(&site.place.account) {
        account.iam.remove(&resource.physical);
    }
    Ok(())
}
