//! Deleting a stack.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::sleep;

use super::events::follow;
use super::{OnProgress, StackFailure};
use crate::aws::{AwsRefusal, Clients, refused};
use crate::observe::{Read, StackState, find_stack};

/// Looks before an empty stack is given up: some two minutes.
const LOOKS: u32 = 45;

/// Deletes a stack and waits for the end.
pub(crate) async fn delete(clients: &Clients, stack: &StackState, on: OnProgress<'_>) -> Result<(), StackFailure> {
    let token = format!("delete-{}", OffsetDateTime::now_utc().unix_timestamp_nanos());
    let call = clients.cloudformation.delete_stack().stack_name(&stack.id).client_request_token(&token);
    call.send().await.map_err(|error| refused("cloudformation:DeleteStack", &clients.region, &error))?;
    if stack.status == "REVIEW_IN_PROGRESS" {
        return Ok(gone(clients, stack).await?);
    }
    let ended = follow(clients, &stack.id, &token, on).await?;
    ended.unless(&["DELETE_COMPLETE"], &stack.name, &clients.region)
}

/// Waits until an empty stack is gone: whether its end is an event is not documented.
async fn gone(clients: &Clients, stack: &StackState) -> Read<()> {
    let mut pause = Duration::from_millis(100);
    for _ in 0..LOOKS {
        match find_stack(clients, &stack.id).await? {
            Some(seen) if seen.status != "DELETE_COMPLETE" => {}
            _ => return Ok(()),
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(3));
    }
    Err(AwsRefusal {
        call: "cloudformation:DeleteStack".to_owned(),
        region: clients.region.clone(),
        code: None,
        message: format!("the empty stack {} does not go away", stack.name),
        request_id: None,
    })
}
