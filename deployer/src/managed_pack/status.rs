//! How the pack stands in every account.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::OrganizationConformancePackDetailedStatus;

use super::Service;
use super::model::{AccountStatus, Deployment, Phase, Waits};
use super::observe::{is_missing, overall};
use super::wait::Watch;
use crate::aws::refused;
use crate::observe::Read;
use crate::stack_set::Interner;
use crate::stack_set::patience::{Patience, patiently};

/// Accounts on a page: the most that AWS Config gives.
const PAGE: i32 = 100;
const DETAILS: &str = "config:GetOrganizationConformancePackDetailedStatus";

/// Reads how the pack stands in each account, to the last page. `expected` are the accounts that should have it; what
/// AWS Config tells of others is kept apart, and no failure.
///
/// # Errors
/// Whatever AWS Config refuses.
pub async fn status(service: Service<'_>, name: &str, expected: &BTreeSet<String>) -> Read<Deployment> {
    let overall = patiently(Patience::OF_READS, || overall(service, name)).await?;
    let mut told = if overall.is_some() { details(service, name).await? } else { BTreeMap::new() };
    let accounts: BTreeMap<String, AccountStatus> =
        expected.iter().filter_map(|account| told.remove_entry(account)).collect();
    let untold = expected.iter().filter(|account| !accounts.contains_key(*account)).cloned().collect();
    let (region, name) = (service.region.to_owned(), name.to_owned());
    Ok(Deployment { region, name, overall, accounts, untold, beyond: told, is_stale: false })
}

/// The same once what is told fits together, or reads had time to settle: every expected account is told of, none is
/// still at work, and a failure of the whole has an account that failed.
pub(super) async fn settled(
    service: Service<'_>,
    name: &str,
    expected: &BTreeSet<String>,
    waits: Waits,
) -> Read<Deployment> {
    let mut watch = Watch::new(waits);
    loop {
        let deployment = status(service, name, expected).await?;
        if fits(&deployment) || watch.is_over(waits.settling) {
            return Ok(deployment);
        }
        watch.rest().await;
    }
}

fn fits(deployment: &Deployment) -> bool {
    let has = |phase: Phase| {
        let told = deployment.accounts.values().chain(deployment.beyond.values());
        told.into_iter().any(|status| status.phase() == phase)
    };
    match deployment.overall.as_ref().map(super::model::Overall::phase) {
        // Reads lag: an end that was seen may be followed by what was told before it.
        None | Some(Phase::InProgress) => false,
        Some(Phase::Failed) => has(Phase::Failed),
        Some(Phase::Deployed | Phase::Deleted | Phase::Unknown) => {
            deployment.untold.is_empty() && !has(Phase::InProgress)
        }
    }
}

async fn details(service: Service<'_>, name: &str) -> Read<BTreeMap<String, AccountStatus>> {
    let mut accounts = BTreeMap::new();
    let mut texts = Interner::default();
    let mut next = None;
    loop {
        let page = patiently(Patience::OF_READS, || async {
            let call = service.config.get_organization_conformance_pack_detailed_status();
            let call = call.organization_conformance_pack_name(name).limit(PAGE).set_next_token(next.clone());
            call.send().await.map_err(|error| refused(DETAILS, service.region, &error))
        });
        let page = match page.await {
            Err(refusal) if is_missing(&refusal) => return Ok(accounts),
            other => other?,
        };
        for told in page.organization_conformance_pack_detailed_statuses() {
            accounts.insert(told.account_id().to_owned(), status_of(told, &mut texts));
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(accounts);
        }
    }
}

fn status_of(told: &OrganizationConformancePackDetailedStatus, texts: &mut Interner) -> AccountStatus {
    AccountStatus {
        word: texts.name(told.status().as_str()),
        pack: told.conformance_pack_name().to_owned(),
        code: told.error_code().map(|code| texts.name(code)),
        message: told.error_message().map(|message| texts.name(message)),
    }
}
