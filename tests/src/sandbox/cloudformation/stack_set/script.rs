//! What a test wants to have happened to a `StackSet`.

use super::begin::enqueue;
use super::model::{Detailed, Key, Status};
use super::operation::{State as Progress, Work};
use super::preferences::Preferences;
use crate::sandbox::state::State;

fn key(state: &State, region: &str, name: &str) -> Option<(String, String)> {
    let mut sets = state.stack_sets.sets.iter();
    let found = sets.find(|((home, _), set)| home == region && set.name == name && !set.deleted);
    found.map(|(key, _)| key.clone())
}

/// Begins an operation of somebody else, which runs until it is ended; gives its id.
pub(crate) fn begin_foreign(state: &mut State, region: &str, name: &str) -> Option<String> {
    let key = key(state, region, name)?;
    Some(enqueue(state, &key, None, (Work::Foreign, Preferences::unset(), None)))
}

/// Ends such an operation. Tells whether there was one.
pub(crate) fn end_foreign(state: &mut State, region: &str, name: &str, id: &str) -> bool {
    let now = state.ambient.clock.now();
    let key = key(state, region, name);
    let set = key.and_then(|key| state.stack_sets.sets.get_mut(&key));
    let operation = set.and_then(|set| set.operations.iter_mut().find(|operation| &*operation.id == id));
    let Some(operation) = operation.filter(|operation| operation.is_foreign() && operation.is_active()) else {
        return false;
    };
    operation.state = Progress::Succeeded;
    operation.ended = Some(now);
    true
}

/// Leaves an instance behind as a failed deletion does. Tells whether there was one.
pub(crate) fn set_inoperable(state: &mut State, region: &str, name: &str, (account, of): (&str, &str)) -> bool {
    let key = key(state, region, name);
    let set = key.and_then(|key| state.stack_sets.sets.get_mut(&key));
    let Some(instance) = set.and_then(|set| set.instances.get_mut(&Key::new(account, of))) else { return false };
    instance.status = Status::Inoperable;
    instance.detailed = Detailed::Inoperable;
    instance.reason = Some("The following resource(s) failed to delete: [LogGroup]. ".into());
    true
}
