//! Which aggregator.

use aws_sdk_config::types::ConfigurationAggregator;

use super::{Aggregator, Reach};
use crate::aws::refused;
use crate::compliance::pages::pages;
use crate::failure::Failure;

/// Finds the aggregator of a name, or the only one of an organization.
///
/// # Errors
/// There is none, there are several, or AWS does not tell.
pub(in crate::compliance) async fn find(reach: Reach, region: &str, name: Option<&str>) -> Result<Aggregator, Failure> {
    let call = "config:DescribeConfigurationAggregators";
    let clients = reach.clients(reach.caller(), region).await;
    let clients = clients.map_err(|unreached| Failure::aws(unreached.to_string()))?;
    // All are read, also for a name: whoever has mistaken it is told what there is.
    let list = pages(call, region, |token| async {
        let page = clients.config.describe_configuration_aggregators().set_next_token(token).send().await;
        let page = page.map_err(|error| refused(call, region, &error))?;
        Ok((page.configuration_aggregators.unwrap_or_default(), page.next_token))
    });
    let list = list.await;
    if let Some(refusal) = list.refusal {
        let advice = refusal.advice();
        return Err(Failure::aws(format!("the aggregators cannot be read: {refusal}"))
            .help(advice)
            .help("or read account by account: --assume-role NAME"));
    }
    let chosen = choose(&list.items, region, name)?;
    Ok(Aggregator {
        name: chosen.configuration_aggregator_name().unwrap_or_default().to_owned(),
        region: region.to_owned(),
        regions: regions(chosen),
        reach,
    })
}

fn choose<'a>(
    all: &'a [ConfigurationAggregator],
    region: &str,
    name: Option<&str>,
) -> Result<&'a ConfigurationAggregator, Failure> {
    if let Some(name) = name {
        let named = all.iter().find(|one| one.configuration_aggregator_name() == Some(name));
        return named.ok_or_else(|| {
            let there = if all.is_empty() { "there is none".to_owned() } else { format!("there are: {}", names(all)) };
            Failure::usage(format!("there is no aggregator {name} in {region}; {there}"))
                .help("an aggregator is in one account and Region: add --home-region REGION, or --profile NAME")
        });
    }
    let of_organizations: Vec<&ConfigurationAggregator> =
        all.iter().filter(|one| one.organization_aggregation_source().is_some()).collect();
    match of_organizations.as_slice() {
        [only] => Ok(only),
        [] => Err(Failure::usage(format!("there is no aggregator of an organization in {region} in this account"))
            .help("two ways lead to the accounts of an organization:")
            .help("1. an aggregator:       --aggregator NAME, in the account and Region that have it (--home-region)")
            .help("2. account by account:  --assume-role NAME, a role that is in every account and may read")),
        many => Err(Failure::usage(format!(
            "there are {} aggregators of an organization in {region}: {}",
            many.len(),
            names(many.iter().copied())
        ))
        .help("choose one: --aggregator NAME")),
    }
}

fn names<'a>(all: impl IntoIterator<Item = &'a ConfigurationAggregator>) -> String {
    let names: Vec<&str> = all.into_iter().filter_map(|one| one.configuration_aggregator_name()).collect();
    names.join(", ")
}

/// The Regions that it collects from; none for all.
fn regions(aggregator: &ConfigurationAggregator) -> Option<Vec<String>> {
    if let Some(source) = aggregator.organization_aggregation_source() {
        return (!source.all_aws_regions()).then(|| source.aws_regions().to_vec());
    }
    let mut regions = Vec::new();
    for source in aggregator.account_aggregation_sources() {
        if source.all_aws_regions() {
            return None;
        }
        regions.extend(source.aws_regions().iter().cloned());
    }
    regions.sort_unstable();
    regions.dedup();
    Some(regions)
}
