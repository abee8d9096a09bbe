//! Stacks and buckets: looking at them, putting them there, and what goes wrong with them.

use std::time::Duration;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::cloudformation::{self, Script, StackSpec, StackView, ValidationScript};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::s3;
use crate::sandbox::state::Place;

/// What an operation does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceAction {
    /// Making it, also in place of another.
    Create,
    /// Changing it, also back in a rollback.
    Update,
    /// Deleting it.
    Delete,
}

impl World {
    /// The stacks of a Region, deleted ones too, in the order of their names and ids.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn stacks(&self, account: &str, region: &str) -> Result<Vec<StackView>, SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            region.cloudformation.stacks.values().map(cloudformation::view).collect()
        })
    }

    /// The stack of that name that is not deleted.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn stack(&self, account: &str, region: &str, name: &str) -> Result<Option<StackView>, SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            region.cloudformation.find(name).map(cloudformation::view)
        })
    }

    /// Puts a stack, in any state, in place of one with the same name; gives its id. Its resources are not made.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`]: the template is none.
    pub fn put_stack_in_state(&self, account: &str, region: &str, stack: &StackSpec) -> Result<String, SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        let put = self.change(|state| cloudformation::put_in_state(state, &place, stack));
        put.map_err(SandboxError::Refused)
    }

    /// Puts a stack that lives into another state; its resources stay as they are.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`]: there is no such stack.
    pub fn set_stack_status(&self, account: &str, region: &str, name: &str, status: &str) -> Result<(), SandboxError> {
        let found = self.in_region(&Place::new(account, region), |region, _| {
            let id = region.cloudformation.find(name).map(|stack| stack.id.clone())?;
            let stack = region.cloudformation.stacks.get_mut(&id)?;
            status.clone_into(&mut stack.status);
            Some(())
        })?;
        found.ok_or_else(|| {
            SandboxError::Refused(Refusal::validation_error(format!("Stack with id {name} does not exist")))
        })
    }

    /// Protects a stack against deletion, or no longer; nothing if there is no such stack.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn set_stack_protected(
        &self,
        account: &str,
        region: &str,
        name: &str,
        protected: bool,
    ) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            let stacks = region.cloudformation.stacks.values_mut();
            stacks.filter(|stack| stack.name == name && stack.lives()).for_each(|stack| stack.protected = protected);
        })
    }

    /// Whether there is a bucket of that name, whoever owns it.
    #[must_use]
    pub fn has_bucket(&self, name: &str) -> bool {
        self.change(|state| state.s3.contains_key(name))
    }

    /// Changes a stack's template as it was given and its tags, and nothing that it has made.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`]: there is no such stack, or it has no template.
    pub fn change_stack(
        &self,
        account: &str,
        region: &str,
        name: &str,
        change: impl FnOnce(&mut String, &mut Vec<(String, String)>),
    ) -> Result<(), SandboxError> {
        let found = self.in_region(&Place::new(account, region), |region, _| {
            let id = region.cloudformation.find(name).map(|stack| stack.id.clone())?;
            let target = region.cloudformation.stacks.get_mut(&id)?.target.as_mut()?;
            change(&mut target.template.text, &mut target.tags);
            Some(())
        })?;
        found.ok_or_else(|| {
            SandboxError::Refused(Refusal::validation_error(format!("Stack with id {name} does not exist")))
        })
    }

    /// How long a stack takes for each step of an operation; 10 ms by default. Holds for the steps that follow.
    pub fn set_stack_delay(&self, delay: Duration) {
        self.change(|state| state.ambient.settings.stack_delay = delay);
    }

    /// Lets a step of a stack's operation fail, so many times. The resource is named by logical id or type.
    pub fn fail_resource(&self, resource: &str, action: ResourceAction, message: &str, times: usize) {
        self.script(None, resource, action, message, times);
    }

    /// The same in one account.
    pub fn fail_resource_in(&self, account: &str, resource: &str, action: ResourceAction, message: &str, times: usize) {
        self.script(Some(account), resource, action, message, times);
    }

    fn script(&self, account: Option<&str>, resource: &str, action: ResourceAction, message: &str, times: usize) {
        let action = match action {
            ResourceAction::Create => "create",
            ResourceAction::Update => "update",
            ResourceAction::Delete => "delete",
        };
        let account = account.map(ToOwned::to_owned);
        let script = Script { logical: resource.to_owned(), account, action, message: message.to_owned(), times };
        self.change(|state| state.ambient.settings.resource_failures.push(script));
    }

    /// Lets the early validation of the next change set fail that would make a resource, named by logical id or type.
    pub fn fail_validation(&self, resource: &str, message: &str) {
        let script = ValidationScript { resource: resource.to_owned(), message: message.to_owned() };
        self.change(|state| state.ambient.settings.validation_failures.push(script));
    }

    /// Lets a stack that is made stay unseen by so many `DescribeStacks` calls.
    pub fn set_late_stacks(&self, calls: usize) {
        self.change(|state| state.ambient.settings.late_stacks = calls);
    }

    /// How many functions run at once in every account and Region: 1,000 unless changed; new accounts have 10.
    pub fn set_lambda_concurrency(&self, concurrency: u64) {
        self.change(|state| state.ambient.settings.lambda_concurrency = concurrency);
    }

    /// Puts an empty bucket, as its account would make it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn put_bucket(&self, account: &str, region: &str, name: &str) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        self.change(|state| s3::create_at(state, &place, name)).map_err(SandboxError::Refused)
    }

    /// Puts an object into a bucket.
    ///
    /// # Errors
    /// [`SandboxError::Refused`]: there is no such bucket.
    pub fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), SandboxError> {
        self.change(|state| s3::put_object(state, bucket, key, body)).map_err(SandboxError::Refused)
    }

    /// The bytes of an object, if there is one.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.change(|state| state.s3.get(bucket)?.current(key).map(|object| object.body.to_vec()))
    }
}
