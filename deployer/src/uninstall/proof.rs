//! A look at what is left, by the names that everything of ours has.

use aws_sdk_iam::operation::get_role::GetRoleError;
use futures_util::{join, try_join};
use rule::check::ALL;

use super::Leftover;
use crate::aws::{Clients, refused};
use crate::names::Names;
use crate::observe::{BucketState, Read, artifact, find_stack, function, is_rule_of, pack, read_alarms, rules};

/// What there is of a member stack's resources: function, rules, pack, alarms, role. The log group has no reader here:
/// CloudFormation tells of it.
pub(super) async fn of_member(clients: &Clients, iam: &aws_sdk_iam::Client, names: Names<'_>) -> Read<Vec<Leftover>> {
    let (function_name, pack_name) = (names.function(), names.pack());
    let (function, rules, pack, alarms, role) = try_join!(
        function::read(clients, &function_name),
        rules::read(clients),
        pack::read(clients, &pack_name),
        read_alarms(clients, names),
        has_role(clients, iam, names),
    )?;
    let region = &clients.region;
    let mut found = Vec::new();
    let mut left = |what: String, fix: String| found.push(Leftover { what, why: None, fix });
    if pack.is_some() {
        let fix =
            format!("aws configservice delete-conformance-pack --conformance-pack-name {pack_name} --region {region}");
        left(format!("the conformance pack {pack_name}"), fix);
    }
    for rule in rules.iter().filter(|rule| is_ours(&rule.name, names)) {
        let fix = format!("aws configservice delete-config-rule --config-rule-name {} --region {region}", rule.name);
        left(format!("the rule {}", rule.name), fix);
    }
    for alarm in alarms.iter().filter(|alarm| alarm_names(names).contains(&alarm.name)) {
        let fix = format!("aws cloudwatch delete-alarms --alarm-names {} --region {region}", alarm.name);
        left(format!("the alarm {}", alarm.name), fix);
    }
    if function.is_some() {
        let fix = format!("aws lambda delete-function --function-name {function_name} --region {region}");
        left(format!("the function {function_name}"), fix);
    }
    if role {
        let role = names.role(region);
        let fix = format!(
            "aws iam delete-role --role-name {role} (after its policies: aws iam list-role-policies --role-name {role})"
        );
        left(format!("the role {role}"), fix);
    }
    Ok(found)
}

/// What there is of both stacks, and of the bucket.
pub(super) async fn of_stacks(
    clients: &Clients,
    names: Names<'_>,
    bucket: Option<&str>,
    keeps_artifacts: bool,
) -> Read<Vec<Leftover>> {
    let (member_stack, artifact_stack) = (names.member_stack(), names.artifact_stack());
    let (member, artifacts) = join!(find_stack(clients, &member_stack), find_stack(clients, &artifact_stack));
    let mut found = Vec::new();
    for (stack, stays) in [(member?, false), (artifacts?, keeps_artifacts)] {
        let Some(stack) = stack.filter(|stack| stack.is_ours() && !stays) else { continue };
        let fix = "somebody made it anew, or CloudFormation is late: run the same command again".to_owned();
        let why = Some(format!("it is in {}", stack.status));
        found.push(Leftover { what: format!("the stack {}", stack.name), why, fix });
    }
    if let Some(bucket) = bucket
        && !keeps_artifacts
        && artifact::read_bucket(clients, bucket, names.account).await? == BucketState::Present
    {
        let fix = "run the same command again".to_owned();
        found.push(Leftover { what: format!("the bucket {bucket}"), why: None, fix });
    }
    Ok(found)
}

/// A rule of ours is named as a check, and in a pack there is more behind the name.
fn is_ours(rule: &str, names: Names<'_>) -> bool {
    ALL.into_iter().any(|check| is_rule_of(rule, &names.rule(check), true))
}

fn alarm_names(names: Names<'_>) -> Vec<String> {
    let silent = ALL.into_iter().map(|check| names.silence_alarm(check));
    [names.errors_alarm(), names.throttles_alarm()].into_iter().chain(silent).collect()
}

async fn has_role(clients: &Clients, iam: &aws_sdk_iam::Client, names: Names<'_>) -> Read<bool> {
    match iam.get_role().role_name(names.role(&clients.region)).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(GetRoleError::is_no_such_entity_exception) => Ok(false),
        Err(error) => Err(refused("iam:GetRole", &clients.region, &error)),
    }
}
