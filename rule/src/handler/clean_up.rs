//! Calling old results stale: AWS Config keeps the result of a deleted resource until somebody says `NOT_APPLICABLE`.

use super::known::Known;
use super::{Run, before};
use crate::evaluation::Evaluation;
use crate::outcome::Failure;
use crate::port::{ConfigService, Inventory, OldResult, ReadError, Timer};
use crate::timestamp::OrderingTimestamp;
use crate::verdict::Verdict;

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    /// Calls every old result stale whose (type, id) is not known. The caller has made sure that `known` is complete.
    /// All are found before the first is called stale: that changes what the next page of the query would show.
    pub(super) async fn clean_up(&self, known: &Known, created: OrderingTimestamp) {
        let Some(rule_name) = self.invocation.rule_name.as_deref() else {
            self.clean_up_failed("the event has no `configRuleName`".to_owned());
            return;
        };
        let mut stale = Vec::new();
        let mut next_token = None;
        loop {
            let page = match before(
                self.ports.timer.work_ends(),
                self.ports.config.old_results(rule_name, next_token.clone()),
            )
            .await
            {
                Some(Ok(page)) => page,
                Some(Err(ReadError::Gone)) => {
                    self.outcome.borrow_mut().rule_deleted = true;
                    return;
                }
                Some(Err(error)) => return self.clean_up_failed(error.to_string()),
                None => return self.clean_up_failed("the time was up".to_owned()),
            };
            stale.extend(page.results.into_iter().filter_map(|old| stale_evaluation(&old, known, created)));
            if page.next_token.is_none() {
                break;
            }
            if page.next_token == next_token {
                return self.clean_up_failed("the next page of old results is the same page again".to_owned());
            }
            next_token = page.next_token;
        }
        self.outcome.borrow_mut().stale = stale.len();
        while !stale.is_empty() {
            let rest = stale.split_off(stale.len().min(Evaluation::MAX_PER_CALL));
            self.deliver(std::mem::replace(&mut stale, rest)).await;
        }
    }

    fn clean_up_failed(&self, reason: String) {
        self.outcome.borrow_mut().failures.push(Failure::CleanUp(reason));
    }
}

/// `NOT_APPLICABLE` for an old result of something that was not listed, under the type that the result carries: AWS
/// Config would keep the orphan otherwise. A result that is newer than the sweep is of something that came into being
/// after its page of the list was read.
fn stale_evaluation(old: &OldResult, known: &Known, created: OrderingTimestamp) -> Option<Evaluation> {
    let is_newer = old.ordering_timestamp.is_some_and(|time| time >= created);
    if is_newer || known.holds(&old.resource_type, &old.resource_id) {
        return None;
    }
    let gone = Verdict::NotApplicable("it is not among the resources of this rule any more".to_owned());
    Evaluation::of((&old.resource_type, &old.resource_id), &gone, created)
}
