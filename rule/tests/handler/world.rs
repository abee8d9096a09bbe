//! A world in memory behind the handler's ports.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use rule::evaluation::Evaluation;
use rule::event::{ConfigurationItem, ResultToken};
use rule::exemption::Exemptions;
use rule::facts::SecurityGroups;
use rule::handler::{Concurrency, Ports, accept, handle};
use rule::outcome::Outcome;
use rule::port::{ConfigService, Inventory, Listed, OldResult, OldResults, Page, PutError, ReadError, Timer};
use rule::resource::{ResourceId, ResourceType};
use rule::subject::{Shape, Subject};
use rule::timestamp::OrderingTimestamp;
use serde_json::{Value, json};
use time::macros::date;

/// What becomes of a notebook when it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Compliant,
    Exposed,
    Gone,
    Unreadable,
}

/// Notebooks by index, old results by id, and everything that can go wrong.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that can go wrong by itself")]
pub(crate) struct World {
    pub(crate) fates: Vec<Fate>,
    pub(crate) page_size: usize,
    /// How many notebooks of a page stand on the next one again.
    pub(crate) overlap: usize,
    pub(crate) broken_page: Option<usize>,
    pub(crate) old: Vec<String>,
    /// The ordering timestamp of all old results; none if it is empty.
    pub(crate) old_results_are_of: &'static str,
    /// Ids that make AWS Config refuse any batch that holds them.
    pub(crate) refused: Vec<String>,
    pub(crate) fail_each_evaluation_times: usize,
    pub(crate) refuse_token: bool,
    pub(crate) rule_is_deleted: bool,
    pub(crate) time_is_up_after: Option<usize>,
    /// Whether AWS Config never answers, and the work has to end without it.
    pub(crate) config_hangs: bool,
    /// What the history holds at the captured time.
    pub(crate) history: Option<Value>,
    /// Whether the list keeps giving the token of its second page.
    pub(crate) list_goes_in_circles: bool,
    /// What is exempt. The day is 1 December 2026.
    pub(crate) exemptions: Exemptions,
    pub(crate) described: Cell<usize>,
    pub(crate) batches: RefCell<Vec<usize>>,
    pub(crate) delivered: RefCell<Vec<(String, &'static str)>>,
    failed: RefCell<HashMap<String, usize>>,
}

pub(crate) fn arn(index: usize) -> String {
    format!("arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/nb-{index}")
}

/// Runs a scheduled sweep of the default check.
pub(crate) fn run(world: &World) -> Outcome {
    run_event(world, &schedule())
}

/// A scheduled notification.
pub(crate) fn schedule() -> Value {
    let invoking = json!({"awsAccountId": "123456789012", "messageType": "ScheduledNotification",
        "notificationCreationTime": "2023-04-27T13:26:17.741Z"});
    json!({"invokingEvent": invoking.to_string(), "resultToken": "token", "accountId": "123456789012",
        "configRuleName": "rule"})
}

/// A change of the notebook with this number, or an oversized one; `item` changes the configuration item.
pub(crate) fn change(message: &str, number: usize, item: &Value) -> Value {
    let mut whole = json!({"resourceType": "AWS::SageMaker::NotebookInstance", "resourceId": arn(number),
        "configurationItemStatus": "OK", "configurationItemCaptureTime": "2023-04-27T15:03:11.636Z",
        "resourceName": number.to_string()});
    whole.as_object_mut().unwrap().extend(item.as_object().unwrap().clone());
    let member = if message.starts_with("Oversized") { "configurationItemSummary" } else { "configurationItem" };
    let invoking = json!({"messageType": message, member: whole});
    let mut event = schedule();
    event["invokingEvent"] = Value::from(invoking.to_string());
    event
}

/// Runs one event of the default check.
pub(crate) fn run_event(world: &World, event: &Value) -> Outcome {
    let accepted = accept(event, "arn:aws:lambda:eu-west-1:123456789012:function:guard").unwrap();
    let ports = Ports {
        inventory: world,
        config: world,
        timer: world,
        concurrency: Concurrency::default(),
        exemptions: &world.exemptions,
        today: date!(2026 - 12 - 01),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(handle(&accepted, &ports))
}

impl World {
    pub(crate) fn of(fates: &[Fate]) -> Self {
        Self { fates: fates.to_vec(), page_size: 100, ..Self::default() }
    }
}

impl Inventory for World {
    async fn page(&self, _: &ResourceType, next_token: Option<String>) -> Result<Page, ReadError> {
        tokio::task::yield_now().await;
        let number: usize = next_token.map_or(0, |token| token.parse().unwrap());
        if self.broken_page == Some(number) {
            return Err(ReadError::NoAnswer { operation: "ListNotebookInstances", reason: "reset".into() });
        }
        let start = (number * self.page_size).saturating_sub(self.overlap);
        let end = ((number + 1) * self.page_size).min(self.fates.len());
        let resources = (start.min(end)..end)
            .map(|index| Listed { id: arn(index).parse().unwrap(), name: index.to_string() })
            .collect();
        if self.list_goes_in_circles {
            return Ok(Page { resources, next_token: Some("1".to_owned()) });
        }
        let more = end < self.fates.len();
        Ok(Page { resources, next_token: more.then(|| (number + 1).to_string()) })
    }

    async fn describe(&self, kind: &ResourceType, name: &str, id: &ResourceId) -> Result<Subject, ReadError> {
        tokio::task::yield_now().await;
        self.described.set(self.described.get() + 1);
        let setting = match self.fates.get(name.parse::<usize>().unwrap()).unwrap() {
            Fate::Compliant => "Disabled",
            Fate::Exposed => "Enabled",
            Fate::Gone => return Err(ReadError::Gone),
            Fate::Unreadable => {
                let (code, message) = ("AccessDeniedException".into(), "no".into());
                return Err(ReadError::Refused { operation: "DescribeNotebookInstance", code, message });
            }
        };
        let json = json!({"DirectInternetAccess": setting});
        Ok(Subject::read(kind, id.clone(), Shape::Describe, &json).unwrap())
    }

    async fn security_groups(&self, _: &BTreeSet<String>) -> Result<SecurityGroups, ReadError> {
        Ok(SecurityGroups::default())
    }
}

impl ConfigService for World {
    async fn put_evaluations(&self, _: &ResultToken, sent: &[Evaluation]) -> Result<Vec<Evaluation>, PutError> {
        tokio::task::yield_now().await;
        self.batches.borrow_mut().push(sent.len());
        if self.config_hangs {
            std::future::pending::<()>().await;
        }
        if self.refuse_token {
            return Err(PutError::InvalidResultToken("Result Token provided is invalid".into()));
        }
        if self.rule_is_deleted {
            return Err(PutError::NoSuchConfigRule("rule".into()));
        }
        if sent.iter().any(|one| self.refused.iter().any(|id| one.resource_id.as_str() == id)) {
            return Err(PutError::Rejected("one of them is invalid".into()));
        }
        let mut refused = Vec::new();
        for evaluation in sent {
            let id = evaluation.resource_id.to_string();
            let mut failed = self.failed.borrow_mut();
            let times = failed.entry(id.clone()).or_default();
            if *times < self.fail_each_evaluation_times {
                *times += 1;
                refused.push(evaluation.clone());
            } else {
                self.delivered.borrow_mut().push((id, evaluation.compliance_type.as_str()));
            }
        }
        Ok(refused)
    }

    async fn old_results(&self, _: &str, next_token: Option<String>) -> Result<OldResults, ReadError> {
        let number: usize = next_token.map_or(0, |token| token.parse().unwrap());
        // Two results for one resource are one resource.
        let all: Vec<&String> = self.old.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let result = |id: &String| OldResult {
            resource_type: ResourceType::NOTEBOOK_INSTANCE,
            resource_id: id.parse().unwrap(),
            ordering_timestamp: self.old_results_are_of.parse().ok(),
        };
        let results = all.iter().skip(number * 100).take(100).map(|id| result(id)).collect();
        let more = (number + 1) * 100 < all.len();
        Ok(OldResults { results, next_token: more.then(|| (number + 1).to_string()) })
    }

    async fn item_at(
        &self,
        resource_type: &ResourceType,
        resource_id: &ResourceId,
        capture_time: OrderingTimestamp,
    ) -> Result<Option<ConfigurationItem>, ReadError> {
        Ok(self.history.clone().map(|configuration| ConfigurationItem {
            resource_type: resource_type.clone(),
            resource_id: resource_id.clone(),
            resource_name: None,
            arn: None,
            status: Some("OK".to_owned()),
            capture_time,
            configuration,
        }))
    }
}

impl Timer for World {
    async fn judging_ends(&self) {
        while self.time_is_up_after.is_none_or(|after| self.described.get() < after) {
            tokio::task::yield_now().await;
        }
    }

    async fn work_ends(&self) {
        while !self.config_hangs || self.batches.borrow().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    async fn pause(&self, _: Duration) {}
}
