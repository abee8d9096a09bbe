//! Continuing a rollback that failed.

use time::OffsetDateTime;

use super::events::follow;
use super::{OnProgress, StackFailure};
use crate::aws::{Clients, refused};

/// Lets CloudFormation try a failed rollback again, and waits for the end. No resource is skipped: what cannot be
/// rolled back has to be looked at by a person.
pub(crate) async fn continue_rollback(
    clients: &Clients,
    id: &str,
    stack: &str,
    on: OnProgress<'_>,
) -> Result<(), StackFailure> {
    let token = format!("rollback-{}", OffsetDateTime::now_utc().unix_timestamp_nanos());
    let call = clients.cloudformation.continue_update_rollback().stack_name(id).client_request_token(&token);
    call.send().await.map_err(|error| refused("cloudformation:ContinueUpdateRollback", &clients.region, &error))?;
    follow(clients, id, &token, on).await?.unless(&["UPDATE_ROLLBACK_COMPLETE"], stack, &clients.region)
}
