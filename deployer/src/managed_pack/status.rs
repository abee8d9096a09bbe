//! How the pack stands in every account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_config::types::OrganizationConformancePackDetailedStatus;

use super::Service;
use super::model::{AccountStatus, Deployment, Phase, Waits};
use super::observe::{is_missing, overall};
use super::wait::Patience;
use crate::aws::refused;
use crate::observe::Read;

const DETAILS: &str = "config:GetOrganizationConformancePackDetailedStatus";

/// Reads how the pack stands in each account, to the last page. `expected` are the accounts that should have it; what
/// AWS Config tells of others is kept apart, and no failure.
///
/// # Errors
/// Whatever AWS Config refuses.
pub async fn status(service: Service<'_>, name: &str, expected: &BTreeSet<String>) -> Read<Deployment> {
    let overall = overall(service, name).await?;
    let mut told = if overall.is_some() { details(service, name).await? } else { BTreeMap::new() };
    let accounts: BTreeMap<String, AccountStatus> =
        expected.iter().filter_map(|account| told.remove_entry(account)).collect();
    let untold = expected.iter().filter(|account| !accounts.contains_key(*account)).cloned().collect();
    Ok(Deployment { region: service.region.to_owned(), name: name.to_owned(), overall, accounts, untold, beyond: told })
}

/// The same once what is told fits together, or reads had time to settle: every expected account is told of, none is
/// still at work, and a failure of the whole has an account that failed.
pub(super) async fn settled(
    service: Service<'_>,
    name: &str,
    expected: &BTreeSet<String>,
    waits: Waits,
) -> Read<Deployment> {
    let mut patience = Patience::new(waits);
    loop {
        let deployment = status(service, name, expected).await?;
        if fits(&deployment) || patience.is_over(waits.settling) {
            return Ok(deployment);
        }
        patience.rest().await;
    }
}

fn fits(deployment: &Deployment) -> bool {
    let has = |phase: Phase| {
        let told = deployment.accounts.values().chain(deployment.beyond.values());
        told.into_iter().any(|status| status.phase() == phase)
    };
    match deployment.overall.as_ref().map(super::model::Overall::phase) {
        None => false,
        Some(Phase::Failed) => has(Phase::Failed),
        // It took longer than we wait: more time brings nothing.
        Some(Phase::InProgress) => true,
        Some(Phase::Deployed | Phase::Deleted | Phase::Unknown) => {
            deployment.untold.is_empty() && !has(Phase::InProgress)
        }
    }
}

async fn details(service: Service<'_>, name: &str) -> Read<BTreeMap<String, AccountStatus>> {
    let mut accounts = BTreeMap::new();
    let mut words = Words::default();
    let mut next = None;
    loop {
        let call = service.config.get_organization_conformance_pack_detailed_status();
        let call = call.organization_conformance_pack_name(name).limit(100).set_next_token(next);
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let refusal = refused(DETAILS, service.region, &error);
                return if is_missing(&refusal) { Ok(accounts) } else { Err(refusal) };
            }
        };
        for told in answer.organization_conformance_pack_detailed_statuses() {
            accounts.insert(told.account_id().to_owned(), words.status(told));
        }
        next = answer.next_token;
        if next.is_none() {
            return Ok(accounts);
        }
    }
}

/// Texts that were read before, to be shared.
#[derive(Default)]
struct Words(BTreeSet<Arc<str>>);

impl Words {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text));
        text
    }

    fn status(&mut self, told: &OrganizationConformancePackDetailedStatus) -> AccountStatus {
        AccountStatus {
            word: self.shared(told.status().as_str()),
            pack: told.conformance_pack_name().to_owned(),
            code: told.error_code().map(|code| self.shared(code)),
            message: told.error_message().map(|message| self.shared(message)),
        }
    }
}
