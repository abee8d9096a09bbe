//! What is wrong with an installation, judged from what was read. Pure.

mod alarms;
mod rules;
mod version;

use time::OffsetDateTime;

use super::{Aspect, Finding, Installed, Level, command, unread};
use crate::names::Names;
use crate::observe::{ObjectState, Recorder, RecorderState, Standing, function_damage, rules_damage};
use crate::settings::Triggers;

/// What the findings are about.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    installed: &'a Installed,
    names: Names<'a>,
    region: &'a str,
    now: OffsetDateTime,
}

impl Case<'_> {
    fn parameter(&self, name: &str) -> &str {
        self.installed.stack.parameters.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The command that installs the same again.
    fn install(&self, more: &str) -> String {
        command::install(&self.installed.stack, self.names, self.region, more)
    }
}

/// All findings, in the order of their aspects.
pub(super) fn of(installed: &Installed, names: Names<'_>, region: &str, now: OffsetDateTime) -> Vec<Finding> {
    let case = Case { installed, names, region, now };
    let mut found = stack(case);
    found.extend(version::newer(case));
    found.extend(damage(case));
    found.extend(function(case));
    found.extend(rules::of(case));
    found.extend(alarms::of(case));
    found.extend(recorder(case));
    found.extend(artifact(case));
    found.extend(drift(case));
    found.sort_by_key(|finding| finding.aspect);
    found
}

fn problem(aspect: Aspect, message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { aspect, level: Level::Problem, message: message.into(), fix: Some(fix.into()) }
}

fn note(aspect: Aspect, message: impl Into<String>, fix: Option<String>) -> Finding {
    Finding { aspect, level: Level::Note, message: message.into(), fix }
}

fn stack(case: Case<'_>) -> Vec<Finding> {
    let stack = &case.installed.stack;
    let mut found = Vec::new();
    if stack.standing() == Standing::RollbackFailed {
        let reason = stack.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let message = format!("an update of stack {} failed and could not be rolled back{reason}", stack.name);
        found.push(problem(Aspect::Stack, message, case.install("--repair")));
    }
    if case.installed.artifacts.is_none() {
        let message = format!("the artifact stack {} is gone", case.names.artifact_stack());
        found.push(problem(Aspect::Artifact, message, case.install("")));
    }
    found
}

/// What somebody took away or changed behind CloudFormation's back.
fn damage(case: Case<'_>) -> Vec<Finding> {
    let (installed, parameters) = (case.installed, &case.installed.stack.parameters);
    let code = function_damage(&installed.function, parameters, case.names);
    let has_lost_pack = matches!(installed.pack, Some(Ok(None)));
    let rules = match &installed.rules {
        // That the pack is gone says it all.
        Ok(rules) if !has_lost_pack => rules_damage(&installed.function, rules, parameters, case.names),
        Ok(_) | Err(_) => Vec::new(),
    };
    let found = code.into_iter().map(|message| (Aspect::Code, message));
    let found = found.chain(rules.into_iter().map(|(_, message)| (Aspect::Rules, message)));
    found.map(|(aspect, message)| problem(aspect, message, case.install("--repair"))).collect()
}

fn function(case: Case<'_>) -> Option<Finding> {
    match &case.installed.function {
        Err(refusal) => Some(unread(Aspect::Code, refusal)),
        Ok(Some(function)) if function.state == "Failed" => {
            let message = format!("Lambda cannot run the function {}: its state is Failed", case.names.function());
            Some(problem(Aspect::Code, message, case.install("--repair")))
        }
        Ok(_) => None,
    }
}

fn artifact(case: Case<'_>) -> Option<Finding> {
    let installed = case.parameter("ArtifactSha256");
    match &case.installed.artifact {
        Err(refusal) => Some(unread(Aspect::Artifact, refusal)),
        Ok(ObjectState::Missing) if case.installed.artifacts.is_none() => None,
        Ok(ObjectState::Missing) => {
            let message = "the installed zip is no longer in the artifact bucket: the function runs on, but \
                           CloudFormation could not go back to it after a failed update";
            Some(problem(Aspect::Artifact, message, case.install("")))
        }
        Ok(ObjectState::Present { sha256 }) if sha256 == installed => None,
        Ok(ObjectState::Present { sha256 }) => {
            let message =
                format!("the zip in the artifact bucket has other bytes than its name says: SHA-256 {sha256}");
            let fix = "somebody wrote over it: look at its versions, delete it, then install again";
            Some(problem(Aspect::Artifact, message, fix))
        }
    }
}

/// A rule that waits for changes hears of none where nothing is recorded; the schedule goes on.
fn recorder(case: Case<'_>) -> Option<Finding> {
    if case.parameter("Triggers") != Triggers::ChangeAndSchedule.as_str() {
        return None;
    }
    let silent = "so that changes trigger nothing and only the schedule judges";
    let (message, fix) = match &case.installed.recorder {
        Err(refusal) => return Some(unread(Aspect::Recorder, refusal)),
        Ok(RecorderState::Missing) => (
            format!("there is no configuration recorder any more, {silent}"),
            "turn on AWS Config in the Region".to_owned(),
        ),
        Ok(RecorderState::Present(recorder)) if !recorder.is_recording => {
            let start = format!(
                "aws configservice start-configuration-recorder --configuration-recorder-name {} --region {}",
                recorder.name, case.region
            );
            (format!("the configuration recorder is stopped, {silent}"), start)
        }
        Ok(RecorderState::Present(recorder)) => return failing(recorder),
    };
    Some(problem(Aspect::Recorder, message, fix))
}

fn failing(recorder: &Recorder) -> Option<Finding> {
    if recorder.last_status.as_deref() != Some("Failure") {
        return None;
    }
    let why = recorder.last_error.as_deref().unwrap_or("AWS Config does not say why");
    let fix = "look at the recorder's role and its delivery channel";
    Some(problem(Aspect::Recorder, format!("the configuration recorder fails: {why}"), fix))
}

fn drift(case: Case<'_>) -> Vec<Finding> {
    let Some(drift) = &case.installed.drift else { return Vec::new() };
    let drift = match drift {
        Err(refusal) => return vec![unread(Aspect::Drift, refusal)],
        Ok(drift) => drift,
    };
    let mut found: Vec<Finding> = Vec::new();
    for resource in &drift.resources {
        let message = if resource.is_gone {
            format!("{} ({}) is gone: {}", resource.logical, resource.kind, resource.physical)
        } else {
            let properties = resource.properties.join(", ");
            format!("{} ({}) was changed by hand: {properties}", resource.logical, resource.kind)
        };
        found.push(problem(Aspect::Drift, message, case.install("--repair")));
    }
    if let Some(why) = &drift.incomplete {
        let message = format!("not every resource could be compared: {why}");
        found.push(Finding { aspect: Aspect::Drift, level: Level::Unread, message, fix: None });
    }
    found
}

#[cfg(test)]
mod tests;
