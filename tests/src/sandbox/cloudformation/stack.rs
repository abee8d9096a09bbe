//! Stacks, their resources, and the events that tell what happened.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::engine::{Operation, Stuck};
use super::parameters::Parameters;
use super::template::Template;
use crate::sandbox::clock::Instant;

/// What a stack is to become, or was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) template: Template,
    pub(crate) parameters: Parameters,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) capabilities: Vec<String>,
    /// The resources that exist and are taken into the stack instead of being made.
    pub(crate) imports: BTreeSet<String>,
}

/// One stack.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) description: Option<String>,
    /// What it was last asked to be; `None` while it is under review.
    pub(crate) target: Option<Target>,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) outputs: Vec<Output>,
    /// Oldest first.
    pub(crate) events: Vec<Event>,
    pub(crate) operation: Option<Operation>,
    /// What is left of a rollback that failed.
    pub(crate) stuck: Option<Stuck>,
    pub(crate) created: Instant,
    pub(crate) updated: Option<Instant>,
    pub(crate) deleted: Option<Instant>,
    pub(crate) protected: bool,
    pub(crate) disable_rollback: bool,
    pub(crate) token: Option<String>,
    pub(crate) change_set: Option<String>,
    /// What was last found of its drift.
    pub(crate) drift: Option<super::drift::Detection>,
    /// The session of the role that it works with, if that is not its caller.
    pub(crate) role: Option<String>,
    /// For how many more calls it is not seen by its name.
    pub(crate) hidden: usize,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(crate) export: Option<String>,
}

/// One resource of a stack.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resource {
    pub(crate) logical: String,
    pub(crate) kind: String,
    /// `PhysicalResourceId`; empty if nothing was made.
    pub(crate) physical: String,
    /// What `Ref` gives.
    pub(crate) reference: String,
    pub(crate) attributes: Map<String, Value>,
    /// Without functions.
    pub(crate) properties: Value,
    pub(crate) deletion_policy: String,
    pub(crate) replace_policy: String,
    pub(crate) needs: BTreeSet<String>,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) changed: Instant,
}

impl Resource {
    /// Whether it was made, and is not deleted.
    pub(crate) fn exists(&self) -> bool {
        !self.physical.is_empty() && self.status != "DELETE_COMPLETE" && self.status != "DELETE_SKIPPED"
    }

    /// Whether it was there before the stack took it.
    pub(crate) fn is_imported(&self) -> bool {
        self.status == "IMPORT_COMPLETE"
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) logical: String,
    pub(crate) physical: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) properties: Option<String>,
    pub(crate) time: Instant,
    pub(crate) token: Option<String>,
}

impl Stack {
    /// Whether it is not deleted.
    pub(crate) fn lives(&self) -> bool {
        self.deleted.is_none()
    }

    /// Whether an operation runs.
    pub(crate) fn is_busy(&self) -> bool {
        self.operation.is_some()
    }

    /// Puts the stack as a whole into a status, with an event.
    pub(crate) fn enter(&mut self, status: &str, reason: Option<&str>, id: String, time: Instant) {
        status.clone_into(&mut self.status);
        self.reason = reason.map(ToOwned::to_owned);
        self.events.push(Event {
            id,
            logical: self.name.clone(),
            physical: self.id.clone(),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            status: status.to_owned(),
            reason: reason.map(ToOwned::to_owned),
            properties: None,
            time,
            token: self.token.clone(),
        });
    }

    /// Records what happened to a resource. It need not be one that the stack still has under its name.
    pub(crate) fn record(&mut self, resource: &Resource, random: &str) {
        let Resource { logical, kind, physical, status, reason, changed, .. } = resource;
        let id = format!("{logical}-{status}-{random}");
        self.events.push(Event {
            id,
            logical: logical.clone(),
            physical: physical.clone(),
            kind: kind.clone(),
            status: status.clone(),
            reason: reason.clone(),
            properties: Some(resource.properties.to_string()),
            time: *changed,
            token: self.token.clone(),
        });
    }
}
