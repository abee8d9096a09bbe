//! `StartConfigRulesEvaluation`, and the first evaluation of a rule that was just put.

use std::time::Duration;

use serde_json::{Value, json};

use super::notification::{replay, scheduled};
use super::rule::{Rule, no_such_rule};
use super::{ConfigurationItem, is_own_type};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, Region, State};

/// AWS Config starts an evaluation of a rule at most once in this time.
const PAUSE: Duration = Duration::from_mins(1);

pub(super) fn start(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let names = call.texts("ConfigRuleNames");
    if names.is_empty() {
        return Err(Refusal::invalid_parameter("At least one ConfigRuleName must be specified"));
    }
    let now = ambient.clock.now();
    for name in &names {
        let rule = region.config.rules.get(*name).ok_or_else(|| no_such_rule(name))?;
        let recent = rule.started.is_some_and(|started| now.since(started) < PAUSE);
        if recent && ambient.settings.evaluation_pause {
            let message = format!(
                "Config rule '{name}' was already evaluated within the last minute, or an evaluation is in progress."
            );
            return Err(Refusal::new("LimitExceededException", message));
        }
    }
    for name in names {
        if let Some(rule) = region.config.rules.get_mut(name) {
            rule.started = Some(now);
        }
        evaluate(region, ambient, name);
    }
    Ok(json!({}))
}

/// Runs a rule on what is on record: a change trigger replays the last items, a schedule is triggered.
pub(super) fn evaluate(region: &mut Region, ambient: &mut Ambient, name: &str) {
    let Some(rule) = region.config.rules.get(name) else { return };
    let on_change = rule.wants("ConfigurationItemChangeNotification");
    let on_schedule = rule.wants("ScheduledNotification") || rule.wants("ConfigurationSnapshotDeliveryCompleted");
    let items = if on_change { last_items(region, rule) } else { Vec::new() };
    // With nothing to replay, the function of a change-triggered rule is called without any item.
    if on_schedule || items.is_empty() {
        let delivery = scheduled(region, ambient, name);
        ambient.outbox.extend(delivery);
    }
    for item in items {
        let delivery = replay(region, ambient, name, &item);
        ambient.outbox.extend(delivery);
    }
}

fn last_items(region: &Region, rule: &Rule) -> Vec<ConfigurationItem> {
    let last = region.config.history.values().filter_map(|items| items.last());
    last.filter(|item| !item.is_deletion() && !is_own_type(&item.resource_type) && rule.covers(item)).cloned().collect()
}
