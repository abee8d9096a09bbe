//! `AWS::IAM::Role`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Failure, Made, Outcome, Site, generated, number, string, tags};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::iam::Role;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::State;

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "RoleName").unwrap_or_else(|| generated(state, site, 64));
    let known = state.accounts.get(&site.place.account).is_some_and(|account| account.iam.contains_key(&name));
    if known {
        let refusal =
            Refusal::new("EntityAlreadyExists", format!("Role with name {name} already exists.")).with_status(409);
        return Err(Failure::service("Iam", "AlreadyExists", &refusal, state));
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
    role.tags = tags(site, properties);
    let made = Made::new(name, [("Arn", role.arn.clone()), ("RoleId", role.id.clone())]);
    if let Some(account) = state.accounts.get_mut(&site.place.account) {
        account.iam.insert(name.to_owned(), role);
    }
    Ok(made)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    if let Some(account) = state.accounts.get_mut(&site.place.account) {
        account.iam.remove(&resource.physical);
    }
    Ok(())
}
