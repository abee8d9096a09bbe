//! Operations step by step.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::model::{Deployed, Detailed, Instance, Key, StackSet, Status};
use super::operation::{Ended, Lane, Operation, OperationResult, Outcome, Running, State as Progress, Work};
use super::{auto, conflict, deploy};
use crate::sandbox::clock::Instant;
use crate::sandbox::organizations::Store as Organization;
use crate::sandbox::state::State;

const EXCEEDED: &str = "Cancelled since failure tolerance has exceeded";
const STOPPED: &str = "Cancelled since the operation was stopped";
/// <https://github.com/ansible-collections/community.aws/issues/2358>
const SUSPENDED: &str = "This account is suspended. To remove this instance from the stack set, run DeleteStackInstances \
                         with the RetainStacks parameter.";

/// Lets accounts that have moved be seen, and every operation do the steps that are due. Tells whether anything was
/// done.
pub(crate) fn advance(state: &mut State) -> bool {
    let mut moved = auto::react(state);
    let busy = state.stack_sets.sets.iter().filter(|(_, set)| set.is_busy()).map(|(key, _)| key.clone());
    for key in busy.collect::<Vec<_>>() {
        let Some(mut set) = state.stack_sets.sets.remove(&key) else { continue };
        for at in 0..set.operations.len() {
            moved |= step(state, &mut set, at);
        }
        state.stack_sets.sets.insert(key.clone(), set);
        moved |= schedule(state, &key);
    }
    moved
}

/// Starts the operations of a `StackSet` that wait and need not any longer. Tells whether there were any.
pub(super) fn schedule(state: &mut State, key: &(String, String)) -> bool {
    let now = state.ambient.clock.now();
    let next = now.plus(state.ambient.settings.stack_delay);
    let Some((organization, set)) = state.organization.as_ref().zip(state.stack_sets.sets.get_mut(key)) else {
        return false;
    };
    let mut started = false;
    for at in 0..set.operations.len() {
        if conflict::may_start(organization, set, at) {
            start(organization, set, at, next);
            started = true;
        }
    }
    started
}

/// Starts an operation: from now on its instances belong to it.
fn start(organization: &Organization, set: &mut StackSet, at: usize, next: Instant) {
    let Some(operation) = set.operations.get(at) else { return };
    let (id, work, order) = (Arc::clone(&operation.id), operation.work.clone(), operation.preferences.order.clone());
    let keys = conflict::keys(organization, set, &work);
    let (units, overrides) = match &work {
        Work::Create { selection, overrides } => (selection.accounts(organization), overrides.clone()),
        Work::UpdateInstances { overrides, .. } => (BTreeMap::new(), overrides.clone()),
        Work::UpdateSet(_) | Work::Delete { .. } | Work::Foreign => (BTreeMap::new(), None),
    };
    let mut results = BTreeMap::new();
    let mut lanes: BTreeMap<Arc<str>, VecDeque<Arc<str>>> = BTreeMap::new();
    for key in keys {
        let unit = units.get(&key.account).cloned().unwrap_or_else(|| Arc::from(""));
        let instance = taken(set, &key, unit, &id);
        if let Some(overrides) = &overrides {
            instance.overrides = Some(Box::new(overrides.clone())).filter(|overrides| !overrides.is_empty());
        }
        let unit = Arc::clone(&instance.unit);
        lanes.entry(Arc::clone(&key.region)).or_default().push_back(Arc::clone(&key.account));
        results.insert(key, OperationResult { outcome: Outcome::Pending, reason: None, unit });
    }
    let Some(operation) = set.operations.get_mut(at) else { return };
    operation.state = Progress::Running;
    operation.next = next;
    operation.results = results;
    let lane = |(region, waiting): (Arc<str>, VecDeque<Arc<str>>)| {
        let total = waiting.len();
        Lane { region, waiting, running: Vec::new(), total, failed: 0, exceeded: false }
    };
    operation.lanes = lanes.into_iter().map(lane).collect();
    let place = |lane: &Lane| order.iter().position(|region| **region == *lane.region).unwrap_or(order.len());
    operation.lanes.sort_by_key(place);
}

/// An instance that an operation takes over; a new one, if there is none.
fn taken<'a>(set: &'a mut StackSet, key: &Key, unit: Arc<str>, operation: &Arc<str>) -> &'a mut Instance {
    let instance = set.instances.entry(key.clone()).or_insert_with(|| Instance {
        deployed: Deployed::Nothing,
        status: Status::Outdated,
        detailed: Detailed::Pending,
        reason: None,
        unit,
        operation: Arc::clone(operation),
        overrides: None,
    });
    instance.detailed = Detailed::Pending;
    instance.reason = None;
    instance.operation = Arc::clone(operation);
    instance
}

/// One step of an operation, if it is due. Tells whether anything was done.
fn step(state: &mut State, set: &mut StackSet, at: usize) -> bool {
    let now = state.ambient.clock.now();
    let delay = state.ambient.settings.stack_delay;
    let due = |operation: &&mut Operation| operation.is_moving() && !operation.is_foreign() && operation.next <= now;
    let Some(operation) = set.operations.get_mut(at).filter(due) else { return false };
    let mut lanes = std::mem::take(&mut operation.lanes);
    let (time, parallel) = (operation.next, operation.preferences.parallel);
    let mut done = false;
    let mut stop = false;
    for lane in &mut lanes {
        if stop {
            done |= cancel(set, at, lane, EXCEEDED);
            continue;
        }
        done |= work(state, set, at, lane);
        if !parallel && !lane.is_done() {
            break;
        }
        stop = !parallel && lane.exceeded;
    }
    let ended = lanes.iter().all(Lane::is_done);
    let Some(operation) = set.operations.get_mut(at) else { return done };
    operation.lanes = lanes;
    operation.next = if done { time.plus(delay) } else { now.plus(delay) };
    if ended {
        end(set, at, time);
    }
    done || ended
}

/// One step in one Region. Tells whether anything was done.
fn work(state: &mut State, set: &mut StackSet, at: usize, lane: &mut Lane) -> bool {
    let mut done = false;
    for running in std::mem::take(&mut lane.running) {
        match deploy::poll(state, &lane.region, &running) {
            None => lane.running.push(running),
            Some(ended) => {
                let bad = matches!(ended, Ended::Bad(_) | Ended::Wreck(_));
                lane.failed += usize::from(bad);
                record(set, at, &lane.region, &running, ended);
                done = true;
            }
        }
    }
    let Some(operation) = set.operations.get(at) else { return done };
    let (stopping, preferences) = (operation.state == Progress::Stopping, operation.preferences.clone());
    lane.exceeded |= preferences.exceeded(lane.total, lane.failed);
    if stopping || lane.exceeded {
        return cancel(set, at, lane, if stopping { STOPPED } else { EXCEEDED }) || done;
    }
    let work = operation.work.clone();
    let room = preferences.room(lane.total, lane.failed);
    while lane.running.len() < room {
        let Some(account) = lane.waiting.pop_front() else { break };
        let key = Key { account: Arc::clone(&account), region: Arc::clone(&lane.region) };
        let step = deploy::begin(state, set, &work, &key);
        note(set, at, &key, (Outcome::Running, Detailed::Running), None);
        lane.running.push(Running { account, version: set.version, step });
        done = true;
    }
    done
}

/// Gives up the accounts of a Region that were not begun. Tells whether there were any.
fn cancel(set: &mut StackSet, at: usize, lane: &mut Lane, reason: &str) -> bool {
    let reason: Arc<str> = reason.into();
    let waiting = std::mem::take(&mut lane.waiting);
    let any = !waiting.is_empty();
    for account in waiting {
        let key = Key { account, region: Arc::clone(&lane.region) };
        note(set, at, &key, (Outcome::Cancelled, Detailed::Cancelled), Some(Arc::clone(&reason)));
    }
    any
}

/// Writes down how it stands with an instance.
fn note(set: &mut StackSet, at: usize, key: &Key, (outcome, detailed): (Outcome, Detailed), reason: Option<Arc<str>>) {
    if let Some(instance) = set.instances.get_mut(key) {
        instance.detailed = detailed;
        instance.reason.clone_from(&reason);
    }
    if let Some(result) = set.operations.get_mut(at).and_then(|operation| operation.results.get_mut(key)) {
        result.outcome = outcome;
        result.reason = reason;
    }
}

/// Writes down how an operation ended for an instance.
fn record(set: &mut StackSet, at: usize, region: &Arc<str>, running: &Running, ended: Ended) {
    let key = Key { account: Arc::clone(&running.account), region: Arc::clone(region) };
    let Some(operation) = set.operations.get_mut(at) else { return };
    let deletes = matches!(operation.work, Work::Delete { .. });
    let failed = matches!(ended, Ended::Bad(_) | Ended::Wreck(_));
    operation.failed += usize::from(failed);
    let (status, words, reason) = match ended {
        Ended::Good(reason) => {
            let status = if running.version == set.version { Status::Current } else { Status::Outdated };
            (status, (Outcome::Succeeded, Detailed::Succeeded), reason)
        }
        Ended::Bad(reason) => (Status::Outdated, (Outcome::Failed, Detailed::Failed), Some(reason)),
        Ended::Wreck(reason) => (Status::Inoperable, (Outcome::Failed, Detailed::Inoperable), Some(reason)),
        Ended::Suspended => {
            (Status::Outdated, (Outcome::Cancelled, Detailed::SkippedSuspendedAccount), Some(SUSPENDED.into()))
        }
    };
    let gone = deletes && words.0 == Outcome::Succeeded;
    note(set, at, &key, words, reason);
    if gone {
        set.instances.remove(&key);
    } else if let Some(instance) = set.instances.get_mut(&key) {
        instance.status = status;
        deploy::settle(instance, running, failed);
    }
}

/// The end of an operation.
fn end(set: &mut StackSet, at: usize, time: Instant) {
    let Some(operation) = set.operations.get_mut(at) else { return };
    let exceeded = operation.lanes.iter().any(|lane| lane.exceeded);
    operation.state = if operation.state == Progress::Stopping {
        Progress::Stopped
    } else if exceeded {
        Progress::Failed
    } else {
        Progress::Succeeded
    };
    operation.ended = Some(time);
    operation.lanes.clear();
    let Work::Delete { selection, .. } = operation.work.clone() else { return };
    for unit in &selection.units {
        let instances = &set.instances;
        let left = |region: &String| {
            instances.iter().any(|(key, instance)| *instance.unit == **unit && *key.region == **region)
        };
        if let Some(regions) = set.targets.get_mut(unit) {
            regions.retain(|region| !selection.regions.contains(region) || left(region));
        }
    }
    set.targets.retain(|_, regions| !regions.is_empty());
}
