//! One notebook instance: its settings, and how Describe and AWS Config show it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::NOTEBOOK_TYPE;
use crate::sandbox::clock::Instant;
use crate::sandbox::config::Recordable;
use crate::sandbox::state::Place;

/// A notebook instance. [`Notebook::new`] has AWS's defaults; any field may then be set, odd ones included.
#[derive(Debug, Clone, PartialEq)]
pub struct Notebook {
    /// `NotebookInstanceName`.
    pub name: String,
    /// `NotebookInstanceArn`; made from the name if `None`. SageMaker lower-cases the name in it.
    pub arn: Option<String>,
    /// `NotebookInstanceStatus`.
    pub status: String,
    /// `FailureReason`.
    pub failure_reason: Option<String>,
    /// `InstanceType`.
    pub instance_type: String,
    /// `RoleArn`; a role of the account if `None`.
    pub role_arn: Option<String>,
    /// `SubnetId`.
    pub subnet_id: Option<String>,
    /// `SecurityGroups`.
    pub security_groups: Vec<String>,
    /// `NetworkInterfaceId`.
    pub network_interface_id: Option<String>,
    /// `KmsKeyId`.
    pub kms_key_id: Option<String>,
    /// `DirectInternetAccess`.
    pub direct_internet_access: Option<String>,
    /// `RootAccess`.
    pub root_access: Option<String>,
    /// `VolumeSizeInGB`.
    pub volume_size: u32,
    /// `PlatformIdentifier`.
    pub platform_identifier: Option<String>,
    /// `MinimumInstanceMetadataServiceVersion`.
    pub minimum_imds_version: Option<String>,
    /// `IpAddressType`.
    pub ip_address_type: Option<String>,
    /// `NotebookInstanceLifecycleConfigName`.
    pub lifecycle_config: Option<String>,
    /// `DefaultCodeRepository`.
    pub default_code_repository: Option<String>,
    /// `AdditionalCodeRepositories`.
    pub additional_code_repositories: Vec<String>,
    /// `AcceleratorTypes`.
    pub accelerator_types: Vec<String>,
    /// `CreationTime`; the time of the put if `None`.
    pub created: Option<Instant>,
    /// `LastModifiedTime`; the time of the put if `None`.
    pub modified: Option<Instant>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Members of the Describe answer to replace: by any JSON, null included, or to leave out (`None`).
    pub describe_overrides: BTreeMap<String, Option<Value>>,
    /// Members of the configuration item's `configuration` to replace or leave out, likewise.
    pub item_overrides: BTreeMap<String, Option<Value>>,
    /// Whether Describe answers at all.
    pub describe: Describe,
    /// The status that it is on its way to.
    pub(crate) arriving: Option<String>,
}

/// How a notebook that is listed answers Describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Describe {
    /// With its settings.
    #[default]
    Works,
    /// Listed, but gone when described: `RecordNotFound`.
    Vanished,
    /// `AccessDeniedException`, as a tag-based or resource policy causes it.
    AccessDenied,
}

impl Notebook {
    /// A notebook in service, with what AWS fills in when only the required members are given.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            name: name.to_owned(),
            arn: None,
            status: "InService".to_owned(),
            failure_reason: None,
            instance_type: "ml.t3.medium".to_owned(),
            role_arn: None,
            subnet_id: None,
            security_groups: Vec::new(),
            network_interface_id: None,
            kms_key_id: None,
            direct_internet_access: text("Enabled"),
            root_access: text("Enabled"),
            volume_size: 5,
            platform_identifier: text("notebook-al2023-v1"),
            minimum_imds_version: text("1"),
            ip_address_type: text("ipv4"),
            lifecycle_config: None,
            default_code_repository: None,
            additional_code_repositories: Vec::new(),
            accelerator_types: Vec::new(),
            created: None,
            modified: None,
            tags: BTreeMap::new(),
            describe_overrides: BTreeMap::new(),
            item_overrides: BTreeMap::new(),
            describe: Describe::Works,
            arriving: None,
        }
    }

    /// The same notebook in a subnet, with direct internet access and root access disabled and IMDSv2 only.
    #[must_use]
    pub fn hardened(mut self) -> Self {
        self.subnet_id = Some("subnet-0a1b2c3d4e5f60718".to_owned());
        self.network_interface_id = Some("eni-0a1b2c3d4e5f60718".to_owned());
        self.direct_internet_access = Some("Disabled".to_owned());
        self.root_access = Some("Disabled".to_owned());
        self.minimum_imds_version = Some("2".to_owned());
        self
    }

    /// The same notebook with another status.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    /// The same notebook with a member of its Describe answer, and of its configuration item, replaced by any JSON.
    #[must_use]
    pub fn odd(mut self, member: &str, value: Value) -> Self {
        self.describe_overrides.insert(member.to_owned(), Some(value.clone()));
        self.item_overrides.insert(member.to_owned(), Some(value));
        self
    }

    /// The same notebook without a member in its Describe answer and in its configuration item.
    #[must_use]
    pub fn without(mut self, member: &str) -> Self {
        self.describe_overrides.insert(member.to_owned(), None);
        self.item_overrides.insert(member.to_owned(), None);
        self
    }

    /// The same notebook, which answers Describe otherwise.
    #[must_use]
    pub fn described(mut self, describe: Describe) -> Self {
        self.describe = describe;
        self
    }

    pub(crate) fn arn(&self, place: &Place) -> String {
        // SageMaker keeps the name as given but lower-cases it in the ARN:
        // https://github.com/aws/amazon-sagemaker-examples/issues/1798
        let made = || place.arn("sagemaker", &format!("notebook-instance/{}", self.name.to_lowercase()));
        self.arn.clone().unwrap_or_else(made)
    }

    pub(crate) fn role_arn(&self, place: &Place) -> String {
        let made = || place.iam_arn("role/service-role/AmazonSageMaker-ExecutionRole-20260101T000000");
        self.role_arn.clone().unwrap_or_else(made)
    }

    fn url(&self, place: &Place) -> String {
        let suffix = if self.name.len() > 40 { "" } else { "-a1b2" };
        format!("{}{suffix}.notebook.{}.sagemaker.aws", self.name.to_lowercase(), place.region)
    }

    /// The entry in a listing.
    pub(crate) fn summary(&self, place: &Place) -> Value {
        present(json!({
            "NotebookInstanceName": self.name,
            "NotebookInstanceArn": self.arn(place),
            "NotebookInstanceStatus": self.status,
            "Url": self.url(place),
            "InstanceType": self.instance_type,
            "CreationTime": self.created.map(Instant::epoch),
            "LastModifiedTime": self.modified.map(Instant::epoch),
            "NotebookInstanceLifecycleConfigName": self.lifecycle_config,
            "DefaultCodeRepository": self.default_code_repository,
            "AdditionalCodeRepositories": listed(&self.additional_code_repositories),
        }))
    }

    /// The answer of Describe.
    pub(crate) fn description(&self, place: &Place) -> Value {
        let imds =
            self.minimum_imds_version.as_ref().map(|version| json!({"MinimumInstanceMetadataServiceVersion": version}));
        let mut description = self.summary(place);
        let more = present(json!({
            "FailureReason": self.failure_reason,
            "SubnetId": self.subnet_id,
            "SecurityGroups": listed(&self.security_groups),
            "RoleArn": self.role_arn(place),
            "KmsKeyId": self.kms_key_id,
            "NetworkInterfaceId": self.network_interface_id,
            "DirectInternetAccess": self.direct_internet_access,
            "VolumeSizeInGB": self.volume_size,
            "AcceleratorTypes": listed(&self.accelerator_types),
            "RootAccess": self.root_access,
            "PlatformIdentifier": self.platform_identifier,
            "InstanceMetadataServiceConfiguration": imds,
            "IpAddressType": self.ip_address_type,
        }));
        extend(&mut description, more);
        overridden(&mut description, &self.describe_overrides);
        description
    }

    /// What AWS Config records: CloudFormation's property names, without status, platform and IMDS.
    pub(crate) fn recordable(&self, place: &Place) -> Recordable {
        let arn = self.arn(place);
        let mut configuration = present(json!({
            "AcceleratorTypes": listed(&self.accelerator_types),
            "AdditionalCodeRepositories": listed(&self.additional_code_repositories),
            "DefaultCodeRepository": self.default_code_repository,
            "DirectInternetAccess": self.direct_internet_access,
            "Id": arn,
            "InstanceType": self.instance_type,
            "KmsKeyId": self.kms_key_id,
            "LifecycleConfigName": self.lifecycle_config,
            "NotebookInstanceName": self.name,
            "RoleArn": self.role_arn(place),
            "RootAccess": self.root_access,
            "SecurityGroupIds": listed(&self.security_groups),
            "SubnetId": self.subnet_id,
            "VolumeSizeInGB": self.volume_size,
        }));
        overridden(&mut configuration, &self.item_overrides);
        Recordable {
            resource_type: NOTEBOOK_TYPE.to_owned(),
            resource_id: arn.clone(),
            resource_name: Some(self.name.clone()),
            arn,
            created: self.created,
            configuration,
            tags: self.tags.clone(),
        }
    }
}

/// The object without its null members.
pub(crate) fn present(mut object: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.retain(|_, member| !member.is_null());
    }
    object
}

fn listed(items: &[String]) -> Option<&[String]> {
    if items.is_empty() { None } else { Some(items) }
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn overridden(object: &mut Value, overrides: &BTreeMap<String, Option<Value>>) {
    let Value::Object(members) = object else { return };
    for (member, value) in overrides {
        match value {
            Some(value) => members.insert(member.clone(), value.clone()),
            None => members.remove(member),
        };
    }
}
