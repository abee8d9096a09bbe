//! The services of the sandbox. A new one is a folder, and a line in [`SERVICES`].

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::credentials::Credential;
use super::model::Model;
use super::refusal::Refusal;
use super::state::State;
use super::{
    cloudformation, config, ec2, iam, kms, lambda, logs, monitoring, organizations, quotas, s3, sagemaker, sts,
};

/// Every service that the sandbox has.
pub(crate) const SERVICES: [&Service; 13] = [
    &cloudformation::SERVICE,
    &config::SERVICE,
    &ec2::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &monitoring::SERVICE,
    &organizations::SERVICE,
    &quotas::SERVICE,
    &s3::SERVICE,
    &sagemaker::SERVICE,
    &sts::SERVICE,
];

/// Does one operation: reads or changes the state, and answers with the operation's output.
pub(crate) type Handler = fn(&mut State, &Call<'_>) -> Result<Value, Refusal>;

/// One service.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name in a credential scope.
    pub(crate) name: &'static str,
    /// Its model, as JSON.
    pub(crate) model_text: &'static str,
    /// What it can do.
    pub(crate) operations: &'static [(&'static str, Handler)],
}

impl Service {
    /// The handler of an operation.
    pub(crate) fn handler(&self, operation: &str) -> Option<Handler> {
        self.operations.iter().find(|(name, _)| *name == operation).map(|(_, handler)| *handler)
    }

    /// The service's model.
    pub(crate) fn model(&self) -> Option<&'static Model> {
        MODELS.get(self.name)
    }
}

static MODELS: LazyLock<HashMap<&'static str, Model>> = LazyLock::new(|| {
    let parsed = |service: &&'static Service| Some((service.name, Model::parse(service.model_text).ok()?));
    SERVICES.iter().filter_map(parsed).collect()
});

/// The service with that name in a credential scope.
pub(crate) fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.name == name)
}

/// One request that was authenticated and has passed its service's model.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The operation.
    pub(crate) operation: &'a str,
    /// Whose account.
    pub(crate) account: &'a str,
    /// Which Region.
    pub(crate) region: &'a str,
    /// Who called.
    pub(crate) caller: &'a Credential,
    /// The request, by the model's member names; members that are null are left out.
    pub(crate) input: &'a Value,
    /// Resource ids that a fault lets fail inside this call.
    pub(crate) failing: &'a [String],
}

impl<'a> Call<'a> {
    /// A string member.
    pub(crate) fn text(&self, member: &str) -> Option<&'a str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// A string member that the model requires; empty if it was not checked.
    pub(crate) fn required(&self, member: &str) -> &'a str {
        self.text(member).unwrap_or_default()
    }

    /// A number member that is a size.
    pub(crate) fn count(&self, member: &str) -> Option<usize> {
        self.input.get(member).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
    }

    /// A boolean member; false if absent.
    pub(crate) fn flag(&self, member: &str) -> bool {
        self.input.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A list member; empty if absent.
    pub(crate) fn list(&self, member: &str) -> &'a [Value] {
        self.input.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// A list-of-strings member.
    pub(crate) fn texts(&self, member: &str) -> Vec<&'a str> {
        self.list(member).iter().filter_map(Value::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::SERVICES;

    #[test]
    fn every_operation_is_in_its_model_and_every_model_operation_is_served() {
        for service in SERVICES {
            let model = service.model().unwrap();
            for (operation, _) in service.operations {
                assert!(model.operation(operation).is_some(), "{}.{operation}", service.name);
            }
            assert_eq!(service.operations.len(), model.operation_count(), "{}", service.name);
        }
    }
}
