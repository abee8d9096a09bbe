//! The configuration recorder: without it AWS Config tells no changes.

use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, RecordingFrequency, RecordingStrategyType,
};
use aws_smithy_types::DateTime;
use futures_util::join;
use time::OffsetDateTime;

use super::Read;
use crate::aws::{Clients, refused};

/// Whether a Region has a recorder of the customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecorderState {
    /// There is none; service-linked recorders do not count.
    Missing,
    /// There is one; AWS allows no second.
    Present(Recorder),
}

/// Where the recorder delivers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    /// There is no delivery channel.
    Missing,
    /// There is one.
    Present {
        /// Its bucket.
        bucket: String,
    },
}

/// A configuration recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// The role that it reads with.
    pub role_arn: String,
    /// Whether it is running.
    pub is_recording: bool,
    /// How its last attempt went: `Success`, `Failure`, `Pending`, `NotApplicable`.
    pub last_status: Option<String>,
    /// Why its last attempt failed.
    pub last_error: Option<String>,
    /// When it was started last.
    pub last_started: Option<OffsetDateTime>,
    /// When it was stopped last; AWS Config keeps no other stop.
    pub last_stopped: Option<OffsetDateTime>,
    /// Which types it records.
    pub types: RecordedTypes,
    /// Whether it records once a day only, unless an override says else.
    pub is_daily: bool,
    /// The types whose frequency is another, and whether that is daily.
    pub overrides: Vec<(String, bool)>,
}

/// Which types a recorder records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedTypes {
    /// All that AWS Config supports in the Region.
    All,
    /// These only.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

/// How a type is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Each change, within minutes.
    Continuous,
    /// Once a day.
    Daily,
    /// Not at all.
    Not,
}

impl Recorder {
    /// How it records a type now.
    #[must_use]
    pub fn records(&self, resource_type: &str) -> Recording {
        if self.is_recording { self.is_set_to_record(resource_type) } else { Recording::Not }
    }

    /// How it is set to record a type, whether it runs or not
    /// (<https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html>).
    #[must_use]
    pub fn is_set_to_record(&self, resource_type: &str) -> Recording {
        let holds = |types: &[String]| types.iter().any(|other| other == resource_type);
        let is_recorded = match &self.types {
            RecordedTypes::All => true,
            RecordedTypes::Only(types) => holds(types),
            RecordedTypes::AllBut(types) => !holds(types),
        };
        let overridden = self.overrides.iter().find(|(other, _)| other == resource_type).map(|(_, daily)| *daily);
        match (is_recorded, overridden.unwrap_or(self.is_daily)) {
            (false, _) => Recording::Not,
            (true, true) => Recording::Daily,
            (true, false) => Recording::Continuous,
        }
    }
}

pub(super) async fn read(clients: &Clients) -> (Read<RecorderState>, Read<DeliveryState>) {
    join!(read_recorder(&clients.config, &clients.region), read_delivery(clients))
}

pub(crate) async fn read_recorder(config: &aws_sdk_config::Client, region: &str) -> Read<RecorderState> {
    let described = async {
        let answer = config.describe_configuration_recorders().send().await;
        answer.map_err(|error| refused("config:DescribeConfigurationRecorders", region, &error))
    };
    let status = async {
        let answer = config.describe_configuration_recorder_status().send().await;
        answer.map_err(|error| refused("config:DescribeConfigurationRecorderStatus", region, &error))
    };
    let (described, status) = join!(described, status);
    let described = described?;
    let own = described.configuration_recorders().iter().find(|recorder| recorder.service_principal().is_none());
    Ok(match own {
        None => RecorderState::Missing,
        Some(recorder) => {
            let status = status?;
            let statuses = status.configuration_recorders_status();
            let status = statuses.iter().find(|status| status.name() == recorder.name());
            RecorderState::Present(state(recorder, status))
        }
    })
}

async fn read_delivery(clients: &Clients) -> Read<DeliveryState> {
    let answer = clients.config.describe_delivery_channels().send().await;
    let answer = answer.map_err(|error| refused("config:DescribeDeliveryChannels", &clients.region, &error))?;
    Ok(match answer.delivery_channels().first() {
        None => DeliveryState::Missing,
        Some(channel) => DeliveryState::Present { bucket: channel.s3_bucket_name().unwrap_or_default().to_owned() },
    })
}

fn state(recorder: &ConfigurationRecorder, status: Option<&ConfigurationRecorderStatus>) -> Recorder {
    let is_daily = |frequency: Option<&RecordingFrequency>| frequency == Some(&RecordingFrequency::Daily);
    let mode = recorder.recording_mode();
    let overrides = mode.map(aws_sdk_config::types::RecordingMode::recording_mode_overrides).unwrap_or_default();
    Recorder {
        name: recorder.name().unwrap_or_default().to_owned(),
        role_arn: recorder.role_arn().unwrap_or_default().to_owned(),
        is_recording: status.is_some_and(|status| status.recording),
        last_status: status.and_then(|status| status.last_status()).map(|status| status.as_str().to_owned()),
        last_error: status.and_then(|status| status.last_error_message()).map(str::to_owned),
        last_started: status.and_then(|status| time(status.last_start_time())),
        last_stopped: status.and_then(|status| time(status.last_stop_time())),
        types: types(recorder),
        is_daily: is_daily(mode.map(aws_sdk_config::types::RecordingMode::recording_frequency)),
        overrides: overrides
            .iter()
            .flat_map(|other| {
                let daily = is_daily(Some(other.recording_frequency()));
                other.resource_types().iter().map(move |resource_type| (resource_type.as_str().to_owned(), daily))
            })
            .collect(),
    }
}

fn time(time: Option<&DateTime>) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(time?.secs()).ok()
}

/// The strategy decides if there is one; recorders that are older than strategies have only the group's two fields.
/// The SDK does not know `AWS::SageMaker::NotebookInstance` by name: types are compared as text.
fn types(recorder: &ConfigurationRecorder) -> RecordedTypes {
    let Some(group) = recorder.recording_group() else { return RecordedTypes::All };
    let listed = || group.resource_types().iter().map(|kind| kind.as_str().to_owned()).collect();
    match group.recording_strategy().and_then(|strategy| strategy.use_only()) {
        Some(RecordingStrategyType::AllSupportedResourceTypes) => RecordedTypes::All,
        Some(RecordingStrategyType::ExclusionByResourceTypes) => {
            let excluded = group
                .exclusion_by_resource_types()
                .map(aws_sdk_config::types::ExclusionByResourceTypes::resource_types);
            RecordedTypes::AllBut(excluded.unwrap_or_default().iter().map(|kind| kind.as_str().to_owned()).collect())
        }
        Some(RecordingStrategyType::InclusionByResourceTypes) => RecordedTypes::Only(listed()),
        _ if group.all_supported => RecordedTypes::All,
        _ => RecordedTypes::Only(listed()),
    }
}
