//! CloudFormation's own comparison of what is there with what its template says.
//!
//! It does not see the function's code, which it cannot read back
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html>): the code is compared
//! by its digest instead.

use std::time::Duration;

use aws_sdk_cloudformation::types::{StackDriftDetectionStatus, StackResourceDrift, StackResourceDriftStatus};
use tokio::time::{Instant, sleep};

use crate::apply::{Event, What};
use crate::aws::{AwsRefusal, Clients, refused};
use crate::observe::{Read, StackState};

const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// CloudFormation takes a minute or so for a stack of this size.
const LONGEST: Duration = Duration::from_mins(15);

/// What differs from the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The resources that are gone or changed.
    pub resources: Vec<DriftedResource>,
    /// Why some resources could not be compared, in CloudFormation's words.
    pub incomplete: Option<String>,
}

/// A resource that is not as the template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftedResource {
    /// Its logical id.
    pub logical: String,
    /// Its type.
    pub kind: String,
    /// Its name or ARN.
    pub physical: String,
    /// Whether it is gone.
    pub is_gone: bool,
    /// The properties that differ, as JSON pointers.
    pub properties: Vec<String>,
}

/// Lets CloudFormation compare, and waits for the end.
pub(super) async fn detect(clients: &Clients, stack: &StackState, on: &dyn Fn(Event)) -> Read<Drift> {
    let tell = |what| on(Event { region: clients.region.clone(), what });
    let began = clients.cloudformation.detect_stack_drift().stack_name(&stack.id).send().await;
    let began = began.map_err(|error| refused("cloudformation:DetectStackDrift", &clients.region, &error))?;
    let name = format!("comparison of stack {}", stack.name);
    tell(What::Began(name.clone()));
    let incomplete = ended(clients, began.stack_drift_detection_id().unwrap_or_default()).await?;
    let resources = drifted(clients, &stack.id).await?;
    tell(What::Finished(name));
    Ok(Drift { resources, incomplete })
}

/// Waits for the end, and says why some resources were not compared.
async fn ended(clients: &Clients, id: &str) -> Read<Option<String>> {
    const CALL: &str = "cloudformation:DescribeStackDriftDetectionStatus";
    let (mut pause, began) = (PAUSES.0, Instant::now());
    loop {
        let call = clients.cloudformation.describe_stack_drift_detection_status().stack_drift_detection_id(id);
        let answer = call.send().await.map_err(|error| refused(CALL, &clients.region, &error))?;
        match answer.detection_status() {
            Some(StackDriftDetectionStatus::DetectionComplete) => return Ok(None),
            Some(StackDriftDetectionStatus::DetectionFailed) => {
                let reason = answer.detection_status_reason().unwrap_or("CloudFormation does not say why");
                return Ok(Some(reason.to_owned()));
            }
            _ => {}
        }
        if began.elapsed() > LONGEST {
            return Err(AwsRefusal {
                call: CALL.to_owned(),
                region: clients.region.clone(),
                code: None,
                message: format!("drift detection has not ended after {} s", LONGEST.as_secs()),
                request_id: None,
            });
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES.1);
    }
}

async fn drifted(clients: &Clients, id: &str) -> Read<Vec<DriftedResource>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let call = clients.cloudformation.describe_stack_resource_drifts().stack_name(id).set_next_token(next);
        let call = call
            .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted)
            .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified);
        let answer = call.send().await;
        let answer =
            answer.map_err(|error| refused("cloudformation:DescribeStackResourceDrifts", &clients.region, &error))?;
        found.extend(answer.stack_resource_drifts().iter().map(resource));
        next = answer.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn resource(drift: &StackResourceDrift) -> DriftedResource {
    DriftedResource {
        logical: drift.logical_resource_id().unwrap_or_default().to_owned(),
        kind: drift.resource_type().unwrap_or_default().to_owned(),
        physical: drift.physical_resource_id().unwrap_or_default().to_owned(),
        is_gone: drift.stack_resource_drift_status() == Some(&StackResourceDriftStatus::Deleted),
        properties: drift
            .property_differences()
            .iter()
            .filter_map(|one| one.property_path().map(str::to_owned))
            .collect(),
    }
}
