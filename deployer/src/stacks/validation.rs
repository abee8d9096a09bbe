//! What CloudFormation found wrong with a change set before it was executed: its status only says that something was.

use aws_sdk_cloudformation::types::{EventFilter, OperationEvent};

use super::FailedResource;
use crate::aws::Clients;

/// The resources that a change set failed on. Empty if CloudFormation does not tell: the call is younger than many an
/// operator's policy, and the change set's own reason is still there.
pub(super) async fn failures(clients: &Clients, change_set: &str) -> Vec<FailedResource> {
    let filter = EventFilter::builder().failed_events(true).build();
    let call = clients.cloudformation.describe_events().change_set_name(change_set).filters(filter);
    match call.send().await {
        Ok(answer) => answer.operation_events().iter().filter_map(failure).collect(),
        Err(_) => Vec::new(),
    }
}

/// A failure of a validation, a hook or a resource; events of the operation as a whole say nothing more.
fn failure(event: &OperationEvent) -> Option<FailedResource> {
    let reason = event
        .validation_status_reason()
        .or_else(|| event.hook_status_reason())
        .or_else(|| event.resource_status_reason())?;
    Some(FailedResource {
        logical: event.logical_resource_id().unwrap_or_default().to_owned(),
        kind: event.resource_type().unwrap_or_default().to_owned(),
        physical: event.physical_resource_id().unwrap_or_default().to_owned(),
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_validation_names_resource_and_reason() {
        let event = OperationEvent::builder()
            .logical_resource_id("Function")
            .resource_type("AWS::Lambda::Function")
            .physical_resource_id("notebook-guard-evaluator")
            .validation_status_reason("Resource of type 'AWS::Lambda::Function' already exists.")
            .build();
        let told = failure(&event).unwrap();
        assert_eq!((told.logical.as_str(), told.physical.as_str()), ("Function", "notebook-guard-evaluator"));
        assert!(told.reason.contains("already exists"));
        assert_eq!(failure(&OperationEvent::builder().logical_resource_id("stack").build()), None);
    }
}
