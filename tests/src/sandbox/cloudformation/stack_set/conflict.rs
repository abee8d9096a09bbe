//! Which operations have to wait for which.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ManagedExecution.html>

use std::collections::BTreeSet;

use super::model::{Key, StackSet, Status};
use super::operation::{Operation, State, Work};
use crate::sandbox::organizations::Store as Organization;

/// The instances that an operation is for, as things are now.
pub(super) fn keys(organization: &Organization, set: &StackSet, work: &Work) -> BTreeSet<Key> {
    let usable = |key: &Key| set.instances.get(key).is_some_and(|instance| instance.status != Status::Inoperable);
    match work {
        Work::Create { selection, .. } => {
            let accounts = selection.accounts(organization).into_keys();
            accounts
                .flat_map(|account| selection.regions.iter().map(move |region| Key::new(&account, region)))
                .collect()
        }
        Work::UpdateInstances { selection, .. } | Work::UpdateSet(Some(selection)) => {
            selection.instances(organization, set).into_iter().filter(usable).collect()
        }
        Work::UpdateSet(None) => set.instances.keys().filter(|key| usable(key)).cloned().collect(),
        Work::Delete { selection, .. } => selection.instances(organization, set).into_iter().collect(),
        Work::Foreign => BTreeSet::new(),
    }
}

/// Whether the operation changes the `StackSet` itself, or what it does is not known.
fn whole(operation: &Operation) -> bool {
    matches!(operation.work, Work::UpdateSet(_) | Work::Foreign)
}

/// Whether a queued operation may start.
pub(super) fn may_start(organization: &Organization, set: &StackSet, at: usize) -> bool {
    let Some(operation) = set.operations.get(at).filter(|operation| operation.state == State::Queued) else {
        return false;
    };
    let earlier = set.operations.iter().take(at).filter(|earlier| earlier.is_active());
    let running = set.operations.iter().skip(at + 1).filter(|later| later.is_moving());
    let mut others = earlier.chain(running).peekable();
    if others.peek().is_none() {
        return true;
    }
    if !set.managed || whole(operation) {
        return false;
    }
    let mine = keys(organization, set, &operation.work);
    !others.any(|other| {
        whole(other)
            || if other.is_moving() {
                mine.iter().any(|key| other.results.contains_key(key))
            } else {
                !mine.is_disjoint(&keys(organization, set, &other.work))
            }
    })
}
