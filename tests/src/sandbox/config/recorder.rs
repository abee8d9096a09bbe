//! The configuration recorder: what it records, and its API.

use serde_json::{Value, json};

use super::record::discover;
use super::recorder_item;
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, Place, Region, State};

/// The state of a Region's recorder, for [`World::set_recorder`](crate::sandbox::World::set_recorder).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecorderState {
    /// There is none. A Region starts like this.
    Missing,
    /// It is there, for all types, and stopped.
    Stopped,
    /// It records.
    Recording {
        /// What.
        types: RecordedTypes,
        /// Once a day instead of continuously.
        daily: bool,
    },
}

impl RecorderState {
    /// A recorder of everything, continuously.
    pub const ALL: Self = Self::Recording { types: RecordedTypes::All, daily: false };
}

/// The resource types that a recorder records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedTypes {
    /// All.
    All,
    /// These.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

/// A recorder that exists.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// As `DescribeConfigurationRecorders` shows it.
    pub(super) definition: Value,
    pub(crate) recording: bool,
    started: Option<Instant>,
    stopped: Option<Instant>,
}

impl Recorder {
    fn new(definition: Value) -> Self {
        Self { definition, recording: false, started: None, stopped: None }
    }

    pub(super) fn name(&self) -> &str {
        self.definition.get("name").and_then(Value::as_str).unwrap_or("default")
    }

    /// Whether it records a type now.
    pub(super) fn records(&self, resource_type: &str) -> bool {
        let lists = |path: &str| {
            let types = self.definition.pointer(path).and_then(Value::as_array);
            types.into_iter().flatten().any(|listed| listed.as_str() == Some(resource_type))
        };
        let strategy = self.definition.pointer("/recordingGroup/recordingStrategy/useOnly").and_then(Value::as_str);
        self.recording
            && match strategy {
                Some("INCLUSION_BY_RESOURCE_TYPES") => lists("/recordingGroup/resourceTypes"),
                Some("EXCLUSION_BY_RESOURCE_TYPES") => !lists("/recordingGroup/exclusionByResourceTypes/resourceTypes"),
                _ => true,
            }
    }

    /// Whether it records a type once a day.
    pub(super) fn is_daily(&self, resource_type: &str) -> bool {
        let mode = self.definition.get("recordingMode");
        let frequency = |mode: &Value| mode.get("recordingFrequency").and_then(Value::as_str) == Some("DAILY");
        let overrides = mode.and_then(|mode| mode.get("recordingModeOverrides")).and_then(Value::as_array);
        let lists = |entry: &&Value| {
            let types = entry.get("resourceTypes").and_then(Value::as_array);
            types.into_iter().flatten().any(|listed| listed.as_str() == Some(resource_type))
        };
        overrides.into_iter().flatten().find(lists).or(mode).is_some_and(frequency)
    }
}

/// Puts a Region's recorder into a state.
pub(crate) fn set(region: &mut Region, ambient: &mut Ambient, state: &RecorderState) {
    let now = ambient.clock.now();
    let definition = |group: Value, daily: bool| {
        let frequency = if daily { "DAILY" } else { "CONTINUOUS" };
        let role = region.place.iam_arn("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
        let mode = json!({"recordingFrequency": frequency});
        json!({"name": "default", "roleARN": role, "recordingGroup": group, "recordingMode": mode})
    };
    let (definition, recording) = match state {
        RecorderState::Missing => {
            region.config.recorder = None;
            recorder_item::note(region, ambient);
            return;
        }
        RecorderState::Stopped => (definition(json!({"allSupported": true}), false), false),
        RecorderState::Recording { types, daily } => (definition(group(types), *daily), true),
    };
    let definition = completed(definition, &region.place);
    let before = region.config.recorder.take();
    let ran = before.as_ref().is_some_and(|before| before.recording);
    let times = before.map_or((None, None), |before| (before.started, before.stopped));
    let started = if recording && !ran { Some(now) } else { times.0 };
    let stopped = if ran && !recording { Some(now) } else { times.1 };
    region.config.recorder = Some(Recorder { recording, started, stopped, ..Recorder::new(definition) });
    recorder_item::note(region, ambient);
    let bucket = format!("config-bucket-{}", region.place.account);
    region.config.channel.get_or_insert_with(|| json!({"name": "default", "s3BucketName": bucket}));
    discover(region, ambient);
}

fn group(types: &RecordedTypes) -> Value {
    match types {
        RecordedTypes::All => json!({"allSupported": true}),
        RecordedTypes::Only(types) => json!({"resourceTypes": types}),
        RecordedTypes::AllBut(types) => json!({"exclusionByResourceTypes": {"resourceTypes": types}}),
    }
}

/// The definition with what AWS fills in.
fn completed(mut definition: Value, place: &Place) -> Value {
    let group = definition.get("recordingGroup").cloned().unwrap_or_else(|| json!({"allSupported": true}));
    let list = |path: &str| group.pointer(path).cloned().unwrap_or_else(|| json!([]));
    let (only, but) = (list("/resourceTypes"), list("/exclusionByResourceTypes/resourceTypes"));
    let empty = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
    let strategy = match (empty(&only), empty(&but)) {
        (false, _) => "INCLUSION_BY_RESOURCE_TYPES",
        (true, false) => "EXCLUSION_BY_RESOURCE_TYPES",
        (true, true) => "ALL_SUPPORTED_RESOURCE_TYPES",
    };
    let global = group.get("includeGlobalResourceTypes").and_then(Value::as_bool).unwrap_or_default();
    let group = json!({
        "allSupported": strategy == "ALL_SUPPORTED_RESOURCE_TYPES",
        "includeGlobalResourceTypes": global,
        "resourceTypes": only,
        "exclusionByResourceTypes": {"resourceTypes": but},
        "recordingStrategy": {"useOnly": strategy},
    });
    if let Value::Object(members) = &mut definition {
        let name = members.entry("name").or_insert_with(|| json!("default")).as_str().unwrap_or_default().to_owned();
        members.insert(
            "arn".to_owned(),
            Value::from(place.arn("config", &format!("configuration-recorder/{name}/a1b2c3d4e5f60718"))),
        );
        members.insert("recordingGroup".to_owned(), group);
        members.entry("recordingMode").or_insert_with(|| json!({"recordingFrequency": "CONTINUOUS"}));
        members.insert("recordingScope".to_owned(), json!("PAID"));
    }
    definition
}

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let asked = call.input.get("ConfigurationRecorder").cloned().unwrap_or_default();
    if asked.get("roleARN").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Refusal::new("InvalidRoleException", "The role '' is not valid, blank string."));
    }
    if let Some(group) = asked.get("recordingGroup") {
        refuse_contradictions(group)?;
    }
    let definition = completed(asked, &region.place);
    match &mut region.config.recorder {
        Some(recorder) if Some(recorder.name()) != definition.get("name").and_then(Value::as_str) => {
            let name = definition.get("name").and_then(Value::as_str).unwrap_or_default();
            let message = format!(
                "Failed to put configuration recorder '{name}' because the maximum number of \
                 configuration recorders: 1 is reached."
            );
            return Err(Refusal::new("MaxNumberOfConfigurationRecordersExceededException", message));
        }
        Some(recorder) => recorder.definition = definition,
        none => *none = Some(Recorder::new(definition)),
    }
    recorder_item::note(region, ambient);
    discover(region, ambient);
    Ok(Value::Null)
}

fn refuse_contradictions(group: &Value) -> Result<(), Refusal> {
    let listed = |path: &str| group.pointer(path).and_then(Value::as_array).is_some_and(|types| !types.is_empty());
    let all = group.get("allSupported").and_then(Value::as_bool).unwrap_or_default();
    let ways = [all, listed("/resourceTypes"), listed("/exclusionByResourceTypes/resourceTypes")];
    let strategy = group.pointer("/recordingStrategy/useOnly").and_then(Value::as_str);
    let fits = match strategy {
        Some("INCLUSION_BY_RESOURCE_TYPES") => ways == [false, true, false],
        Some("EXCLUSION_BY_RESOURCE_TYPES") => ways == [false, false, true],
        Some(_) => ways == [true, false, false],
        None => ways.iter().filter(|way| **way).count() == 1,
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::new("InvalidRecordingGroupException", "The recording group provided is not valid"))
    }
}

/// Gives a Region the recorder of an AWS service, or takes it away.
pub(crate) fn set_service_linked(region: &mut Region, principal: Option<&str>) {
    region.config.service_linked = principal.map(|principal| {
        let service = principal.split('.').next().unwrap_or_default();
        let name = format!("AWSConfigurationRecorderFor{service}");
        let role = format!("role/aws-service-role/{principal}/AWSServiceRoleForConfig");
        let recorder = json!({
            "name": name, "roleARN": region.place.iam_arn(&role), "servicePrincipal": principal,
            "recordingScope": "INTERNAL",
            "recordingGroup": {"resourceTypes": ["AWS::EC2::Instance"]},
        });
        let mut recorder = completed(recorder, &region.place);
        if let Value::Object(members) = &mut recorder {
            members.insert("recordingScope".to_owned(), "INTERNAL".into());
        }
        recorder
    });
}

/// The service-linked recorder, if that is the one a call asks for.
fn service_linked<'a>(region: &'a Region, call: &Call<'_>) -> Result<Option<&'a Value>, Refusal> {
    let by_arn = call.text("Arn");
    let own = region.config.recorder.as_ref().and_then(|own| own.definition.get("arn")?.as_str());
    let found = region.config.service_linked.as_ref();
    let is = |member: &str, wanted: &str| found.and_then(|found| found.get(member)?.as_str()) == Some(wanted);
    match (call.text("ServicePrincipal"), by_arn) {
        (None, None) => Ok(None),
        (Some(principal), _) if is("servicePrincipal", principal) => Ok(found),
        (None, Some(arn)) if is("arn", arn) => Ok(found),
        (None, Some(arn)) if own == Some(arn) => Ok(None),
        (principal, arn) => Err(no_such_recorder(principal.or(arn).unwrap_or_default())),
    }
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    if let Some(linked) = service_linked(region, call)? {
        return Ok(json!({"ConfigurationRecorders": [linked]}));
    }
    let recorder = wanted(region, call, "ConfigurationRecorderNames")?;
    Ok(json!({"ConfigurationRecorders": recorder.map(|recorder| &recorder.definition).into_iter().collect::<Vec<_>>()}))
}

pub(super) fn status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    if let Some(linked) = service_linked(region, call)? {
        let status = json!({
            "arn": linked.get("arn"), "name": linked.get("name"), "servicePrincipal": linked.get("servicePrincipal"),
            "recording": true, "lastStatus": "Success",
        });
        return Ok(json!({"ConfigurationRecordersStatus": [status]}));
    }
    let recorder = wanted(region, call, "ConfigurationRecorderNames")?;
    let shown = recorder.map(|recorder| {
        let times = [("lastStartTime", recorder.started), ("lastStopTime", recorder.stopped)];
        let changed = recorder.stopped.max(recorder.started);
        let times = times.into_iter().chain([("lastStatusChangeTime", changed)]);
        let mut status = json!({
            "arn": recorder.definition.get("arn"),
            "name": recorder.name(),
            "recording": recorder.recording,
            "lastStatus": if recorder.started.is_some() { "Success" } else { "Pending" },
        });
        if let Value::Object(members) = &mut status {
            members.extend(times.filter_map(|(name, time)| Some((name.to_owned(), time?.epoch()))));
        }
        status
    });
    Ok(json!({"ConfigurationRecordersStatus": shown.into_iter().collect::<Vec<_>>()}))
}

pub(super) fn start(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let channel = region.config.channel.is_some();
    let recorder = named(region, call)?;
    if !channel {
        let message = "Delivery channel is not available to start configuration recorder.";
        return Err(Refusal::new("NoAvailableDeliveryChannelException", message));
    }
    (recorder.recording, recorder.started) = (true, Some(ambient.clock.now()));
    recorder_item::note(region, ambient);
    discover(region, ambient);
    Ok(Value::Null)
}

pub(super) fn stop(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let recorder = named(region, call)?;
    (recorder.recording, recorder.stopped) = (false, Some(ambient.clock.now()));
    recorder_item::note(region, ambient);
    Ok(Value::Null)
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    named(region, call)?;
    region.config.recorder = None;
    recorder_item::note(region, ambient);
    Ok(Value::Null)
}

fn named<'a>(region: &'a mut Region, call: &Call<'_>) -> Result<&'a mut Recorder, Refusal> {
    let name = call.required("ConfigurationRecorderName");
    let recorder = region.config.recorder.as_mut().filter(|recorder| recorder.name() == name);
    recorder.ok_or_else(|| no_such_recorder(name))
}

fn wanted<'a>(region: &'a Region, call: &Call<'_>, member: &str) -> Result<Option<&'a Recorder>, Refusal> {
    let recorder = region.config.recorder.as_ref();
    let name = recorder.map(Recorder::name);
    match call.texts(member).into_iter().find(|wanted| Some(*wanted) != name) {
        Some(unknown) => Err(no_such_recorder(unknown)),
        None => Ok(recorder),
    }
}

fn no_such_recorder(name: &str) -> Refusal {
    let message = format!("Cannot find configuration recorder with the specified name '{name}'.");
    Refusal::new("NoSuchConfigurationRecorderException", message)
}
