//! What AWS Config recorded of a resource.

use aws_sdk_config::Client;
use aws_sdk_config::types::{ChronologicalOrder, ConfigurationItem, ResourceType};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use serde_json::Value;
use time::OffsetDateTime;

use super::timeline::Period;
use crate::aws::refused;
use crate::evidence::Moment;
use crate::observe::Read;

/// The type under which AWS Config records how the results of a resource change.
pub(super) const COMPLIANCE: &str = "AWS::Config::ResourceCompliance";
/// The most items of a page (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html>).
const PAGE: i32 = 100;
/// A page covers seven days at most, says the same page, so that some have nothing on them. After so many of them that
/// tell of the time before the period, what was so when it began is called unknown.
const PATIENCE: i64 = 60;

/// What AWS Config says of a resource that it never saw, and where there is no recorder.
const NEVER: [&str; 2] = ["ResourceNotDiscoveredException", "NoAvailableConfigurationRecorderException"];

/// A recorded state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// When it was captured.
    pub(super) at: Moment,
    /// `OK`, `ResourceDiscovered`, `ResourceDeleted`, ...
    pub(super) status: String,
    /// The settings, or the results.
    pub(super) configuration: Option<Value>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Recorded {
    /// Items in the order of time, from the last one before the period on, and whether all of them came.
    Items(Vec<Item>, bool),
    /// AWS Config never saw the resource.
    Never,
}

/// Reads what was recorded in a period, and the last item before it. The newest come first, so that it ends as soon as
/// the period begins.
pub(super) async fn read(client: &Client, region: &str, (kind, id): (&str, &str), period: Period) -> Read<Recorded> {
    let (mut items, mut token, mut pages) = (Vec::new(), None, 0);
    let weeks = (period.to.time() - period.from.time()).whole_weeks();
    loop {
        let call = client
            .get_resource_config_history()
            // The SDK does not know all types by name; the text goes through as it is.
            .resource_type(ResourceType::from(kind))
            .resource_id(id)
            .later_time(sdk_time(period.to))
            .chronological_order(ChronologicalOrder::Reverse)
            .limit(PAGE)
            .set_next_token(token.take());
        let answer = match call.send().await {
            Ok(answer) => answer,
            // Without a recorder nothing is ever recorded; that is in the gaps of the account × Region too.
            Err(error) if error.code().is_some_and(|code| NEVER.contains(&code)) => return Ok(Recorded::Never),
            Err(error) => return Err(refused("config:GetResourceConfigHistory", region, &error)),
        };
        items.extend(answer.configuration_items().iter().filter_map(item));
        pages += 1;
        token = answer.next_token;
        let has_begun = items.last().is_some_and(|oldest: &Item| oldest.at <= period.from);
        let is_tired = pages > weeks + PATIENCE + i64::try_from(items.len()).unwrap_or(i64::MAX) / i64::from(PAGE);
        if has_begun || token.is_none() || is_tired {
            let is_whole = has_begun || token.is_none();
            return Ok(Recorded::Items(in_order(items, period), is_whole));
        }
    }
}

/// What is about the period of items that came newest first, in the order of time. Of two of one moment the one that
/// came last was before the other.
fn in_order(mut items: Vec<Item>, period: Period) -> Vec<Item> {
    items.reverse();
    items.sort_by_key(|item| item.at);
    let before = items.iter().filter(|item| item.at <= period.from).count().saturating_sub(1);
    items.split_off(before)
}

fn item(item: &ConfigurationItem) -> Option<Item> {
    let configuration = item.configuration().and_then(|text| serde_json::from_str(text).ok());
    let status = item.configuration_item_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
    Some(Item { at: moment(item.configuration_item_capture_time()?)?, status, configuration })
}

/// AWS's time to the millisecond: it is sent as a decimal fraction, which binary ones only come near.
pub(super) fn moment(time: &DateTime) -> Option<Moment> {
    let millis = (time.as_nanos() + 500_000).div_euclid(1_000_000);
    OffsetDateTime::from_unix_timestamp_nanos(millis * 1_000_000).ok().map(Moment::from)
}

fn sdk_time(moment: Moment) -> DateTime {
    DateTime::from_millis(i64::try_from(moment.time().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_captured_in_one_moment_stays_in_its_order() {
        let at = |day: u8| format!("2026-10-{day:02}T00:00:00Z").parse::<Moment>().unwrap();
        let item = |day, status: &str| Item { at: at(day), status: status.to_owned(), configuration: None };
        let newest_first = vec![item(9, "deleted"), item(9, "ok"), item(5, "found"), item(3, "b"), item(2, "a")];
        let told = in_order(newest_first, Period { from: at(4), to: at(10) });
        let told: Vec<&str> = told.iter().map(|item| item.status.as_str()).collect();
        assert_eq!(told, ["b", "found", "ok", "deleted"]);
    }
}
