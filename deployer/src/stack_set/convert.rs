//! From the SDK's shapes to ours. What lacks its id is left out.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    self as sdk, StackInstanceSummary, StackSetOperation, StackSetOperationResultSummary,
    StackSetOperationStatusDetails, StackSetOperationSummary,
};
use sha2::{Digest as _, Sha256};

use super::intern::Interner;
use super::model::{
    Action, AutoDeployment, DetailedStatus, Instance, InstanceStatus, Operation, OperationResult, OperationStatus,
    PermissionModel, ResultStatus, SetStatus, StackSet,
};
use crate::digest::hexadecimal;

/// A StackSet that is not deleted.
pub(super) fn stack_set(set: sdk::StackSet) -> Option<StackSet> {
    let status = SetStatus::of(set.status().map_or("", sdk::StackSetStatus::as_str));
    if status == SetStatus::Deleted {
        return None;
    }
    let pair = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), value.unwrap_or_default().to_owned()));
    let parameters = set.parameters().iter().filter_map(|one| pair(one.parameter_key(), one.parameter_value()));
    let parameters: BTreeMap<String, String> = parameters.collect();
    let tags = set.tags().iter().filter_map(|tag| pair(tag.key(), tag.value())).collect();
    let auto_deployment = set.auto_deployment().map_or_else(AutoDeployment::default, |automatic| AutoDeployment {
        is_on: automatic.enabled().unwrap_or_default(),
        retains_stacks: automatic.retain_stacks_on_account_removal().unwrap_or_default(),
    });
    let permission_model = PermissionModel::of(set.permission_model().map_or("", sdk::PermissionModels::as_str));
    let is_managed_execution = set.managed_execution().and_then(sdk::ManagedExecution::active).unwrap_or_default();
    Some(StackSet {
        name: set.stack_set_name?,
        id: set.stack_set_id.unwrap_or_default(),
        arn: set.stack_set_arn.unwrap_or_default(),
        status,
        permission_model,
        parameters,
        tags,
        auto_deployment,
        is_managed_execution,
        units: set.organizational_unit_ids.unwrap_or_default(),
        regions: set.regions.unwrap_or_default(),
        template_digest: digest_of_template(&set.template_body.unwrap_or_default()),
    })
}

/// The digest by which templates are compared. White space around a template says nothing, and CloudFormation may drop it.
pub(crate) fn digest_of_template(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.trim()))
}

/// An instance.
pub(super) fn instance(row: &StackInstanceSummary, seen: &mut Interner) -> Instance {
    let detailed = row.stack_instance_status().and_then(|status| status.detailed_status());
    let detailed = DetailedStatus::of(detailed.map_or("", sdk::StackInstanceDetailedStatus::as_str));
    let mut reason = seen.reason(row.status_reason());
    if reason.is_none() && detailed == DetailedStatus::SkippedSuspendedAccount {
        reason = Some(seen.reasons.suspended());
    }
    Instance {
        account: seen.name(row.account().unwrap_or_default()),
        region: seen.name(row.region().unwrap_or_default()),
        unit: seen.name(row.organizational_unit_id().unwrap_or_default()),
        status: InstanceStatus::of(row.status().map_or("", sdk::StackInstanceStatus::as_str)),
        detailed,
        reason,
        last_operation: row.last_operation_id().map(|id| seen.name(id)),
        has_stack: row.stack_id().is_some_and(|id| !id.is_empty()),
    }
}

/// What an operation did in one account and Region.
pub(super) fn result(row: &StackSetOperationResultSummary, seen: &mut Interner) -> OperationResult {
    OperationResult {
        account: seen.name(row.account().unwrap_or_default()),
        region: seen.name(row.region().unwrap_or_default()),
        unit: seen.name(row.organizational_unit_id().unwrap_or_default()),
        status: ResultStatus::of(row.status().map_or("", sdk::StackSetOperationResultStatus::as_str)),
        reason: seen.reason(row.status_reason()),
    }
}

/// An operation as it is described.
pub(super) fn operation(operation: StackSetOperation) -> Option<Operation> {
    Some(Operation {
        action: Action::of(operation.action().map_or("", sdk::StackSetOperationAction::as_str)),
        status: OperationStatus::of(operation.status().map_or("", sdk::StackSetOperationStatus::as_str)),
        failed_count: failed_count(operation.status_details()),
        id: operation.operation_id?,
        reason: operation.status_reason,
        created: operation.creation_timestamp,
        ended: operation.end_timestamp,
    })
}

/// An operation as it is listed.
pub(super) fn operation_summary(operation: StackSetOperationSummary) -> Option<Operation> {
    Some(Operation {
        action: Action::of(operation.action().map_or("", sdk::StackSetOperationAction::as_str)),
        status: OperationStatus::of(operation.status().map_or("", sdk::StackSetOperationStatus::as_str)),
        failed_count: failed_count(operation.status_details()),
        id: operation.operation_id?,
        reason: operation.status_reason,
        created: operation.creation_timestamp,
        ended: operation.end_timestamp,
    })
}

fn failed_count(details: Option<&StackSetOperationStatusDetails>) -> Option<usize> {
    usize::try_from(details?.failed_stack_instances_count()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_template_is_no_change() {
        let ours = digest_of_template("Resources: {}\n");
        assert_eq!(digest_of_template("Resources: {}"), ours);
        assert_ne!(digest_of_template("Resources: { }"), ours);
    }
}
