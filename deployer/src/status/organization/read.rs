//! Reading an installation in an organization: instances page by page into the coverage, the rest beside them.

mod guardrail;
mod own;
mod packs;
mod sets;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::join;

use super::{Coverage, Found, Head, Installed, Report, Standing, Why, expect};
use crate::aws::AwsRefusal;
use crate::names::{SETTINGS_TAG, VERSION_TAG};
use crate::observe::Read;
use crate::organization::site::{Site, installer};
use crate::organization::{Record, Targets, TrustedAccess, read as organization_read};
use crate::stack_set::StackSet;

/// Reads everything. `regions` are the Regions that are asked for; empty for all. `told` hears how many instances were
/// read.
///
/// # Errors
/// The StackSets cannot be read, without which nothing is known.
pub(crate) async fn read(site: &Site, regions: &[String], told: &dyn Fn(usize)) -> Read<Report> {
    let head = Head {
        prefix: site.prefix.clone(),
        organization: site.organization.id.clone(),
        management: site.organization.management.clone(),
        administrator: site.account.clone(),
        home: site.home.clone(),
        looked_in: site.looked_in(),
    };
    let found = site.named_sets().await?;
    let (ours, foreign): (Vec<StackSet>, Vec<StackSet>) = found.into_iter().partition(|set| site.is_ours(set));
    if ours.is_empty() && site.record.is_none() {
        let names: Vec<String> = foreign.into_iter().map(|set| set.name).collect();
        let installation = if names.is_empty() { Standing::Absent } else { Standing::Foreign(names) };
        return Ok(Report { head, installation });
    }
    let installed = Box::pin(installed(site, &ours, regions, told)).await;
    Ok(Report { head, installation: Standing::Present(Box::new(installed)) })
}

/// What is covered: as it was recorded, or as the StackSets say.
fn record(site: &Site, sets: &[StackSet]) -> Record {
    if let Some(record) = &site.record {
        return record.clone();
    }
    let units: BTreeSet<String> = sets.iter().flat_map(|set| set.units.iter().cloned()).collect();
    let regions: BTreeSet<String> = sets.iter().flat_map(|set| set.regions.iter().cloned()).collect();
    Record {
        targets: Targets { units: units.into_iter().collect(), ..Targets::default() },
        regions: regions.into_iter().collect(),
        management: site.is_management(),
        policies: false,
    }
}

async fn installed(site: &Site, ours: &[StackSet], asked: &[String], told: &dyn Fn(usize)) -> Installed {
    let Record { targets, regions, management, policies: _ } = record(site, ours);
    let is_asked = |region: &String| asked.is_empty() || asked.contains(region);
    let shown: Vec<String> = regions.iter().filter(|region| is_asked(region)).cloned().collect();
    let members = expect::members(&site.organization, &targets, management, site.is_management());
    let mut coverage = Coverage::expecting(shown.clone(), members);
    let code = ours.first();
    let other_installer = code.and_then(installer).filter(|account| *account != site.account).map(str::to_owned);
    let blocking = |set: &StackSet| -> Vec<String> {
        let units = targets.units_outside(&site.organization, &set.units);
        units.iter().map(|id| site.organization.path(id)).collect()
    };
    let blocking: BTreeMap<String, Vec<String>> = ours.iter().map(|set| (set.name.clone(), blocking(set))).collect();
    let with_artifacts: &[String] = if other_installer.is_some() { &[] } else { &shown };
    let (sets, own, artifacts, guardrail, aggregator, packs, trusted_access) = join!(
        sets::read(site, ours, &shown, asked.is_empty(), &mut coverage, told),
        own::management(site, &shown),
        own::artifacts(site, with_artifacts, code),
        guardrail::read(site),
        crate::aggregator::read_status(&site.sdk, site.names(), &site.home),
        packs::read(site, &shown),
        organization_read::trusted_access(&site.sdk, &site.home, site.call_as),
    );
    let (mut sets, unread) = sets;
    for set in &mut sets {
        set.blocking = blocking.get(&set.name).cloned().unwrap_or_default();
    }
    for stack in own.iter().flatten().filter(|_| management) {
        coverage.record(&site.account, &stack.region, &own_found(stack));
    }
    Installed {
        other_installer,
        record: expect::recorded(&site.organization, &targets, &regions, management, site.record.is_some()),
        sets,
        coverage,
        management: own,
        artifacts,
        guardrail,
        aggregator,
        packs,
        trusted_access: trusted_access.map(|access| access == TrustedAccess::Enabled),
        unread,
    }
}

/// What the management account's own stack comes to.
fn own_found(own: &super::OwnStack) -> Found {
    match &own.state {
        Err(AwsRefusal { call, message, .. }) => {
            Found::Failed(Why::new("unread", &format!("its own stack could not be read: {call}: {message}")))
        }
        Ok(None) => Found::Failed(Why::new("no-stack", "the management account has no stack of its own")),
        Ok(Some(stack)) if !stack.is_ours => {
            Found::Failed(Why::new("name-clash", "the management account has a stack of our name that is not ours"))
        }
        Ok(Some(stack)) if !stack.is_settled => {
            let words = format!("the management account's own stack is in {}", stack.status);
            Found::Failed(Why::new("stuck", &words))
        }
        Ok(Some(_)) => Found::Current,
    }
}

/// The version and the digest of settings that a StackSet's tags name.
fn tags(set: &StackSet) -> (String, String) {
    let tag = |name: &str| set.tags.get(name).cloned().unwrap_or_default();
    (tag(VERSION_TAG), tag(SETTINGS_TAG))
}
