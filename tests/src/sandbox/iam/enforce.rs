//! Calls, and steps of stacks, that the caller has no permission for.

use super::permission::Denier;
use crate::sandbox::credentials::Credential;
use crate::sandbox::model::Protocol;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Account, Place, State};

/// Operations of S3 whose actions have other names:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
const S3_ACTIONS: [(&str, &str); 9] = [
    ("DeleteObjects", "DeleteObject"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListObjectsV2", "ListBucket"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// The actions that CloudFormation needs of its caller to make, change and delete a resource.
const STEPS: [(&str, [&[&str]; 3]); 11] = [
    (
        "AWS::CloudWatch::Alarm",
        [&["cloudwatch:PutMetricAlarm"], &["cloudwatch:PutMetricAlarm"], &["cloudwatch:DeleteAlarms"]],
    ),
    ("AWS::Config::ConfigRule", [&["config:PutConfigRule"], &["config:PutConfigRule"], &["config:DeleteConfigRule"]]),
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
fn action(service: &str, operation: &str) -> String {
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

/// What services say of a missing permission:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
fn message(caller: &str, action: &str, resource: &str, denier: Denier) -> String {
    let reason = match denier {
        Denier::Nobody => format!("because no identity-based policy allows the {action} action"),
        Denier::Statement => "with an explicit deny in an identity-based policy".to_owned(),
        Denier::Boundary => format!("because no permissions boundary allows the {action} action"),
        Denier::Organization => "with an explicit deny in a service control policy".to_owned(),
    };
    format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}")
}

/// Why a call is refused, if the caller may not do it.
pub(crate) fn refusal(
    state: &State,
    caller: &Credential,
    (service, operation, region): (&str, &str, &str),
    protocol: Protocol,
) -> Option<Refusal> {
    let account = state.accounts.get(&caller.account)?;
    // Everybody may ask who they are.
    if (service, operation) == ("sts", "GetCallerIdentity") {
        return None;
    }
    let action = action(service, operation);
    let denier = denier(account, &action, caller.of_function)?;
    let resource = format!("arn:aws:{service}:{region}:{}:*", caller.account);
    let text = message(&caller.arn, &action, &resource, denier);
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

/// What is said if a role that may do everything is kept from an action on a resource.
pub(crate) fn denied_to_role(
    state: &State,
    place: &Place,
    role: &str,
    (action, resource): (&str, &str),
) -> Option<String> {
    let account = state.accounts.get(&place.account)?;
    let denier = denier(account, action, true)?;
    Some(message(role, action, resource, denier))
}

/// Why a step of a stack is refused, if its caller may not do it: the service's name in messages, and the refusal. The
/// caller is the session of a role that may do everything, or else the account's administrator.
pub(crate) fn step(
    state: &State,
    (account, role): (&str, Option<&str>),
    kind: &str,
    step: usize,
) -> Option<(String, Refusal)> {
    let account = state.accounts.get(account)?;
    let (_, steps) = STEPS.iter().find(|(name, _)| *name == kind)?;
    let caller = role.unwrap_or(&account.administrator.arn);
    let (action, denier) =
        steps.get(step)?.iter().find_map(|action| Some((*action, denier(account, action, role.is_some())?)))?;
    let service = action.split(':').next().unwrap_or_default();
    let mut letters = service.chars();
    let shown = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    let text = message(caller, action, "*", denier);
    Some((shown, Refusal::new("AccessDenied", text).with_status(403)))
}
