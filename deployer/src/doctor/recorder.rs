//! Whether AWS Config hears of changes.

use super::notes::Notes;
use super::{Case, Finding, topic};
use crate::observe::{DeliveryState, Recorder, RecorderState, Recording, RegionState};
use crate::recording::{judged_types, triggers_for};
use crate::settings::Triggers;

const SET_UP: &str = "set up AWS Config in the Region, then install again: \
                      https://docs.aws.amazon.com/config/latest/developerguide/gs-console.html";
/// Roles that have what is needed: the service's own, and Control Tower's with the same policy.
const KNOWN_ROLES: [&str; 2] = ["AWSServiceRoleForConfig", "aws-controltower-ConfigRecorderRole"];

pub(super) fn findings(case: &Case<'_>, region: &RegionState) -> Vec<Finding> {
    let mut notes = Notes::of(&region.region);
    match &region.recorder {
        Err(refusal) => notes.unread(topic::RECORDER, refusal),
        Ok(RecorderState::Missing) => notes.warning(
            topic::RECORDER,
            "there is no configuration recorder: AWS Config tells of no changes, so that everything is judged on \
             the schedule alone, and AWS Config may refuse the rules altogether",
            SET_UP,
        ),
        Ok(RecorderState::Present(recorder)) => {
            running(case, recorder, region, &mut notes);
            types(case, recorder, region, &mut notes);
            role(case, recorder, &mut notes);
            delivery(region, &mut notes);
        }
    }
    notes.done()
}

fn running(case: &Case<'_>, recorder: &Recorder, region: &RegionState, notes: &mut Notes) {
    let needs_changes = case.settings.triggers == Triggers::ChangeAndSchedule;
    if !recorder.is_recording && needs_changes {
        notes.warning(
            topic::RECORDER,
            "the configuration recorder is stopped: until it runs, everything is judged on the schedule alone",
            format!(
                "aws configservice start-configuration-recorder --region {} --configuration-recorder-name {}",
                region.region, recorder.name
            ),
        );
    } else if recorder.last_status.as_deref() == Some("Failure") && needs_changes {
        let why = recorder.last_error.as_deref().unwrap_or("AWS Config does not say why");
        notes.warning(
            topic::RECORDER,
            format!("the configuration recorder's last attempt failed: {why}"),
            "look at the recorder's role and at its delivery channel (bucket, key, topic)",
        );
    } else if recorder.is_recording {
        notes.good(topic::RECORDER, "it records");
    } else {
        notes.good(topic::RECORDER, "it is there; the schedule does without it");
    }
}

fn types(case: &Case<'_>, recorder: &Recorder, region: &RegionState, notes: &mut Notes) {
    if case.settings.triggers == Triggers::Schedule {
        return;
    }
    let rules_wait = triggers_for(case.settings, region) == Triggers::Schedule;
    for kind in judged_types(case.settings) {
        match recorder.is_set_to_record(kind.as_str()) {
            Recording::Continuous => notes.good(topic::RECORDED_TYPES, format!("{kind} is recorded continuously")),
            Recording::Daily => notes.warning(
                topic::RECORDED_TYPES,
                format!("{kind} is recorded once a day: a change is judged up to a day late"),
                "record it continuously (recording mode, override), or judge more often with --schedule",
            ),
            Recording::Not => {
                let rules = if rules_wait { "the rules are made for the schedule alone" } else { "other types are" };
                notes.warning(
                    topic::RECORDED_TYPES,
                    format!("{kind} is not recorded ({rules}): changes are seen on the schedule only"),
                    format!("add {kind} to what the configuration recorder records, then install again"),
                );
            }
        }
    }
}

fn role(case: &Case<'_>, recorder: &Recorder, notes: &mut Notes) {
    if case.settings.triggers == Triggers::Schedule {
        return;
    }
    let name = recorder.role_arn.rsplit('/').next().unwrap_or_default();
    if KNOWN_ROLES.iter().any(|known| name.starts_with(known)) {
        notes.good(topic::RECORDER_ROLE, format!("the recorder reads as {name}"));
    } else {
        notes.warning(
            topic::RECORDER_ROLE,
            format!("the recorder reads with the role {name}; if that may not read SageMaker, nothing is recorded"),
            "use AWSServiceRoleForConfig, or attach the managed policy AWS_ConfigRole to the role",
        );
    }
}

fn delivery(region: &RegionState, notes: &mut Notes) {
    match &region.delivery {
        Err(refusal) => notes.unread(topic::DELIVERY_CHANNEL, refusal),
        Ok(DeliveryState::Present { .. }) => notes.good(topic::DELIVERY_CHANNEL, "there is one"),
        Ok(DeliveryState::Missing) => {
            notes.warning(
                topic::DELIVERY_CHANNEL,
                "there is no delivery channel: the recorder cannot be started without one",
                SET_UP,
            );
        }
    }
}
