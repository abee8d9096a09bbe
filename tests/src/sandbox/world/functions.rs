//! Functions: installing and invoking them.

use serde_json::Value;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::config::{self, RuleSpec};
use crate::sandbox::lambda::{self, Function, FunctionSpec, Invocation, InvokeOptions, Record};
use crate::sandbox::state::Place;

impl World {
    /// Installs a function, in place of one with the same name, whose processes are ended. AWS Config may invoke it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn install_function(&self, account: &str, region: &str, function: FunctionSpec) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        let name = function.name.clone();
        let record = Record::of(&place, &function, self.clock().now());
        let installed = Function::new(place.clone(), function);
        let replaced = self.in_region(&place, |region, _| {
            region.lambda.insert(name.clone(), record);
            region.functions.insert(name, installed)
        })?;
        if let Some(replaced) = replaced {
            replaced.stop();
        }
        Ok(())
    }

    /// Gives a function other code, a zip, as somebody would with `UpdateFunctionCode`. Its stack does not learn of it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownFunction`], [`SandboxError::Refused`]: it is no zip.
    pub fn set_function_code(&self, account: &str, region: &str, name: &str, zip: Vec<u8>) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        let replaced = self.in_region(&place, |region, ambient| {
            let known = region.lambda.contains_key(name);
            known.then(|| lambda::replace_code(region, ambient, name, zip.into())).transpose()
        })?;
        let replaced = replaced.map_err(SandboxError::Refused)?;
        replaced.ok_or_else(|| SandboxError::UnknownFunction(name.to_owned()))
    }

    /// Gives a function a tag. CloudFormation gives its own to what it makes.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownFunction`].
    pub fn tag_function(
        &self,
        account: &str,
        region: &str,
        name: &str,
        (key, value): (&str, &str),
    ) -> Result<(), SandboxError> {
        let tagged = self.in_region(&Place::new(account, region), |region, _| {
            region.lambda.get_mut(name).map(|record| record.tags.insert(key.to_owned(), value.into()))
        })?;
        tagged.map(|_| ()).ok_or_else(|| SandboxError::UnknownFunction(name.to_owned()))
    }

    /// Ends a function's warm processes: its next invocation is a cold start.
    ///
    /// # Errors
    /// [`SandboxError::UnknownFunction`].
    pub fn cool_down(&self, account: &str, region: &str, function: &str) -> Result<(), SandboxError> {
        self.installed(&Place::new(account, region), function)?.discard_warm();
        Ok(())
    }

    /// Puts a custom rule, with the checks of `PutConfigRule`.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn put_config_rule(&self, account: &str, region: &str, rule: &RuleSpec) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        let put = self.change(|state| config::put_rule(state, &place, rule.definition(&place)));
        put.map_err(SandboxError::Refused)
    }

    /// Sends a rule its scheduled notification, and waits for the function and its retries.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownRule`], [`SandboxError::UnknownFunction`].
    pub async fn trigger_schedule(&self, account: &str, region: &str, rule: &str) -> Result<Invocation, SandboxError> {
        let delivery =
            self.in_region(&Place::new(account, region), |region, ambient| config::scheduled(region, ambient, rule))?;
        let delivery = delivery.ok_or_else(|| SandboxError::UnknownRule(rule.to_owned()))?;
        let function = self.installed(&delivery.place, &delivery.function)?;
        Ok(lambda::invoke(self, &function, &delivery.payload, InvokeOptions::default()).await)
    }

    /// Waits until everything that was sent to functions is done, retries included, and gives the invocations that
    /// ended since it was last asked.
    pub async fn settle(&self) -> Vec<Invocation> {
        self.courier().settle().await
    }

    /// The same as [`World::settle`].
    pub async fn deliver_pending(&self) -> Vec<Invocation> {
        self.settle().await
    }

    /// Invokes a function with an event of one's own.
    ///
    /// # Errors
    /// [`SandboxError::UnknownFunction`].
    pub async fn invoke(
        &self,
        account: &str,
        region: &str,
        function: &str,
        payload: &Value,
        options: InvokeOptions,
    ) -> Result<Invocation, SandboxError> {
        let function = self.installed(&Place::new(account, region), function)?;
        Ok(lambda::invoke(self, &function, &payload.to_string(), options).await)
    }

    fn installed(&self, place: &Place, name: &str) -> Result<Function, SandboxError> {
        self.function(place, name).ok_or_else(|| SandboxError::UnknownFunction(name.to_owned()))
    }
}
