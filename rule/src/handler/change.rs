//! One resource changed: judge it from its configuration item, or live where the item does not tell.

use serde_json::Value;

use super::{Judged, Run, before};
use crate::check::Needs;
use crate::evaluation::Evaluation;
use crate::event::ConfigurationItem;
use crate::port::{ConfigService, Inventory, ReadError, Timer};
use crate::subject::{Shape, Subject};
use crate::verdict::Verdict;

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    pub(super) async fn changed(&self, item: &ConfigurationItem) {
        let judged = match self.out_of_scope(item) {
            Some(judged) => Some(judged),
            None => before(self.ports.timer.judging_ends(), self.judge_item(item)).await,
        };
        self.conclude(item, judged).await;
    }

    pub(super) async fn oversized(&self, summary: &ConfigurationItem) {
        let judged = match self.out_of_scope(summary) {
            Some(judged) => Some(judged),
            None => before(self.ports.timer.judging_ends(), self.judge_oversized(summary)).await,
        };
        self.conclude(summary, judged).await;
    }

    /// `NOT_APPLICABLE` for whatever the rule has no business with; nothing is read for that.
    fn out_of_scope(&self, item: &ConfigurationItem) -> Option<Judged> {
        let check = self.parameters.check;
        let reason = if !item.exists() {
            format!("its status in AWS Config is {}", item.status.as_deref().unwrap_or_default())
        } else if self.invocation.left_scope {
            "it left the scope of the rule".to_owned()
        } else if item.resource_type != check.resource_type() {
            format!("{} is not judged by the check {}", item.resource_type, check.id)
        } else {
            return None;
        };
        Some(not_applicable(item, reason))
    }

    async fn judge_item(&self, item: &ConfigurationItem) -> Judged {
        let subject = match self.parameters.check.needs {
            Needs::Describe => None,
            Needs::ConfigurationItem | Needs::SecurityGroups => from_item(item),
        };
        match subject {
            Some(subject) => self.judge_subject(item, &subject).await,
            None => self.judge_live(item).await,
        }
    }

    /// The history is worth a question only where the item would tell; its silence is no reason to guess.
    async fn judge_oversized(&self, summary: &ConfigurationItem) -> Judged {
        if self.parameters.check.needs == Needs::Describe {
            return self.judge_live(summary).await;
        }
        let config = self.ports.config;
        match config.item_at(&summary.resource_type, &summary.resource_id, summary.capture_time).await {
            Ok(Some(item)) => {
                self.judge_item(&ConfigurationItem { configuration: item.configuration, ..summary.clone() }).await
            }
            Ok(None) | Err(_) => self.judge_live(summary).await,
        }
    }

    async fn judge_live(&self, item: &ConfigurationItem) -> Judged {
        let inventory = self.ports.inventory;
        let named = item.describe_name();
        let mut described = inventory.describe(&item.resource_type, &named.text, &item.resource_id).await;
        if matches!(described, Err(ReadError::Gone)) && !named.is_certain {
            // ARNs may be in another letter case than names: only the list can tell that nothing has this id.
            described = match self.listed_name(item).await {
                Ok(Some(name)) => inventory.describe(&item.resource_type, &name, &item.resource_id).await,
                Ok(None) => Err(ReadError::Gone),
                Err(error) => Err(error),
            };
        }
        match described {
            Ok(subject) => self.judge_subject(item, &subject).await,
            Err(ReadError::Gone) => not_applicable(item, "it no longer exists".to_owned()),
            Err(error) => Judged::Undetermined(error.to_string()),
        }
    }

    /// The name of the resource that the list shows under the item's id, whatever the letter case.
    async fn listed_name(&self, item: &ConfigurationItem) -> Result<Option<String>, ReadError> {
        let mut next_token = None;
        loop {
            let page = self.ports.inventory.page(&item.resource_type, next_token.clone()).await?;
            let is_it = |id: &str| id.eq_ignore_ascii_case(item.resource_id.as_str());
            if let Some(found) = page.resources.into_iter().find(|listed| is_it(listed.id.as_str())) {
                return Ok(Some(found.name));
            }
            if page.next_token.is_none() {
                return Ok(None);
            }
            if page.next_token == next_token {
                // What was not read to its end cannot say that something is gone.
                let reason = "the next page is the same page again".to_owned();
                return Err(ReadError::Unusable { operation: "the list", reason });
            }
            next_token = page.next_token;
        }
    }

    async fn judge_subject(&self, item: &ConfigurationItem, subject: &Subject) -> Judged {
        self.judge(subject, (&item.resource_type, item.capture_time)).await
    }

    /// One evaluation for one change: a change never cleans anything up.
    async fn conclude(&self, item: &ConfigurationItem, judged: Option<Judged>) {
        match judged {
            Some(Judged::Evaluated(evaluation)) => self.deliver(vec![evaluation]).await,
            Some(Judged::Undetermined(reason)) => {
                self.outcome.borrow_mut().undetermined.add(&item.resource_id, reason);
            }
            Some(Judged::Gone) => {}
            None => {
                let mut outcome = self.outcome.borrow_mut();
                outcome.undetermined.add(&item.resource_id, "the time was up");
                outcome.ran_out_of_time();
            }
        }
    }
}

/// The subject of an item whose configuration is an object; a setting that is missing there was not reported.
fn from_item(item: &ConfigurationItem) -> Option<Subject> {
    match &item.configuration {
        Value::Object(_) => {
            Subject::read(&item.resource_type, item.resource_id.clone(), Shape::ConfigurationItem, &item.configuration)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

fn not_applicable(item: &ConfigurationItem, reason: String) -> Judged {
    let id = (&item.resource_type, &item.resource_id);
    match Evaluation::of(id, &Verdict::NotApplicable(reason), item.capture_time) {
        Some(evaluation) => Judged::Evaluated(evaluation),
        None => Judged::Gone,
    }
}
