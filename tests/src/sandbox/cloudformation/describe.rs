//! Reading stacks and their resources.

use serde_json::{Map, Value, json};

use super::change_set::shown_tags;
use super::stack::{Resource, Stack};
use super::{drift, no_stack, parameters, stack_of};
use crate::sandbox::clock::Instant;
use crate::sandbox::page::{Cursor, Page, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// A page of what has a position.
pub(super) fn paged(call: &Call<'_>, all: Vec<Value>, size: usize) -> Result<Page<Value>, Refusal> {
    let fingerprint = fingerprint(call, &["NextToken"]);
    let invalid = || Refusal::validation_error("NextToken is not valid");
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let start = cursor.after.and_then(|after| after.first()?.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let entries = all.into_iter().enumerate().skip(start).map(|(at, value)| (vec![at.to_string()], value));
    Ok(cut(entries, size, cursor.page, fingerprint))
}

fn shown(stack: &Stack, now: Instant) -> Value {
    let target = stack.target.as_ref();
    let outputs = stack.outputs.iter().map(|output| {
        json!({
            "OutputKey": output.key, "OutputValue": output.value, "Description": output.description,
            "ExportName": output.export,
        })
    });
    let mut shown = json!({
        "StackId": stack.id, "StackName": stack.name, "ChangeSetId": stack.change_set,
        "Description": stack.description, "CreationTime": stack.created.epoch(), "StackStatus": stack.status,
        "StackStatusReason": stack.reason, "DisableRollback": stack.disable_rollback, "NotificationARNs": [],
        "Outputs": outputs.collect::<Vec<_>>(), "EnableTerminationProtection": stack.protected,
        "RollbackConfiguration": {}, "DriftInformation": drift::of_stack(stack, now),
        "Capabilities": target.map(|target| &target.capabilities).cloned().unwrap_or_default(),
        "Tags": target.map_or_else(|| json!([]), |target| shown_tags(&target.tags)),
        "Parameters": target.map_or_else(|| json!([]), |target| parameters::shown(&target.template, &target.parameters)),
    });
    times(stack, &mut shown);
    shown
}

fn times(stack: &Stack, shown: &mut Value) {
    if let Value::Object(members) = shown {
        members.extend(stack.updated.map(|at| ("LastUpdatedTime".to_owned(), at.epoch())));
        members.extend(stack.deleted.map(|at| ("DeletionTime".to_owned(), at.epoch())));
    }
}

pub(super) fn stacks(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let (region, ambient) = state.here(call)?;
    let store = &mut region.cloudformation;
    if let Some(name) = call.text("StackName") {
        let id = store.find(name).map(|stack| stack.id.clone()).ok_or_else(|| no_stack(name))?;
        let stack = store.stacks.get_mut(&id).ok_or_else(|| no_stack(name))?;
        if stack.hidden > 0 {
            stack.hidden -= 1;
            ambient.odd = true;
            return Err(no_stack(name));
        }
        return Ok(json!({"Stacks": [shown(stack, now)]}));
    }
    let all = store
        .stacks
        .values()
        .filter(|stack| stack.lives() && stack.hidden == 0)
        .map(|stack| shown(stack, now))
        .collect();
    let page = paged(call, all, 100)?;
    Ok(json!({"Stacks": page.items, "NextToken": page.next}))
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let wanted = call.texts("StackStatusFilter");
    let (region, _) = state.here(call)?;
    let fits = |stack: &&Stack| wanted.is_empty() || wanted.contains(&stack.status.as_str());
    let summary = |stack: &Stack| {
        let mut shown = json!({
            "StackId": stack.id, "StackName": stack.name, "TemplateDescription": stack.description,
            "CreationTime": stack.created.epoch(), "StackStatus": stack.status, "StackStatusReason": stack.reason,
            "DriftInformation": drift::of_stack(stack, now),
        });
        times(stack, &mut shown);
        shown
    };
    let all = region.cloudformation.stacks.values().filter(fits).map(summary).collect();
    let page = paged(call, all, 100)?;
    Ok(json!({"StackSummaries": page.items, "NextToken": page.next}))
}

/// What is the same in all three listings of resources.
fn common(stack: &Stack, resource: &Resource, now: Instant) -> Map<String, Value> {
    let physical = Some(resource.physical.as_str()).filter(|id| !id.is_empty());
    let shown = json!({
        "LogicalResourceId": resource.logical, "PhysicalResourceId": physical, "ResourceType": resource.kind,
        "ResourceStatus": resource.status, "ResourceStatusReason": resource.reason,
        "DriftInformation": drift::of_resource(stack, resource, now),
    });
    shown.as_object().cloned().unwrap_or_default()
}

fn detailed(stack: &Stack, resource: &Resource, time: &str, now: Instant) -> Value {
    let mut shown = common(stack, resource, now);
    shown.insert("StackName".to_owned(), stack.name.as_str().into());
    shown.insert("StackId".to_owned(), stack.id.as_str().into());
    shown.insert(time.to_owned(), resource.changed.epoch());
    Value::Object(shown)
}

pub(super) fn resources(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let logical = call.text("LogicalResourceId");
    if let Some(physical) = call.text("PhysicalResourceId") {
        if call.text("StackName").is_some() {
            let message = "Either PhysicalResourceId or StackName may be specified, not both";
            return Err(Refusal::validation_error(message));
        }
        let (region, _) = state.here(call)?;
        let mut stacks = region.cloudformation.stacks.values().filter(|stack| stack.lives());
        let owner = stacks.find(|stack| stack.resources.values().any(|resource| resource.physical == physical));
        let owner = owner.ok_or_else(|| Refusal::validation_error(format!("Stack for {physical} does not exist")))?;
        return Ok(listed(owner, logical, now));
    }
    if call.text("StackName").is_none() {
        return Err(Refusal::validation_error("Either StackName or PhysicalResourceId must be specified"));
    }
    let stack = stack_of(state, call)?;
    Ok(listed(stack, logical, now))
}

fn listed(stack: &Stack, logical: Option<&str>, now: Instant) -> Value {
    let wanted = stack.resources.values().filter(|resource| logical.is_none_or(|logical| logical == resource.logical));
    // AWS shows the first hundred here, and has another operation for more.
    let shown: Vec<Value> = wanted.take(100).map(|resource| detailed(stack, resource, "Timestamp", now)).collect();
    json!({"StackResources": shown})
}

pub(super) fn resource(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let logical = call.required("LogicalResourceId");
    let stack = stack_of(state, call)?;
    let found = stack.resources.get(logical).ok_or_else(|| {
        Refusal::validation_error(format!("Resource {logical} does not exist for stack {}", stack.name))
    })?;
    Ok(json!({"StackResourceDetail": detailed(stack, found, "LastUpdatedTimestamp", now)}))
}

pub(super) fn list_resources(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let stack = stack_of(state, call)?;
    let summary = |resource: &Resource| {
        let mut shown = common(stack, resource, now);
        shown.insert("LastUpdatedTimestamp".to_owned(), resource.changed.epoch());
        Value::Object(shown)
    };
    let all = stack.resources.values().map(summary).collect();
    let page = paged(call, all, 100)?;
    Ok(json!({"StackResourceSummaries": page.items, "NextToken": page.next}))
}

pub(super) fn exports(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let stacks = region.cloudformation.stacks.values().filter(|stack| stack.lives());
    let all = stacks.flat_map(|stack| {
        let exported = stack.outputs.iter().filter(|output| output.export.is_some());
        exported.map(|output| json!({"ExportingStackId": stack.id, "Name": output.export, "Value": output.value}))
    });
    let page = paged(call, all.collect(), 100)?;
    Ok(json!({"Exports": page.items, "NextToken": page.next}))
}
