//! What people do beside the stacks.

use serde_json::Value;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::cloudformation::{change_beside, create_beside, remove_beside};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

impl World {
    /// Makes a resource in no stack, by its CloudFormation type and properties; gives its physical id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn put_resource(
        &self,
        account: &str,
        region: &str,
        kind: &str,
        properties: &Value,
    ) -> Result<String, SandboxError> {
        self.beside(account, region, |state, place| create_beside(state, place, kind, properties))
    }

    /// Changes properties of a resource that is there (null takes one away). A stack that has it does not learn of it:
    /// it has drifted.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn change_resource(
        &self,
        account: &str,
        region: &str,
        (kind, physical_id): (&str, &str),
        changes: &Value,
    ) -> Result<(), SandboxError> {
        self.beside(account, region, |state, place| change_beside(state, place, (kind, physical_id), changes))
    }

    /// Deletes a resource that is there, by its CloudFormation type and physical id. A stack that has it does not learn
    /// of it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn remove_resource(
        &self,
        account: &str,
        region: &str,
        kind: &str,
        physical_id: &str,
    ) -> Result<(), SandboxError> {
        self.beside(account, region, |state, place| remove_beside(state, place, kind, physical_id))
    }

    fn beside<T>(
        &self,
        account: &str,
        region: &str,
        act: impl FnOnce(&mut State, &Place) -> Result<T, Refusal>,
    ) -> Result<T, SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        self.change(|state| act(state, &place)).map_err(SandboxError::Refused)
    }
}
