//! What is judged: a notebook instance or a domain, from whichever shape AWS described it in.

mod seen;
mod shape;

pub use seen::{Seen, SeenList};
pub use shape::Shape;

use serde_json::Value;

use crate::resource::{Arn, ResourceId, ResourceType};

/// One resource that gets one verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A SageMaker notebook instance.
    Notebook(Notebook),
    /// A SageMaker domain.
    Domain(Domain),
}

/// A notebook instance: the settings that checks look at, each as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notebook {
    /// The id under which AWS Config holds it: the ARN.
    pub id: ResourceId,
    /// Its name, which is what SageMaker's own calls take.
    pub name: String,
    /// `NotebookInstanceStatus`; configuration items have none.
    pub status: Seen,
    /// `DirectInternetAccess`: `Enabled` or `Disabled`.
    pub direct_internet_access: Seen,
    /// `SubnetId`.
    pub subnet_id: Seen,
    /// `SecurityGroupIds` in a configuration item, `SecurityGroups` in Describe.
    pub security_groups: SeenList,
    /// `RootAccess`: `Enabled` or `Disabled`.
    pub root_access: Seen,
    /// `KmsKeyId`: a key id, a key ARN, an alias or an alias ARN.
    pub kms_key_id: Seen,
    /// `PlatformIdentifier`; configuration items have none.
    pub platform_identifier: Seen,
    /// `InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion`; configuration items have none.
    pub minimum_imds_version: Seen,
}

/// A domain: the settings that checks look at, each as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// The id under which AWS Config holds it: the domain id (`d-…`).
    pub id: ResourceId,
    /// `DomainName`, or the id where no name was reported.
    pub name: String,
    /// `Status`; configuration items have none.
    pub status: Seen,
    /// `AppNetworkAccessType`: `VpcOnly` or `PublicInternetOnly`.
    pub app_network_access_type: Seen,
}

impl Subject {
    /// Reads a resource from JSON in the given shape. A setting that is missing, null or of an unexpected kind is
    /// kept as exactly that; nothing here fails and nothing is filled in.
    ///
    /// Gives nothing when the type is neither a notebook instance nor a domain.
    #[must_use]
    pub fn read(resource_type: &ResourceType, id: ResourceId, shape: Shape, json: &Value) -> Option<Self> {
        if *resource_type == ResourceType::NOTEBOOK_INSTANCE {
            Some(Self::Notebook(Notebook::read(id, shape, json)))
        } else if *resource_type == ResourceType::DOMAIN {
            Some(Self::Domain(Domain::read(id, json)))
        } else {
            None
        }
    }

    /// The id under which AWS Config holds the resource.
    #[must_use]
    pub fn id(&self) -> &ResourceId {
        match self {
            Self::Notebook(notebook) => &notebook.id,
            Self::Domain(domain) => &domain.id,
        }
    }

    /// The name that people know the resource by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Notebook(notebook) => &notebook.name,
            Self::Domain(domain) => &domain.name,
        }
    }

    /// The type of the resource.
    #[must_use]
    pub fn resource_type(&self) -> ResourceType {
        match self {
            Self::Notebook(_) => ResourceType::NOTEBOOK_INSTANCE,
            Self::Domain(_) => ResourceType::DOMAIN,
        }
    }

    /// Whether the resource is on its way out.
    #[must_use]
    pub fn is_deleting(&self) -> bool {
        self.status().is("Deleting")
    }

    /// The life-cycle status, where the shape has one.
    #[must_use]
    pub fn status(&self) -> &Seen {
        match self {
            Self::Notebook(notebook) => &notebook.status,
            Self::Domain(domain) => &domain.status,
        }
    }
}

impl Notebook {
    fn read(id: ResourceId, shape: Shape, json: &Value) -> Self {
        let imds = json.get("InstanceMetadataServiceConfiguration");
        Self {
            name: match Seen::member(json, "NotebookInstanceName") {
                Seen::Text(name) => name,
                Seen::NotReported | Seen::Null | Seen::Other(_) => last_segment(&id),
            },
            status: Seen::member(json, "NotebookInstanceStatus"),
            direct_internet_access: Seen::member(json, "DirectInternetAccess"),
            subnet_id: Seen::member(json, "SubnetId"),
            security_groups: SeenList::member(json, shape.security_groups()),
            root_access: Seen::member(json, "RootAccess"),
            kms_key_id: Seen::member(json, "KmsKeyId"),
            platform_identifier: Seen::member(json, "PlatformIdentifier"),
            minimum_imds_version: match imds {
                None => Seen::NotReported,
                Some(Value::Null) => Seen::Null,
                Some(object) => Seen::member(object, "MinimumInstanceMetadataServiceVersion"),
            },
            id,
        }
    }
}

impl Domain {
    fn read(id: ResourceId, json: &Value) -> Self {
        Self {
            name: match Seen::member(json, "DomainName") {
                Seen::Text(name) => name,
                Seen::NotReported | Seen::Null | Seen::Other(_) => last_segment(&id),
            },
            status: Seen::member(json, "Status"),
            app_network_access_type: Seen::member(json, "AppNetworkAccessType"),
            id,
        }
    }
}

/// The name at the end of an ARN, or the id itself when it is no ARN.
pub(crate) fn last_segment(id: &ResourceId) -> String {
    id.as_str().parse::<Arn>().map_or_else(|_| id.to_string(), |arn| arn.last_segment().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/mynb";

    fn notebook(shape: Shape, json: &Value) -> Notebook {
        match Subject::read(&ResourceType::NOTEBOOK_INSTANCE, ARN.parse().unwrap(), shape, json).unwrap() {
            Subject::Notebook(notebook) => notebook,
            Subject::Domain(_) => panic!("a notebook was asked for"),
        }
    }

    #[test]
    fn both_shapes_give_the_same_notebook() {
        let item = json!({"NotebookInstanceName": "mynb", "DirectInternetAccess": "Disabled", "RootAccess": "Enabled",
            "SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"], "KmsKeyId": "k", "Id": ARN});
        let describe = json!({"NotebookInstanceName": "mynb", "DirectInternetAccess": "Disabled",
            "RootAccess": "Enabled", "SubnetId": "subnet-1", "SecurityGroups": ["sg-1"], "KmsKeyId": "k",
            "NotebookInstanceArn": ARN});
        assert_eq!(notebook(Shape::ConfigurationItem, &item), notebook(Shape::Describe, &describe));
    }

    #[test]
    fn a_setting_of_the_other_shape_is_not_taken_over() {
        let item = notebook(Shape::ConfigurationItem, &json!({"SecurityGroups": ["sg-1"]}));
        assert_eq!(item.security_groups, SeenList::NotReported);
    }

    #[test]
    fn nothing_reported_stays_nothing() {
        let empty = notebook(Shape::Describe, &json!({}));
        assert_eq!(empty.name, "mynb");
        assert_eq!(empty.direct_internet_access, Seen::NotReported);
        assert_eq!(empty.minimum_imds_version, Seen::NotReported);
        let null =
            notebook(Shape::Describe, &json!({"RootAccess": null, "InstanceMetadataServiceConfiguration": null}));
        assert_eq!((null.root_access, null.minimum_imds_version), (Seen::Null, Seen::Null));
    }

    #[test]
    fn another_type_is_no_subject() {
        let id = "i-1".parse().unwrap();
        assert_eq!(Subject::read(&ResourceType::from("AWS::EC2::Instance"), id, Shape::Describe, &json!({})), None);
    }
}
