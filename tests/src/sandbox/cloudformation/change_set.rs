//! Change sets: what an operation would do, to be looked at before it is done.

use serde_json::{Value, json};

use super::compare::{Difference, differences};
use super::engine::OnFailure;
use super::operations::{begin_create, begin_update, check_absent, check_name, fresh, run, updatable};
use super::stack::Target;
use super::validation::{self, Fault};
use super::{import, parameters, request};
use crate::sandbox::clock::Instant;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const UNCHANGED: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";
const NO_UPDATES: &str = "No updates are to be performed.";

/// One change set.
#[derive(Debug, Clone)]
pub(crate) struct ChangeSet {
    name: String,
    id: String,
    /// The id of its stack.
    pub(super) stack: String,
    kind: String,
    target: Target,
    changes: Vec<Value>,
    failure: Option<String>,
    /// What its validation found, which its reason does not tell.
    pub(super) faults: Vec<Fault>,
    created: Instant,
    /// When its creation ends.
    ready: Instant,
    /// What has become of it since.
    outcome: Option<&'static str>,
    description: Option<String>,
    on_failure: Option<String>,
    token: Option<String>,
    imports: bool,
}

impl ChangeSet {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// When its creation ended, if it has.
    pub(super) fn ended(&self, now: Instant) -> Option<Instant> {
        (now >= self.ready).then_some(self.ready)
    }

    fn status(&self, now: Instant) -> &'static str {
        match &self.failure {
            _ if now < self.ready => "CREATE_IN_PROGRESS",
            Some(_) => "FAILED",
            None => "CREATE_COMPLETE",
        }
    }

    fn reason(&self, now: Instant) -> Option<&str> {
        self.failure.as_deref().filter(|_| now >= self.ready)
    }

    fn execution(&self, now: Instant) -> &'static str {
        match (self.outcome, self.status(now)) {
            (Some(outcome), _) => outcome,
            (None, "CREATE_COMPLETE") => "AVAILABLE",
            (None, _) => "UNAVAILABLE",
        }
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new("ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")).with_status(404)
}

/// The change set that a call names, by its ARN or by its name and stack.
pub(super) fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a ChangeSet, Refusal> {
    let name = call.required("ChangeSetName");
    let missing = || missing(name);
    let region = state.regions.get(&Place::new(call.account, call.region)).ok_or_else(missing)?;
    let store = &region.cloudformation;
    if let Some(found) = store.change_sets.get(name) {
        return Ok(found);
    }
    if name.starts_with("arn:") {
        return Err(missing());
    }
    let Some(stack) = call.text("StackName") else {
        let message = "StackName must be specified if ChangeSetName is not specified as an ARN.";
        return Err(Refusal::validation_error(message));
    };
    let no_stack = || Refusal::validation_error(format!("Stack [{stack}] does not exist"));
    let stack = store.find(stack).ok_or_else(no_stack)?;
    let named = || store.change_sets.values().filter(|found| found.stack == stack.id && found.name == name);
    named().find(|found| found.outcome.is_none()).or_else(|| named().next()).ok_or_else(missing)
}

fn check_request(call: &Call<'_>) -> Result<(), Refusal> {
    check_absent(call)?;
    let kind = call.text("ChangeSetType").unwrap_or("UPDATE");
    if kind == "IMPORT" || call.text("DeploymentMode").is_some() {
        let message = "the sandbox makes change sets of the types CREATE and UPDATE only";
        return Err(Refusal::validation_error(message));
    }
    if call.flag("IncludeNestedStacks") {
        return Err(Refusal::validation_error("the sandbox has no nested stacks"));
    }
    check_name(call.required("ChangeSetName"))
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    check_request(call)?;
    let (stack_name, name) = (call.required("StackName"), call.required("ChangeSetName"));
    let kind = call.text("ChangeSetType").unwrap_or("UPDATE");
    let place = Place::new(call.account, call.region);
    let (region, _) = state.here(call)?;
    let known = region.cloudformation.find(stack_name).filter(|stack| stack.lives());
    let review = known.is_some_and(|stack| stack.status == "REVIEW_IN_PROGRESS");
    match (kind, known) {
        ("CREATE", Some(_)) if !review => {
            let message =
                format!("Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}].");
            return Err(Refusal::validation_error(message));
        }
        ("CREATE", None) => {
            check_name(stack_name)?;
            region.cloudformation.check_room()?;
        }
        ("UPDATE", None) => {
            return Err(Refusal::validation_error(format!("Stack [{stack_name}] does not exist")));
        }
        ("UPDATE", Some(stack)) => updatable(stack)?,
        _ => {}
    }
    let id = known.map(|stack| stack.id.clone());
    // One that was executed can be read for a while, and leaves its name free.
    let twin = region
        .cloudformation
        .change_sets
        .values()
        .find(|set| Some(&set.stack) == id.as_ref() && set.name == name && set.outcome.is_none());
    if let Some(twin) = twin {
        if twin.token.is_some() && twin.token.as_deref() == call.text("ClientToken") {
            return Ok(json!({"Id": twin.id, "StackId": twin.stack}));
        }
        let message = format!("ChangeSet {name} cannot be created due to a mismatch with existing attribute Name");
        return Err(Refusal::new("AlreadyExistsException", message));
    }
    let known = state.regions.get(&place).and_then(|region| region.cloudformation.find(stack_name));
    let mut target = request::target(state, call, known.filter(|stack| stack.lives()))?;
    let now = state.ambient.clock.now();
    let id = if let Some(id) = id {
        id
    } else {
        let mut stack = fresh(state, &place, stack_name);
        let (id, event) = (stack.id.clone(), state.ambient.random.uuid());
        stack.enter("REVIEW_IN_PROGRESS", Some("User Initiated"), event, now);
        let (region, _) = state.here(call)?;
        region.cloudformation.stacks.insert(id.clone(), stack);
        id
    };
    let set_id = place.arn("cloudformation", &format!("changeSet/{name}/{}", state.ambient.random.uuid()));
    let ready = now.plus(state.ambient.settings.stack_delay);
    let region = state.regions.get(&place).ok_or_else(|| super::no_stack(&id))?;
    let stack = region.cloudformation.stacks.get(&id).ok_or_else(|| super::no_stack(&id))?;
    let mut failure = None;
    let changes = match differences(&place, stack, &target) {
        Difference::Changes(mut changes) => {
            if call.flag("ImportExistingResources") {
                let existing = import::existing(state, &place, stack, &target);
                failure = import::obstacle(&target, &existing);
                import::mark(&mut changes, &existing);
                target.imports = existing.into_keys().collect();
            }
            changes
        }
        Difference::Aside => Vec::new(),
        Difference::None => {
            let same = same_request(stack.target.as_ref(), &target);
            failure = Some(if same { UNCHANGED } else { NO_UPDATES }.to_owned());
            Vec::new()
        }
    };
    let faults = if failure.is_none() { validation::faults(state, &changes) } else { Vec::new() };
    failure = failure.or_else(|| validation::reason(&faults));
    let (region, _) = state.here(call)?;
    let change_set = ChangeSet {
        name: name.to_owned(),
        id: set_id.clone(),
        stack: id.clone(),
        kind: kind.to_owned(),
        target,
        changes,
        failure,
        faults,
        created: now,
        ready,
        outcome: None,
        description: call.text("Description").map(ToOwned::to_owned),
        on_failure: call.text("OnStackFailure").map(ToOwned::to_owned),
        token: call.text("ClientToken").map(ToOwned::to_owned),
        imports: call.flag("ImportExistingResources"),
    };
    region.cloudformation.change_sets.insert(set_id.clone(), change_set);
    let (region, ambient) = state.here(call)?;
    lag::note(region, ambient, Lagging::ChangeSets, &set_id, false);
    Ok(json!({"Id": set_id, "StackId": id}))
}

/// Whether a request says word for word what the stack is already.
fn same_request(old: Option<&Target>, new: &Target) -> bool {
    old.is_some_and(|old| old.template.body == new.template.body && old.parameters == new.parameters)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    const PAGE: usize = 100;
    let now = state.ambient.clock.now();
    let id = find(state, call)?.id.clone();
    let (region, ambient) = state.here(call)?;
    if lag::read(region, ambient, Lagging::ChangeSets, &id).is_some() {
        return Err(missing(call.required("ChangeSetName")));
    }
    let found = find(state, call)?;
    let fingerprint = fingerprint(call, &["NextToken"]);
    let invalid = || Refusal::validation_error("NextToken is not valid");
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let start = cursor.after.and_then(|after| after.first()?.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let changes = if now < found.ready { &[] } else { found.changes.as_slice() };
    let entries = changes.iter().enumerate().skip(start).map(|(at, change)| (vec![at.to_string()], change.clone()));
    let page = cut(entries, PAGE, cursor.page, fingerprint);
    let target = &found.target;
    Ok(json!({
        "ChangeSetName": found.name, "ChangeSetId": found.id, "StackId": found.stack,
        "StackName": stack_name(&found.stack), "Description": found.description,
        "Parameters": parameters::shown(&target.template, &target.parameters),
        "CreationTime": found.created.epoch(), "ExecutionStatus": found.execution(now),
        "Status": found.status(now), "StatusReason": found.reason(now),
        "NotificationARNs": [], "Capabilities": target.capabilities, "Tags": shown_tags(&target.tags),
        "Changes": page.items, "NextToken": page.next, "OnStackFailure": found.on_failure,
        "IncludeNestedStacks": false, "RollbackConfiguration": {}, "ImportExistingResources": found.imports,
    }))
}

pub(super) fn shown_tags(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// The name in a stack's id.
fn stack_name(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or_default()
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let stack = super::stack_of(state, call)?.id.clone();
    let (region, _) = state.here(call)?;
    let mine = region.cloudformation.change_sets.values().filter(|set| set.stack == stack && set.outcome.is_none());
    let shown = mine.map(|set| {
        json!({
            "StackId": set.stack, "StackName": stack_name(&set.stack), "ChangeSetId": set.id, "ChangeSetName": set.name,
            "ExecutionStatus": set.execution(now), "Status": set.status(now), "Description": set.description,
            "StatusReason": set.reason(now), "CreationTime": set.created.epoch(),
            "IncludeNestedStacks": false,
        })
    });
    Ok(json!({"Summaries": shown.collect::<Vec<_>>()}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = match find(state, call) {
        Ok(found) if found.outcome == Some("EXECUTE_IN_PROGRESS") => return Err(unusable(found, found.outcome)),
        Ok(found) => found.id.clone(),
        // Deleting what is not there is no error.
        Err(refusal) if refusal.code == "ChangeSetNotFound" => return Ok(json!({})),
        Err(refusal) => return Err(refusal),
    };
    let (region, _) = state.here(call)?;
    region.cloudformation.change_sets.remove(&id);
    Ok(json!({}))
}

fn unusable(found: &ChangeSet, status: Option<&str>) -> Refusal {
    let status = status.unwrap_or_default();
    let message = format!("ChangeSet [{}] cannot be executed in its current status of [{status}]", found.id);
    Refusal::new("InvalidChangeSetStatus", message)
}

pub(super) fn execute(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let now = state.ambient.clock.now();
    let found = find(state, call)?.clone();
    let token = call.text("ClientRequestToken").map(ToOwned::to_owned);
    let place = Place::new(call.account, call.region);
    if found.execution(now) != "AVAILABLE" {
        let region = state.regions.get(&place);
        let stack = region.and_then(|region| region.cloudformation.stacks.get(&found.stack));
        if token.is_some() && stack.is_some_and(|stack| stack.token == token) {
            return Ok(json!({}));
        }
        let status = if found.outcome.is_some() { found.outcome } else { Some(found.status(now)) };
        return Err(unusable(&found, status));
    }
    if found.on_failure.is_some() && call.flag("DisableRollback") {
        let message = "You can specify either DisableRollback or OnStackFailure, but not both.";
        return Err(Refusal::validation_error(message));
    }
    let failing = match found.on_failure.as_deref() {
        Some("DELETE") => OnFailure::Delete,
        Some("DO_NOTHING") => OnFailure::DoNothing,
        None if call.flag("DisableRollback") => OnFailure::DoNothing,
        _ => OnFailure::Rollback,
    };
    run(state, &place, &found.stack, |state, stack| {
        if stack.is_busy() {
            return Err(Refusal::validation_error(format!(
                "Stack:{} is in {} state and can not be updated.",
                stack.id, stack.status
            )));
        }
        stack.token = token;
        stack.change_set = Some(found.id.clone());
        stack.disable_rollback = failing == OnFailure::DoNothing;
        if found.kind == "CREATE" {
            begin_create(state, &place, stack, found.target.clone(), failing);
        } else {
            updatable(stack)?;
            begin_update(state, &place, stack, found.target.clone(), failing);
        }
        Ok(())
    })??;
    let (region, _) = state.here(call)?;
    // The others were made of what the stack no longer is.
    region.cloudformation.change_sets.retain(|id, set| set.stack != found.stack || *id == found.id);
    if let Some(set) = region.cloudformation.change_sets.get_mut(&found.id) {
        set.outcome = Some("EXECUTE_COMPLETE");
    }
    Ok(json!({}))
}
