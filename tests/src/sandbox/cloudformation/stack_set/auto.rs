//! Automatic deployment: accounts that come into a unit, go, or move.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html>

use std::collections::BTreeMap;

use super::begin::enqueue;
use super::model::{Key, StackSet};
use super::operation::Work;
use super::preferences::Preferences;
use super::targets::Selection;
use crate::sandbox::organizations::{AccountState, Moved, StackSetsAccess, Store as Organization};
use crate::sandbox::state::State;

/// The Regions that a `StackSet` wants in a place of the organization, with the unit that says so.
fn wanted(organization: &Organization, set: &StackSet, parent: Option<&String>) -> BTreeMap<String, String> {
    let chain = parent.map(|parent| organization.chain(parent)).unwrap_or_default();
    let named = chain.iter().filter_map(|unit| Some((unit, set.targets.get(unit)?)));
    named.flat_map(|(unit, regions)| regions.iter().map(move |region| (region.clone(), unit.clone()))).collect()
}

/// What a move means for a `StackSet`.
fn works(organization: &Organization, set: &StackSet, moved: &Moved) -> Vec<Work> {
    let account = moved.account.as_str();
    let (before, after) =
        (wanted(organization, set, moved.from.as_ref()), wanted(organization, set, moved.to.as_ref()));
    let there = |region: &String| set.instances.contains_key(&Key::new(account, region));
    let mut works = Vec::new();
    let left: Vec<String> =
        before.keys().filter(|region| !after.contains_key(*region) && there(region)).cloned().collect();
    if let Some(unit) = before.values().next().filter(|_| !left.is_empty()) {
        let selection = Selection::automatic(account, unit, left);
        works.push(Work::Delete { selection, retain: set.auto.retain.unwrap_or_default() });
    }
    let active = organization.members.get(account).is_some_and(|member| member.state == AccountState::Active);
    let new: Vec<String> = after.keys().filter(|region| !there(region)).cloned().collect();
    if let Some(unit) = after.values().next().filter(|_| active && !new.is_empty()) {
        works.push(Work::Create { selection: Selection::automatic(account, unit, new), overrides: None });
    }
    works
}

/// Queues the operations that moves set off. Tells whether there were any moves.
pub(super) fn react(state: &mut State) -> bool {
    let Some(organization) = state.organization.as_mut().filter(|organization| !organization.moves.is_empty()) else {
        return false;
    };
    let moves = std::mem::take(&mut organization.moves);
    let Some(organization) = state.organization.as_ref() else { return false };
    let trusted = organization.stack_sets == StackSetsAccess::Enabled;
    let sets = state.stack_sets.sets.iter().filter(|(_, set)| trusted && set.auto.enabled && !set.deleted);
    let mut queued = Vec::new();
    for (key, set) in sets {
        let members = moves.iter().filter(|moved| moved.account != organization.management);
        let works = members.flat_map(|moved| works(organization, set, moved));
        queued.extend(works.map(|work| (key.clone(), work)));
    }
    for (key, work) in queued {
        enqueue(state, &key, None, (work, Preferences::automatic(), None));
    }
    true
}
