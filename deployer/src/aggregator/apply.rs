//! Carrying the step out, and taking the aggregator away.

use aws_config::SdkConfig;

use super::AggregatorStep;
use crate::apply::{Problem, deploy_stack};
use crate::aws::Clients;
use crate::names::Names;
use crate::observe::{find_stack, identify_stack};
use crate::stacks::{OnProgress, delete};

/// How removing the aggregator went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// The stack is gone, and with it the aggregator and its role.
    Gone,
    /// There was none.
    NotThere,
    /// There is a stack of that name that is not ours; it stays.
    NotOurs,
}

/// Carries the step out. AWS Config fills the aggregator afterwards, which may take hours in a large organization.
///
/// # Errors
/// What stopped it. What was done stays; the same command goes on with the rest.
pub async fn apply(step: &AggregatorStep, sdk: &SdkConfig, on: OnProgress<'_>) -> Result<(), Problem> {
    let clients = Clients::new(sdk, &step.region);
    if let Some(first) = &step.remove
        && let Some(stack) = find_stack(&clients, &first.id).await?
        && stack.status != "DELETE_COMPLETE"
    {
        delete(&clients, &stack, on).await?;
    }
    deploy_stack(&clients, &step.deploy, on).await
}

/// Deletes the stack.
///
/// # Errors
/// What stopped it.
pub async fn remove(sdk: &SdkConfig, names: Names<'_>, region: &str, on: OnProgress<'_>) -> Result<Removed, Problem> {
    let clients = Clients::new(sdk, region);
    let Some(stack) = identify_stack(&clients, &names.aggregator_stack()).await? else { return Ok(Removed::NotThere) };
    if !stack.is_ours() {
        return Ok(Removed::NotOurs);
    }
    delete(&clients, &stack, on).await?;
    Ok(Removed::Gone)
}
