//! The CloudWatch alarms of an installation.

use aws_sdk_cloudwatch::types::AlarmType;

use super::Read;
use crate::aws::{Clients, refused};
use crate::names::Names;

/// An alarm whose name begins with our prefix, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmState {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// Whether it tells anybody: alarms can be muted by hand.
    pub is_muted: bool,
}

/// Reads the alarms whose names begin with our prefix.
pub(crate) async fn read(clients: &Clients, names: Names<'_>) -> Read<Vec<AlarmState>> {
    let mut found = Vec::new();
    let call = clients.cloudwatch.describe_alarms().alarm_name_prefix(format!("{}-", names.prefix)).max_records(100);
    let mut pages = call.alarm_types(AlarmType::MetricAlarm).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("cloudwatch:DescribeAlarms", &clients.region, &error))?;
        found.extend(page.metric_alarms().iter().map(|alarm| AlarmState {
            name: alarm.alarm_name().unwrap_or_default().to_owned(),
            state: alarm.state_value().map(|state| state.as_str().to_owned()).unwrap_or_default(),
            reason: alarm.state_reason().unwrap_or_default().to_owned(),
            is_muted: alarm.actions_enabled() == Some(false) && !alarm.alarm_actions().is_empty(),
        }));
    }
    Ok(found)
}
