//! Reading organization packs. Each administrator sees its own alone.

use serde_json::{Map, Value, json};

use super::put::missing;
use super::{InAccount, OrganizationPack, Standing, access};
use crate::sandbox::config::rule::cursor;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::page::{cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// What a page holds at most, and unless told otherwise.
const PAGE: usize = 100;

/// A page of entries by name.
fn page(call: &Call<'_>, member: &str, entries: Vec<(String, Value)>) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let after = cursor.after.and_then(|after| after.first().cloned());
    let rest = entries.into_iter().filter(|(name, _)| after.as_ref().is_none_or(|after| name > after));
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(PAGE);
    let page = cut(rest.map(|(name, value)| (vec![name], value)), size, cursor.page, fingerprint);
    let mut answer = Map::from_iter([(member.to_owned(), Value::Array(page.items))]);
    answer.extend(page.next.map(|next| ("NextToken".to_owned(), Value::from(next))));
    Ok(Value::Object(answer))
}

/// The caller's packs here: those that are named, all of which must be there, or every one.
fn chosen<'a>(state: &'a State, call: &Call<'_>) -> Result<Vec<(&'a str, &'a OrganizationPack)>, Refusal> {
    let place = Place::new(call.account, call.region);
    let own = state.organization_packs.all.iter().filter(|((owner, _), _)| *owner == place);
    let own: Vec<(&str, &OrganizationPack)> = own.map(|((_, name), pack)| (name.as_str(), pack)).collect();
    let names = call.texts("OrganizationConformancePackNames");
    if let Some(unknown) = names.iter().find(|name| !own.iter().any(|(known, _)| known == *name)) {
        return Err(missing(unknown));
    }
    Ok(own.into_iter().filter(|(name, _)| names.is_empty() || names.contains(name)).collect())
}

pub(in crate::sandbox::config) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    access::check(state, call)?;
    let shown = |(name, pack): (&str, &OrganizationPack)| {
        let shown = json!({
            "OrganizationConformancePackName": name, "OrganizationConformancePackArn": pack.arn,
            "ConformancePackInputParameters": pack.inputs, "ExcludedAccounts": pack.excluded,
            "LastUpdateTime": pack.put.epoch(),
        });
        (name.to_owned(), shown)
    };
    let entries = chosen(state, call)?.into_iter().map(shown).collect();
    page(call, "OrganizationConformancePacks", entries)
}

/// How a pack stands for a read that may lag. Nothing: it is not seen yet.
fn seen(state: &mut State, call: &Call<'_>, name: &str) -> Result<Option<Standing>, Refusal> {
    let (region, ambient) = state.here(call)?;
    let young = lag::read(region, ambient, Lagging::OrganizationPacks, name);
    let pack = state.organization_packs.all.get(&(Place::new(call.account, call.region), name.to_owned()));
    Ok(pack.and_then(|pack| if young.is_some() { pack.before.clone() } else { Some(pack.now.clone()) }))
}

pub(in crate::sandbox::config) fn statuses(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    access::check(state, call)?;
    let names: Vec<String> = chosen(state, call)?.into_iter().map(|(name, _)| name.to_owned()).collect();
    let mut entries = Vec::new();
    for name in names {
        match seen(state, call, &name)? {
            Some(standing) => {
                let shown = told("OrganizationConformancePackName", &name, &standing.word, standing.error.as_ref());
                let mut shown = shown;
                shown.insert("LastUpdateTime".to_owned(), standing.updated.epoch());
                entries.push((name, Value::Object(shown)));
            }
            None if call.list("OrganizationConformancePackNames").is_empty() => {}
            None => return Err(missing(&name)),
        }
    }
    page(call, "OrganizationConformancePackStatuses", entries)
}

fn told(member: &str, name: &str, word: &str, error: Option<&(String, String)>) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert(member.to_owned(), name.into());
    shown.insert("Status".to_owned(), word.into());
    if let Some((code, message)) = error {
        shown.insert("ErrorCode".to_owned(), code.as_str().into());
        shown.insert("ErrorMessage".to_owned(), message.as_str().into());
    }
    shown
}

pub(in crate::sandbox::config) fn detailed(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    access::check(state, call)?;
    let name = call.required("OrganizationConformancePackName");
    let standing = seen(state, call, name)?.ok_or_else(|| missing(name))?;
    let filter = |member: &str| call.input.pointer(&format!("/Filters/{member}")).and_then(Value::as_str);
    let wanted = |account: &str, here: &InAccount| {
        filter("AccountId").is_none_or(|wanted| wanted == account)
            && filter("Status").is_none_or(|wanted| wanted == here.word)
    };
    let accounts = standing.accounts.iter().filter(|(account, here)| wanted(account, here));
    let entries = accounts.map(|(account, here)| {
        let mut shown = told("ConformancePackName", &here.pack, &here.word, here.error.as_ref());
        shown.insert("AccountId".to_owned(), account.as_str().into());
        shown.insert("LastUpdateTime".to_owned(), here.updated.epoch());
        (account.clone(), Value::Object(shown))
    });
    page(call, "OrganizationConformancePackDetailedStatuses", entries.collect())
}
