//! `StackSets`: one template in many accounts and Regions, with service-managed permissions.
//!
//! An instance is a stack that the stack engine makes in the member account; an operation walks over the instances,
//! Region by Region, and takes its time as stacks do. Self-managed permissions are not here.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/what-is-cfnstacksets.html>

use std::collections::BTreeMap;

mod access;
mod auto;
mod begin;
mod conflict;
mod define;
mod delete;
mod deploy;
mod exec_role;
mod instances;
mod light;
mod model;
mod operation;
mod operations;
mod page;
mod preferences;
mod read;
mod results;
mod run;
mod script;
mod targets;
mod update;
mod view;

pub use light::LightStackSets;
pub use view::{StackInstanceView, StackSetOperationView, StackSetView};

pub(crate) use begin::{create_instances, delete_instances, update_instances};
pub(crate) use define::create;
pub(crate) use delete::delete;
pub(crate) use instances::{describe as describe_instance, list as list_instances};
pub(crate) use model::StackSet;
pub(crate) use operations::{describe as describe_operation, list as list_operations, stop as stop_operation};
pub(crate) use read::{describe, list, targets as list_targets, template};
pub(crate) use results::list as list_results;
pub(crate) use run::advance;
pub(crate) use script::{begin_foreign, end_foreign, set_inoperable};
pub(crate) use update::update;
pub(crate) use view::view;

/// All `StackSets` of the organization. They live in its management account.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// By Region and id; deleted ones stay.
    pub(crate) sets: BTreeMap<(String, String), StackSet>,
    /// How many `StackSets` there may be in a Region, if that is not AWS's default.
    pub(crate) most: Option<usize>,
    /// Instances are only records, without stacks.
    pub(crate) light: Option<LightStackSets>,
    /// What listings of results do not show yet.
    pub(crate) late_results: Option<Late>,
    /// What listings of instances do not show yet.
    pub(crate) late_instances: Option<Late>,
}

/// A listing that is not complete yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Late {
    /// How many entries it shows.
    pub(crate) shown: usize,
    /// For how many more listings, each counted at its first page.
    pub(crate) listings: usize,
}

impl Store {
    /// Whether an operation runs or waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.sets.values().any(StackSet::is_busy)
    }
}
