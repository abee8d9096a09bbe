//! Tags of roots, units, accounts and policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::caller::{manager, reader};
use super::listing::listed;
use super::refusals::{constraint, invalid, no_target};
use super::store::Store;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html>
const MOST_TAGS: usize = 50;

/// The tags that a call brings.
///
/// # Errors
/// `InvalidInputException`: a key twice, or one of AWS's own.
pub(super) fn given(call: &Call<'_>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in call.list("Tags") {
        let text = |name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let key = text("Key");
        if key.to_lowercase().starts_with("aws:") {
            let message = "You can't add, edit, or delete system tag keys.";
            return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER", message));
        }
        if tags.insert(key, text("Value")).is_some() {
            return Err(invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags of the same entity."));
        }
    }
    Ok(tags)
}

impl Store {
    /// Adds tags to what has an id.
    ///
    /// # Errors
    /// `ConstraintViolationException`: there would be too many.
    pub(super) fn tag(&mut self, id: &str, new: BTreeMap<String, String>) -> Result<(), Refusal> {
        let tags = self.tags.entry(id.to_owned()).or_default();
        let keys: BTreeSet<&String> = tags.keys().chain(new.keys()).collect();
        if keys.len() > MOST_TAGS {
            let message = "You have exceeded the number of tags that an entity may have.";
            return Err(constraint("MAX_TAG_LIMIT_EXCEEDED", message));
        }
        tags.extend(new);
        Ok(())
    }

    fn taggable<'a>(&self, call: &Call<'a>) -> Result<&'a str, Refusal> {
        let id = call.required("ResourceId");
        let known = self.is_parent(id) || self.members.contains_key(id) || self.policies.contains_key(id);
        known.then_some(id).ok_or_else(no_target)
    }
}

pub(super) fn add(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    let id = organization.taggable(call)?;
    organization.tag(id, given(call)?)?;
    Ok(Value::Null)
}

pub(super) fn remove(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, _) = manager(state, call)?;
    let id = organization.taggable(call)?;
    if let Some(tags) = organization.tags.get_mut(id) {
        let keys = call.texts("TagKeys");
        tags.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(Value::Null)
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (organization, ambient) = reader(state, call)?;
    let tags = organization.tags.get(organization.taggable(call)?);
    let tags = tags.into_iter().flatten().map(|(key, value)| (key.as_str(), (key, value)));
    listed(call, &ambient.settings, "Tags", tags, |(key, value)| json!({"Key": key, "Value": value}))
}
