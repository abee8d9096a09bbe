//! The next installation mends what somebody switched off, and the one after it has nothing to do.

use std::time::Duration;

use aws_sdk_cloudformation::types::{Capability, ManagedExecution, Parameter};

use crate::runner::Ran;
use crate::stage::{HOME, MANAGEMENT, SET, Stage, words};

async fn install(stage: &Stage) -> Ran {
    let code = Stage::code();
    stage.run(&["install", "--org", "--yes", "--region", "all", "--code", code.path().to_str().unwrap()]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn managed_execution_is_switched_on_again() {
    let stage = Stage::new().await;
    let ran = install(&stage).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    let names = stage.set().unwrap().parameters.into_keys();
    let parameters = names.map(|name| Parameter::builder().parameter_key(name).use_previous_value(true).build());
    let call = client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let call = call.set_parameters(Some(parameters.collect())).capabilities(Capability::CapabilityNamedIam);
    let off = ManagedExecution::builder().active(false).build();
    let id = call.managed_execution(off).send().await.unwrap().operation_id.unwrap();
    loop {
        let call = client.describe_stack_set_operation().stack_set_name(SET).operation_id(&id);
        let operation = call.send().await.unwrap().stack_set_operation.unwrap();
        if operation.end_timestamp().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!stage.set().unwrap().managed_execution);
    let status = stage.run(&["status", "--org"]).await;
    assert!(words(&status.stdout).contains("managed execution"), "{}", status.shown());
    let ran = install(&stage).await;
    assert_eq!((ran.code, stage.set().unwrap().managed_execution), (0, true), "{}", ran.shown());
    stage.world().calls().clear();
    let ran = install(&stage).await;
    assert_eq!((ran.code, stage.writes()), (0, Vec::new()), "{}", ran.shown());
    stage.sandbox.stop().await;
}
