//! Who may become a role, and what a session of it may do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::permission::{covers, holds, statements};
use super::{Role, principal_arn};
use crate::sandbox::clock::Instant;
use crate::sandbox::organizations::AccountState;
use crate::sandbox::s3::is_for;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Account, Place, State};

/// A role, for [`World::put_role`](crate::sandbox::World::put_role).
#[derive(Debug, Clone, PartialEq)]
pub struct RoleSpec {
    /// The name with its path, such as `audit/reader`.
    name: String,
    trust: Value,
    policies: Vec<Value>,
    longest: u64,
}

impl RoleSpec {
    /// A role that these principals (accounts, or ARNs of users and roles) may assume for an hour, and that may do
    /// everything. `name` may begin with a path, such as `audit/reader`.
    #[must_use]
    pub fn new(name: &str, trusted: &[&str]) -> Self {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]});
        Self { name: name.to_owned(), trust, policies: Vec::new(), longest: 3600 }
    }

    /// The same with another trust policy.
    #[must_use]
    pub fn trust(mut self, trust: Value) -> Self {
        self.trust = trust;
        self
    }

    /// The same with a policy; with one or more of them, it may do only what they allow.
    #[must_use]
    pub fn policy(mut self, policy: Value) -> Self {
        self.policies.push(policy);
        self
    }

    /// The same with sessions of at most so many seconds.
    #[must_use]
    pub fn longest(mut self, seconds: u64) -> Self {
        self.longest = seconds;
        self
    }

    /// The name without its path.
    pub(crate) fn name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn made(&self, account: &str, id: String, created: Instant) -> Role {
        let folder = self.name.strip_suffix(self.name()).unwrap_or_default();
        let policies = self.policies.iter().enumerate();
        let administrator = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
        Role {
            id,
            arn: format!("arn:aws:iam::{account}:role/{}", self.name),
            path: format!("/{folder}"),
            created,
            description: None,
            session: self.longest,
            trust: self.trust.to_string(),
            policies: policies.map(|(at, policy)| (format!("policy-{at}"), policy.to_string())).collect(),
            managed: if self.policies.is_empty() { vec![administrator] } else { Vec::new() },
            boundary: None,
            tags: Vec::new(),
        }
    }
}

/// The role that a call may assume: it is there, its account works, and its trust policy is for the caller. Nothing
/// else is told to whoever asks, as AWS tells nothing else.
pub(crate) fn assumable<'a>(
    state: &'a State,
    call: &Call<'_>,
    arn: &str,
    (account, name): (&str, &str),
) -> Option<&'a Role> {
    let role = state.accounts.get(account)?.iam.get(name).filter(|role| role.arn == arn)?;
    let organization = state.organization.as_ref();
    let member = organization.and_then(|organization| organization.members.get(account));
    let works = member.is_none_or(|member| member.state == AccountState::Active);
    let trust: Value = serde_json::from_str(&role.trust).ok()?;
    (works && trusts(state, call, &trust)).then_some(role)
}

/// Whether a trust policy lets the caller in; a denial wins.
fn trusts(state: &State, call: &Call<'_>, trust: &Value) -> bool {
    let context = context(state, call);
    let principal = principal_arn(state, &Place::new(call.account, call.region), &call.caller.arn);
    let mut allowed = false;
    for statement in statements(trust) {
        let named = is_for(statement, &principal, call.account) || is_for(statement, &call.caller.arn, call.account);
        let applies = named && covers(statement, "Action", "sts:AssumeRole", true);
        if !applies || !holds(statement.get("Condition"), &context, &mut BTreeSet::new()) {
            continue;
        }
        if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
            return false;
        }
        allowed = true;
    }
    allowed
}

fn context(state: &State, call: &Call<'_>) -> BTreeMap<String, Vec<String>> {
    let place = Place::new(call.account, call.region);
    let mut context = BTreeMap::from([
        ("aws:principalaccount".to_owned(), vec![call.account.to_owned()]),
        ("aws:principalarn".to_owned(), vec![principal_arn(state, &place, &call.caller.arn)]),
        ("sts:rolesessionname".to_owned(), vec![call.required("RoleSessionName").to_owned()]),
    ]);
    if let Some(id) = call.text("ExternalId") {
        context.insert("sts:externalid".to_owned(), vec![id.to_owned()]);
    }
    let organization = state.organization.as_ref().filter(|known| known.members.contains_key(call.account));
    if let Some(organization) = organization {
        context.insert("aws:principalorgid".to_owned(), vec![organization.id.clone()]);
    }
    context
}

/// The policies of the role that an ARN is a session of, if IAM has that role.
pub(super) fn policies_of(account: &Account, session: &str) -> Option<Vec<Value>> {
    let (_, named) = session.split_once(":assumed-role/")?;
    let role = account.iam.get(named.split('/').next()?)?;
    let inline = role.policies.values().filter_map(|document| serde_json::from_str(document).ok());
    let managed = role.managed.iter().filter_map(|arn| account.permissions.managed(arn));
    Some(inline.chain(managed).collect())
}
