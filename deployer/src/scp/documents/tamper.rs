//! The statements that protect the guard in member accounts. StackSets' own roles go on installing it.

use super::Deny;
use crate::names::Names;

/// What makes a role, lets somebody become it, or gives it permissions.
pub(super) const BECOME_ROLE: [&str; 4] =
    ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"];

const FUNCTION: [&str; 8] = [
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:Delete*",
    "lambda:Put*",
    "lambda:RemovePermission",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:Update*",
];
const ROLE: [&str; 9] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:Delete*",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:Put*",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:Update*",
];
const STACK: [&str; 9] = [
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:RollbackStack",
    "cloudformation:SetStackPolicy",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
];
const LOG: [&str; 4] =
    ["logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy"];
const PACK: [&str; 2] = ["config:DeleteConformancePack", "config:PutConformancePack"];
const ALARMS: [&str; 4] = [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:SetAlarmState",
];
const RECORDER: [&str; 3] =
    ["config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel", "config:StopConfigurationRecorder"];

/// The roles by which StackSets and Control Tower work in member accounts.
pub(super) fn execution_roles(partition: &str) -> [String; 2] {
    ["stacksets-exec-*", "AWSControlTowerExecution"].map(|name| format!("arn:{partition}:iam::*:role/{name}"))
}

pub(super) fn statements(break_glass: &[String], names: Names<'_>, role_path: &str) -> Vec<Deny> {
    let Names { prefix, partition, .. } = names;
    let of = |service: &str, rest: String| format!("arn:{partition}:{service}:*:*:{rest}");
    // A function is also named with a version, a log group with its streams.
    let with_parts = |arn: String| vec![arn.clone(), arn + ":*"];
    let [stack_sets, control_tower] = execution_roles(partition);
    let installers: Vec<String> = std::iter::once(stack_sets.clone()).chain(break_glass.iter().cloned()).collect();
    let keepers: Vec<String> = [stack_sets, control_tower].into_iter().chain(break_glass.iter().cloned()).collect();
    let function = with_parts(of("lambda", format!("function:{}", names.function())));
    let role = format!("arn:{partition}:iam::*:role{role_path}{prefix}-*");
    let stack = of("cloudformation", format!("stack/{}*", names.stack_set_stacks()));
    let log = with_parts(of("logs", format!("log-group:{}", names.log_group())));
    let pack = of("config", format!("conformance-pack/{}/*", names.pack()));
    let alarms = of("cloudwatch", format!("alarm:{prefix}-*"));
    vec![
        Deny::new("TamperFunction", &FUNCTION, function).except(&installers),
        Deny::new("TamperRole", &ROLE, vec![role]).except(&installers),
        Deny::new("TamperStack", &STACK, vec![stack]).except(&installers),
        Deny::new("TamperLog", &LOG, log).except(&installers),
        Deny::new("TamperPack", &PACK, vec![pack]).except(&installers),
        Deny::new("TamperAlarms", &ALARMS, vec![alarms]).except(&installers),
        Deny::new("TamperRecorder", &RECORDER, vec!["*".to_owned()]).except(&keepers),
        Deny::new("ExecutionRoles", &BECOME_ROLE, keepers.clone()).except(&keepers),
    ]
}
