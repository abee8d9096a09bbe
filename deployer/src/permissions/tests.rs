use std::collections::BTreeSet;

use super::*;
use crate::names::Names;

const NAMES: Names<'static> = Names { prefix: "guard", account: "111122223333", partition: "aws-cn" };

fn all() -> impl Iterator<Item = &'static Permission> {
    groups().into_iter().flatten()
}

/// Each is a policy of its own, so that an action may be in several.
fn groups() -> Vec<Vec<&'static Permission>> {
    let base = ALL.iter().copied().flatten().chain(MANAGED_PACK).chain(DENY_SCP.iter().copied().flatten()).collect();
    vec![
        base,
        ORGANIZATION.iter().collect(),
        AGGREGATOR.iter().copied().flatten().collect(),
        REPORT_OF_ORGANIZATION.iter().collect(),
        EVIDENCE_OF_ORGANIZATION.iter().collect(),
    ]
}

#[test]
fn no_action_has_a_wildcard_and_none_is_there_twice() {
    let mut seen = Vec::new();
    for (group, permission) in
        groups().into_iter().enumerate().flat_map(|(n, group)| group.into_iter().map(move |p| (n, p)))
    {
        let (service, operation) = permission.action.split_once(':').unwrap();
        assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{service}");
        assert!(operation.bytes().all(|b| b.is_ascii_alphanumeric()), "{operation}");
        for used in permission.uses {
            let key = (group, permission.action, permission.on, *used);
            assert!(!seen.contains(&key), "{key:?} is there twice");
            seen.push(key);
        }
    }
}

#[test]
fn what_changes_something_is_never_allowed_everywhere() {
    for permission in all().filter(|permission| permission.on == Resource::Any) {
        let (_, operation) = permission.action.split_once(':').unwrap();
        assert!(
            ["Describe", "BatchDescribe", "List", "Get", "Select"].iter().any(|start| operation.starts_with(start)),
            "{}",
            permission.action
        );
    }
}

#[test]
fn what_install_makes_uninstall_may_remove() {
    let allowed = |used: Use| {
        all().filter(move |one| one.uses.contains(&used)).map(|one| (one.action, one.on)).collect::<BTreeSet<_>>()
    };
    for (made, removed) in [
        ("iam:CreateRole", "iam:DeleteRole"),
        ("lambda:CreateFunction", "lambda:DeleteFunction"),
        ("s3:CreateBucket", "s3:DeleteBucket"),
        ("logs:CreateLogGroup", "logs:DeleteLogGroup"),
        ("config:PutConfigRule", "config:DeleteConfigRule"),
        ("config:PutConformancePack", "config:DeleteConformancePack"),
        ("config:PutOrganizationConformancePack", "config:DeleteOrganizationConformancePack"),
        ("organizations:CreatePolicy", "organizations:DeletePolicy"),
        ("organizations:AttachPolicy", "organizations:DetachPolicy"),
        ("cloudformation:CreateStackInstances", "cloudformation:DeleteStackInstances"),
        ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
        ("s3:PutObject", "s3:DeleteObjectVersion"),
    ] {
        let made = *allowed(Use::Install).iter().find(|(action, _)| *action == made).unwrap();
        assert!(allowed(Use::Uninstall).contains(&(removed, made.1)), "{removed}");
    }
}

#[test]
fn only_what_the_settings_need_is_needed() {
    let mut settings = Settings::new(vec!["cn-north-1".to_owned()]);
    let needed = |settings: &Settings, action: &str| {
        all().any(|one| one.action == action && one.is_needed(&[Use::Install], Some(settings)))
    };
    assert!(needed(&settings, "config:PutConfigRule") && !needed(&settings, "config:PutConformancePack"));
    settings.delivery = Delivery::ConformancePack;
    assert!(!needed(&settings, "config:PutConfigRule") && needed(&settings, "config:PutConformancePack"));
    assert!(needed(&settings, "cloudwatch:PutMetricAlarm"));
    settings.alarms = false;
    assert!(!needed(&settings, "cloudwatch:PutMetricAlarm"));
    assert!(!needed(&settings, "iam:PutRolePermissionsBoundary"));
    settings.permissions_boundary = Some("bound".to_owned());
    assert!(needed(&settings, "iam:PutRolePermissionsBoundary"));
    assert!(!needed(&settings, "s3:DeleteObjectVersion"));
}

#[test]
fn arns_are_of_this_installation_in_every_region() {
    let mut settings = Settings::new(vec!["cn-north-1".to_owned()]);
    settings.permissions_boundary = Some("ops/bound".to_owned());
    settings.role_path = Some("/team/".to_owned());
    for (kind, policy, example) in [
        (Resource::Stacks, "arn:aws-cn:cloudformation:*:111122223333:stack/guard/*", "stack/guard/00000000-"),
        (Resource::Buckets, "arn:aws-cn:s3:::guard-111122223333-*", "s3:::guard-111122223333-cn-north-1"),
        (Resource::Artifacts, "arn:aws-cn:s3:::guard-111122223333-*/guard/*", "-cn-north-1/guard/0.1.0/"),
        (Resource::Roles, "arn:aws-cn:iam::111122223333:role/team/guard-*", "role/team/guard-cn-north-1"),
        (Resource::Boundary, "arn:aws-cn:iam::111122223333:policy/ops/bound", "policy/ops/bound"),
        (Resource::Function, "arn:aws-cn:lambda:*:111122223333:function:guard-evaluator", "lambda:cn-north-1:"),
        (Resource::LogGroup, "arn:aws-cn:logs:*:111122223333:log-group:/guard/evaluator", "logs:cn-north-1:"),
        (Resource::ConfigRules, "arn:aws-cn:config:*:111122223333:config-rule/*", "config-rule/config-rule-"),
        (Resource::Pack, "arn:aws-cn:config:*:111122223333:conformance-pack/guard/*", "conformance-pack/guard/0000"),
        (
            Resource::OrganizationPacks,
            "arn:aws-cn:config:*:111122223333:organization-conformance-pack/*",
            "organization-conformance-pack/guard-managed-",
        ),
        (
            Resource::SetStacks,
            "arn:aws-cn:cloudformation:*:111122223333:stack/StackSet-guard-*",
            "stack/StackSet-guard-0",
        ),
        (Resource::GuardrailStack, "arn:aws-cn:cloudformation:*:111122223333:stack/guard-guardrail/*", "-guardrail/00"),
        (Resource::Alarms, "arn:aws-cn:cloudwatch:*:111122223333:alarm:guard-*", "alarm:guard-errors"),
    ] {
        assert_eq!(kind.arns(NAMES, &settings, Scope::Policy).first().map(String::as_str), Some(policy));
        let examples = kind.arns(NAMES, &settings, Scope::Example("cn-north-1"));
        assert!(examples.iter().all(|arn| !arn.contains('*')), "{examples:?}");
        assert!(examples.iter().any(|arn| arn.contains(example)), "{examples:?}");
    }
}
