//! Places that an aggregator has no source of because the account has not enabled the Region: the StackSets say so.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::StreamExt as _;

use super::sources::Sources;
use super::{Aggregator, Clients, Scope, Wanted};
use crate::names::Names;
use crate::organization::CallAs;
use crate::stack_set::{Cause, Instance, Interner, Sets};

/// An organization needs a second StackSet beyond 100,000 instances, and has no tenth.
const SETS: usize = 9;

/// The places of unknown sources where CloudFormation could put no stack for that reason. Where the StackSets cannot be
/// read nobody knows, and the places stay without data.
pub(super) async fn read(
    clients: &Clients,
    aggregator: &Aggregator,
    (scope, wanted): (&Scope, &Wanted),
    sources: &Sources,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let unknown: BTreeSet<usize> = sources.unknown(scope).collect();
    let (Some(home), false) = (&scope.home, unknown.is_empty()) else { return found };
    let regions: BTreeSet<String> =
        unknown.iter().filter_map(|place| scope.places.get(*place)).map(|place| place.region.clone()).collect();
    let regions: Vec<String> = regions.into_iter().collect();
    let is_own = scope.management.as_deref() == Some(aggregator.reach.caller());
    let call_as = if is_own { CallAs::Own } else { CallAs::DelegatedAdministrator };
    let sets = Sets::new(&clients.sdk, home, call_as);
    let seen = RefCell::new(Interner::default());
    let names = Names { prefix: &wanted.prefix, account: "", partition: "" };
    for number in 1..=SETS {
        let name = names.stack_set(number);
        let mut pages = Box::pin(sets.instances(&name, &regions, None, &seen));
        while let Some(page) = pages.next().await {
            // That there is no such StackSet ends it, too.
            let Ok(instances) = page else { return found };
            let places = instances.iter().filter(|one| is_disabled(one));
            let places = places.filter_map(|one| scope.index(&one.account, &one.region));
            found.extend(places.filter(|place| unknown.contains(place)));
        }
    }
    found
}

fn is_disabled(instance: &Instance) -> bool {
    !instance.is_current() && instance.reason.as_ref().is_some_and(|reason| reason.cause == Cause::RegionDisabled)
}
