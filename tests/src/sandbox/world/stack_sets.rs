//! `StackSets`: looking at them, and what goes on beside the caller.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::cloudformation::{self, Late, LightStackSets, StackSetView};
use crate::sandbox::refusal::Refusal;

fn unknown(name: &str) -> SandboxError {
    SandboxError::Refused(Refusal::new("StackSetNotFoundException", format!("StackSet {name} not found")))
}

impl World {
    /// The `StackSets` of a Region of the management account that are not deleted, in the order of their ids.
    #[must_use]
    pub fn stack_sets(&self, region: &str) -> Vec<StackSetView> {
        self.change(|state| {
            let here = state.stack_sets.sets.values().filter(|set| set.region == region && !set.deleted);
            here.map(cloudformation::view_stack_set).collect()
        })
    }

    /// The `StackSet` of that name that is not deleted.
    #[must_use]
    pub fn stack_set(&self, region: &str, name: &str) -> Option<StackSetView> {
        self.stack_sets(region).into_iter().find(|set| set.name == name)
    }

    /// Begins an operation of somebody else on a `StackSet`, which runs until it is ended; gives its id.
    ///
    /// # Errors
    /// [`SandboxError::Refused`]: there is no such `StackSet`.
    pub fn begin_foreign_operation(&self, region: &str, name: &str) -> Result<String, SandboxError> {
        self.change(|state| cloudformation::begin_foreign(state, region, name)).ok_or_else(|| unknown(name))
    }

    /// Ends such an operation: it has succeeded.
    ///
    /// # Errors
    /// [`SandboxError::Refused`]: none of that id runs.
    pub fn end_foreign_operation(&self, region: &str, name: &str, id: &str) -> Result<(), SandboxError> {
        let ended = self.change(|state| cloudformation::end_foreign(state, region, name, id));
        ended.then_some(()).ok_or_else(|| unknown(name))
    }

    /// Leaves an instance (its account and Region) inoperable, as a deletion that failed does.
    ///
    /// # Errors
    /// [`SandboxError::Refused`]: there is no such `StackSet` or instance.
    pub fn set_instance_inoperable(
        &self,
        region: &str,
        name: &str,
        instance: (&str, &str),
    ) -> Result<(), SandboxError> {
        let found = self.change(|state| cloudformation::set_inoperable(state, region, name, instance));
        found.then_some(()).ok_or_else(|| unknown(name))
    }

    /// Lets listings of results show only so many entries, and for so many listings. A listing is counted at its first
    /// page.
    pub fn set_late_results(&self, shown: usize, listings: usize) {
        self.change(|state| state.stack_sets.late_results = Some(Late { shown, listings }));
    }

    /// The same for listings of instances.
    pub fn set_late_instances(&self, shown: usize, listings: usize) {
        self.change(|state| state.stack_sets.late_instances = Some(Late { shown, listings }));
    }

    /// Raises or lowers how many `StackSets` there may be in a Region; 1,000 unless changed.
    pub fn set_stack_set_quota(&self, limit: usize) {
        self.change(|state| state.stack_sets.most = Some(limit));
    }

    /// From now on instances are only records, without stacks; or again stacks, with `None`.
    pub fn set_light_stack_sets(&self, light: Option<LightStackSets>) {
        self.change(|state| state.stack_sets.light = light);
    }

    /// Lets accounts join the organization, in the root or a unit, that nobody has credentials of: only `StackSets`
    /// without stacks can deploy to them.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::UnknownParent`].
    pub fn join_many(&self, accounts: impl Iterator<Item = String>, parent: &str) -> Result<(), SandboxError> {
        self.in_organization(|organization, ambient| {
            if !organization.is_parent(parent) {
                return Err(SandboxError::UnknownParent(parent.to_owned()));
            }
            let now = ambient.clock.now();
            accounts.for_each(|account| organization.join(&account, parent, now));
            Ok(())
        })
    }
}
