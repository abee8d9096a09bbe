//! Stacks through the Rust API: looking at them, and putting them into any state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, json};

use super::operations::fresh;
use super::stack::{Resource, Stack, Target};
use super::template::Template;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

/// A stack as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackView {
    /// `StackName`.
    pub name: String,
    /// `StackId`.
    pub id: String,
    /// `StackStatus`.
    pub status: String,
    /// `StackStatusReason`.
    pub reason: Option<String>,
    /// By key.
    pub tags: BTreeMap<String, String>,
    /// By key.
    pub parameters: BTreeMap<String, String>,
    /// By key.
    pub outputs: BTreeMap<String, String>,
    /// By logical id.
    pub resources: BTreeMap<String, StackResource>,
    /// The statuses of all events with their logical ids and reasons, oldest first.
    pub events: Vec<(String, String, Option<String>)>,
}

/// A resource of a stack as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackResource {
    /// `ResourceType`.
    pub kind: String,
    /// `PhysicalResourceId`; empty if it was never made.
    pub physical_id: String,
    /// `ResourceStatus`.
    pub status: String,
}

/// A stack to put into the world as if someone had made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSpec {
    /// `StackName`.
    pub name: String,
    /// `StackStatus`: any.
    pub status: String,
    /// `StackStatusReason`.
    pub reason: Option<String>,
    /// By key.
    pub tags: BTreeMap<String, String>,
    /// The template; a log group if `None`. What it declares is not made; it has outputs if none is of that.
    pub template: Option<String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Logical ids, types and physical ids of resources that it says it has.
    pub resources: Vec<(String, String, String)>,
}

impl StackSpec {
    /// A stack of nobody, in a status.
    #[must_use]
    pub fn new(name: &str, status: &str) -> Self {
        let (name, status) = (name.to_owned(), status.to_owned());
        let (reason, tags, template, resources) = (None, BTreeMap::new(), None, Vec::new());
        Self { name, status, reason, tags, template, protected: false, resources }
    }

    /// The same stack with one more tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The same stack with a reason for its status.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    /// The same stack with one more resource that it says it has, in the stack's own status.
    #[must_use]
    pub fn resource(mut self, logical: &str, kind: &str, physical_id: &str) -> Self {
        self.resources.push((logical.to_owned(), kind.to_owned(), physical_id.to_owned()));
        self
    }
}

/// A stack as tests see it.
pub(crate) fn view(stack: &Stack) -> StackView {
    let target = stack.target.as_ref();
    let resource = |(logical, resource): (&String, &Resource)| {
        let Resource { kind, physical, status, .. } = resource;
        let shown = StackResource { kind: kind.clone(), physical_id: physical.clone(), status: status.clone() };
        (logical.clone(), shown)
    };
    StackView {
        name: stack.name.clone(),
        id: stack.id.clone(),
        status: stack.status.clone(),
        reason: stack.reason.clone(),
        tags: target.map(|target| target.tags.iter().cloned().collect()).unwrap_or_default(),
        parameters: target.map(|target| target.parameters.clone()).unwrap_or_default(),
        outputs: stack.outputs.iter().map(|output| (output.key.clone(), output.value.clone())).collect(),
        resources: stack.resources.iter().map(resource).collect(),
        events: stack
            .events
            .iter()
            .map(|event| (event.logical.clone(), event.status.clone(), event.reason.clone()))
            .collect(),
    }
}

/// Puts a stack, in place of a living one with the same name.
///
/// # Errors
/// The template is none.
pub(crate) fn put_in_state(state: &mut State, place: &Place, spec: &StackSpec) -> Result<String, Refusal> {
    const ANY: &str = "Resources: {LogGroup: {Type: 'AWS::Logs::LogGroup'}}";
    let template = Template::parse(spec.template.as_deref().unwrap_or(ANY))?;
    let now = state.ambient.clock.now();
    let mut stack = fresh(state, place, &spec.name);
    stack.hidden = 0;
    let defaults = template.section("Parameters").iter();
    let parameters = defaults
        .filter_map(|(name, declaration)| Some((name.clone(), super::yaml::text(declaration.get("Default")?)?)));
    let parameters = parameters.collect();
    let tags = spec.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let review = spec.status == "REVIEW_IN_PROGRESS";
    stack.target = Some(Target { template, parameters, tags, capabilities: Vec::new(), imports: BTreeSet::new() })
        .filter(|_| !review);
    // Those of what it declares, which is not made, cannot be told.
    stack.outputs = super::plan::outputs(state, place, &stack).unwrap_or_default();
    stack.protected = spec.protected;
    for (logical, kind, physical) in &spec.resources {
        let resource = Resource {
            logical: logical.clone(),
            kind: kind.clone(),
            physical: physical.clone(),
            reference: physical.clone(),
            attributes: Map::new(),
            properties: json!({}),
            deletion_policy: "Delete".to_owned(),
            replace_policy: "Delete".to_owned(),
            needs: BTreeSet::new(),
            status: spec.status.clone(),
            reason: spec.reason.clone(),
            changed: now,
        };
        stack.resources.insert(logical.clone(), resource);
    }
    let event = state.ambient.random.uuid();
    stack.enter(&spec.status, spec.reason.as_deref(), event, now);
    stack.deleted = (spec.status == "DELETE_COMPLETE").then_some(now);
    let id = stack.id.clone();
    if let Some(region) = state.regions.get_mut(place) {
        region.cloudformation.stacks.retain(|_, known| known.name != spec.name || !known.lives());
        region.cloudformation.stacks.insert(id.clone(), stack);
    }
    Ok(id)
}
