//! `SimulatePrincipalPolicy`: what somebody may do, without doing it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::permission::{Decision, Denier, Permissions, decide};
use super::{listed, no_such_entity, scp};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Account, State};

pub(super) fn simulate(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let missing = || no_such_entity("The account cannot be found.".to_owned());
    let account = state.accounts.get(call.account).ok_or_else(missing)?;
    let source = call.required("PolicySourceArn");
    let mut subject = subject(account, source)?;
    for document in call.texts("PolicyInputList") {
        subject.policies.push(parsed(document)?);
    }
    if let Some(boundary) = call.texts("PermissionsBoundaryPolicyInputList").first() {
        subject.boundary = Some(parsed(boundary)?);
    }
    let given = call.texts("ResourceArns");
    let resources = if given.is_empty() { vec!["*"] } else { given.clone() };
    let context = context(call);
    let results = call.texts("ActionNames").into_iter().map(|action| {
        let on = resources.iter().copied();
        let verdict = |resource| {
            let by_policies = scp::simulated(state, call.account, action, resource);
            subject.verdict(&account.permissions, action, resource, &context).under(by_policies)
        };
        let on = on.map(|resource| (resource, verdict(resource))).collect::<Vec<_>>();
        shown(action, &on, !given.is_empty())
    });
    let results = results.enumerate().map(|(at, result)| (vec![format!("{at:05}")], result));
    listed(call, "EvaluationResults", results.collect())
}

/// Whose policies are simulated.
struct Subject {
    policies: Vec<Value>,
    boundary: Option<Value>,
}

/// The user or role of an ARN. The account has one user.
fn subject(account: &Account, arn: &str) -> Result<Subject, Refusal> {
    let permissions = &account.permissions;
    if arn == account.administrator.arn {
        return Ok(Subject { policies: permissions.policies.clone(), boundary: None });
    }
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let unclear = || {
        let message = format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
        Refusal::new("InvalidInput", message)
    };
    if !arn.contains(":iam::") {
        return Err(unclear());
    }
    let (kind, path) = resource.split_once('/').ok_or_else(unclear)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    match (kind, account.iam.get(name)) {
        ("role", Some(role)) => {
            let inline = role.policies.values().filter_map(|document| serde_json::from_str(document).ok());
            let managed = role.managed.iter().filter_map(|arn| permissions.managed(arn));
            let boundary = role.boundary.as_ref().and_then(|arn| permissions.managed(arn));
            Ok(Subject { policies: inline.chain(managed).collect(), boundary })
        }
        // Roles that a session may be of without IAM holding them may do what the administrator may.
        ("role", None) if !account.missing_roles.contains(name) => {
            Ok(Subject { policies: permissions.policies.clone(), boundary: None })
        }
        ("role", None) => Err(no_such_entity(format!("The role with name {name} cannot be found."))),
        ("user" | "group", _) => Err(no_such_entity(format!("The {kind} with name {name} cannot be found."))),
        _ => Err(unclear()),
    }
}

fn parsed(document: &str) -> Result<Value, Refusal> {
    let invalid = || Refusal::new("InvalidInput", "Syntax errors in policy.");
    serde_json::from_str::<Value>(document).ok().filter(|value| value.get("Statement").is_some()).ok_or_else(invalid)
}

/// What the request says of the circumstances, by key in lower case.
fn context(call: &Call<'_>) -> BTreeMap<String, Vec<String>> {
    let entry = |entry: &Value| {
        let values = entry.get("ContextKeyValues").and_then(Value::as_array)?;
        let values = values.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        Some((entry.get("ContextKeyName")?.as_str()?.to_lowercase(), values))
    };
    call.list("ContextEntries").iter().filter_map(entry).collect()
}

/// A decision with what stood beside the policies.
struct Verdict {
    decision: Decision,
    /// Whether the organization allows it; nothing if there is none that could deny something.
    by_organization: Option<bool>,
    by_boundary: bool,
    has_boundary: bool,
}

impl Subject {
    fn verdict(
        &self,
        permissions: &Permissions,
        action: &str,
        resource: &str,
        context: &BTreeMap<String, Vec<String>>,
    ) -> Verdict {
        let mut decision = decide(&self.policies, action, resource, context);
        let denied = permissions.denied(action);
        let boundary =
            self.boundary.as_ref().map(|policy| decide(std::slice::from_ref(policy), action, resource, context));
        let outside = boundary.as_ref().is_some_and(|boundary| !boundary.is_allowed());
        let by_boundary = outside || denied == Some(Denier::Boundary);
        match denied {
            Some(Denier::Statement) => decision.word = "explicitDeny",
            Some(_) if decision.is_allowed() => decision.word = "implicitDeny",
            None if decision.is_allowed() && outside => decision.word = "implicitDeny",
            _ => {}
        }
        let by_organization = permissions.in_organization().then(|| denied != Some(Denier::Organization));
        Verdict { decision, by_organization, by_boundary, has_boundary: boundary.is_some() || by_boundary }
    }
}

impl Verdict {
    /// The verdict under the organization's policies; nothing if there are none.
    fn under(mut self, allowed: Option<bool>) -> Self {
        let Some(allowed) = allowed else { return self };
        self.by_organization = Some(allowed && self.by_organization != Some(false));
        if !allowed && self.decision.is_allowed() {
            self.decision.word = "implicitDeny";
        }
        self
    }
}

/// The result for one action, of all its resources: the hardest decision is the action's.
fn shown(action: &str, verdicts: &[(&str, Verdict)], specific: bool) -> Value {
    const HARDEST: [&str; 3] = ["explicitDeny", "implicitDeny", "allowed"];
    let words: BTreeSet<&str> = verdicts.iter().map(|(_, verdict)| verdict.decision.word).collect();
    let word = HARDEST.into_iter().find(|word| words.contains(word)).unwrap_or("implicitDeny");
    let missing: BTreeSet<&String> = verdicts.iter().flat_map(|(_, verdict)| &verdict.decision.missing).collect();
    let first = verdicts.first().map_or("*", |(resource, _)| resource);
    let mut shown = json!({
        "EvalActionName": action, "EvalResourceName": first, "EvalDecision": word, "MatchedStatements": [],
        "MissingContextValues": missing,
    });
    let specific =
        specific.then(|| verdicts.iter().map(|(resource, verdict)| one(resource, verdict)).collect::<Value>());
    if let Value::Object(members) = &mut shown {
        members.extend(specific.map(|results| ("ResourceSpecificResults".to_owned(), results)));
        if verdicts.iter().any(|(_, verdict)| verdict.by_organization.is_some()) {
            let allowed = verdicts.iter().all(|(_, verdict)| verdict.by_organization != Some(false));
            let detail = json!({"AllowedByOrganizations": allowed});
            members.insert("OrganizationsDecisionDetail".to_owned(), detail);
        }
        members.extend(boundary(verdicts.iter().map(|(_, verdict)| verdict)));
    }
    shown
}

fn one(resource: &str, verdict: &Verdict) -> Value {
    let mut shown = json!({
        "EvalResourceName": resource, "EvalResourceDecision": verdict.decision.word, "MatchedStatements": [],
        "MissingContextValues": verdict.decision.missing,
    });
    if let Value::Object(members) = &mut shown {
        members.extend(boundary(std::iter::once(verdict)));
    }
    shown
}

fn boundary<'a>(verdicts: impl Iterator<Item = &'a Verdict> + Clone) -> Map<String, Value> {
    if !verdicts.clone().any(|verdict| verdict.has_boundary) {
        return Map::new();
    }
    let allowed = verdicts.into_iter().all(|verdict| !verdict.by_boundary);
    let detail = json!({"AllowedByPermissionsBoundary": allowed});
    Map::from_iter([("PermissionsBoundaryDecisionDetail".to_owned(), detail)])
}
