//! Putting and deleting organization packs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::member::targets;
use super::{InAccount, OrganizationPack, PREFIX, Standing, access};
use crate::sandbox::config::pack::definitions;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const MOST_PACKS: usize = 50;

fn busy(name: &str, word: &str) -> Refusal {
    let message = format!("Organization conformance pack {name} is in the state {word}. Try again later.");
    Refusal::new("ResourceInUseException", message)
}

pub(in crate::sandbox::config) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    let name = call.required("OrganizationConformancePackName").to_owned();
    let first = !state.organization_packs.all.keys().any(|(owner, _)| *owner == place);
    access::open(state, call, first)?;
    let Some(body) = call.text("TemplateBody") else {
        return Err(Refusal::validation("the sandbox takes organization conformance packs from TemplateBody only"));
    };
    let inputs = call.list("ConformancePackInputParameters");
    definitions(&place, &name, body, inputs)
        .map_err(|refusal| Refusal::new("OrganizationConformancePackTemplateValidationException", refusal.message))?;
    let key = (place.clone(), name.clone());
    let known = state.organization_packs.all.get(&key);
    if let Some(pack) = known.filter(|pack| pack.until.is_some()) {
        return Err(busy(&name, &pack.now.word));
    }
    let here = state.organization_packs.all.keys().filter(|(owner, _)| owner.region == place.region).count();
    if known.is_none() && here >= MOST_PACKS {
        let message = format!("The maximum number of organization conformance packs ({MOST_PACKS}) is reached.");
        return Err(Refusal::new("MaxNumberOfOrganizationConformancePacksExceededException", message));
    }
    let is_new = known.is_none();
    let pack = begun(state, &key, body, inputs, call.texts("ExcludedAccounts"));
    let arn = pack.arn.clone();
    state.organization_packs.all.insert(key, pack);
    let (region, ambient) = state.here(call)?;
    lag::note(region, ambient, Lagging::OrganizationPacks, &name, !is_new);
    Ok(json!({"OrganizationConformancePackArn": arn}))
}

/// The pack with its operation begun.
fn begun(
    state: &mut State,
    key: &(Place, String),
    body: &str,
    inputs: &[Value],
    excluded: Vec<&str>,
) -> OrganizationPack {
    let (place, name) = key;
    let now = state.ambient.clock.now();
    let known = state.organization_packs.all.remove(key);
    let operation = if known.is_some() { "UPDATE" } else { "CREATE" };
    let (id, before) = match known {
        Some(known) => (known.id, Some(known.now)),
        None => (format!("{name}-{}", state.ambient.random.lower(8)), None),
    };
    let mut pack = OrganizationPack {
        arn: place.arn("config", &format!("organization-conformance-pack/{id}")),
        id,
        body: body.to_owned(),
        inputs: inputs.to_vec(),
        excluded: excluded.into_iter().map(str::to_owned).collect(),
        put: now,
        operation,
        until: Some(now.plus(state.ambient.settings.stack_delay)),
        now: Standing {
            word: format!("{operation}_IN_PROGRESS"),
            error: None,
            updated: now,
            accounts: BTreeMap::new(),
        },
        before,
    };
    let wanted: BTreeSet<String> = targets(state, &pack.excluded);
    let old = pack.before.as_ref().map(|before| before.accounts.clone()).unwrap_or_default();
    let begun = |account: String| {
        let known = old.get(&account);
        let made = known.is_some_and(|known| known.made);
        let name = known.map_or_else(|| format!("{PREFIX}{}", pack.id), |known| known.pack.clone());
        let word = if made { "UPDATE_IN_PROGRESS" } else { "CREATE_IN_PROGRESS" };
        (account, InAccount { pack: name, made, word: word.to_owned(), error: None, updated: now })
    };
    pack.now.accounts = wanted.into_iter().map(begun).collect();
    // Those that lose it are taken care of when the operation ends.
    let losing = old.into_iter().filter(|(account, known)| known.made && !pack.now.accounts.contains_key(account));
    let losing: Vec<_> = losing
        .map(|(account, known)| {
            (account, InAccount { word: "DELETE_IN_PROGRESS".to_owned(), error: None, updated: now, ..known })
        })
        .collect();
    pack.now.accounts.extend(losing);
    pack
}

pub(in crate::sandbox::config) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    access::check(state, call)?;
    let name = call.required("OrganizationConformancePackName");
    let now = state.ambient.clock.now();
    let until = now.plus(state.ambient.settings.stack_delay);
    let key = (Place::new(call.account, call.region), name.to_owned());
    let pack = state.organization_packs.all.get_mut(&key).ok_or_else(|| missing(name))?;
    if pack.until.is_some() {
        return Err(busy(name, &pack.now.word));
    }
    pack.operation = "DELETE";
    pack.until = Some(until);
    "DELETE_IN_PROGRESS".clone_into(&mut pack.now.word);
    pack.now.updated = now;
    for account in pack.now.accounts.values_mut() {
        "DELETE_IN_PROGRESS".clone_into(&mut account.word);
        account.updated = now;
    }
    Ok(Value::Null)
}

pub(super) fn missing(name: &str) -> Refusal {
    let message = format!("Cannot find the specified organization conformance pack {name}");
    Refusal::new("NoSuchOrganizationConformancePackException", message)
}
