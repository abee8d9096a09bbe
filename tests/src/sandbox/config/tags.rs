//! Tags of rules, conformance packs and aggregators.

use serde_json::{Value, json};

use super::Store;
use super::rule::cursor;
use crate::sandbox::page::{cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// What a page of tags holds unless told otherwise: as many as a resource may have.
const PAGE: usize = 50;

/// Keeps the tags of what a call has just made. Of what was there before they stay as they are.
pub(super) fn keep(store: &mut Store, arn: &str, call: &Call<'_>) {
    let tags = call.list("Tags");
    if !tags.is_empty() {
        store.tags.entry(arn.to_owned()).or_insert_with(|| tags.to_vec());
    }
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let arn = call.required("ResourceArn");
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let (region, _) = state.here(call)?;
    let store = &region.config;
    let known = store.rules.values().any(|rule| rule.arn == arn)
        || store.packs.values().any(|pack| pack.arn == arn)
        || store.aggregators.values().any(|aggregator| aggregator.arn == arn);
    if !known {
        let message = format!("ResourceArn '{arn}' does not exist");
        return Err(Refusal::new("ResourceNotFoundException", message));
    }
    let tags = store.tags.get(arn).into_iter().flatten().enumerate();
    let entries = tags.map(|(at, tag)| (vec![format!("{at:04}")], tag.clone()));
    let rest = entries.filter(|(key, _)| cursor.after.as_ref().is_none_or(|after| key > after));
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(PAGE);
    let page = cut(rest, size, cursor.page, fingerprint);
    let mut answer = json!({"Tags": page.items});
    if let (Value::Object(members), Some(next)) = (&mut answer, page.next) {
        members.insert("NextToken".to_owned(), next.into());
    }
    Ok(answer)
}
