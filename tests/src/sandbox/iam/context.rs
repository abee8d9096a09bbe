//! What conditions of service control policies see of a request.
//!
//! A key that AWS would not have in it is absent; of a key that the sandbox does not know, it says so.

use deployer::scp::language::Context;
use serde_json::Value;

use crate::sandbox::organizations::Store;
use crate::sandbox::state::{Place, State};

/// Global keys that no request of the sandbox has: it has no private network, no federation, and no tags of people.
const ABSENT: [&str; 10] = [
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalServiceName",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
];

/// A key, and the places in a request that its values come from.
type Key = (&'static str, &'static [&'static str]);

/// Keys of SageMaker for the actions that people guard, and where the request has their values.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html>
const SAGEMAKER: [(&str, &[Key]); 4] = [
    (
        "CreateNotebookInstance",
        &[
            ("sagemaker:AcceleratorTypes", &["/AcceleratorTypes"]),
            ("sagemaker:DirectInternetAccess", &["/DirectInternetAccess"]),
            ("sagemaker:InstanceTypes", &["/InstanceType"]),
            ("sagemaker:MinimumInstanceMetadataServiceVersion", &[IMDS]),
            ("sagemaker:NotebookInstanceLifecycleConfigArns", &["/LifecycleConfigName"]),
            ("sagemaker:RootAccess", &["/RootAccess"]),
            ("sagemaker:VolumeKmsKeyArn", &["/KmsKeyId"]),
            ("sagemaker:VpcSecurityGroupIds", &["/SecurityGroupIds"]),
            ("sagemaker:VpcSubnets", &["/SubnetId"]),
        ],
    ),
    (
        "UpdateNotebookInstance",
        &[
            ("sagemaker:AcceleratorTypes", &["/AcceleratorTypes"]),
            ("sagemaker:InstanceTypes", &["/InstanceType"]),
            ("sagemaker:MinimumInstanceMetadataServiceVersion", &[IMDS]),
            ("sagemaker:NotebookInstanceLifecycleConfigArns", &["/LifecycleConfigName"]),
            ("sagemaker:RootAccess", &["/RootAccess"]),
        ],
    ),
    (
        "CreateDomain",
        &[
            ("sagemaker:AppNetworkAccessType", &["/AppNetworkAccessType"]),
            ("sagemaker:AuthMode", &["/AuthMode"]),
            ("sagemaker:VolumeKmsKeyArn", &["/KmsKeyId"]),
            (
                "sagemaker:VpcSecurityGroupIds",
                &["/DefaultUserSettings/SecurityGroups", "/DomainSettings/SecurityGroupIds"],
            ),
            ("sagemaker:VpcSubnets", &["/SubnetIds"]),
        ],
    ),
    (
        "UpdateDomain",
        &[
            ("sagemaker:AppNetworkAccessType", &["/AppNetworkAccessType"]),
            (
                "sagemaker:VpcSecurityGroupIds",
                &["/DefaultUserSettings/SecurityGroups", "/DomainSettingsForUpdate/SecurityGroupIds"],
            ),
            ("sagemaker:VpcSubnets", &["/SubnetIds"]),
        ],
    ),
];

const IMDS: &str = "/InstanceMetadataServiceConfiguration/MinimumInstanceMetadataServiceVersion";

/// The strings at a place of a request: one, several or none.
fn values(input: &Value, pointer: &str) -> Vec<String> {
    let owned = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match input.pointer(pointer) {
        Some(Value::Array(items)) => items.iter().filter_map(owned).collect(),
        Some(one) => owned(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The keys of a call's own service.
pub(super) fn of_call(service: &str, operation: &str, input: &Value) -> Context {
    let mut context = Context::default().with_unknown(&format!("{service}:"));
    let known = SAGEMAKER.iter().find(|(name, _)| service == "sagemaker" && *name == operation);
    for (key, pointers) in known.into_iter().flat_map(|(_, keys)| *keys) {
        context = context.with_all(key, pointers.iter().flat_map(|pointer| values(input, pointer)).collect());
    }
    with_tags(context, input)
}

fn with_tags(mut context: Context, input: &Value) -> Context {
    let tags = input.get("Tags").and_then(Value::as_array);
    let mut keys = Vec::new();
    for tag in tags.into_iter().flatten() {
        let text = |member: &str| tag.get(member).and_then(Value::as_str).unwrap_or_default();
        keys.push(text("Key").to_owned());
        context = context.with(&format!("aws:RequestTag/{}", text("Key")), text("Value"));
    }
    context.with_all("aws:TagKeys", keys)
}

/// Adds the global keys.
pub(super) fn with_global(
    context: Context,
    state: &State,
    organization: &Store,
    place: &Place,
    (principal, by_service): (&str, bool),
) -> Context {
    let (account, now) = (&place.account, state.ambient.clock.now());
    let user = principal.split_once(":user/").map(|(_, name)| name.to_owned());
    let kind = if user.is_some() { "User" } else { "AssumedRole" };
    let parent = organization.parent(account).unwrap_or_default();
    let called_via = if by_service { vec!["cloudformation.amazonaws.com".to_owned()] } else { Vec::new() };
    let context = ABSENT.iter().fold(context, |context, key| context.without(key));
    context
        .with("aws:CurrentTime", now.iso())
        .with("aws:EpochTime", (now.0 / 1000).to_string())
        .with("aws:PrincipalAccount", account)
        .with("aws:PrincipalArn", principal)
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:PrincipalOrgID", &organization.id)
        .with("aws:PrincipalOrgPaths", organization.path(parent))
        .with("aws:PrincipalType", kind)
        .with("aws:RequestedRegion", &place.region)
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", by_service.to_string())
        .with_all("aws:CalledVia", called_via)
        .with_all("aws:username", user.into_iter().collect())
        // Tags of principals and resources are not kept; of tags in the request all were said.
        .with_unknown("aws:")
}
