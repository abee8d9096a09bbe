//! Handing evaluations to AWS Config, and re-sending those that it did not take.

use std::time::Duration;

use super::{Run, before};
use crate::evaluation::Evaluation;
use crate::port::{ConfigService, Inventory, PutError, ReadError, Timer};

/// How often a batch is sent in all while AWS Config keeps returning some of it as failed.
const ROUNDS: u32 = 4;
/// How many refused batches are split in one invocation: enough to single out four elements of a full batch.
const MOST_SPLITS: u32 = 28;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    /// Delivers one batch of at most [`Evaluation::MAX_PER_CALL`] and records what came of it.
    pub(super) async fn deliver(&self, batch: Vec<Evaluation>) {
        if self.outcome.borrow().is_over() {
            // Nothing more can be delivered, and the outcome says why.
            return;
        }
        let mut left = batch;
        let sent = before(self.ports.timer.work_ends(), self.send(&mut left)).await;
        if let Some(Err(PutError::Rejected(_))) = &sent
            && left.len() > 1
            && self.may_split()
        {
            // One bad element has the whole batch refused: the halves without it shall arrive.
            let other = left.split_off(left.len() / 2);
            Box::pin(self.deliver(left)).await;
            return Box::pin(self.deliver(other)).await;
        }
        let mut outcome = self.outcome.borrow_mut();
        match sent {
            Some(Ok(())) => {}
            Some(Err(error)) => outcome.refused(&left, &error),
            None => {
                for evaluation in &left {
                    outcome.undelivered.add(&evaluation.resource_id, "the time was up");
                }
                outcome.ran_out_of_time();
            }
        }
    }

    /// Whether one more refused batch may be split. Where everything is refused, splitting would only multiply calls.
    fn may_split(&self) -> bool {
        let splits = self.splits.get();
        self.splits.set(splits + 1);
        splits < MOST_SPLITS
    }

    /// Sends until nothing is left, and only what is left; `left` always holds what AWS Config did not take yet.
    async fn send(&self, left: &mut Vec<Evaluation>) -> Result<(), PutError> {
        let mut pause = FIRST_PAUSE;
        for round in 1..=ROUNDS {
            let failed = self.ports.config.put_evaluations(&self.invocation.result_token, left).await?;
            let is_failed = |evaluation: &Evaluation| {
                failed.iter().any(|other| {
                    other.resource_id == evaluation.resource_id && other.resource_type == evaluation.resource_type
                })
            };
            let (kept, taken): (Vec<_>, Vec<_>) = std::mem::take(left).into_iter().partition(is_failed);
            self.outcome.borrow_mut().took(&taken);
            *left = kept;
            if left.is_empty() {
                return Ok(());
            }
            if round < ROUNDS {
                self.ports.timer.pause(pause).await;
                pause *= 2;
            }
        }
        Err(PutError::Failed(ReadError::Refused {
            operation: "PutEvaluations",
            code: "FailedEvaluations".to_owned(),
            message: format!("returned as failed {ROUNDS} times"),
        }))
    }
}
