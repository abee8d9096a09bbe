//! How well the aggregator was told of each account × Region.

use std::collections::BTreeMap;

use aws_sdk_config::types::{AggregatedSourceStatus, AggregatedSourceStatusType, AggregatedSourceType};

use super::{Aggregator, Clients, Scope};
use crate::aws::{AwsRefusal, refused};
use crate::compliance::pages::{Pages, pages};
use crate::evidence::rows::Asked;
use crate::failure::Failure;

const CALL: &str = "config:DescribeConfigurationAggregatorSourcesStatus";
/// The most sources on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationAggregatorSourcesStatus.html>).
const PAGE: i32 = 100;

/// What is wrong with sources.
pub(super) struct Sources {
    pub(super) asked: Asked,
    pub(super) refusal: Option<AwsRefusal>,
    /// By place, for those that are not as they should be.
    bad: BTreeMap<usize, String>,
    /// The places that the aggregator tells of at all.
    known: Vec<bool>,
    /// Whether it tells of accounts, and not of an organization alone.
    tells_accounts: bool,
    /// What is wrong with the organization as a source.
    whole: Option<String>,
}

impl Sources {
    /// What is wrong with a place's source.
    pub(super) fn fault(&self, place: usize) -> Option<String> {
        let is_known = self.known.get(place).copied().unwrap_or_default();
        let unknown = || {
            (self.tells_accounts && !is_known && self.refusal.is_none()).then(|| {
                "the aggregator has no such source (an account that has not enabled the Region is none)".to_owned()
            })
        };
        self.bad.get(&place).cloned().or_else(|| self.whole.clone()).or_else(unknown)
    }
}

impl Sources {
    /// The places in scope that the aggregator does not tell of, where it tells of others.
    pub(super) fn unknown<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = usize> + 'a {
        let tells = self.tells_accounts && self.refusal.is_none() && self.whole.is_none();
        let places = scope.places.iter().zip(&self.known).enumerate();
        let unknown = places.filter(move |(_, (place, known))| tells && !**known && place.excluded.is_none());
        unknown.map(|(index, _)| index)
    }
}

/// Reads the status of each source.
pub(super) async fn read(clients: &Clients, aggregator: &Aggregator, scope: &Scope) -> Sources {
    let list = list(clients, aggregator).await;
    let mut sources = Sources {
        asked: list.asked,
        refusal: list.refusal,
        bad: BTreeMap::new(),
        known: vec![false; scope.places.len()],
        tells_accounts: false,
        whole: None,
    };
    for status in &list.items {
        let fault = fault(status);
        if status.source_type() == Some(&AggregatedSourceType::Organization) {
            sources.whole = sources.whole.or(fault);
            continue;
        }
        sources.tells_accounts = true;
        let place = status.source_id().zip(status.aws_region()).and_then(|(id, region)| scope.index(id, region));
        if let Some(place) = place {
            if let Some(known) = sources.known.get_mut(place) {
                *known = true;
            }
            sources.bad.extend(fault.map(|fault| (place, fault)));
        }
    }
    sources
}

fn fault(status: &AggregatedSourceStatus) -> Option<String> {
    let words = match status.last_update_status() {
        Some(AggregatedSourceStatusType::Succeeded) | None => return None,
        Some(AggregatedSourceStatusType::Outdated) => "is outdated",
        _ => "failed",
    };
    let code = status.last_error_code().map(|code| format!(": {code}")).unwrap_or_default();
    let message = status.last_error_message().map(|message| format!(" ({message})")).unwrap_or_default();
    Some(format!("the aggregator's source {words}{code}{message}"))
}

async fn list(clients: &Clients, aggregator: &Aggregator) -> Pages<AggregatedSourceStatus> {
    pages(CALL, &clients.region, |token| async {
        let call = clients.config.describe_configuration_aggregator_sources_status();
        let call = call.configuration_aggregator_name(&aggregator.name).limit(PAGE).set_next_token(token);
        let page = call.send().await.map_err(|error| refused(CALL, &clients.region, &error))?;
        Ok((page.aggregated_source_status_list.unwrap_or_default(), page.next_token))
    })
    .await
}

/// The accounts that the aggregator collects from.
///
/// # Errors
/// It does not tell.
pub(in crate::compliance) async fn accounts(aggregator: &Aggregator) -> Result<Vec<String>, Failure> {
    let clients = aggregator.clients().await?;
    let list = list(&clients, aggregator).await;
    if let Some(refusal) = list.refusal {
        return Err(refusal.into());
    }
    let accounts = list.items.into_iter().filter(|one| one.source_type() == Some(&AggregatedSourceType::Account));
    let mut accounts: Vec<String> = accounts.filter_map(|one| one.source_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    Ok(accounts)
}
