//! What a Region's recorder means for our rules. The doctor tells it, and the planner acts on it.

use rule::resource::ResourceType;

use crate::observe::{RecorderState, Recording, RegionState};
use crate::settings::{Settings, Triggers};

/// The types that the checks which are on judge, each once.
#[must_use]
pub fn judged_types(settings: &Settings) -> Vec<ResourceType> {
    let mut types: Vec<ResourceType> = settings.checks().map(rule::check::Check::resource_type).collect();
    types.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    types.dedup();
    types
}

/// What triggers the rules in this Region: changes too only where the recorder is set to record one of the judged
/// types. A recorder that is stopped counts as it is set: it costs nothing, and changes arrive once it runs again. Where it
/// could not be read, nothing changes.
#[must_use]
pub fn triggers_for(settings: &Settings, region: &RegionState) -> Triggers {
    match (settings.triggers, &region.recorder) {
        (Triggers::Schedule, _) | (_, Ok(RecorderState::Missing)) => Triggers::Schedule,
        (Triggers::ChangeAndSchedule, Err(_)) => installed(region).unwrap_or(Triggers::ChangeAndSchedule),
        (Triggers::ChangeAndSchedule, Ok(RecorderState::Present(recorder))) => {
            let is_recorded = |kind: &ResourceType| recorder.is_set_to_record(kind.as_str()) != Recording::Not;
            if judged_types(settings).iter().any(is_recorded) {
                Triggers::ChangeAndSchedule
            } else {
                Triggers::Schedule
            }
        }
    }
}

/// What triggers the rules that are installed there now.
fn installed(region: &RegionState) -> Option<Triggers> {
    let stack = region.member.as_ref().ok()?.as_ref()?;
    let word = stack.parameters.get("Triggers")?;
    [Triggers::ChangeAndSchedule, Triggers::Schedule].into_iter().find(|triggers| triggers.as_str() == word)
}
