//! `AWS::Config::ConfigurationRecorder`: AWS Config records what becomes of its own recorder, whatever else it records.
//!
//! <https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html#drift-detection>; the members are
//! those of <https://github.com/awslabs/aws-config-resource-schema>. The id, the recorder's name, is a guess.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ConfigurationItem;
use super::recorder::Recorder;
use crate::sandbox::state::{Ambient, Region};

/// The type of the items.
pub(crate) const RECORDER_TYPE: &str = "AWS::Config::ConfigurationRecorder";

/// Notes what has become of the recorder.
pub(super) fn note(region: &mut Region, ambient: &Ambient) {
    let recorder = region.config.recorder.as_ref();
    let known = region.config.history.keys().find(|(kind, _)| kind == RECORDER_TYPE).cloned();
    let key = recorder.map(|recorder| (RECORDER_TYPE.to_owned(), recorder.name().to_owned())).or(known);
    let Some(key) = key else { return };
    let configuration = recorder.map(configuration);
    let last = region.config.history.get(&key).and_then(|items| items.last());
    let last = last.filter(|last| !last.is_deletion());
    let status = match (&configuration, last) {
        (None, None) => return,
        (None, Some(_)) => "ResourceDeleted",
        (Some(_), None) => "ResourceDiscovered",
        (now, Some(last)) if *now == last.configuration => return,
        (Some(_), Some(_)) => "OK",
    };
    let arn = recorder.and_then(|recorder| recorder.definition.get("arn")?.as_str().map(ToOwned::to_owned));
    let item = ConfigurationItem {
        resource_type: key.0.clone(),
        resource_id: key.1.clone(),
        resource_name: Some(key.1.clone()),
        arn: arn.or_else(|| last.map(|last| last.arn.clone())).unwrap_or_default(),
        status: status.to_owned(),
        captured: ambient.clock.unique(),
        created: None,
        configuration,
        tags: BTreeMap::new(),
        daily: false,
    };
    region.config.history.entry(key).or_default().push(item);
}

fn configuration(recorder: &Recorder) -> Value {
    let own = |pointer: &str| recorder.definition.pointer(pointer).cloned().unwrap_or_default();
    json!({
        "Id": recorder.name(), "Name": recorder.name(), "Recording": recorder.recording, "RoleARN": own("/roleARN"),
        "RecordingGroup": {
            "AllSupported": own("/recordingGroup/allSupported"),
            "IncludeGlobalResourceTypes": own("/recordingGroup/includeGlobalResourceTypes"),
            "ResourceTypes": own("/recordingGroup/resourceTypes"),
            "ExclusionByResourceTypes":
                {"ResourceTypes": own("/recordingGroup/exclusionByResourceTypes/resourceTypes")},
            "RecordingStrategy": {"UseOnly": own("/recordingGroup/recordingStrategy/useOnly")},
        },
        "RecordingMode": {"RecordingFrequency": own("/recordingMode/recordingFrequency")},
    })
}
