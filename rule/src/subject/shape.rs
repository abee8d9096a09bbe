//! The two shapes in which AWS describes the same notebook.

/// Where the JSON of a resource came from, which decides how its members are called.
///
/// Configuration items use the names of the CloudFormation resource
/// (<https://github.com/awslabs/aws-config-resource-schema>), SageMaker's Describe calls their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The `configuration` of an AWS Config configuration item.
    ConfigurationItem,
    /// The answer of `DescribeNotebookInstance` or `DescribeDomain`.
    Describe,
}

/// The names of the members that differ between the shapes.
pub(super) struct NotebookNames {
    pub(super) security_groups: &'static str,
}

impl Shape {
    pub(super) fn notebook_names(self) -> NotebookNames {
        match self {
            Self::ConfigurationItem => NotebookNames { security_groups: "SecurityGroupIds" },
            Self::Describe => NotebookNames { security_groups: "SecurityGroups" },
        }
    }
}
