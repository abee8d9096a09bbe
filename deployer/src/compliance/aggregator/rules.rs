//! Which rules of ours have results, and where: rules without results are not shown.

use std::cell::RefCell;

use aws_sdk_config::types::{AggregateComplianceByConfigRule, ConfigRuleComplianceFilters};
use rule::check::{ALL, Check};

use super::{Aggregator, Clients, Scope, Wanted};
use crate::aws::refused;
use crate::compliance::beside::Beside;
use crate::compliance::named::check_of;
use crate::compliance::pages::pages;
use crate::evidence::rows::Asked;
use crate::failure::Failure;

/// The most rules on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>).
const PAGE: i32 = 1000;

/// A rule of an account × Region that has results.
#[derive(Debug)]
pub(super) struct Found {
    place: usize,
    pub(super) check: &'static Check,
    /// What the name has after the check's: a conformance pack's addition. Most have none.
    rest: Box<str>,
}

impl Found {
    pub(super) fn name(&self, prefix: &str) -> String {
        format!("{prefix}-{}{}", self.check.id, self.rest)
    }
}

/// The rules, by place.
pub(super) struct Rules {
    pub(super) asked: Asked,
    /// Why there may be more.
    pub(super) gap: Option<String>,
    pub(super) found: Vec<Found>,
    /// What else has results.
    pub(super) beside: Beside,
}

impl Rules {
    /// The checks that have results anywhere.
    pub(super) fn checks(&self) -> Vec<&'static Check> {
        ALL.into_iter().filter(|check| self.found.iter().any(|found| found.check.id == check.id)).collect()
    }
}

/// Reads all of them. A page has the rules of everybody, so that nothing but ours is kept of it.
pub(super) async fn read(
    clients: &Clients,
    aggregator: &Aggregator,
    scope: &Scope,
    wanted: &Wanted,
) -> Result<Rules, Failure> {
    let call = "config:DescribeAggregateComplianceByConfigRules";
    let filters = filters(scope);
    let beside = RefCell::new(Beside::default());
    let list = pages(call, &clients.region, |token| async {
        let describe = clients.config.describe_aggregate_compliance_by_config_rules();
        let describe = describe.configuration_aggregator_name(&aggregator.name).set_filters(filters.clone());
        let page = describe.limit(PAGE).set_next_token(token).send().await;
        let page = page.map_err(|error| refused(call, &clients.region, &error))?;
        let rules = page.aggregate_compliance_by_config_rules.unwrap_or_default();
        let names = rules.iter().filter(|rule| is_in_scope(rule, scope)).filter_map(|rule| rule.config_rule_name());
        names.for_each(|name| beside.borrow_mut().look(name, wanted));
        Ok((rules.iter().filter_map(|rule| found(rule, scope, wanted)).collect(), page.next_token))
    });
    let mut list = list.await;
    if let Some(refusal) = &list.refusal
        && list.asked.pages == 0
    {
        return Err(Failure::from(refusal.clone()).help("or read account by account: --assume-role NAME"));
    }
    list.items.sort_by(|one: &Found, other| {
        (one.place, one.check.id, &one.rest).cmp(&(other.place, other.check.id, &other.rest))
    });
    // Pages may overlap while rules come and go.
    list.items
        .dedup_by(|one, other| (one.place, one.check.id, &one.rest) == (other.place, other.check.id, &other.rest));
    let beside = beside.into_inner();
    Ok(Rules { gap: list.refusal.map(|refusal| refusal.words()), asked: list.asked, found: list.items, beside })
}

fn is_in_scope(rule: &AggregateComplianceByConfigRule, scope: &Scope) -> bool {
    rule.account_id().zip(rule.aws_region()).is_some_and(|(account, region)| scope.index(account, region).is_some())
}

/// Where the scope is one account or one Region, nothing else is asked for.
fn filters(scope: &Scope) -> Option<ConfigRuleComplianceFilters> {
    let first = scope.places.iter().find(|place| place.excluded.is_none())?;
    let mut rest = scope.places.iter().filter(|place| place.excluded.is_none());
    let account = rest.clone().all(|place| place.account == first.account).then(|| first.account.clone());
    let region = rest.all(|place| place.region == first.region).then(|| first.region.clone());
    if account.is_none() && region.is_none() {
        return None;
    }
    Some(ConfigRuleComplianceFilters::builder().set_account_id(account).set_aws_region(region).build())
}

fn found(rule: &AggregateComplianceByConfigRule, scope: &Scope, wanted: &Wanted) -> Option<Found> {
    let name = rule.config_rule_name()?;
    let check = check_of(name, &wanted.prefix)?;
    let is_wanted = wanted.checks.iter().any(|wanted| wanted.id == check.id);
    let place = scope.index(rule.account_id()?, rule.aws_region()?).filter(|_| is_wanted)?;
    let rest = name.strip_prefix(&wanted.prefix)?.strip_prefix('-')?.strip_prefix(check.id)?;
    Some(Found { place, check, rest: rest.into() })
}

/// The rules of a place.
pub(super) fn of_place(all: &[Found], place: usize) -> &[Found] {
    let start = all.partition_point(|found| found.place < place);
    let end = all.partition_point(|found| found.place <= place);
    all.get(start..end).unwrap_or_default()
}
