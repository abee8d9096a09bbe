//! A change set: made, looked at, executed or thrown away.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetError;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeAction, ChangeSetStatus, ChangeSetType, OnStackFailure, Parameter, Replacement, Tag,
};
use tokio::time::sleep;

use super::events::follow;
use super::{OnProgress, StackFailure, validation};
use crate::aws::{AwsRefusal, Clients, refused};
use crate::observe::{Read, find_stack};

const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// Looks before a change set that is not there, or never ends, is given up: some three minutes.
const LOOKS: u32 = 65;

/// What a stack is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Its name.
    pub(crate) stack: &'a str,
    /// Whether there is none yet.
    pub(crate) is_new: bool,
    /// The template's text.
    pub(crate) template: &'a str,
    /// All parameters.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// All tags.
    pub(crate) tags: &'a BTreeMap<String, String>,
    /// What tells this change from others in its name: letters, digits and hyphens.
    pub(crate) fingerprint: &'a str,
}

/// What CloudFormation would do to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloudFormationChange {
    /// `Add`, `Modify`, `Remove`, …
    pub(crate) action: String,
    /// The logical id.
    pub(crate) logical: String,
    /// The type.
    pub(crate) kind: String,
    /// Whether the resource would be made anew.
    pub(crate) is_replacement: bool,
}

/// A change set that can be executed.
#[derive(Debug)]
pub(crate) struct Proposed {
    id: String,
    stack_id: String,
    stack: String,
    is_new: bool,
    /// What it would do.
    pub(crate) changes: Vec<CloudFormationChange>,
}

/// What came of proposing a change.
#[derive(Debug)]
pub(crate) enum Changed {
    /// The stack is already as wanted.
    Nothing,
    /// There is a change set.
    Proposed(Proposed),
}

/// Makes a change set and waits until it is worked out.
pub(crate) async fn propose(clients: &Clients, wanted: Wanted<'_>) -> Result<Changed, StackFailure> {
    let (id, stack_id) = create(clients, wanted).await?;
    let (mut pause, mut looks, mut was_seen) = (PAUSES.0, 0, false);
    loop {
        looks += 1;
        match clients.cloudformation.describe_change_set().change_set_name(&id).send().await {
            Ok(answer) => match answer.status() {
                Some(ChangeSetStatus::CreateComplete) => break,
                Some(ChangeSetStatus::Failed) => {
                    let reason = answer.status_reason().unwrap_or_default().to_owned();
                    return failed(clients, wanted, (&id, &stack_id), reason).await;
                }
                _ => was_seen = true,
            },
            Err(error)
                if error.as_service_error().is_some_and(DescribeChangeSetError::is_change_set_not_found_exception) =>
            {
                // Not found at first, it is not known everywhere yet; later, somebody has deleted it.
                if was_seen {
                    return Err(taken_over(clients, wanted.stack));
                }
            }
            Err(error) => return Err(refused("cloudformation:DescribeChangeSet", &clients.region, &error).into()),
        }
        if looks > LOOKS {
            return Err(if was_seen {
                endless(clients, wanted.stack).into()
            } else {
                taken_over(clients, wanted.stack)
            });
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES.1);
    }
    let changes = changes(clients, &id).await?;
    Ok(Changed::Proposed(Proposed { id, stack_id, stack: wanted.stack.to_owned(), is_new: wanted.is_new, changes }))
}

/// A change set that failed because there is nothing to do is no failure.
async fn failed(
    clients: &Clients,
    wanted: Wanted<'_>,
    (id, stack_id): (&str, &str),
    reason: String,
) -> Result<Changed, StackFailure> {
    let resources = if is_no_change(&reason) { Vec::new() } else { validation::failures(clients, id).await };
    throw_away(clients, id, stack_id, wanted.is_new).await?;
    if is_no_change(&reason) {
        return Ok(Changed::Nothing);
    }
    Err(StackFailure::Ended {
        stack: wanted.stack.to_owned(),
        region: clients.region.clone(),
        status: "change set FAILED".to_owned(),
        reason,
        resources,
    })
}

/// Throws a change set away. For a new stack that is the empty stack that it made, with its change sets: a stack in
/// `REVIEW_IN_PROGRESS` without any would belong to nobody. If somebody else has executed a change set of theirs
/// meanwhile, the stack is theirs and stays.
async fn throw_away(clients: &Clients, id: &str, stack_id: &str, is_new: bool) -> Read<()> {
    if is_new {
        let stack = find_stack(clients, stack_id).await?;
        if stack.is_none_or(|stack| stack.status != "REVIEW_IN_PROGRESS") {
            return Ok(());
        }
        let deleted = clients.cloudformation.delete_stack().stack_name(stack_id).send().await;
        return deleted.map(|_| ()).map_err(|error| refused("cloudformation:DeleteStack", &clients.region, &error));
    }
    let deleted = clients.cloudformation.delete_change_set().change_set_name(id).send().await;
    deleted.map(|_| ()).map_err(|error| refused("cloudformation:DeleteChangeSet", &clients.region, &error))
}

fn taken_over(clients: &Clients, stack: &str) -> StackFailure {
    StackFailure::Ended {
        stack: stack.to_owned(),
        region: clients.region.clone(),
        status: "a change set that somebody else has deleted".to_owned(),
        reason: "another run is at work on it".to_owned(),
        resources: Vec::new(),
    }
}

impl Proposed {
    /// Executes the change set and waits for the end.
    pub(crate) async fn execute(&self, clients: &Clients, on: OnProgress<'_>) -> Result<(), StackFailure> {
        let token = self.token();
        let mut call =
            clients.cloudformation.execute_change_set().change_set_name(&self.id).client_request_token(token);
        if !self.is_new {
            // Said because the API's default is not what its documentation says; a new stack has OnStackFailure.
            call = call.disable_rollback(false);
        }
        call.send().await.map_err(|error| refused("cloudformation:ExecuteChangeSet", &clients.region, &error))?;
        let ended = follow(clients, &self.stack_id, token, on).await?;
        ended.unless(&["CREATE_COMPLETE", "UPDATE_COMPLETE"], &self.stack, &clients.region)
    }

    /// Throws the change set away, and the empty stack that it made.
    pub(crate) async fn discard(&self, clients: &Clients) -> Read<()> {
        throw_away(clients, &self.id, &self.stack_id, self.is_new).await
    }

    /// The last part of the change set's ARN is unique: the token of its execution, also of a repeated call.
    fn token(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }
}

async fn create(clients: &Clients, wanted: Wanted<'_>) -> Read<(String, String)> {
    match try_create(clients, wanted).await {
        // A run that was ended before it could execute its change set.
        Err(refusal) if refusal.code.as_deref() == Some("AlreadyExistsException") => {
            let name = change_set_name(wanted);
            let call = clients.cloudformation.delete_change_set().change_set_name(name).stack_name(wanted.stack);
            call.send().await.map_err(|error| refused("cloudformation:DeleteChangeSet", &clients.region, &error))?;
            try_create(clients, wanted).await
        }
        other => other,
    }
}

async fn try_create(clients: &Clients, wanted: Wanted<'_>) -> Read<(String, String)> {
    let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter();
    let parameters =
        pairs(wanted.parameters).map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value));
    let tags = pairs(wanted.tags).map(|(key, value)| Tag::builder().key(key).value(value).build());
    let mut call = clients
        .cloudformation
        .create_change_set()
        .stack_name(wanted.stack)
        .change_set_name(change_set_name(wanted))
        .description("made by deployer install")
        .template_body(wanted.template)
        .set_parameters(Some(
            parameters.map(aws_sdk_cloudformation::types::builders::ParameterBuilder::build).collect(),
        ))
        .set_tags(Some(tags.collect()))
        .capabilities(Capability::CapabilityNamedIam);
    call = if wanted.is_new {
        call.change_set_type(ChangeSetType::Create).on_stack_failure(OnStackFailure::Delete)
    } else {
        call.change_set_type(ChangeSetType::Update)
    };
    let answer = call.send().await;
    let answer = answer.map_err(|error| refused("cloudformation:CreateChangeSet", &clients.region, &error))?;
    match (answer.id, answer.stack_id) {
        (Some(id), Some(stack)) => Ok((id, stack)),
        _ => Err(endless(clients, wanted.stack)),
    }
}

fn change_set_name(wanted: Wanted<'_>) -> String {
    format!("notebook-guard-{}", wanted.fingerprint)
}

async fn changes(clients: &Clients, id: &str) -> Read<Vec<CloudFormationChange>> {
    let mut found = Vec::new();
    let mut pages = clients.cloudformation.describe_change_set().change_set_name(id).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("cloudformation:DescribeChangeSet", &clients.region, &error))?;
        found.extend(page.changes().iter().filter_map(change));
    }
    Ok(found)
}

fn change(change: &Change) -> Option<CloudFormationChange> {
    let resource = change.resource_change()?;
    Some(CloudFormationChange {
        action: resource.action().map(ChangeAction::as_str).unwrap_or_default().to_owned(),
        logical: resource.logical_resource_id().unwrap_or_default().to_owned(),
        kind: resource.resource_type().unwrap_or_default().to_owned(),
        is_replacement: resource.replacement() == Some(&Replacement::True),
    })
}

fn endless(clients: &Clients, stack: &str) -> AwsRefusal {
    AwsRefusal {
        call: "cloudformation:DescribeChangeSet".to_owned(),
        region: clients.region.clone(),
        code: None,
        message: format!("CloudFormation does not work out the change set of {stack}"),
        request_id: None,
    }
}

/// CloudFormation has no code for "nothing to do", only these two texts
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html> has none).
fn is_no_change(reason: &str) -> bool {
    reason.starts_with("The submitted information didn't contain changes.")
        || reason.starts_with("No updates are to be performed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_texts_for_nothing_to_do_are_known() {
        assert!(is_no_change(
            "The submitted information didn't contain changes. Submit different information to create a change set."
        ));
        assert!(is_no_change("No updates are to be performed."));
        assert!(!is_no_change("Transform failed"));
        assert!(!is_no_change(""));
    }
}
