//! Judging everything: list, describe with bounded concurrency, deliver while the sweep goes on, then clean up.

use std::cell::RefCell;
use std::pin::pin;

use futures_util::future::ready;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::known::Known;
use super::{Judged, Run};
use crate::evaluation::Evaluation;
use crate::event::EvaluationMode;
use crate::outcome::Failure;
use crate::port::{ConfigService, Inventory, Listed, ReadError, Timer};
use crate::resource::{ResourceId, ResourceType};
use crate::timestamp::OrderingTimestamp;
use crate::verdict::Verdict;

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    pub(super) async fn scheduled(&self, created: OrderingTimestamp) {
        let known = RefCell::new(Known::default());
        let in_time = self.judge_all(&known, created).await;
        let listing_is_complete = self.outcome.borrow().failures.is_empty() && in_time;
        if !listing_is_complete || self.outcome.borrow().is_over() {
            return;
        }
        let known = known.into_inner();
        self.outcome.borrow_mut().unmatched = self.exemptions.unmatched().cloned().collect();
        if self.invocation.mode == EvaluationMode::Detective {
            if known.len() == 0 {
                self.deliver(self.nothing_to_judge(created).into_iter().collect()).await;
            }
            self.clean_up(&known, created).await;
        }
    }

    /// Judges and delivers; whether that was done before the time was up.
    async fn judge_all(&self, known: &RefCell<Known>, created: OrderingTimestamp) -> bool {
        let resource_type = self.parameters.check.resource_type();
        let mut time_is_up = false;
        {
            let out_of_time = pin!(async {
                self.ports.timer.judging_ends().await;
                time_is_up = true;
            });
            let evaluations = self
                .listed(&resource_type)
                .filter(|listed| ready(known.borrow_mut().add(&resource_type, &listed.id)))
                .map(|listed| self.judge_listed(&resource_type, listed, created))
                .buffer_unordered(self.ports.concurrency.describes)
                .take_while(|_| ready(!self.outcome.borrow().is_over()))
                .take_until(out_of_time)
                .filter_map(|(id, judged)| ready(self.note(&resource_type, (id, judged), known)));
            evaluations
                .chunks(Evaluation::MAX_PER_CALL)
                .map(|batch| self.deliver(batch))
                .buffer_unordered(self.ports.concurrency.puts)
                .collect::<()>()
                .await;
        }
        let mut outcome = self.outcome.borrow_mut();
        outcome.listed = known.borrow().len() + outcome.gone;
        if time_is_up {
            outcome.ran_out_of_time();
        }
        !time_is_up
    }

    /// Everything that the list shows, page by page. A page that cannot be read ends the list and is noted.
    fn listed(&self, resource_type: &ResourceType) -> impl Stream<Item = Listed> {
        stream::unfold(Some(None), move |token: Option<Option<String>>| async move {
            let token = token?;
            match self.ports.inventory.page(resource_type, token.clone()).await {
                Ok(page) => {
                    let is_circle = page.next_token.is_some() && page.next_token == token;
                    if is_circle {
                        let reason = "the next page is the same page again".to_owned();
                        self.fail(Failure::Listing(ReadError::Unusable { operation: "the list", reason }));
                    }
                    let next = page.next_token.filter(|_| !is_circle).map(Some);
                    Some((stream::iter(page.resources), next))
                }
                Err(error) => {
                    self.fail(Failure::Listing(error));
                    None
                }
            }
        })
        .flatten()
    }

    async fn judge_listed(
        &self,
        resource_type: &ResourceType,
        listed: Listed,
        created: OrderingTimestamp,
    ) -> (ResourceId, Judged) {
        let judged = match self.ports.inventory.describe(resource_type, &listed.name, &listed.id).await {
            Ok(subject) => self.judge(&subject, (resource_type, created)).await,
            Err(ReadError::Gone) => Judged::Gone,
            Err(error) => {
                let unknown = Verdict::Undetermined(error.to_string());
                // It may be a violation, so that its exemption is not called useless.
                let _ = self.exemptions.ruling(&listed.name, &listed.id, &unknown);
                Judged::Undetermined(error.to_string())
            }
        };
        (listed.id, judged)
    }

    /// The evaluation to deliver; everything else is noted. One that is gone is no longer known, so that clean-up
    /// finds its old result if it has one.
    fn note(
        &self,
        resource_type: &ResourceType,
        (id, judged): (ResourceId, Judged),
        known: &RefCell<Known>,
    ) -> Option<Evaluation> {
        match judged {
            Judged::Evaluated(evaluation) => Some(evaluation),
            Judged::Gone => {
                known.borrow_mut().forget(resource_type, &id);
                self.outcome.borrow_mut().gone += 1;
                None
            }
            Judged::Undetermined(reason) => {
                self.outcome.borrow_mut().undetermined.add(&id, reason);
                None
            }
        }
    }

    /// The one result of an account that has nothing to judge.
    fn nothing_to_judge(&self, created: OrderingTimestamp) -> Option<Evaluation> {
        let reason = format!("the account has no {} in this Region", self.parameters.check.resource_type());
        let account = ResourceId::from(&self.invocation.account);
        Evaluation::of((&ResourceType::ACCOUNT, &account), &Verdict::NotApplicable(reason), created)
    }

    fn fail(&self, failure: Failure) {
        self.outcome.borrow_mut().failures.push(failure);
    }
}
