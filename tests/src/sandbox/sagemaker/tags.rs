//! `AddTags`, `DeleteTags` and `ListTags`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Notebook, settle};
use crate::sandbox::config::record_change;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Region, State};

pub(super) fn add(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let added = pairs(call.list("Tags"));
    let tags = changed(state, call, |tags| tags.extend(added))?;
    Ok(json!({"Tags": tags}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let keys = call.texts("TagKeys");
    changed(state, call, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))?;
    Ok(json!({}))
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    if call.text("NextToken").is_some() {
        // Fifty tags fit into every page, so that no token is ever given out.
        return Err(Refusal::validation("Invalid pagination token"));
    }
    let (region, ambient) = state.here(call)?;
    settle(region, ambient);
    let tagged = find(region, call.required("ResourceArn"))?;
    Ok(json!({"Tags": listed(tags_of(region, &tagged)?)}))
}

/// Changes a resource's tags, and records that.
fn changed(
    state: &mut State,
    call: &Call<'_>,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    settle(region, ambient);
    let tagged = find(region, call.required("ResourceArn"))?;
    let tags = tags_of(region, &tagged)?;
    let before = tags.clone();
    change(tags);
    if tags.len() > 50 {
        *tags = before;
        return Err(Refusal::validation("The number of tags per resource must not exceed 50."));
    }
    let shown = listed(tags);
    let place = &region.place;
    let recordable = match &tagged {
        Tagged::Notebook(name) => region.sagemaker.notebooks.get(name).map(|notebook| notebook.recordable(place)),
        Tagged::Domain(id) => region.sagemaker.domains.get(id).map(|domain| domain.recordable(place)),
    };
    if let Some(recordable) = recordable {
        record_change(region, ambient, &recordable);
    }
    Ok(shown)
}

/// What an ARN means: the key in the store.
enum Tagged {
    Notebook(String),
    Domain(String),
}

fn find(region: &Region, arn: &str) -> Result<Tagged, Refusal> {
    let (store, place) = (&region.sagemaker, &region.place);
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let found = match resource.split_once('/') {
        Some(("notebook-instance", name)) => {
            let same = |notebook: &&Notebook| notebook.name.eq_ignore_ascii_case(name) && notebook.arn(place) == arn;
            store.notebooks.values().find(same).map(|notebook| Tagged::Notebook(notebook.name.clone()))
        }
        Some(("domain", id)) => {
            let domain = store.domains.get(id).filter(|domain| domain.arn(place) == arn);
            domain.map(|domain| Tagged::Domain(domain.id.clone()))
        }
        _ => None,
    };
    found.ok_or_else(super::not_found)
}

fn tags_of<'a>(region: &'a mut Region, tagged: &Tagged) -> Result<&'a mut BTreeMap<String, String>, Refusal> {
    let store = &mut region.sagemaker;
    let tags = match tagged {
        Tagged::Notebook(name) => store.notebooks.get_mut(name).map(|notebook| &mut notebook.tags),
        Tagged::Domain(id) => store.domains.get_mut(id).map(|domain| &mut domain.tags),
    };
    tags.ok_or_else(super::not_found)
}

/// A list of `Key` and `Value` as a map.
pub(crate) fn pairs(tags: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, member: &str| tag.get(member).and_then(Value::as_str).map(ToOwned::to_owned);
    tags.iter().filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect()
}

fn listed(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}
