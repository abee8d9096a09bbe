//! Deleting a stack.

use time::OffsetDateTime;

use super::events::follow;
use super::{OnProgress, StackFailure};
use crate::aws::{Clients, refused};
use crate::observe::StackState;

/// Deletes a stack and waits for the end.
pub(crate) async fn delete(clients: &Clients, stack: &StackState, on: OnProgress<'_>) -> Result<(), StackFailure> {
    let token = format!("delete-{}", OffsetDateTime::now_utc().unix_timestamp_nanos());
    let call = clients.cloudformation.delete_stack().stack_name(&stack.id).client_request_token(&token);
    call.send().await.map_err(|error| refused("cloudformation:DeleteStack", &clients.region, &error))?;
    if stack.status == "REVIEW_IN_PROGRESS" {
        // Such a stack is empty and is gone at once; whether its end is an event is not documented.
        super::settled(clients, &stack.id, on).await?;
        return Ok(());
    }
    let ended = follow(clients, &stack.id, &token, on).await?;
    ended.unless(&["DELETE_COMPLETE"], &stack.name, &clients.region)
}
