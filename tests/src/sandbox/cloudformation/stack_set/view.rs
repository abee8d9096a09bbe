//! `StackSets` as tests see them.

use std::collections::BTreeMap;

use super::model::{Deployed, Instance, Key, StackSet};
use super::operation::Operation;

/// A `StackSet` as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSetView {
    /// `StackSetName`.
    pub name: String,
    /// `StackSetId`.
    pub id: String,
    /// The template as it was given.
    pub template: String,
    /// By key.
    pub parameters: BTreeMap<String, String>,
    /// By key.
    pub tags: BTreeMap<String, String>,
    /// Whether accounts that come into a target unit are deployed to.
    pub auto_deployment: bool,
    /// `ManagedExecution`.
    pub managed_execution: bool,
    /// The Regions by unit that automatic deployment goes by.
    pub targets: BTreeMap<String, Vec<String>>,
    /// By account and Region.
    pub instances: BTreeMap<(String, String), StackInstanceView>,
    /// Oldest first.
    pub operations: Vec<StackSetOperationView>,
}

/// An instance as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackInstanceView {
    /// `Status`.
    pub status: &'static str,
    /// `DetailedStatus`.
    pub detailed: &'static str,
    /// `StatusReason`.
    pub reason: Option<String>,
    /// `OrganizationalUnitId`.
    pub unit: String,
    /// The id of its stack, also if that is deleted; nothing of instances without stacks.
    pub stack: Option<String>,
}

/// An operation as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSetOperationView {
    /// `OperationId`.
    pub id: String,
    /// `Action`.
    pub action: &'static str,
    /// `Status`.
    pub status: &'static str,
    /// How many instances it is for.
    pub instances: usize,
    /// `FailedStackInstancesCount`.
    pub failed: usize,
}

/// A `StackSet` as tests see it.
pub(crate) fn view(set: &StackSet) -> StackSetView {
    let targets = set.targets.iter().map(|(unit, regions)| (unit.clone(), regions.iter().cloned().collect()));
    let instances = set.instances.iter();
    StackSetView {
        name: set.name.clone(),
        id: set.id.clone(),
        template: set.definition.template.text.clone(),
        parameters: set.definition.parameters.clone(),
        tags: set.definition.tags.iter().cloned().collect(),
        auto_deployment: set.auto.enabled,
        managed_execution: set.managed,
        targets: targets.collect(),
        instances: instances.map(|(key, of)| (pair(key), instance(of))).collect(),
        operations: set.operations.iter().map(operation).collect(),
    }
}

fn pair(key: &Key) -> (String, String) {
    (key.account.to_string(), key.region.to_string())
}

fn instance(instance: &Instance) -> StackInstanceView {
    StackInstanceView {
        status: instance.status.word(),
        detailed: instance.detailed.word(),
        reason: instance.reason.as_deref().map(ToOwned::to_owned),
        unit: instance.unit.to_string(),
        stack: match &instance.deployed {
            Deployed::Stack(id) => Some(id.to_string()),
            Deployed::Nothing | Deployed::Light => None,
        },
    }
}

fn operation(operation: &Operation) -> StackSetOperationView {
    StackSetOperationView {
        id: operation.id.to_string(),
        action: operation.action().word(),
        status: operation.state.word(),
        instances: operation.results.len(),
        failed: operation.failed,
    }
}
