//! The report as one JSON document. `docs/status.md` describes it.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws::AwsRefusal;
use crate::digest::from_base64;
use crate::observe::{AlarmState, FunctionState, ObjectState, Read, RecorderState, RuleState, StackState};
use crate::status::{Compliance, Drift, Finding, Installation, Installed, RegionReport, Report, RuleRun};

/// The version of the document's form.
const FORMAT: u32 = 1;

/// The report as JSON, ending in a line break.
#[must_use]
pub fn json(report: &Report) -> String {
    let document = json!({
        "format": FORMAT,
        "deployer": env!("CARGO_PKG_VERSION"),
        "account": report.account,
        "prefix": report.prefix,
        "healthy": report.is_healthy(),
        "interrupted": report.interrupted,
        "regions": report.regions.iter().map(region).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn region(report: &RegionReport) -> Value {
    let (state, installed, stack) = match &report.installation {
        Installation::Absent { has_artifacts: false } => ("absent", None, None),
        Installation::Absent { has_artifacts: true } => ("artifacts-only", None, None),
        Installation::Foreign => ("foreign", None, None),
        Installation::OfOrganization(_) => ("of-organization", None, None),
        Installation::Unread => ("unread", None, None),
        Installation::Unsettled(stack) => ("unsettled", None, Some(&**stack)),
        Installation::Present(installed) => ("installed", Some(&**installed), Some(&installed.stack)),
    };
    json!({
        "region": report.region,
        "state": state,
        "healthy": report.is_healthy(),
        "stack": stack.map(self::stack),
        "stackSet": set_stack(&report.installation),
        "installation": installed.map(installation),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn set_stack(installation: &Installation) -> Value {
    let Installation::OfOrganization(of) = installation else { return Value::Null };
    json!({"name": of.set, "stack": of.stack, "administrator": of.administrator})
}

fn finding(finding: &Finding) -> Value {
    json!({
        "aspect": finding.aspect.as_str(), "level": finding.level.as_str(),
        "message": finding.message, "fix": finding.fix,
    })
}

fn stack(stack: &StackState) -> Value {
    json!({
        "name": stack.name, "id": stack.id, "status": stack.status, "reason": stack.reason,
        "terminationProtection": stack.is_protected, "parameters": stack.parameters, "tags": stack.tags,
    })
}

fn installation(installed: &Installed) -> Value {
    let parameter = |name: &str| installed.stack.parameters.get(name);
    json!({
        "version": parameter("Version"),
        "architecture": parameter("Architecture"),
        "delivery": parameter("Delivery"),
        "triggers": parameter("Triggers"),
        "schedule": parameter("Frequency"),
        "artifactStack": installed.artifacts.as_ref().map(stack),
        "artifact": {
            "installedSha256": parameter("ArtifactSha256"),
            "bucket": read(&installed.artifact, |object| match object {
                ObjectState::Missing => json!({"present": false}),
                ObjectState::Present { sha256 } => json!({"present": true, "sha256": sha256}),
            }),
        },
        "function": read(&installed.function, |function| function.as_ref().map_or(Value::Null, self::function)),
        "rules": read(&installed.rules, |rules| rules.iter().map(|one| rule(one, installed)).collect()),
        "conformancePack": installed.pack.as_ref().map(|pack| read(pack, |pack| match pack {
            None => Value::Null,
            Some(pack) => json!({"name": pack.name, "state": pack.state, "reason": pack.reason}),
        })),
        "alarms": read(&installed.alarms, |alarms| alarms.iter().map(alarm).collect()),
        "recorder": read(&installed.recorder, |recorder| match recorder {
            RecorderState::Missing => Value::Null,
            RecorderState::Present(recorder) => json!({
                "name": recorder.name, "recording": recorder.is_recording, "lastStatus": recorder.last_status,
            }),
        }),
        "drift": installed.drift.as_ref().map(|drift| read(drift, self::drift)),
    })
}

/// What could not be read is told in the findings; here it is an object with the one member `unread`.
fn read<T>(read: &Read<T>, shown: impl Fn(&T) -> Value) -> Value {
    match read {
        Ok(value) => shown(value),
        Err(AwsRefusal { call, code, .. }) => json!({"unread": {"call": call, "code": code}}),
    }
}

fn function(function: &FunctionState) -> Value {
    json!({
        "arn": function.arn, "state": function.state, "architecture": function.architecture,
        "sha256": from_base64(&function.code_sha256), "lastModified": function.last_modified,
    })
}

fn rule(rule: &RuleState, installed: &Installed) -> Value {
    let run = installed.runs.as_ref().ok().and_then(|runs| runs.iter().find(|run| run.rule == rule.name));
    let results = installed.compliance.as_ref().ok();
    let results = results.and_then(|results| results.iter().find(|result| result.rule == rule.name));
    json!({
        "name": rule.name, "state": rule.state, "function": rule.source,
        "run": run.map(self::run), "results": results.map(compliance),
    })
}

fn run(run: &RuleRun) -> Value {
    let time = |time: Option<OffsetDateTime>| time.and_then(|time| time.format(&Rfc3339).ok());
    json!({
        "started": run.has_started, "activated": time(run.activated), "lastSuccess": time(run.last_success),
        "lastFailure": time(run.last_failure), "errorCode": run.error_code, "errorMessage": run.error_message,
    })
}

fn compliance(compliance: &Compliance) -> Value {
    json!({
        "compliance": compliance.kind,
        "resources": compliance.contributors.map(|(count, _)| count),
        "more": compliance.contributors.is_some_and(|(_, more)| more),
    })
}

fn alarm(alarm: &AlarmState) -> Value {
    json!({"name": alarm.name, "state": alarm.state, "reason": alarm.reason, "muted": alarm.is_muted})
}

fn drift(drift: &Drift) -> Value {
    let resources: Vec<Value> = drift
        .resources
        .iter()
        .map(|one| {
            json!({
                "logicalId": one.logical, "type": one.kind, "physicalId": one.physical, "gone": one.is_gone,
                "properties": one.properties,
            })
        })
        .collect();
    json!({"resources": resources, "incomplete": drift.incomplete})
}
