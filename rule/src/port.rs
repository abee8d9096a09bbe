//! What the handler asks of the world. Adapters for AWS are in `aws`; tests bring their own.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use crate::evaluation::Evaluation;
use crate::event::{ConfigurationItem, ResultToken};
use crate::facts::SecurityGroups;
use crate::resource::{ResourceId, ResourceType};
use crate::subject::Subject;
use crate::timestamp::OrderingTimestamp;

/// The resources of one account and Region, as SageMaker and EC2 know them.
pub trait Inventory {
    /// One page of the list of all resources of a type.
    fn page(
        &self,
        resource_type: &ResourceType,
        next_token: Option<String>,
    ) -> impl Future<Output = Result<Page, ReadError>>;

    /// One resource with all its settings. `id` is the id that the subject shall have.
    fn describe(
        &self,
        resource_type: &ResourceType,
        name: &str,
        id: &ResourceId,
    ) -> impl Future<Output = Result<Subject, ReadError>>;

    /// What the groups admit. A group that does not exist is missing from the answer.
    fn security_groups(&self, ids: &BTreeSet<String>) -> impl Future<Output = Result<SecurityGroups, ReadError>>;
}

/// AWS Config, as far as a rule needs it.
pub trait ConfigService {
    /// Sends at most [`Evaluation::MAX_PER_CALL`] evaluations. The answer is those that AWS Config did not take.
    fn put_evaluations(
        &self,
        token: &ResultToken,
        evaluations: &[Evaluation],
    ) -> impl Future<Output = Result<Vec<Evaluation>, PutError>>;

    /// One page of the resources that hold a COMPLIANT or `NON_COMPLIANT` result of the rule.
    fn old_results(
        &self,
        rule_name: &str,
        next_token: Option<String>,
    ) -> impl Future<Output = Result<OldResults, ReadError>>;

    /// The item that was captured at exactly this time, if the history has it.
    fn item_at(
        &self,
        resource_type: &ResourceType,
        id: &ResourceId,
        capture_time: OrderingTimestamp,
    ) -> impl Future<Output = Result<Option<ConfigurationItem>, ReadError>>;
}

/// The time that an invocation has left.
pub trait Timer {
    /// Ends when judging must stop so that what is judged can still be delivered.
    fn judging_ends(&self) -> impl Future<Output = ()>;

    /// Ends when nothing more can be done before the function is killed.
    fn work_ends(&self) -> impl Future<Output = ()>;

    /// A pause before something is tried again.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The resources; perhaps none although more pages follow.
    pub resources: Vec<Listed>,
    /// How to ask for the next page, if there is one.
    pub next_token: Option<String>,
}

/// A resource as a list shows it: without the settings that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The id under which AWS Config holds it, as the service returned it.
    pub id: ResourceId,
    /// What the Describe call wants.
    pub name: String,
}

/// One page of old results.
#[derive(Debug, Clone, Default)]
pub struct OldResults {
    /// The resources that have a result.
    pub results: Vec<OldResult>,
    /// How to ask for the next page, if there is one.
    pub next_token: Option<String>,
}

/// A result that AWS Config holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldResult {
    /// The type that the result carries, which need not be one of ours.
    pub resource_type: ResourceType,
    /// The id that it carries.
    pub resource_id: ResourceId,
    /// Its ordering timestamp, where AWS Config tells it.
    pub ordering_timestamp: Option<OrderingTimestamp>,
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not exist (any more).
    #[error("it does not exist")]
    Gone,
    /// The service answered with an error, after all retries.
    #[error("{operation} failed with {code}: {message}")]
    Refused {
        /// The operation, for instance `DescribeNotebookInstance`.
        operation: &'static str,
        /// The service's error code.
        code: String,
        /// The service's words.
        message: String,
    },
    /// No answer came, after all retries.
    #[error("{operation} got no answer: {reason}")]
    NoAnswer {
        /// The operation.
        operation: &'static str,
        /// What happened instead.
        reason: String,
    },
    /// The answer was not what the service documents.
    #[error("the answer to {operation} cannot be used: {reason}")]
    Unusable {
        /// The operation.
        operation: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why evaluations could not be put.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// AWS Config does not know the token; no retry can help.
    #[error("AWS Config refused the result token: {0}")]
    InvalidResultToken(String),
    /// The rule was deleted while the function ran; nobody waits for results.
    #[error("the Config rule no longer exists: {0}")]
    NoSuchConfigRule(String),
    /// AWS Config refused the whole batch for something in it.
    #[error("AWS Config refused the evaluations: {0}")]
    Rejected(String),
    /// Anything else, after all retries.
    #[error(transparent)]
    Failed(#[from] ReadError),
}
