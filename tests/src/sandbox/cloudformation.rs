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
mod template;
mod templates;
mod view;
mod yaml;

pub use view::{StackResource, StackSpec, StackView};

pub(crate) use beside::{change as change_beside, create as create_beside, remove as remove_beside};
pub(crate) use change_set::ChangeSet;
pub(crate) use engine::advance;
pub(crate) use provider::Script;
pub(crate) use resolve::Scope;
pub(crate) use stack::Stack;
pub(crate) use template::Template;
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
        ("DeactivateOrganizationsAccess", access::deactivate),
        ("DeleteChangeSet", change_set::delete),
        ("DeleteStack", operations::delete),
        ("DescribeAccountLimits", drift::limits),
        ("DescribeChangeSet", change_set::describe),
        ("DescribeOrganizationsAccess", access::describe),
        ("DescribeStackDriftDetectionStatus", drift::status),
        ("DescribeStackEvents", events::describe),
        ("DescribeStackResource", describe::resource),
        ("DescribeStackResourceDrifts", drift::resources),
        ("DescribeStackResources", describe::resources),
        ("DescribeStacks", describe::stacks),
        ("DetectStackDrift", drift::detect),
        ("ExecuteChangeSet", change_set::execute),
        ("GetTemplate", templates::get),
        ("GetTemplateSummary", templates::summary),
        ("ListChangeSets", change_set::list),
        ("ListExports", describe::exports),
        ("ListStackResources", describe::list_resources),
        ("ListStacks", describe::list),
        ("UpdateStack", operations::update),
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
