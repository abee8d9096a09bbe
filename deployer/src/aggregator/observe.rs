//! What is there: the stack, the aggregators of the Region, and whether the caller may make one.

use aws_config::SdkConfig;
use serde::{Deserialize, Serialize};

use crate::aws::{Clients, refused};
use crate::names::{Names, VERSION_TAG};
use crate::observe::{Read, StackState, find_stack, read_stack};
use crate::organization::Reader;

/// The service principal for which an account administers aggregators of the organization.
pub const PRINCIPAL: &str = "config.amazonaws.com";

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregatorState {
    /// The Region of the stack.
    pub region: String,
    /// The management account.
    pub management: String,
    /// Whether the caller may make an aggregator of the organization.
    pub may: Read<bool>,
    /// The stack.
    pub stack: Read<Option<StackState>>,
    /// The names of the aggregators in the Region.
    pub names: Read<Vec<String>>,
}

/// Looks. A handful of calls.
pub async fn observe(sdk: &SdkConfig, management: &str, names: Names<'_>, region: &str) -> AggregatorState {
    let clients = Clients::new(sdk, region);
    AggregatorState {
        region: region.to_owned(),
        management: management.to_owned(),
        may: may(sdk, management, names.account).await,
        stack: read_stack(&clients, &names.aggregator_stack()).await,
        names: aggregators(&clients).await,
    }
}

/// Whether an account may aggregate the organization: it manages it, or administers AWS Config for it.
async fn may(sdk: &SdkConfig, management: &str, account: &str) -> Read<bool> {
    if account == management {
        return Ok(true);
    }
    let delegates = Reader::new(sdk).delegates(PRINCIPAL).await?;
    Ok(delegates.iter().any(|delegate| delegate == account))
}

async fn aggregators(clients: &Clients) -> Read<Vec<String>> {
    let mut found = Vec::new();
    let mut pages = clients.config.describe_configuration_aggregators().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("config:DescribeConfigurationAggregators", &clients.region, &error))?;
        let names = page.configuration_aggregators().iter().filter_map(|one| one.configuration_aggregator_name());
        found.extend(names.map(ToOwned::to_owned));
    }
    Ok(found)
}

/// The aggregator as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AggregatorStatus {
    /// Its name.
    pub name: String,
    /// The stack's name.
    pub stack: String,
    /// Its Region.
    pub region: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// The version that made it.
    pub version: Option<String>,
    /// Whether the aggregator is there; somebody may have deleted it beside the stack.
    pub is_there: bool,
}

impl AggregatorStatus {
    /// Whether the stack is as it should be.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.status.ends_with("_COMPLETE") && !self.status.starts_with("ROLLBACK")
    }
}

/// Reads the aggregator; none if there is no stack of that name that is ours.
///
/// # Errors
/// What could not be read.
pub async fn read_status(sdk: &SdkConfig, names: Names<'_>, region: &str) -> Read<Option<AggregatorStatus>> {
    let clients = Clients::new(sdk, region);
    let stack = find_stack(&clients, &names.aggregator_stack()).await?.filter(StackState::is_ours);
    let Some(stack) = stack else { return Ok(None) };
    let name = names.aggregator();
    Ok(Some(AggregatorStatus {
        is_there: aggregators(&clients).await?.contains(&name),
        name,
        region: region.to_owned(),
        version: stack.tags.get(VERSION_TAG).cloned(),
        status: stack.status,
        stack: stack.name,
    }))
}
