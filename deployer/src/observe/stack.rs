//! A stack: what CloudFormation says of it, and whether it is ours.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Stack, TemplateStage};

use super::Read;
use crate::aws::{Clients, refused};
use crate::names::MANAGED_TAG;

/// A stack that is not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackState {
    /// Its ARN, which also finds it after its deletion.
    pub id: String,
    /// Its name.
    pub name: String,
    /// CloudFormation's word for its state.
    pub status: String,
    /// What CloudFormation says about it.
    pub reason: Option<String>,
    /// Its parameters' values.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Whether it is protected against deletion.
    pub is_protected: bool,
    /// Its template as it was given; none for a stack that is not ours or has none yet.
    pub template: Option<String>,
    /// Whether a change set of ours waits in it; looked for in `REVIEW_IN_PROGRESS` only, where a stack has no tags yet.
    pub has_our_change_set: bool,
}

/// What can be done with a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be updated.
    Settled,
    /// An operation runs.
    Busy,
    /// Its creation never came to anything: it can only be deleted.
    NeverMade,
    /// An update could not be rolled back.
    RollbackFailed,
    /// A deletion stopped half-way.
    DeleteFailed,
}

impl StackState {
    /// Whether we made it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.tags.get(MANAGED_TAG).is_some_and(|value| value == "true") || self.has_our_change_set
    }

    /// What can be done with it (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html>).
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.status.as_str() {
            "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => Standing::NeverMade,
            "UPDATE_ROLLBACK_FAILED" => Standing::RollbackFailed,
            "DELETE_FAILED" => Standing::DeleteFailed,
            status if status.ends_with("_IN_PROGRESS") => Standing::Busy,
            // CREATE_COMPLETE, UPDATE_COMPLETE, UPDATE_ROLLBACK_COMPLETE, UPDATE_FAILED, IMPORT_*.
            _ => Standing::Settled,
        }
    }
}

/// Reads a stack with its template.
pub(crate) async fn read(clients: &Clients, name: &str) -> Read<Option<StackState>> {
    let Some(mut stack) = identify(clients, name).await? else { return Ok(None) };
    if stack.is_ours() && stack.standing() == Standing::Settled {
        stack.template = template(clients, name).await?;
    }
    Ok(Some(stack))
}

/// Finds a stack and makes out whether it is ours.
pub(crate) async fn identify(clients: &Clients, name: &str) -> Read<Option<StackState>> {
    let Some(mut stack) = find(clients, name).await? else { return Ok(None) };
    if stack.status == "REVIEW_IN_PROGRESS" && !stack.is_ours() {
        stack.has_our_change_set = has_our_change_set(clients, name).await?;
    }
    Ok(Some(stack))
}

/// Finds a stack by name or ARN. By ARN a deleted stack is found too.
pub(crate) async fn find(clients: &Clients, name: &str) -> Read<Option<StackState>> {
    find_with(&clients.cloudformation, &clients.region, name).await
}

/// The same, with a client of one's own.
pub(crate) async fn find_with(
    client: &aws_sdk_cloudformation::Client,
    region: &str,
    name: &str,
) -> Read<Option<StackState>> {
    match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next().map(state)),
        Err(error) => {
            let refusal = refused("cloudformation:DescribeStacks", region, &error);
            // DescribeStacks has no error of its own for it: the same code also stands for a malformed name.
            let is_missing =
                refusal.code.as_deref() == Some("ValidationError") && refusal.message.contains("does not exist");
            if is_missing { Ok(None) } else { Err(refusal) }
        }
    }
}

async fn template(clients: &Clients, name: &str) -> Read<Option<String>> {
    let answer =
        clients.cloudformation.get_template().stack_name(name).template_stage(TemplateStage::Original).send().await;
    let answer = answer.map_err(|error| refused("cloudformation:GetTemplate", &clients.region, &error))?;
    Ok(answer.template_body)
}

/// Change sets of ours carry our tag, also before the stack has any.
async fn has_our_change_set(clients: &Clients, name: &str) -> Read<bool> {
    let failed = |call: &'static str| move |error| refused(call, &clients.region, &error);
    let listed = clients.cloudformation.list_change_sets().stack_name(name).send().await;
    let listed = listed.map_err(|error| refused("cloudformation:ListChangeSets", &clients.region, &error))?;
    for change_set in listed.summaries.unwrap_or_default() {
        let Some(id) = change_set.change_set_id else { continue };
        let described = clients.cloudformation.describe_change_set().change_set_name(id).send().await;
        let tags = described.map_err(failed("cloudformation:DescribeChangeSet"))?.tags.unwrap_or_default();
        if tags.iter().any(|tag| tag.key() == Some(MANAGED_TAG) && tag.value() == Some("true")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn state(stack: Stack) -> StackState {
    let pair = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), value.unwrap_or_default().to_owned()));
    StackState {
        parameters: stack.parameters().iter().filter_map(|p| pair(p.parameter_key(), p.parameter_value())).collect(),
        tags: stack.tags().iter().filter_map(|tag| pair(tag.key(), tag.value())).collect(),
        outputs: stack.outputs().iter().filter_map(|o| pair(o.output_key(), o.output_value())).collect(),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        is_protected: stack.enable_termination_protection().unwrap_or_default(),
        id: stack.stack_id.unwrap_or_default(),
        name: stack.stack_name.unwrap_or_default(),
        reason: stack.stack_status_reason,
        template: None,
        has_our_change_set: false,
    }
}
