//! Making a StackSet, without instances and with automatic deployment off.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Capability, ManagedExecution, PermissionModels};

use super::failure::SetFailure;
use super::model::{PermissionModel, StackSet};
use super::read::Sets;
use super::task::{automatic, tags, with_values};
use crate::aws::{AwsRefusal, refused};

/// What a StackSet is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The template's text.
    pub(crate) template: &'a str,
    /// All parameters.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// All tags.
    pub(crate) tags: &'a BTreeMap<String, String>,
}

impl Sets {
    /// Makes a StackSet. One that is there already is good if it is the same: an earlier run made it.
    pub(crate) async fn create(&self, wanted: Wanted<'_>) -> Result<(), SetFailure> {
        match self.try_create(wanted).await {
            Ok(()) => Ok(()),
            Err(refusal) if refusal.code.as_deref() == Some("NameAlreadyExistsException") => {
                let there = self.find(wanted.name).await?;
                let why = there.as_ref().map_or(Some("it is there and cannot be read"), |set| difference(set, wanted));
                why.map_or(Ok(()), |why| Err(SetFailure::Other { set: wanted.name.to_owned(), why: why.to_owned() }))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    async fn try_create(&self, wanted: Wanted<'_>) -> Result<(), AwsRefusal> {
        let call = self.client.create_stack_set().stack_set_name(wanted.name).template_body(wanted.template);
        let call = call
            .description("Notebook Guard, made by deployer install --org")
            .set_parameters(Some(with_values(wanted.parameters)))
            .set_tags(Some(tags(wanted.tags)))
            .capabilities(Capability::CapabilityNamedIam)
            .permission_model(PermissionModels::ServiceManaged)
            .auto_deployment(automatic(false))
            .managed_execution(ManagedExecution::builder().active(true).build());
        let answer = call.call_as(self.call_as.into()).send().await;
        answer.map(drop).map_err(|error| refused("cloudformation:CreateStackSet", &self.region, &error))
    }
}

/// What of a StackSet is not as wanted.
fn difference(set: &StackSet, wanted: Wanted<'_>) -> Option<&'static str> {
    if !set.is_ours() {
        Some("it was not made by deployer")
    } else if set.permission_model != PermissionModel::ServiceManaged {
        Some("it is not service-managed")
    } else if set.tags != *wanted.tags || set.parameters != *wanted.parameters {
        Some("it was made with other settings")
    } else {
        None
    }
}
