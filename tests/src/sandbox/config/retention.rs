//! How long AWS Config keeps items: `PutRetentionConfiguration` and `DescribeRetentionConfigurations`.

use std::time::Duration;

use serde_json::{Value, json};

use super::Store;
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// The only name that there is.
const NAME: &str = "default";
/// Seven years, which is what AWS Config keeps unless it is told otherwise: longer than anything lives here.
/// <https://docs.aws.amazon.com/config/latest/developerguide/delete-config-data-with-retention-period.html>
const DEFAULT_DAYS: u64 = 2557;

/// Before what time nothing is kept, if somebody has said it.
pub(super) fn horizon(store: &Store, now: Instant) -> Option<Instant> {
    let kept = Duration::from_hours(24 * store.retention_days?);
    Some(Instant(now.0 - i64::try_from(kept.as_millis()).ok()?))
}

fn shown(days: u64) -> Value {
    json!({"Name": NAME, "RetentionPeriodInDays": days})
}

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let days = call.count("RetentionPeriodInDays").and_then(|days| u64::try_from(days).ok()).unwrap_or(DEFAULT_DAYS);
    region.config.retention_days = Some(days);
    Ok(json!({"RetentionConfiguration": shown(days)}))
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let days = region.config.retention_days;
    let unknown = call.texts("RetentionConfigurationNames").into_iter().find(|name| days.is_none() || *name != NAME);
    if let Some(name) = unknown {
        let message = format!("Cannot find retention configuration with the specified name '{name}'.");
        return Err(Refusal::new("NoSuchRetentionConfigurationException", message));
    }
    Ok(json!({"RetentionConfigurations": days.map(shown).into_iter().collect::<Vec<_>>()}))
}
