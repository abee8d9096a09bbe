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

impl Shape {
    /// The member that holds a notebook's security groups; it is the only one of those that are read that differs.
    pub(super) fn security_groups(self) -> &'static str {
        match self {
            Self::ConfigurationItem => "SecurityGroupIds",
            Self::Describe => "SecurityGroups",
        }
    }
}
