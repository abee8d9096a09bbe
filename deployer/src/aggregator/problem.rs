//! What stands in the way of the aggregator.

use super::{MOST, PRINCIPAL};
use crate::aws::AwsRefusal;
use crate::stacks::StackProblem;

/// Why there can be no plan for the aggregator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AggregatorProblem {
    /// Something that the plan depends on could not be read.
    #[error("{0}")]
    Unread(#[from] AwsRefusal),
    /// The caller may install, and may not aggregate.
    #[error(
        "account {account} is no delegated administrator of AWS Config: it can make no aggregator of the organization"
    )]
    NotAdministrator {
        /// The account.
        account: String,
        /// The management account.
        management: String,
    },
    /// The Region is full.
    #[error("there are {there} aggregators in {region}, and AWS Config takes {MOST}")]
    Full {
        /// The Region.
        region: String,
        /// How many there are.
        there: usize,
    },
    /// Somebody else has one of our name.
    #[error("there is an aggregator {name} in {region} already, which is not of our stack")]
    NameTaken {
        /// Its name.
        name: String,
        /// The Region.
        region: String,
    },
    /// Its stack cannot be worked on.
    #[error(transparent)]
    Stack(#[from] StackProblem),
}

impl AggregatorProblem {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unread(refusal) => refusal.advice(),
            Self::NotAdministrator { account, management } => format!(
                "leave --aggregator out, or in account {management}: aws organizations enable-aws-service-access \
                 --service-principal {PRINCIPAL} and aws organizations register-delegated-administrator --account-id \
                 {account} --service-principal {PRINCIPAL}"
            ),
            Self::Full { region, .. } => format!(
                "delete one that is not needed: aws configservice describe-configuration-aggregators --region {region}"
            ),
            Self::NameTaken { name, .. } => {
                format!("leave --aggregator out: deployer report --org --aggregator {name} reads it as it is")
            }
            Self::Stack(problem) => problem.advice(),
        }
    }
}
