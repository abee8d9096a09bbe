//! The rules of ours in a place.

use std::collections::BTreeMap;

use aws_sdk_config::types::{ConfigRule, Source};
use rule::check::{ALL, Check};
use serde_json::Value;

use super::super::beside::Beside;
use super::super::named::check_of;
use super::super::pages::{Pages, pages};
use super::{Clients, Wanted};
use crate::aws::refused;
use crate::evidence::rows::RuleRow;

/// Reads all rules, because a pack gives its rules names of its own. `items` are those of ours, by name; what was
/// asked counts all. What else there is comes beside.
pub(super) async fn read(clients: &Clients, wanted: &Wanted) -> (Pages<RuleRow>, Beside) {
    let call = "config:DescribeConfigRules";
    let all = pages(call, &clients.region, |token| async {
        let page = clients.config.describe_config_rules().set_next_token(token).send().await;
        let page = page.map_err(|error| refused(call, &clients.region, &error))?;
        Ok((page.config_rules.unwrap_or_default(), page.next_token))
    });
    let all = all.await;
    let row = |rule: &ConfigRule| row(rule, (&clients.account, &clients.region), wanted);
    let ours: BTreeMap<String, RuleRow> =
        all.items.iter().filter_map(row).map(|rule| (rule.rule.clone(), rule)).collect();
    let mut beside = Beside::default();
    all.items.iter().filter_map(ConfigRule::config_rule_name).for_each(|name| beside.look(name, wanted));
    (Pages { items: ours.into_values().collect(), asked: all.asked, refusal: all.refusal }, beside)
}

fn row(rule: &ConfigRule, (account, region): (&str, &str), wanted: &Wanted) -> Option<RuleRow> {
    let name = rule.config_rule_name()?;
    let named = check_of(name, &wanted.prefix)?;
    let parameters = parameters(rule.input_parameters());
    let check = parameters.get("check").map_or(Some(named), |id| by_id(id)).unwrap_or(named);
    if !wanted.checks.iter().any(|wanted| wanted.id == check.id) {
        return None;
    }
    let details = rule.source().map(Source::source_details).unwrap_or_default();
    let types = details.iter().filter_map(|detail| Some(detail.message_type()?.as_str().to_owned()));
    let frequency = details.iter().find_map(|detail| detail.maximum_execution_frequency());
    let frequency = rule.maximum_execution_frequency().or(frequency);
    Some(RuleRow {
        account: account.to_owned(),
        region: region.to_owned(),
        rule: name.to_owned(),
        arn: rule.config_rule_arn().unwrap_or_default().to_owned(),
        check: check.id.to_owned(),
        state: rule.config_rule_state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        function: rule.source().and_then(|source| source.source_identifier()).unwrap_or_default().to_owned(),
        message_types: types.collect(),
        frequency: frequency.map(|frequency| frequency.as_str().to_owned()),
        resource_types: rule.scope().map(|scope| scope.compliance_resource_types().to_vec()).unwrap_or_default(),
        parameters,
    })
}

pub(super) fn by_id(id: &str) -> Option<&'static Check> {
    ALL.into_iter().find(|check| check.id == id)
}

/// `InputParameters` is a text with a JSON object; AWS Config has its values as texts.
fn parameters(text: Option<&str>) -> BTreeMap<String, String> {
    let read: BTreeMap<String, Value> = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
    read.into_iter().map(|(name, value)| (name, text(value))).collect()
}
