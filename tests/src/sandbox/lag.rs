//! Reads that lag behind writes: what was just made is not seen everywhere at once.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::Instant;
use super::state::{Ambient, Region};

/// What can lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lagging {
    /// New alarms are missing in `DescribeAlarms`.
    Alarms,
    /// New change sets are not found by `DescribeChangeSet`.
    ChangeSets,
    /// New rules are missing in `DescribeConfigRules` and in what is told of all rules.
    ConfigRules,
    /// New functions are `Pending`, changed ones have `LastUpdateStatus` `InProgress`.
    Functions,
    /// What was put of organization conformance packs is not told of.
    OrganizationPacks,
    /// New policies of the organization are missing in `ListPolicies`.
    Policies,
    /// New attachments are missing in `ListPoliciesForTarget` and `ListTargetsForPolicy`.
    PolicyAttachments,
    /// The events of new stacks are not found by `DescribeStackEvents`.
    StackEvents,
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// For so many calls that would have shown it.
    Reads(usize),
    /// For so long.
    Time(Duration),
}

/// What lags in a world.
pub(crate) type Lags = BTreeMap<Lagging, Lag>;

/// Something that was made a moment ago.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Young {
    left: usize,
    until: Instant,
    /// Whether it was there before and only changed.
    pub(crate) changed: bool,
}

/// What was made a moment ago, by kind and name.
pub(crate) type Nursery = BTreeMap<(Lagging, String), Young>;

/// Notes that something was made or changed, if its kind lags.
pub(crate) fn note(region: &mut Region, ambient: &Ambient, kind: Lagging, name: &str, changed: bool) {
    note_in(&mut region.nursery, ambient, kind, name, changed);
}

/// Notes it where the thing is.
pub(crate) fn note_in(nursery: &mut Nursery, ambient: &Ambient, kind: Lagging, name: &str, changed: bool) {
    let Some(lag) = ambient.settings.lags.get(&kind) else { return };
    let now = ambient.clock.now();
    let (left, until) = match lag {
        Lag::Reads(reads) => (*reads, now),
        Lag::Time(time) => (0, now.plus(*time)),
    };
    nursery.insert((kind, name.to_owned()), Young { left, until, changed });
}

/// How something lags, if it still does. Counts the read.
pub(crate) fn read(region: &mut Region, ambient: &Ambient, kind: Lagging, name: &str) -> Option<Young> {
    read_in(&mut region.nursery, ambient, kind, name)
}

fn read_in(nursery: &mut Nursery, ambient: &Ambient, kind: Lagging, name: &str) -> Option<Young> {
    let key = (kind, name.to_owned());
    let young = nursery.get_mut(&key)?;
    if young.left > 0 {
        young.left -= 1;
        return Some(*young);
    }
    if ambient.clock.now() < young.until {
        return Some(*young);
    }
    nursery.remove(&key);
    None
}

/// The names of a kind that still lag. Counts the read for each.
pub(crate) fn unseen(region: &mut Region, ambient: &Ambient, kind: Lagging) -> Vec<String> {
    unseen_in(&mut region.nursery, ambient, kind)
}

/// The names of a kind that still lag, where they are.
pub(crate) fn unseen_in(nursery: &mut Nursery, ambient: &Ambient, kind: Lagging) -> Vec<String> {
    let names = nursery.keys().filter(|(other, _)| *other == kind).map(|(_, name)| name.clone());
    let names: Vec<String> = names.collect();
    names.into_iter().filter(|name| read_in(nursery, ambient, kind, name).is_some()).collect()
}
