//! Following an operation by its events.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudformation::types::StackEvent;
use tokio::time::{Instant, sleep};

use super::{FailedResource, OnProgress, StackFailure};
use crate::aws::{AwsRefusal, Clients, refused};
use crate::observe::{Read, StackState, Standing, find_stack};

/// The first pause between two looks, and the longest. CloudFormation's own waiters look every 30 seconds.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// After so long without an event of the operation, the stack itself is asked too.
const LATEST_FIRST_EVENT: Duration = Duration::from_secs(5);
/// CloudFormation gives up on our resources long before.
const LONGEST: Duration = Duration::from_hours(1);

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    /// CloudFormation's word for the stack's state.
    pub(super) status: String,
    /// Its words about it.
    pub(super) reason: String,
    /// The resources that failed by themselves.
    pub(super) failed: Vec<FailedResource>,
}

impl Ended {
    /// The failure that this is, unless the state is one of these.
    pub(super) fn unless(self, good: &[&str], stack: &str, region: &str) -> Result<(), StackFailure> {
        if good.contains(&self.status.as_str()) {
            return Ok(());
        }
        let (stack, region) = (stack.to_owned(), region.to_owned());
        Err(StackFailure::Ended { stack, region, status: self.status, reason: self.reason, resources: self.failed })
    }
}

/// Waits for the operation that was begun with a token.
pub(super) async fn follow(clients: &Clients, id: &str, token: &str, on: OnProgress<'_>) -> Read<Ended> {
    let (mut pause, began) = (PAUSES.0, Instant::now());
    loop {
        let events = of_operation(clients, id, |event| event.client_request_token() == Some(token)).await?;
        let done = events.iter().filter(|event| is_done(event)).count();
        let last = events.iter().find(|event| is_stack(event, id));
        let status = last.and_then(|event| event.resource_status()).map_or("", |status| status.as_str());
        on(status, done);
        if is_final(status) {
            let reason = last.and_then(|event| event.resource_status_reason()).unwrap_or_default().to_owned();
            return Ok(Ended { status: status.to_owned(), reason, failed: failures(&events, id) });
        }
        let waited = began.elapsed();
        if events.is_empty()
            && waited > LATEST_FIRST_EVENT
            && let Some(ended) = without_token(clients, id).await?
        {
            return Ok(ended);
        }
        if waited > LONGEST {
            return Err(too_long(clients, id, waited));
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES.1);
    }
}

/// The same from the stack itself, where events do not say whose they are: imitations of CloudFormation leave that out.
/// None while it goes on.
async fn without_token(clients: &Clients, id: &str) -> Read<Option<Ended>> {
    let Some(stack) = find_stack(clients, id).await? else { return Ok(None) };
    if !is_final(&stack.status) {
        return Ok(None);
    }
    let events = of_operation(clients, id, |_| true).await?;
    // The newest operation's events are those since the stack itself last began something.
    let begun = events.iter().position(|event| {
        is_stack(event, id)
            && event.resource_status().is_some_and(|status| {
                let began = status.as_str();
                // A creation that failed goes on with a deletion, and the reason is in front of that.
                matches!(began, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS")
                    || (began == "DELETE_IN_PROGRESS" && stack.status == "DELETE_FAILED")
            })
    });
    let newest = events.get(..begun.unwrap_or(events.len())).unwrap_or_default();
    Ok(Some(Ended { status: stack.status, reason: stack.reason.unwrap_or_default(), failed: failures(newest, id) }))
}

/// Waits until no operation runs on a stack, whoever began it. None if the stack is gone.
pub(crate) async fn settled(clients: &Clients, id: &str, on: OnProgress<'_>) -> Read<Option<StackState>> {
    let (mut pause, began) = (PAUSES.0, Instant::now());
    loop {
        let stack = find_stack(clients, id).await?.filter(|stack| stack.status != "DELETE_COMPLETE");
        match stack {
            Some(stack) if stack.standing() == Standing::Busy => on(&stack.status, 0),
            other => return Ok(other),
        }
        if began.elapsed() > LONGEST {
            return Err(too_long(clients, id, began.elapsed()));
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES.1);
    }
}

fn too_long(clients: &Clients, id: &str, waited: Duration) -> AwsRefusal {
    AwsRefusal {
        call: "cloudformation:DescribeStackEvents".to_owned(),
        region: clients.region.clone(),
        code: None,
        message: format!("the operation on {id} has not ended after {} s", waited.as_secs()),
        request_id: None,
    }
}

/// The events of one operation, newest first. Older operations follow them, so that reading stops there.
async fn of_operation(clients: &Clients, id: &str, is_its: impl Fn(&StackEvent) -> bool) -> Read<Vec<StackEvent>> {
    let mut found: Vec<StackEvent> = Vec::new();
    let mut pages = clients.cloudformation.describe_stack_events().stack_name(id).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                let refusal = refused("cloudformation:DescribeStackEvents", &clients.region, &error);
                // A stack that was made a moment ago may not be known everywhere yet.
                let is_unknown = refusal.code.as_deref() == Some("ValidationError");
                return if is_unknown { Ok(Vec::new()) } else { Err(refusal) };
            }
        };
        let events = page.stack_events.unwrap_or_default();
        let mine = events.iter().take_while(|event| is_its(event)).count();
        let is_whole = mine == events.len();
        found.extend(events.into_iter().take(mine));
        if !is_whole {
            break;
        }
    }
    Ok(found)
}

fn is_stack(event: &StackEvent, id: &str) -> bool {
    event.physical_resource_id() == Some(id) && event.resource_type() == Some("AWS::CloudFormation::Stack")
}

fn is_done(event: &StackEvent) -> bool {
    event.resource_type() != Some("AWS::CloudFormation::Stack")
        && event.resource_status().is_some_and(|status| status.as_str().ends_with("_COMPLETE"))
}

/// States that an operation ends in. `CREATE_FAILED` of a stack is followed by its deletion, because we ask for that.
fn is_final(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "ROLLBACK_COMPLETE"
            | "ROLLBACK_FAILED"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "UPDATE_ROLLBACK_FAILED"
            | "UPDATE_FAILED"
            | "DELETE_COMPLETE"
            | "DELETE_FAILED"
    )
}

/// The resources that failed by themselves, oldest first, each once with its first reason.
fn failures(events: &[StackEvent], id: &str) -> Vec<FailedResource> {
    let mut seen = BTreeSet::new();
    let mut failed = Vec::new();
    for event in events.iter().rev().filter(|event| !is_stack(event, id)) {
        let reason = event.resource_status_reason().unwrap_or_default();
        let has_failed = event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"));
        let logical = event.logical_resource_id().unwrap_or_default();
        if !has_failed || is_cancelled(reason) || !seen.insert(logical.to_owned()) {
            continue;
        }
        failed.push(FailedResource {
            logical: logical.to_owned(),
            kind: event.resource_type().unwrap_or_default().to_owned(),
            physical: event.physical_resource_id().unwrap_or_default().to_owned(),
            reason: reason.to_owned(),
        });
    }
    failed
}

/// CloudFormation gives up what runs beside a failure with these words.
fn is_cancelled(reason: &str) -> bool {
    ["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"]
        .iter()
        .any(|words| reason.starts_with(words))
}
