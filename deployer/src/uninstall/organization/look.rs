//! What of ours is in an organization.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};
use futures_util::{StreamExt as _, TryStreamExt as _, try_join};

use crate::aws::{AwsRefusal, Clients, resilient};
use crate::managed_pack::{PackSettings, Service, observe};
use crate::observe::{Read, StackState, identify_stack};
use crate::organization::site::Site;
use crate::organization::{AccountState, Record};
use crate::stack_set::{Interner, StackSet};
use crate::uninstall::look::StackFound;
use crate::uninstall::{End, Region, Request};

/// What there is.
pub(super) struct Found {
    /// The Regions that alone are meant; none for everything.
    pub(super) only: Option<Vec<String>>,
    pub(super) guardrail: Option<StackState>,
    /// Whether there is one that stays, because only Regions are meant.
    pub(super) keeps_guardrail: bool,
    pub(super) aggregator: Option<StackState>,
    /// Whether there is one that stays, because only Regions are meant.
    pub(super) keeps_aggregator: bool,
    /// The Regions with a pack of ours.
    pub(super) packs: Vec<String>,
    pub(super) sets: Vec<SetFound>,
    /// StackSets of our names that are not ours.
    pub(super) foreign: Vec<String>,
    /// What will be recorded once the Regions are gone; none if the record goes, too, or stays as it is.
    pub(super) record: Option<Record>,
    /// The administrator account's Regions.
    pub(super) regions: Vec<Region>,
    /// Why artifacts of the home Region stay although their Region was named.
    pub(super) keeps_home: bool,
}

/// A StackSet of ours.
pub(super) struct SetFound {
    pub(super) set: StackSet,
    /// How many instances there are in each of the Regions that are meant.
    pub(super) instances: BTreeMap<String, usize>,
    /// Those of them in accounts that are not ACTIVE: their stacks will stay.
    pub(super) unreachable: usize,
    /// Whether all of it goes.
    pub(super) is_whole: bool,
}

impl Found {
    pub(super) fn has_work(&self) -> bool {
        self.guardrail.is_some()
            || self.aggregator.is_some()
            || !self.packs.is_empty()
            || self.sets.iter().any(|set| set.is_whole || !set.instances.is_empty())
            || self.record.is_some()
            || self.regions.iter().any(Region::has_work)
    }

    pub(super) fn instances(&self) -> usize {
        self.sets.iter().flat_map(|set| set.instances.values()).sum()
    }

    /// How the Regions end if nothing is done.
    pub(super) fn untouched(&self) -> Vec<(String, End)> {
        self.regions.iter().map(|region| (region.name.clone(), region.end_without_work())).collect()
    }
}

/// Looks. Without Regions that are asked for, everything is meant.
pub(super) async fn look(site: &Site, asked: &[String], request: &Request) -> Read<Found> {
    let named = site.named_sets().await?;
    let (ours, foreign): (Vec<StackSet>, Vec<StackSet>) = named.into_iter().partition(|set| site.is_ours(set));
    let all = all_regions(site, &ours);
    let is_all = asked.is_empty() || all.iter().all(|region| asked.contains(region));
    let only = (!is_all).then(|| asked.to_vec());
    let meant: Vec<String> = all.iter().filter(|region| is_all || asked.contains(region)).cloned().collect();
    let keeps_home = only.as_ref().is_some_and(|regions| regions.contains(&site.home));
    let stacks = site.names();
    let (sets, packs, guardrail, aggregator) = try_join!(
        sets(site, ours, only.as_deref()),
        packs(site, &meant),
        stack(site, stacks.guardrail_stack()),
        stack(site, stacks.aggregator_stack()),
    )?;
    let regions = join_all(meant.iter().map(|region| self::region(site, region, request, keeps_home))).await;
    let record = only.as_ref().and_then(|gone| shrunk(site, gone));
    Ok(Found {
        // Policies and the aggregator are the organization's, and not a Region's.
        keeps_guardrail: only.is_some() && guardrail.is_some(),
        guardrail: guardrail.filter(|_| only.is_none()),
        keeps_aggregator: only.is_some() && aggregator.is_some(),
        aggregator: aggregator.filter(|_| only.is_none()),
        only,
        packs,
        sets,
        foreign: foreign.into_iter().map(|set| set.name).collect(),
        record,
        regions,
        keeps_home,
    })
}

/// Where anything of ours may be.
fn all_regions(site: &Site, sets: &[StackSet]) -> Vec<String> {
    let recorded = site.record.iter().flat_map(|record| record.regions.iter());
    let of_sets = sets.iter().flat_map(|set| set.regions.iter());
    let of_us = site.traces.iter().chain(std::iter::once(&site.home));
    let all: BTreeSet<&String> = recorded.chain(of_sets).chain(of_us).collect();
    all.into_iter().cloned().collect()
}

/// The record without Regions that go; none if it says nothing of them.
fn shrunk(site: &Site, gone: &[String]) -> Option<Record> {
    let record = site.record.as_ref()?;
    let regions: Vec<String> = record.regions.iter().filter(|region| !gone.contains(region)).cloned().collect();
    (regions.len() < record.regions.len()).then(|| Record { regions, ..record.clone() })
}

async fn sets(site: &Site, ours: Vec<StackSet>, only: Option<&[String]>) -> Read<Vec<SetFound>> {
    let (reader, seen) = (site.sets(), std::cell::RefCell::new(Interner::default()));
    let mut found = Vec::new();
    for set in ours {
        let is_meant = |region: &str| only.is_none_or(|only| only.iter().any(|meant| meant == region));
        let regions: Vec<String> = set.regions.iter().filter(|region| is_meant(region)).cloned().collect();
        let is_whole = regions.len() == set.regions.len();
        let (mut instances, mut unreachable) = (BTreeMap::new(), 0);
        {
            let pages = reader.instances(&set.name, &regions, None, &seen);
            let mut rows = Box::pin(
                pages
                    .map(|page| page.map(|rows| futures_util::stream::iter(rows.into_iter().map(Ok::<_, AwsRefusal>))))
                    .try_flatten(),
            );
            while let Some(row) = rows.try_next().await? {
                *instances.entry(row.region.to_string()).or_default() += 1;
                unreachable += usize::from(row.has_stack && !is_active(site, &row.account));
            }
        }
        found.push(SetFound { set, instances, unreachable, is_whole });
    }
    Ok(found)
}

fn is_active(site: &Site, account: &str) -> bool {
    site.organization.accounts.get(account).is_some_and(|account| account.state == AccountState::Active)
}

async fn packs(site: &Site, regions: &[String]) -> Read<Vec<String>> {
    let name = PackSettings::name_of(&site.prefix);
    let found = try_join_all(regions.iter().map(|region| {
        let name = &name;
        async move {
            let clients = Clients::new(&site.sdk, region);
            let service = Service { config: &clients.config, region };
            let pack = observe(service, name, Some(false)).await?.pack;
            Ok::<_, AwsRefusal>(pack.filter(|pack| pack.mark.is_some()).map(|_| region.clone()))
        }
    }));
    Ok(found.await?.into_iter().flatten().collect())
}

/// A stack of ours in the home Region.
async fn stack(site: &Site, name: String) -> Read<Option<StackState>> {
    let clients = Clients::new(&site.sdk, &site.home);
    Ok(identify_stack(&clients, &name).await?.filter(StackState::is_ours))
}

/// The administrator account's own Region. A delegated administrator has no stack of its own: what is there by our names
/// is an instance of the StackSet.
pub(super) async fn region(site: &Site, name: &str, request: &Request, keeps_home: bool) -> Region {
    let sdk = resilient(&site.sdk);
    let keeps_artifacts = request.keep_artifacts || (keeps_home && name == site.home);
    let request = Request { keep_artifacts: keeps_artifacts, ..request.clone() };
    let mut region = crate::uninstall::region(&sdk, name, site.names(), &request).await;
    if let Ok(found) = &mut region.found
        && !site.is_management()
    {
        found.member = StackFound::NotLookedFor;
        found.leftovers.clear();
    }
    region
}
