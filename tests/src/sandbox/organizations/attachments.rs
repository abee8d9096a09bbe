//! What policies are attached to, and whether their type is in force.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::caller::{manager, reader};
use super::listing::listed;
use super::refusals::{constraint, no_policy, no_target, not_available};
use super::store::{Store, TypeStatus};
use super::tree::{SCP, shown_root};
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// Of one type on one root, unit or account, AWS's own among them:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
const MOST_ATTACHED: usize = 10;

impl Store {
    /// Attaches a policy.
    ///
    /// # Errors
    /// There is no such policy or target, the type is not in force, it is attached already, ten are.
    pub(crate) fn attach(&mut self, policy: &str, target: &str) -> Result<(), Refusal> {
        self.shown_policy(policy).ok_or_else(no_policy)?;
        self.target(target).ok_or_else(no_target)?;
        if self.policy_type != TypeStatus::Enabled {
            let message = "This operation can be performed only for enabled policy types.";
            return Err(Refusal::new("PolicyTypeNotEnabledException", message));
        }
        let attached = self.attachments.entry(target.to_owned()).or_default();
        if attached.contains(policy) {
            let message = "A policy with the same name and type is already attached to the specified entity.";
            return Err(Refusal::new("DuplicatePolicyAttachmentException", message));
        }
        if attached.len() >= MOST_ATTACHED {
            let message = "You have exceeded the number of policies of this type that can be attached to an entity.";
            return Err(constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
        }
        attached.insert(policy.to_owned());
        Ok(())
    }

    /// Detaches a policy that is not the last one.
    ///
    /// # Errors
    /// There is no such policy or target, it is not attached, or nothing would be left.
    pub(crate) fn detach(&mut self, policy: &str, target: &str) -> Result<(), Refusal> {
        self.shown_policy(policy).ok_or_else(no_policy)?;
        self.target(target).ok_or_else(no_target)?;
        let attached = self.attachments.entry(target.to_owned()).or_default();
        if !attached.contains(policy) {
            let message = "The policy isn't attached to the specified target in the specified root.";
            return Err(Refusal::new("PolicyNotAttachedException", message));
        }
        if attached.len() == 1 {
            let message = "You cannot remove the last policy attached to the specified target. You should have at \
                           least one at any time.";
            return Err(constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
        }
        attached.remove(policy);
        Ok(())
    }

    /// Where a policy is attached.
    pub(crate) fn targets_of<'a>(&'a self, policy: &str) -> impl Iterator<Item = &'a str> {
        let has = move |entry: &(&'a String, &BTreeSet<String>)| entry.1.contains(policy);
        self.attachments.iter().filter(has).map(|(target, _)| target.as_str())
    }

    /// The kind, in the API's word, and the name of what a policy can be attached to.
    fn target(&self, id: &str) -> Option<(&'static str, &str)> {
        if id == self.root {
            return Some(("ROOT", "Root"));
        }
        let unit = self.units.get(id).map(|unit| ("ORGANIZATIONAL_UNIT", unit.name.as_str()));
        unit.or_else(|| self.members.get(id).map(|member| ("ACCOUNT", member.name.as_str())))
    }

    fn shown_target(&self, id: &str) -> Value {
        let (kind, name) = self.target(id).unwrap_or_default();
        let arn = match kind {
            "ROOT" => self.arn("root", Some(id)),
            "ACCOUNT" => self.arn("account", Some(id)),
            _ => self.arn("ou", Some(id)),
        };
        json!({"TargetId": id, "Arn": arn, "Name": name, "Type": kind})
    }
}

/// The name under which an attachment that reads do not see yet is noted.
fn name(policy: &str, target: &str) -> String {
    format!("{policy} {target}")
}

pub(super) fn attach(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    let (policy, target) = (call.required("PolicyId"), call.required("TargetId"));
    organization.attach(policy, target)?;
    lag::note_in(&mut organization.nursery, ambient, Lagging::PolicyAttachments, &name(policy, target), false);
    Ok(Value::Null)
}

pub(super) fn detach(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    organization.detach(call.required("PolicyId"), call.required("TargetId"))?;
    Ok(Value::Null)
}

pub(super) fn list_for_target(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let target = call.required("TargetId");
    organization.target(target).ok_or_else(no_target)?;
    let unseen = lag::unseen_in(&mut organization.nursery, ambient, Lagging::PolicyAttachments);
    let attached = organization.attachments.get(target).filter(|_| call.required("Filter") == SCP);
    let attached = attached.into_iter().flatten().map(|id| (id.as_str(), id));
    let seen = attached.filter(|(id, _)| !unseen.contains(&name(id, target)));
    listed(call, &ambient.settings, "Policies", seen, |id| organization.shown_policy(id).unwrap_or_default())
}

pub(super) fn list_targets(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let policy = call.required("PolicyId");
    organization.shown_policy(policy).ok_or_else(no_policy)?;
    let unseen = lag::unseen_in(&mut organization.nursery, ambient, Lagging::PolicyAttachments);
    let targets = organization.targets_of(policy).filter(|target| !unseen.contains(&name(policy, target)));
    let targets = targets.map(|id| (id, id));
    listed(call, &ambient.settings, "Targets", targets, |id| organization.shown_target(id))
}

pub(super) fn enable_type(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    if call.required("RootId") != organization.root {
        let message = "You specified a root that doesn't exist.";
        return Err(Refusal::new("RootNotFoundException", message));
    }
    if call.required("PolicyType") != SCP || !organization.all_features {
        return Err(not_available());
    }
    match organization.policy_type {
        TypeStatus::Enabled => {
            let message = "The specified policy type is already enabled in the specified root.";
            return Err(Refusal::new("PolicyTypeAlreadyEnabledException", message));
        }
        TypeStatus::Pending(_) => {
            let message = "Changes to the effective policy are in progress. Try the operation again later.";
            return Err(Refusal::new("PolicyChangesInProgressException", message));
        }
        TypeStatus::Disabled => {
            let until = ambient.clock.now().plus(ambient.settings.organization_delay);
            organization.policy_type = TypeStatus::Pending(until);
        }
    }
    Ok(json!({"Root": shown_root(organization)}))
}
