//! The lines on the guard itself.

use super::place::Place;
use super::request::{Who, of_pattern, request, role};
use super::{Outcome, Row};
use crate::names::Names;
use crate::scp::settings::GuardrailSettings;

/// What somebody does to a thing: in words, the action, which thing.
type Line = (&'static str, &'static str, Thing);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Function,
    OtherFunction,
    Role,
    OtherRole,
    Stack,
    OtherStack,
    Log,
    Pack,
    OtherPack,
    Rule,
    Alarm,
    OtherAlarm,
    Recorder,
    StackSetsRole,
    ControlTowerRole,
}

const DENIED: [Line; 20] = [
    ("updates the guard's function", "lambda:UpdateFunctionCode", Thing::Function),
    ("deletes the guard's function", "lambda:DeleteFunction", Thing::Function),
    ("takes the function's concurrency", "lambda:PutFunctionConcurrency", Thing::Function),
    ("lets others invoke the function", "lambda:AddPermission", Thing::Function),
    ("takes the function's permission", "lambda:RemovePermission", Thing::Function),
    ("deletes the guard's role", "iam:DeleteRole", Thing::Role),
    ("gives the guard's role a policy", "iam:PutRolePolicy", Thing::Role),
    ("hands the guard's role to a service", "iam:PassRole", Thing::Role),
    ("deletes the guard's stack", "cloudformation:DeleteStack", Thing::Stack),
    ("changes the guard's stack", "cloudformation:CreateChangeSet", Thing::Stack),
    ("deletes the guard's log group", "logs:DeleteLogGroup", Thing::Log),
    ("shortens the guard's log", "logs:PutRetentionPolicy", Thing::Log),
    ("deletes the guard's pack", "config:DeleteConformancePack", Thing::Pack),
    ("overwrites the guard's pack", "config:PutConformancePack", Thing::Pack),
    ("deletes the guard's alarm", "cloudwatch:DeleteAlarms", Thing::Alarm),
    ("silences the guard's alarm", "cloudwatch:DisableAlarmActions", Thing::Alarm),
    ("stops the recorder", "config:StopConfigurationRecorder", Thing::Recorder),
    ("deletes the recorder", "config:DeleteConfigurationRecorder", Thing::Recorder),
    ("makes a role named stacksets-exec-*", "iam:CreateRole", Thing::StackSetsRole),
    ("makes AWSControlTowerExecution", "iam:CreateRole", Thing::ControlTowerRole),
];

const ALLOWED: [Line; 6] = [
    ("updates a function of their own", "lambda:UpdateFunctionCode", Thing::OtherFunction),
    ("makes a role of their own", "iam:CreateRole", Thing::OtherRole),
    ("deletes a stack of their own", "cloudformation:DeleteStack", Thing::OtherStack),
    ("deletes another pack", "config:DeleteConformancePack", Thing::OtherPack),
    ("deletes another alarm", "cloudwatch:DeleteAlarms", Thing::OtherAlarm),
    // No policy can name a rule; the pack puts it back.
    ("deletes a rule, which no policy can name", "config:DeleteConfigRule", Thing::Rule),
];

const STACK_SETS: [Line; 4] = [
    ("update the guard's function", "lambda:UpdateFunctionCode", Thing::Function),
    ("hand the guard's role to the function", "iam:PassRole", Thing::Role),
    ("delete the guard's pack", "config:DeleteConformancePack", Thing::Pack),
    ("change the guard's alarm", "cloudwatch:PutMetricAlarm", Thing::Alarm),
];

const CONTROL_TOWER: [Line; 1] = [("stops the recorder", "config:StopConfigurationRecorder", Thing::Recorder)];

pub(super) fn rows(settings: &GuardrailSettings, names: Names<'_>, role_path: &str, place: &Place) -> Vec<Row> {
    let of = |name: &str| role(names.partition, place, name);
    let stack_sets = Who { is_service: true, ..of("stacksets-exec-0123456789abcdef") };
    let control_tower = Who { is_service: true, ..of("AWSControlTowerExecution") };
    let groups = [
        ("a developer", of("developer"), &DENIED[..], Outcome::Denied),
        ("a developer", of("developer"), &ALLOWED[..], Outcome::Allowed),
        ("StackSets", stack_sets, &STACK_SETS[..], Outcome::Allowed),
        ("Control Tower", control_tower, &CONTROL_TOWER[..], Outcome::Allowed),
    ];
    let row = |label: &str, who: &Who, (does, action, thing): Line, intended: Outcome| Row {
        id: format!("{label} {does}"),
        request: request(who, action, arn(thing, names, role_path, place), &[], place),
        intended,
    };
    let mut rows: Vec<Row> = groups
        .iter()
        .flat_map(|(label, who, lines, intended)| lines.iter().map(|line| row(label, who, *line, *intended)))
        .collect();
    for (name, pattern) in settings.break_glass.iter().zip(settings.principals(names.partition)) {
        let line = ("deletes the guard's stack", "cloudformation:DeleteStack", Thing::Stack);
        rows.push(row(&format!("break-glass {name}"), &of_pattern(&pattern, place), line, Outcome::Allowed));
    }
    rows
}

fn arn(thing: Thing, names: Names<'_>, role_path: &str, place: &Place) -> String {
    const ID: &str = "0f1e2d3c-0000-0000-0000-000000000000";
    let Names { prefix, partition, .. } = names;
    let Place { account, region, .. } = place;
    let of = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let iam = |rest: String| format!("arn:{partition}:iam::{account}:role{rest}");
    match thing {
        Thing::Function => of("lambda", format!("function:{}", names.function())),
        Thing::OtherFunction => of("lambda", "function:of-a-team".to_owned()),
        Thing::Role => iam(format!("{role_path}{}", names.role(region))),
        Thing::OtherRole => iam("/of-a-team".to_owned()),
        Thing::Stack => of("cloudformation", format!("stack/{}{ID}/{ID}", names.stack_set_stacks())),
        Thing::OtherStack => of("cloudformation", format!("stack/of-a-team/{ID}")),
        Thing::Log => of("logs", format!("log-group:{}", names.log_group())),
        Thing::Pack => of("config", format!("conformance-pack/{}/conformance-pack-0123abcd", names.pack())),
        Thing::OtherPack => of("config", "conformance-pack/of-a-team/conformance-pack-0123abcd".to_owned()),
        Thing::Rule => of("config", "config-rule/config-rule-0123ab".to_owned()),
        Thing::Alarm => of("cloudwatch", format!("alarm:{prefix}-errors")),
        Thing::OtherAlarm => of("cloudwatch", "alarm:of-a-team".to_owned()),
        Thing::Recorder => of("config", "configuration-recorder/default/0123abcd".to_owned()),
        Thing::StackSetsRole => iam("/stacksets-exec-evil".to_owned()),
        Thing::ControlTowerRole => iam("/AWSControlTowerExecution".to_owned()),
    }
}
