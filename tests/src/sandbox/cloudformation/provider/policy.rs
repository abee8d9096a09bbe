//! `AWS::Organizations::Policy`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Failure, Made, Outcome, Site, string, tags};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::organizations::{Policy, Store};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Ambient, Place, State};

const SCP: &str = "SERVICE_CONTROL_POLICY";

fn passed_on(state: &mut State, refusal: &Refusal) -> Failure {
    let code = match refusal.code.as_str() {
        "AccessDeniedException" => "AccessDenied",
        "ConstraintViolationException" => "ServiceLimitExceeded",
        "DuplicatePolicyException" | "DuplicatePolicyAttachmentException" => "AlreadyExists",
        "PolicyNotFoundException" | "TargetNotFoundException" => "NotFound",
        "InvalidInputException"
        | "MalformedPolicyDocumentException"
        | "PolicyTypeNotAvailableForOrganizationException"
        | "PolicyTypeNotEnabledException" => "InvalidRequest",
        _ => "GeneralServiceException",
    };
    Failure::service("Organizations", code, refusal, state)
}

/// Does something to the organization that the account manages.
fn managed<T>(
    state: &mut State,
    place: &Place,
    act: impl FnOnce(&mut Store, &mut Ambient) -> Result<T, Refusal>,
) -> Result<T, Failure> {
    let outcome = {
        let State { organization, ambient, .. } = state;
        match organization.as_mut().filter(|found| found.members.contains_key(&place.account)) {
            Some(found) if found.management == place.account => act(found, ambient),
            Some(_) => {
                let message = "You don't have permissions to access this resource.";
                Err(Refusal::new("AccessDeniedException", message))
            }
            None => {
                let message = "Your account is not a member of an organization.";
                Err(Refusal::new("AWSOrganizationsNotInUseException", message))
            }
        }
    };
    outcome.map_err(|refusal| passed_on(state, &refusal))
}

/// The policy that the properties describe. The content may be text, or an object that becomes text.
fn described(properties: &Value) -> Policy {
    let content = match properties.get("Content") {
        Some(Value::String(text)) => text.clone(),
        Some(object) => object.to_string(),
        None => String::new(),
    };
    let text = |name: &str| string(properties, name).unwrap_or_default();
    Policy::new(&text("Name"), &text("Description"), &content)
}

fn targets(properties: &Value) -> BTreeSet<String> {
    let ids = properties.get("TargetIds").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn tag_map(site: &Site<'_>, properties: &Value) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| string(tag, name).unwrap_or_default();
    tags(site, properties).iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

fn made(organization: &Store, id: &str) -> Made {
    let arn = organization.arn("policy", Some(&format!("service_control_policy/{id}")));
    Made::new(id, [("Arn", arn), ("AwsManaged", "false".to_owned()), ("Id", id.to_owned())])
}

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let (policy, wanted, tags) = (described(properties), targets(properties), tag_map(site, properties));
    let kind = string(properties, "Type");
    managed(state, site.place, |organization, ambient| {
        if kind.as_deref() != Some(SCP) {
            let message = "the sandbox has service control policies only";
            return Err(Refusal::new("PolicyTypeNotAvailableForOrganizationException", message));
        }
        let id = organization.create_policy(policy, tags, &mut ambient.random)?;
        let attached = wanted.iter().try_for_each(|target| organization.attach(&id, target));
        if let Err(refusal) = attached {
            // The handler cleans up after itself; what it cannot detach was never attached.
            let there: Vec<String> = organization.targets_of(&id).map(ToOwned::to_owned).collect();
            there.iter().try_for_each(|target| organization.detach(&id, target))?;
            organization.delete_policy(&id)?;
            return Err(refusal);
        }
        Ok(made(organization, &id))
    })
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    let (policy, wanted, tags) = (described(properties), targets(properties), tag_map(site, properties));
    let id = &old.physical;
    managed(state, site.place, |organization, _| {
        organization.update_policy(id, policy)?;
        organization.tags.insert(id.clone(), tags);
        // The handler goes by the template before, not by what is attached, and takes as done what is done.
        // <https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-organizations>
        let before = targets(&old.properties);
        let done = |end: Result<(), Refusal>, code: &str| end.or_else(|e| if e.code == code { Ok(()) } else { Err(e) });
        for target in wanted.difference(&before) {
            done(organization.attach(id, target), "DuplicatePolicyAttachmentException")?;
        }
        for target in before.difference(&wanted) {
            done(organization.detach(id, target), "PolicyNotAttachedException")?;
        }
        Ok(made(organization, id))
    })
}

pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    let id = &resource.physical;
    let gone = state.organization.as_ref().is_none_or(|organization| !organization.policies.contains_key(id));
    if gone {
        return Ok(());
    }
    managed(state, site.place, |organization, _| {
        let there: Vec<String> = organization.targets_of(id).map(ToOwned::to_owned).collect();
        there.iter().try_for_each(|target| organization.detach(id, target))?;
        organization.delete_policy(id)
    })
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let organization = state.organization.as_ref().filter(|found| found.management == place.account)?;
    let policy = organization.policies.get(&resource.physical)?;
    // What means the same is written in the way of the template: text or object, and in its order.
    let as_object = resource.properties.get("Content").is_some_and(Value::is_object);
    let content = serde_json::from_str(&policy.content).ok().filter(|_| as_object);
    let there: BTreeSet<String> = organization.targets_of(&resource.physical).map(ToOwned::to_owned).collect();
    let same = targets(&resource.properties) == there;
    let ids = resource.properties.get("TargetIds").filter(|_| same).cloned();
    let ids = ids.or_else(|| (!there.is_empty()).then(|| json!(there)));
    Some(json!({
        "Name": policy.name,
        "Description": Some(&policy.description).filter(|text| !text.is_empty()),
        "Type": SCP,
        "Content": content.unwrap_or_else(|| Value::from(policy.content.as_str())),
        "TargetIds": ids,
    }))
}
