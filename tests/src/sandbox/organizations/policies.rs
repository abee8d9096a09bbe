//! Service control policies: made, changed, read, deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::caller::{manager, reader};
use super::listing::listed;
use super::refusals::{constraint, invalid, no_policy, not_available};
use super::store::{FULL_ACCESS, Policy, Store};
use super::tags;
use super::tree::SCP;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::random::Random;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// Characters, white space among them: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
const LONGEST: usize = 10_240;

/// What AWS's own policy says.
pub(crate) const FULL_ACCESS_CONTENT: &str =
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";

impl Store {
    /// Makes a policy; gives its id.
    ///
    /// # Errors
    /// The content is too long or no policy, the name is taken, the organization has not all features.
    pub(crate) fn create_policy(
        &mut self,
        policy: Policy,
        tags: BTreeMap<String, String>,
        random: &mut Random,
    ) -> Result<String, Refusal> {
        if !self.all_features {
            return Err(not_available());
        }
        self.check(&policy, None)?;
        let id = format!("p-{}", random.lower(10));
        self.tag(&id, tags)?;
        self.policies.insert(id.clone(), policy);
        Ok(id)
    }

    /// Puts another policy in the place of one.
    ///
    /// # Errors
    /// As [`Store::create_policy`]; there is none, or it is AWS's own.
    pub(crate) fn update_policy(&mut self, id: &str, policy: Policy) -> Result<(), Refusal> {
        self.own_policy(id)?;
        self.check(&policy, Some(id))?;
        self.policies.insert(id.to_owned(), policy);
        Ok(())
    }

    /// Deletes a policy that is attached to nothing.
    ///
    /// # Errors
    /// There is none, it is AWS's own, it is attached.
    pub(crate) fn delete_policy(&mut self, id: &str) -> Result<(), Refusal> {
        self.own_policy(id)?;
        if self.attachments.values().any(|policies| policies.contains(id)) {
            let message = "The policy is attached to one or more entities. You must detach it from all roots, OUs, \
                           and accounts before performing this operation.";
            return Err(Refusal::new("PolicyInUseException", message));
        }
        self.policies.remove(id);
        self.tags.remove(id);
        Ok(())
    }

    /// A policy of the customer.
    ///
    /// # Errors
    /// There is none, or it is AWS's own.
    pub(crate) fn own_policy(&self, id: &str) -> Result<&Policy, Refusal> {
        if id == FULL_ACCESS {
            let message = "You specified a policy that is managed by AWS and can't be modified.";
            return Err(invalid("IMMUTABLE_POLICY", message));
        }
        self.policies.get(id).ok_or_else(no_policy)
    }

    fn check(&self, policy: &Policy, itself: Option<&str>) -> Result<(), Refusal> {
        if policy.content.chars().count() > LONGEST {
            let message = "You have exceeded the maximum size of a policy document.";
            return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", message));
        }
        if policy.parsed.is_none() {
            let message = "The provided policy document does not meet the requirements of the specified policy type.";
            return Err(Refusal::new("MalformedPolicyDocumentException", message));
        }
        let same = |(id, other): (&String, &Policy)| other.name == policy.name && Some(id.as_str()) != itself;
        if self.policies.iter().any(same) || policy.name == "FullAWSAccess" {
            return Err(Refusal::new("DuplicatePolicyException", "A policy with the same name already exists."));
        }
        Ok(())
    }

    /// The summary of a policy, AWS's own included.
    pub(super) fn shown_policy(&self, id: &str) -> Option<Value> {
        if id == FULL_ACCESS {
            return Some(json!({
                "Id": id, "Arn": format!("arn:aws:organizations::aws:policy/service_control_policy/{id}"),
                "Name": "FullAWSAccess", "Description": "Allows access to every operation", "Type": SCP,
                "AwsManaged": true,
            }));
        }
        let policy = self.policies.get(id)?;
        let arn = self.arn("policy", Some(&format!("service_control_policy/{id}")));
        Some(json!({
            "Id": id, "Arn": arn, "Name": policy.name, "Description": policy.description, "Type": SCP,
            "AwsManaged": false,
        }))
    }

    fn whole_policy(&self, id: &str) -> Result<Value, Refusal> {
        let content = self.policies.get(id).map_or(FULL_ACCESS_CONTENT, |policy| policy.content.as_str());
        let summary = self.shown_policy(id).ok_or_else(no_policy)?;
        Ok(json!({"Policy": {"PolicySummary": summary, "Content": content}}))
    }
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = manager(state, call)?;
    if call.required("Type") != SCP {
        return Err(not_available());
    }
    let policy = Policy::new(call.required("Name"), call.required("Description"), call.required("Content"));
    let id = organization.create_policy(policy, tags::given(call)?, &mut ambient.random)?;
    lag::note_in(&mut organization.nursery, ambient, Lagging::Policies, &id, false);
    organization.whole_policy(&id)
}

pub(super) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    let id = call.required("PolicyId");
    let old = organization.own_policy(id)?;
    let kept = |member: &str, old: &str| call.text(member).unwrap_or(old).to_owned();
    let (name, description) = (kept("Name", &old.name), kept("Description", &old.description));
    let policy = Policy::new(&name, &description, &kept("Content", &old.content));
    organization.update_policy(id, policy)?;
    organization.whole_policy(id)
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    organization.delete_policy(call.required("PolicyId"))?;
    Ok(Value::Null)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = reader(state, call)?;
    organization.whole_policy(call.required("PolicyId"))
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let unseen = lag::unseen_in(&mut organization.nursery, ambient, Lagging::Policies);
    let own = organization.policies.keys().map(String::as_str).filter(|id| !unseen.iter().any(|young| young == id));
    let wanted = call.required("Filter") == SCP && organization.all_features;
    let all: BTreeSet<&str> = own.chain([FULL_ACCESS]).filter(|_| wanted).collect();
    let all = all.into_iter().map(|id| (id, id));
    listed(call, &ambient.settings, "Policies", all, |id| organization.shown_policy(id).unwrap_or_default())
}
