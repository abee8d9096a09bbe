//! AWS CloudFormation: stacks and change sets, which make in the other services what a template declares.
//!
//! An operation is a row of steps, each of which takes `stack_delay`. Nothing runs in the background: whoever looks at
//! the world next finds every step done that is due.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::State;

pub(crate) mod access;
mod beside;
mod change_set;
mod compare;
mod describe;
mod drift;
mod engine;
mod events;
mod import;
mod jobs;
mod operations;
pub(crate) mod parameters;
mod plan;
mod provider;
mod recovery;
mod references;
mod request;
mod resolve;
mod schema;
mod stack;
mod stack_set;
mod template;
mod templates;
mod validation;
mod view;
mod yaml;

pub use stack_set::{LightStackSets, StackInstanceView, StackSetOperationView, StackSetView};
pub use view::{StackResource, StackSpec, StackView};

pub(crate) use beside::{change as change_beside, create as create_beside, remove as remove_beside};
pub(crate) use change_set::ChangeSet;
pub(crate) use provider::Script;
pub(crate) use resolve::Scope;
pub(crate) use stack::Stack;
pub(crate) use stack_set::{
    Late, Store as StackSets, begin_foreign, end_foreign, set_inoperable, view as view_stack_set,
};
pub(crate) use template::Template;
pub(crate) use validation::Script as ValidationScript;
pub(crate) use view::{put_in_state, view};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "cloudformation",
    model_text: include_str!("model/cloudformation.json"),
    operations: &[
        ("ActivateOrganizationsAccess", access::activate),
        ("CancelUpdateStack", recovery::cancel),
        ("ContinueUpdateRollback", recovery::resume),
        ("CreateChangeSet", change_set::create),
        ("CreateStack", operations::create),
        ("CreateStackInstances", stack_set::create_instances),
        ("CreateStackSet", stack_set::create),
        ("DeactivateOrganizationsAccess", access::deactivate),
        ("DeleteChangeSet", change_set::delete),
        ("DeleteStack", operations::delete),
        ("DeleteStackInstances", stack_set::delete_instances),
        ("DeleteStackSet", stack_set::delete),
        ("DescribeAccountLimits", drift::limits),
        ("DescribeChangeSet", change_set::describe),
        ("DescribeEvents", validation::events),
        ("DescribeOrganizationsAccess", access::describe),
        ("DescribeStackDriftDetectionStatus", drift::status),
        ("DescribeStackEvents", events::describe),
        ("DescribeStackInstance", stack_set::describe_instance),
        ("DescribeStackResource", describe::resource),
        ("DescribeStackResourceDrifts", drift::resources),
        ("DescribeStackResources", describe::resources),
        ("DescribeStackSet", stack_set::describe),
        ("DescribeStackSetOperation", stack_set::describe_operation),
        ("DescribeStacks", describe::stacks),
        ("DetectStackDrift", drift::detect),
        ("ExecuteChangeSet", change_set::execute),
        ("GetTemplate", templates::get),
        ("GetTemplateSummary", templates::summary),
        ("ListChangeSets", change_set::list),
        ("ListExports", describe::exports),
        ("ListStackInstances", stack_set::list_instances),
        ("ListStackResources", describe::list_resources),
        ("ListStackSetAutoDeploymentTargets", stack_set::list_targets),
        ("ListStackSetOperationResults", stack_set::list_results),
        ("ListStackSetOperations", stack_set::list_operations),
        ("ListStackSets", stack_set::list),
        ("ListStacks", describe::list),
        ("StopStackSetOperation", stack_set::stop_operation),
        ("UpdateStack", operations::update),
        ("UpdateStackInstances", stack_set::update_instances),
        ("UpdateStackSet", stack_set::update),
        ("UpdateTerminationProtection", recovery::protect),
        ("ValidateTemplate", templates::validate),
    ],
};

/// What a Region has.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// By id; deleted ones stay.
    pub(crate) stacks: BTreeMap<String, Stack>,
    /// By id.
    pub(crate) change_sets: BTreeMap<String, ChangeSet>,
    /// Searches for drift, by id, with the ids of their stacks.
    detections: BTreeMap<String, (String, drift::Detection)>,
    /// How many stacks there may be, if that is not AWS's default.
    pub(crate) most: Option<usize>,
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_STACKS: usize = 2000;

impl Store {
    /// How many stacks there may be.
    pub(crate) fn limit(&self) -> usize {
        self.most.unwrap_or(MOST_STACKS)
    }

    /// Whether another stack may be made.
    ///
    /// # Errors
    /// `LimitExceededException`.
    fn check_room(&self) -> Result<(), Refusal> {
        if self.stacks.values().filter(|stack| stack.lives()).count() < self.limit() {
            return Ok(());
        }
        Err(Refusal::new("LimitExceededException", "Limit for stack has been exceeded"))
    }

    /// The stack with that id, or the one of that name that lives.
    pub(crate) fn find(&self, name: &str) -> Option<&Stack> {
        self.stacks.get(name).or_else(|| self.stacks.values().find(|stack| stack.name == name && stack.lives()))
    }
}

/// Whether anything goes on by itself.
pub(crate) fn is_moving(state: &State) -> bool {
    let moved = state.organization.as_ref().is_some_and(|organization| !organization.moves.is_empty());
    !state.moving.is_empty() || moved || state.stack_sets.is_busy()
}

/// Lets everything happen that is due.
pub(crate) fn advance(state: &mut State) {
    loop {
        engine::advance(state);
        if !stack_set::advance(state) {
            return;
        }
    }
}

/// What CloudFormation says of a stack that is not there.
fn no_stack(name: &str) -> Refusal {
    Refusal::validation_error(format!("Stack with id {name} does not exist"))
}

/// The stack that a call names.
fn stack_of<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Stack, Refusal> {
    let name = call.required("StackName");
    let (region, _) = state.here(call)?;
    let id = region.cloudformation.find(name).map(|stack| stack.id.clone()).ok_or_else(|| no_stack(name))?;
    region.cloudformation.stacks.get_mut(&id).ok_or_else(|| no_stack(name))
}
