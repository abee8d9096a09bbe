//! Operations that end, and accounts that come and go.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use super::member::{bring, take, targets};
use super::{InAccount, NO_RECORDER, OrganizationPack, PREFIX, Standing};
use crate::sandbox::organizations::AccountState;
use crate::sandbox::state::{Place, State};

/// For how long a new account without a recorder is tried again
/// (<https://docs.aws.amazon.com/config/latest/developerguide/config-rule-multi-account-deployment.html>).
const RETRIES: Duration = Duration::from_hours(7);

/// Lets what is due happen.
pub(crate) fn advance(state: &mut State) {
    if state.organization_packs.all.is_empty() {
        return;
    }
    let members = fingerprint(state);
    let have_changed = members != state.organization_packs.members;
    state.organization_packs.members = members;
    let now = state.ambient.clock.now();
    let keys: Vec<(Place, String)> = state.organization_packs.all.keys().cloned().collect();
    for key in keys {
        let Some(mut pack) = state.organization_packs.all.remove(&key) else { continue };
        let keep = match pack.until {
            Some(until) if until <= now => end(state, &key.0, &mut pack),
            Some(_) => true,
            None => {
                if have_changed {
                    follow(state, &key.0, &mut pack);
                }
                try_again(state, &key.0, &mut pack);
                true
            }
        };
        if keep {
            state.organization_packs.all.insert(key, pack);
        }
    }
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    let members = state.organization.iter().flat_map(|organization| organization.members.values());
    members.for_each(|member| (&member.id, member.state == AccountState::Active).hash(&mut hasher));
    hasher.finish()
}

/// Ends the operation; gives whether the pack is still there.
fn end(state: &mut State, owner: &Place, pack: &mut OrganizationPack) -> bool {
    pack.until = None;
    let accounts = std::mem::take(&mut pack.now.accounts);
    let mut left = BTreeMap::new();
    for (account, mut here) in accounts {
        if here.word != "DELETE_IN_PROGRESS" {
            let here = bring(state, owner, pack, &account, here);
            left.insert(account, here);
        } else if !take(state, owner, &account, &mut here) {
            left.insert(account, here);
        }
    }
    pack.now.accounts = left;
    conclude(state, pack);
    pack.operation != "DELETE" || !pack.now.accounts.is_empty()
}

/// Says of the whole what its accounts say.
fn conclude(state: &State, pack: &mut OrganizationPack) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (code, _) in pack.now.accounts.values().filter_map(|account| account.error.as_ref()) {
        *counts.entry(code).or_default() += 1;
    }
    let summary: Vec<String> = counts.iter().map(|(code, count)| format!("{code} in {count} account(s), ")).collect();
    // As CloudFormation quotes it: https://github.com/superwerker/superwerker/issues/291
    let error = counts.keys().next().map(|code| ((*code).to_owned(), format!("Summary: [{}]", summary.concat())));
    let end = if error.is_some() { "FAILED" } else { "SUCCESSFUL" };
    pack.now = Standing {
        word: format!("{}_{end}", pack.operation),
        error,
        updated: state.ambient.clock.now(),
        accounts: std::mem::take(&mut pack.now.accounts),
    };
}

/// Brings the pack to accounts that came, and takes it from those that went.
fn follow(state: &mut State, owner: &Place, pack: &mut OrganizationPack) {
    let wanted = targets(state, &pack.excluded);
    let mut accounts = std::mem::take(&mut pack.now.accounts);
    let gone: Vec<String> = accounts.keys().filter(|account| !wanted.contains(*account)).cloned().collect();
    let has_changed = !gone.is_empty() || wanted.len() > accounts.len();
    for account in gone {
        if let Some(mut here) = accounts.remove(&account) {
            take(state, owner, &account, &mut here);
        }
    }
    let new: Vec<String> = wanted.into_iter().filter(|account| !accounts.contains_key(account)).collect();
    for account in new {
        let (name, updated) = (format!("{PREFIX}{}", pack.id), pack.put);
        let here = InAccount { pack: name, made: false, word: String::new(), error: None, updated };
        let here = bring(state, owner, pack, &account, here);
        accounts.insert(account, here);
    }
    pack.now.accounts = accounts;
    if has_changed {
        conclude(state, pack);
    }
}

/// Tries accounts again that joined after the pack was put and had no recorder, if they have one now.
fn try_again(state: &mut State, owner: &Place, pack: &mut OrganizationPack) {
    let now = state.ambient.clock.now();
    let lacking =
        pack.now.accounts.iter().filter(|(_, here)| here.error.as_ref().is_some_and(|(code, _)| code == NO_RECORDER));
    let due = lacking.filter(|(account, _)| {
        let member = state.organization.as_ref().and_then(|organization| organization.members.get(*account));
        let is_new = member.is_some_and(|member| member.joined > pack.put && now.since(member.joined) <= RETRIES);
        let region = state.regions.get(&Place::new(account, &owner.region));
        is_new && region.is_some_and(|region| region.config.recorder.is_some())
    });
    let due: Vec<(String, InAccount)> = due.map(|(account, here)| (account.clone(), here.clone())).collect();
    let has_any = !due.is_empty();
    for (account, here) in due {
        let here = bring(state, owner, pack, &account, here);
        pack.now.accounts.insert(account, here);
    }
    if has_any {
        conclude(state, pack);
    }
}
