//! The Config rules of a Region.

use aws_sdk_config::operation::describe_config_rules::DescribeConfigRulesError;
use aws_sdk_config::types::ConfigRule;

use super::Read;
use crate::aws::{Clients, refused};
use crate::managed_pack::Mark;

/// A Config rule, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleState {
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `DELETING`, `DELETING_RESULTS`, `EVALUATING`.
    pub state: String,
    /// `AWS` for a managed rule, else `CUSTOM_LAMBDA` or `CUSTOM_POLICY`.
    pub owner: String,
    /// The managed rule's identifier, or the function's ARN.
    pub source: String,
    /// The service that made the rule; none if a user did.
    pub created_by: Option<String>,
    /// Whether a pack of managed rules of ours made it.
    pub is_of_our_pack: bool,
}

pub(crate) async fn read(clients: &Clients) -> Read<Vec<RuleState>> {
    let mut rules = Vec::new();
    let mut pages = clients.config.describe_config_rules().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("config:DescribeConfigRules", &clients.region, &error))?;
        rules.extend(page.config_rules.unwrap_or_default().into_iter().map(state));
    }
    Ok(rules)
}

/// The names of the conformance packs of a Region.
pub(crate) async fn packs(clients: &Clients) -> Read<Vec<String>> {
    let mut names = Vec::new();
    let mut pages = clients.config.describe_conformance_packs().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("config:DescribeConformancePacks", &clients.region, &error))?;
        names.extend(page.conformance_pack_details().iter().map(|pack| pack.conformance_pack_name().to_owned()));
    }
    Ok(names)
}

/// The rules of these names that exist: one call if all do, else all rules are listed.
pub(crate) async fn named(clients: &Clients, names: &[String]) -> Read<Vec<RuleState>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    match clients.config.describe_config_rules().set_config_rule_names(Some(names.to_vec())).send().await {
        Ok(answer) => Ok(answer.config_rules.unwrap_or_default().into_iter().map(state).collect()),
        Err(error)
            if error.as_service_error().is_some_and(DescribeConfigRulesError::is_no_such_config_rule_exception) =>
        {
            let mut all = read(clients).await?;
            all.retain(|rule| names.contains(&rule.name));
            Ok(all)
        }
        Err(error) => Err(refused("config:DescribeConfigRules", &clients.region, &error)),
    }
}

fn state(rule: ConfigRule) -> RuleState {
    RuleState {
        state: rule.config_rule_state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        owner: rule.source().map(|source| source.owner().as_str().to_owned()).unwrap_or_default(),
        source: rule.source().and_then(|source| source.source_identifier()).unwrap_or_default().to_owned(),
        is_of_our_pack: rule.description().is_some_and(|text| Mark::parse(text).is_some()),
        name: rule.config_rule_name.unwrap_or_default(),
        created_by: rule.created_by,
    }
}
