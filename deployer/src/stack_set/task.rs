//! What an operation is to do, and the call that begins it.

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_cloudformation::types::{
    AccountFilterType, AutoDeployment, Capability, ConcurrencyMode, DeploymentTargets, ManagedExecution, Parameter,
    RegionConcurrencyType, StackSetOperationPreferences, Tag,
};

use super::read::Sets;
use crate::aws::refused;
use crate::observe::Read;
use crate::organization::plan::{Chunk, Filter};
use crate::organization::settings::Pace;

/// What an operation is to do with a StackSet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Task<'a> {
    /// Give it template, parameters and tags, and bring instances to that: those of the targets, or all.
    Update {
        template: &'a str,
        parameters: &'a BTreeMap<String, String>,
        tags: &'a BTreeMap<String, String>,
        on: Option<Where<'a>>,
        /// Whether managed execution is off and goes on with it. It is not named otherwise: it cannot be changed beside
        /// an operation, and what is not named stays.
        switches_managed_execution_on: bool,
    },
    /// Let accounts that join be covered, or not. The parameters are named, because they keep their values only then.
    AutoDeployment { on: bool, parameters: &'a BTreeMap<String, String> },
    /// Make instances, and repeat those that are outdated: "repeating this operation with a new operation ID retries all
    /// stack instances whose status is OUTDATED"
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html>). That is also
    /// the way to repair a creation that failed, where an update would need an instance that is there.
    Add(Where<'a>),
    /// Remove instances, and their stacks unless they are to stay.
    Remove { from: Where<'a>, retains_stacks: bool },
}

/// Targets and Regions of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Where<'a> {
    pub(crate) chunk: &'a Chunk,
    pub(crate) regions: &'a [String],
}

impl Task<'_> {
    /// What it is in a word, for its id.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Update { .. } => "update",
            Self::AutoDeployment { .. } => "auto",
            Self::Add(_) => "add",
            Self::Remove { .. } => "remove",
        }
    }

    /// Where it works; none for everywhere.
    pub(super) fn place(&self) -> Option<Where<'_>> {
        match self {
            Self::Update { on, .. } => *on,
            Self::AutoDeployment { .. } => None,
            Self::Add(place) | Self::Remove { from: place, .. } => Some(*place),
        }
    }
}

impl fmt::Display for Task<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update { .. } => f.write_str("update"),
            Self::AutoDeployment { on: true, .. } => f.write_str("automatic deployment on"),
            Self::AutoDeployment { on: false, .. } => f.write_str("automatic deployment off"),
            Self::Add(_) => f.write_str("creation of stacks"),
            Self::Remove { retains_stacks: false, .. } => f.write_str("removal of stacks"),
            Self::Remove { retains_stacks: true, .. } => f.write_str("release of stacks"),
        }
    }
}

impl Sets {
    /// Makes the call that begins a task as the operation of this id; gives back the id that CloudFormation tells.
    pub(super) async fn call(&self, set: &str, task: &Task<'_>, pace: Pace, id: &str) -> Read<Option<String>> {
        match task {
            Task::Update { .. } | Task::AutoDeployment { .. } => self.update(set, task, pace, id).await,
            Task::Add(at) => {
                let call = self.client.create_stack_instances().stack_set_name(set).operation_id(id);
                let call = call.deployment_targets(targets(at.chunk)).set_regions(Some(at.regions.to_vec()));
                let answer = call.operation_preferences(preferences(pace)).call_as(self.call_as.into()).send().await;
                let failed = |error| refused("cloudformation:CreateStackInstances", &self.region, &error);
                answer.map(|answer| answer.operation_id).map_err(failed)
            }
            Task::Remove { from, retains_stacks } => {
                let call = self.client.delete_stack_instances().stack_set_name(set).operation_id(id);
                let call = call.deployment_targets(targets(from.chunk)).set_regions(Some(from.regions.to_vec()));
                let call = call.retain_stacks(*retains_stacks).operation_preferences(preferences(pace));
                let answer = call.call_as(self.call_as.into()).send().await;
                let failed = |error| refused("cloudformation:DeleteStackInstances", &self.region, &error);
                answer.map(|answer| answer.operation_id).map_err(failed)
            }
        }
    }

    async fn update(&self, set: &str, task: &Task<'_>, pace: Pace, id: &str) -> Read<Option<String>> {
        let call = self.client.update_stack_set().stack_set_name(set).operation_id(id);
        // Also for automatic deployment alone: an update without targets goes to all instances, and with CloudFormation's
        // own preferences the first that fails would end it.
        let call = call.operation_preferences(preferences(pace));
        let call = call.capabilities(Capability::CapabilityNamedIam).call_as(self.call_as.into());
        let call = match task {
            Task::Update { template, parameters, tags: wanted, on, switches_managed_execution_on } => {
                let call = call.template_body(*template).set_parameters(Some(with_values(parameters)));
                let call = call.set_tags(Some(tags(wanted)));
                let at = on.as_ref();
                let managed = || ManagedExecution::builder().active(true).build();
                let call = call.set_managed_execution(switches_managed_execution_on.then(managed));
                call.set_deployment_targets(at.map(|at| targets(at.chunk)))
                    .set_regions(at.map(|at| at.regions.to_vec()))
            }
            Task::AutoDeployment { on, parameters } => {
                let kept =
                    parameters.keys().map(|key| Parameter::builder().parameter_key(key).use_previous_value(true));
                let kept = kept.map(aws_sdk_cloudformation::types::builders::ParameterBuilder::build).collect();
                call.use_previous_template(true).set_parameters(Some(kept)).auto_deployment(automatic(*on))
            }
            Task::Add(_) | Task::Remove { .. } => call,
        };
        let answer = call.send().await;
        answer
            .map(|answer| answer.operation_id)
            .map_err(|error| refused("cloudformation:UpdateStackSet", &self.region, &error))
    }
}

/// Accounts that leave a target lose their stacks: what nobody updates any more should not be there.
pub(super) fn automatic(on: bool) -> AutoDeployment {
    let builder = AutoDeployment::builder().enabled(on);
    if on { builder.retain_stacks_on_account_removal(false).build() } else { builder.build() }
}

pub(super) fn with_values(parameters: &BTreeMap<String, String>) -> Vec<Parameter> {
    let one = |(key, value): (&String, &String)| Parameter::builder().parameter_key(key).parameter_value(value).build();
    parameters.iter().map(one).collect()
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn targets(chunk: &Chunk) -> DeploymentTargets {
    let builder = DeploymentTargets::builder().set_organizational_unit_ids(Some(chunk.units.clone()));
    let filter = match chunk.filter {
        Filter::None => return builder.build(),
        Filter::Intersection => AccountFilterType::Intersection,
        Filter::Difference => AccountFilterType::Difference,
    };
    builder.set_accounts(Some(chunk.accounts.clone())).account_filter_type(filter).build()
}

/// Regions side by side, and as many accounts at once as is asked for although some fail: CloudFormation's own defaults
/// are one account after the other, up to the first failure.
fn preferences(pace: Pace) -> StackSetOperationPreferences {
    StackSetOperationPreferences::builder()
        .region_concurrency_type(RegionConcurrencyType::Parallel)
        .max_concurrent_percentage(i32::from(pace.max_concurrent))
        .failure_tolerance_percentage(i32::from(pace.failure_tolerance))
        .concurrency_mode(ConcurrencyMode::SoftFailureTolerance)
        .build()
}
