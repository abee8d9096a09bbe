//! Following an operation to its end. It is CloudFormation's: nothing that happens to us on the way changes it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::failure::SetFailure;
use super::model::{Operation, OperationStatus};
use super::patience::{Patience, patiently};
use super::read::Sets;
use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;

/// Told after each look at an operation.
pub(crate) type OnStatus<'a> = &'a dyn Fn(&OperationStatus);

/// The first pause between two looks, and the longest. An operation takes minutes to hours.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(15));
/// For how long an operation may wait in the queue for others, unless told otherwise.
const QUEUED: Duration = Duration::from_hours(1);
/// For how long an operation that was begun may be unknown.
const UNKNOWN: Duration = Duration::from_mins(1);

impl Sets {
    /// Waits until an operation has ended, however long that takes, unless it does not even begin for an hour. Throttles,
    /// a network that is down and faults of AWS are lived through.
    pub(crate) async fn follow(&self, set: &str, id: &str, on: OnStatus<'_>) -> Result<Operation, SetFailure> {
        self.follow_queued(set, id, QUEUED, on).await
    }

    /// The same with another patience for an operation that waits in the queue: what is before it may never end.
    pub(crate) async fn follow_queued(
        &self,
        set: &str,
        id: &str,
        limit: Duration,
        on: OnStatus<'_>,
    ) -> Result<Operation, SetFailure> {
        let (mut pause, began) = (PAUSES.0, Instant::now());
        let mut moved = began;
        loop {
            let looked = patiently(Patience::OF_FOLLOWERS, || self.operation(set, id)).await;
            match looked.map_err(|refusal| lost(set, id, refusal))? {
                Some(operation) if operation.status.is_final() => return Ok(operation),
                Some(operation) => {
                    on(&operation.status);
                    if operation.status != OperationStatus::Queued {
                        moved = Instant::now();
                    } else if moved.elapsed() >= limit {
                        let (set, operation, waited) = (set.to_owned(), id.to_owned(), moved.elapsed());
                        return Err(SetFailure::Queued { set, operation, waited });
                    }
                }
                None if began.elapsed() < UNKNOWN => {}
                None => return Err(lost(set, id, self.unknown(id))),
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(PAUSES.1);
        }
    }

    /// Asks CloudFormation to stop an operation. What it has begun in an account is finished; the rest is left out.
    pub(crate) async fn stop(&self, set: &str, id: &str) -> Read<()> {
        let call = self.client.stop_stack_set_operation().stack_set_name(set).operation_id(id);
        let answer = call.call_as(self.call_as.into()).send().await;
        answer.map(drop).map_err(|error| refused("cloudformation:StopStackSetOperation", &self.region, &error))
    }

    fn unknown(&self, id: &str) -> AwsRefusal {
        AwsRefusal {
            call: "cloudformation:DescribeStackSetOperation".to_owned(),
            region: self.region.clone(),
            code: Some("OperationNotFoundException".to_owned()),
            message: format!("CloudFormation does not know the operation {id}"),
            request_id: None,
        }
    }
}

fn lost(set: &str, id: &str, refusal: AwsRefusal) -> SetFailure {
    SetFailure::Lost { set: set.to_owned(), operation: id.to_owned(), refusal: Box::new(refusal) }
}
