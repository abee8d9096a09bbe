//! Calls, and steps of stacks, that the caller has no permission for.

use deployer::scp::language::Context;
use serde_json::Value;

use super::permission::{self, Denier};
use super::resource::{self, Subject};
use super::scp::{self, Asker};
use super::{context, trust};
use crate::sandbox::credentials::Credential;
use crate::sandbox::model::Protocol;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Account, Place, State};

/// Operations of S3 whose actions have other names:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
const S3_ACTIONS: [(&str, &str); 11] = [
    ("DeleteObjects", "DeleteObject"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListObjectsV2", "ListBucket"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// The actions that CloudFormation needs of its caller to make, change and delete a resource.
const STEPS: [(&str, [&[&str]; 3]); 13] = [
    (
        "AWS::CloudWatch::Alarm",
        [&["cloudwatch:PutMetricAlarm"], &["cloudwatch:PutMetricAlarm"], &["cloudwatch:DeleteAlarms"]],
    ),
    ("AWS::Config::ConfigRule", [&["config:PutConfigRule"], &["config:PutConfigRule"], &["config:DeleteConfigRule"]]),
    (
        "AWS::Config::ConfigurationAggregator",
        [
            &["config:PutConfigurationAggregator", "config:TagResource", "iam:PassRole"],
            &["config:PutConfigurationAggregator", "iam:PassRole"],
            &["config:DeleteConfigurationAggregator"],
        ],
    ),
    (
        "AWS::Config::ConformancePack",
        [&["config:PutConformancePack"], &["config:PutConformancePack"], &["config:DeleteConformancePack"]],
    ),
    (
        "AWS::IAM::Role",
        [
            &["iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole"],
            &["iam:UpdateRole", "iam:PutRolePolicy"],
            &["iam:DeleteRole", "iam:DeleteRolePolicy"],
        ],
    ),
    (
        "AWS::Lambda::EventInvokeConfig",
        [
            &["lambda:PutFunctionEventInvokeConfig"],
            &["lambda:UpdateFunctionEventInvokeConfig"],
            &["lambda:DeleteFunctionEventInvokeConfig"],
        ],
    ),
    (
        "AWS::Lambda::Function",
        [
            &["lambda:CreateFunction", "iam:PassRole", "s3:GetObject"],
            &["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "iam:PassRole", "s3:GetObject"],
            &["lambda:DeleteFunction"],
        ],
    ),
    ("AWS::Lambda::Permission", [&["lambda:AddPermission"], &["lambda:AddPermission"], &["lambda:RemovePermission"]]),
    (
        "AWS::Logs::LogGroup",
        [&["logs:CreateLogGroup", "logs:PutRetentionPolicy"], &["logs:PutRetentionPolicy"], &["logs:DeleteLogGroup"]],
    ),
    (
        "AWS::Organizations::Policy",
        [
            &["organizations:CreatePolicy", "organizations:AttachPolicy", "organizations:TagResource"],
            &["organizations:UpdatePolicy", "organizations:AttachPolicy", "organizations:DetachPolicy"],
            &["organizations:DetachPolicy", "organizations:DeletePolicy"],
        ],
    ),
    (
        "AWS::S3::Bucket",
        [
            &[
                "s3:CreateBucket",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutBucketPublicAccessBlock",
            ],
            &["s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutBucketPublicAccessBlock"],
            &["s3:DeleteBucket"],
        ],
    ),
    ("AWS::S3::BucketPolicy", [&["s3:PutBucketPolicy"], &["s3:PutBucketPolicy"], &["s3:DeleteBucketPolicy"]]),
    ("AWS::SNS::Topic", [&["sns:CreateTopic"], &["sns:SetTopicAttributes"], &["sns:DeleteTopic"]]),
];

/// The IAM action of an operation.
pub(crate) fn action(service: &str, operation: &str) -> String {
    let prefix = if service == "monitoring" { "cloudwatch" } else { service };
    let renamed = S3_ACTIONS.iter().find(|(name, _)| service == "s3" && *name == operation);
    format!("{prefix}:{}", renamed.map_or(operation, |(_, action)| action))
}

/// Who denies an action to the people of an account; `service` is whether a service role asks, for which only the
/// organization counts.
fn denier(account: &Account, action: &str, service: bool) -> Option<Denier> {
    match account.permissions.denied(action) {
        Some(Denier::Organization) => Some(Denier::Organization),
        _ if service => None,
        Some(denier) => Some(denier),
        None => account.permissions.refuses(action),
    }
}

/// Who denies an action to a caller: a session of a role that IAM has may do what the role's policies allow.
fn denier_of(account: &Account, caller: &Credential, action: &str) -> Option<Denier> {
    let own = trust::policies_of(account, &caller.arn).filter(|_| !caller.of_function);
    match own {
        Some(policies) => account.permissions.denied(action).or_else(|| permission::refuse(&policies, action)),
        None => denier(account, action, caller.of_function),
    }
}

/// The end of the sentence with which services refuse what somebody denies:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
fn reason(denier: Denier, action: &str) -> String {
    match denier {
        Denier::Nobody => format!("because no identity-based policy allows the {action} action"),
        Denier::Statement => "with an explicit deny in an identity-based policy".to_owned(),
        Denier::Boundary => format!("because no permissions boundary allows the {action} action"),
        Denier::Organization => "with an explicit deny in a service control policy".to_owned(),
    }
}

fn message(caller: &str, action: &str, resource: &str, reason: &str) -> String {
    format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}")
}

/// Why a call is refused, if the caller may not do it.
pub(crate) fn refusal(
    state: &State,
    caller: &Credential,
    (service, operation, region): (&str, &str, &str),
    protocol: Protocol,
    input: &Value,
) -> Option<Refusal> {
    let account = state.accounts.get(&caller.account)?;
    // Everybody may ask who they are.
    if (service, operation) == ("sts", "GetCallerIdentity") {
        return None;
    }
    let action = action(service, operation);
    let (resource, reason) = if let Some(denier) = denier_of(account, caller, &action) {
        (format!("arn:aws:{service}:{region}:{}:*", caller.account), reason(denier, &action))
    } else {
        let place = Place::new(&caller.account, region);
        let asker = Asker { place: &place, arn: &caller.arn, by_service: false };
        let resource = resource::of_call(state, &place, service, operation, input);
        let reason =
            scp::objection(state, &asker, (&action, &resource), || context::of_call(service, operation, input))?;
        (resource, reason)
    };
    let text = message(&caller.arn, &action, &resource, &reason);
    Some(match protocol {
        Protocol::Json => Refusal::new("AccessDeniedException", text),
        Protocol::RestJson => Refusal::new("AccessDeniedException", text).with_status(403),
        Protocol::Query | Protocol::Cbor | Protocol::RestXml => Refusal::new("AccessDenied", text).with_status(403),
        Protocol::Ec2 => {
            let text = format!("You are not authorized to perform this operation. {text}");
            Refusal::new("UnauthorizedOperation", text).with_status(403)
        }
    })
}

/// Whether people of an account lack an action.
pub(crate) fn lacks(account: &Account, action: &str) -> bool {
    denier(account, action, false).is_some()
}

/// Why a role that a service works with may not do something, in AWS's words; `session` is its ARN. Such roles may do
/// everything that the organization does not deny.
pub(crate) fn denied_to_role(
    state: &State,
    place: &Place,
    session: &str,
    (action, resource): (&str, &str),
) -> Option<String> {
    let scripted = denier(state.accounts.get(&place.account)?, action, true).map(|denier| reason(denier, action));
    let asker = Asker { place, arn: session, by_service: true };
    let context = || Context::default().with_unknown(&format!("{}:", prefix(action)));
    let reason = scripted.or_else(|| scp::objection(state, &asker, (action, resource), context))?;
    Some(message(session, action, resource, &reason))
}

/// Why a step of a stack is refused, if its caller may not do it: the service's name in messages, and the refusal.
/// `role` is the session that the stack is made with, if it is not its account's administrator.
pub(crate) fn step(
    state: &State,
    place: &Place,
    role: Option<&str>,
    subject: &Subject<'_>,
    step: usize,
) -> Option<(String, Refusal)> {
    let account = state.accounts.get(&place.account)?;
    let (_, steps) = STEPS.iter().find(|(name, _)| *name == subject.kind)?;
    let caller = role.unwrap_or(&account.administrator.arn);
    let asker = Asker { place, arn: caller, by_service: true };
    let refused = |action: &&'static str| {
        if let Some(denier) = denier(account, action, role.is_some()) {
            return Some((*action, message(caller, action, "*", &reason(denier, action))));
        }
        let resource = subject.arn(place, action);
        let context = || Context::default().with_unknown(&format!("{}:", prefix(action)));
        let reason = scp::objection(state, &asker, (action, &resource), context)?;
        Some((*action, message(caller, action, &resource, &reason)))
    };
    let (action, text) = steps.get(step)?.iter().find_map(refused)?;
    let mut letters = prefix(action).chars();
    let shown = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    Some((shown, Refusal::new("AccessDenied", text).with_status(403)))
}

/// The service in `service:Action`.
fn prefix(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}
