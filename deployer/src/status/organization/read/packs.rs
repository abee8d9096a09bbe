//! The organization pack of managed rules, in each Region and account.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::aws::Clients;
use crate::managed_pack::{Deployment, PackSettings, Service, group, observe, status};
use crate::observe::Read;
use crate::organization::AccountState;
use crate::organization::site::Site;
use crate::status::organization::{PackFailure, PackState, Packs};

pub(super) async fn read(site: &Site, regions: &[String]) -> Read<Packs> {
    let found = try_join_all(regions.iter().map(|region| one(site, region))).await?;
    let deployments: Vec<Deployment> = found.into_iter().flatten().collect();
    let failures = group(&deployments).into_iter().map(|group| PackFailure {
        words: group.reason,
        accounts: group.accounts,
        regions: group.regions,
        sample: format!("{} in {}", group.sample.0, group.sample.1),
        fix: group.fix,
    });
    Ok(Packs { failures: failures.collect(), regions: deployments.iter().map(state).collect() })
}

/// AWS Config puts it into every account but those that it leaves out, the management account among them.
async fn one(site: &Site, region: &str) -> Read<Option<Deployment>> {
    let clients = Clients::new(&site.sdk, region);
    let service = Service { config: &clients.config, region };
    let name = PackSettings::name_of(&site.prefix);
    // A delegated administrator of StackSets need not be one of AWS Config: it can have no pack then.
    let Some(pack) = observe(service, &name, Some(false)).await?.pack.filter(|pack| pack.mark.is_some()) else {
        return Ok(None);
    };
    let active = site.organization.accounts.values().filter(|account| account.state == AccountState::Active);
    let expected: BTreeSet<String> =
        active.map(|account| account.id.clone()).filter(|id| !pack.excluded.contains(id)).collect();
    status(service, &name, &expected).await.map(Some)
}

fn state(deployment: &Deployment) -> PackState {
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    for status in deployment.accounts.values() {
        *accounts.entry(status.word.to_string()).or_default() += 1;
    }
    if !deployment.untold.is_empty() {
        accounts.insert("UNTOLD".to_owned(), deployment.untold.len());
    }
    PackState {
        region: deployment.region.clone(),
        status: deployment.overall.as_ref().map(|overall| overall.word.clone()).unwrap_or_default(),
        accounts,
    }
}
