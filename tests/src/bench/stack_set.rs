//! The `StackSet` of an installation, in every account of an organization but the management account. Its stacks are
//! records only.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::DisplayErrorContext;
use aws_sdk_cloudformation::types::builders::ParameterBuilder;
use aws_sdk_cloudformation::types::{AutoDeployment, DeploymentTargets, Parameter, PermissionModels};
use serde_json::{Map, Value, json};

use super::BenchError;
use crate::sandbox::{LightStackSets, Sandbox, StackSetsAccess};

const NAME: &str = "notebook-guard";
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Puts it there, with an instance in each of the Regions of each account under the root.
pub(super) async fn put(
    sandbox: &Sandbox,
    (management, home): (&str, &str),
    (root, regions): (&str, &[&str]),
    parameters: &[(String, String)],
) -> Result<(), BenchError> {
    let world = sandbox.world();
    world.set_stack_sets_access(StackSetsAccess::Enabled)?;
    world.set_light_stack_sets(Some(LightStackSets::default()));
    let client = Client::new(&sandbox.sdk(management, home)?.load().await);

    let declared: Map<String, Value> =
        parameters.iter().map(|(name, _)| (name.clone(), json!({"Type": "String"}))).collect();
    let template = json!({"Parameters": declared, "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}});
    let given = parameters.iter().map(|(name, value)| Parameter::builder().parameter_key(name).parameter_value(value));
    let set = client.create_stack_set().stack_set_name(NAME).template_body(template.to_string());
    let set = set.set_parameters(Some(given.map(ParameterBuilder::build).collect()));
    let set = set.permission_model(PermissionModels::ServiceManaged);
    set.auto_deployment(AutoDeployment::builder().enabled(false).build())
        .send()
        .await
        .map_err(|error| failed(&error))?;

    let targets = DeploymentTargets::builder().organizational_unit_ids(root).build();
    let instances = client.create_stack_instances().stack_set_name(NAME).deployment_targets(targets);
    let begun = instances.set_regions(Some(regions.iter().map(|&one| one.to_owned()).collect())).send().await;
    let begun = begun.map_err(|error| failed(&error))?;
    loop {
        let look =
            client.describe_stack_set_operation().stack_set_name(NAME).set_operation_id(begun.operation_id.clone());
        let answer = look.send().await.map_err(|error| failed(&error))?;
        if answer.stack_set_operation().is_some_and(|operation| operation.end_timestamp().is_some()) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> BenchError {
    BenchError::Unexpected(DisplayErrorContext(error).to_string())
}
