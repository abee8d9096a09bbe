//! Calling old results stale: AWS Config keeps the result of a deleted resource until somebody says `NOT_APPLICABLE`.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::Run;
use super::known::Known;
use crate::evaluation::Evaluation;
use crate::outcome::Failure;
use crate::port::{ConfigService, Inventory, ReadError, Timer};
use crate::timestamp::OrderingTimestamp;
use crate::verdict::Verdict;

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    /// Calls every old result stale whose (type, id) is not known. The caller has made sure that `known` is complete;
    /// the old type is echoed, because AWS Config would keep the orphan otherwise.
    pub(super) async fn clean_up(&self, known: &Known, created: OrderingTimestamp) {
        let Some(rule_name) = self.invocation.rule_name.as_deref() else {
            self.clean_up_failed("the event has no `configRuleName`".to_owned());
            return;
        };
        let mut stale: Vec<Evaluation> = Vec::new();
        let mut next_token = None;
        loop {
            let page = match self.in_work_time(self.ports.config.old_results(rule_name, next_token.clone())).await {
                Some(Ok(page)) => page,
                Some(Err(error)) => {
                    self.clean_up_failed(error.to_string());
                    break;
                }
                None => {
                    self.clean_up_failed("the time was up".to_owned());
                    break;
                }
            };
            stale.extend(page.resources.into_iter().filter(|(kind, id)| !known.holds(kind, id)).filter_map(
                |(kind, id)| {
                    let gone = Verdict::NotApplicable("the resource no longer exists".to_owned());
                    Evaluation::of((&kind, &id), &gone, created)
                },
            ));
            if page.next_token.is_none() {
                break;
            }
            if page.next_token == next_token {
                self.clean_up_failed("the next page of old results is the same page again".to_owned());
                break;
            }
            next_token = page.next_token;
            while stale.len() >= Evaluation::MAX_PER_CALL {
                let rest = stale.split_off(Evaluation::MAX_PER_CALL);
                self.deliver_stale(std::mem::replace(&mut stale, rest)).await;
            }
        }
        while !stale.is_empty() {
            let rest = stale.split_off(stale.len().min(Evaluation::MAX_PER_CALL));
            self.deliver_stale(std::mem::replace(&mut stale, rest)).await;
        }
    }

    async fn deliver_stale(&self, batch: Vec<Evaluation>) {
        self.outcome.borrow_mut().stale += batch.len();
        self.deliver(batch).await;
    }

    async fn in_work_time<R>(&self, work: impl Future<Output = Result<R, ReadError>>) -> Option<Result<R, ReadError>> {
        match select(pin!(work), pin!(self.ports.timer.work_ends())).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(((), _)) => None,
        }
    }

    fn clean_up_failed(&self, reason: String) {
        self.outcome.borrow_mut().failures.push(Failure::CleanUp(reason));
    }
}
