//! One operation at a time, or a queue of them; and the ids that make a second attempt the same.

use std::time::Duration;

use aws_sdk_cloudformation::types::ManagedExecution;

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{FAR, GROUP, MEMBERS, SET, Stage, all_at_once, auto_deployment, create, units};

impl Stage {
    async fn begin(&self, unit: &str, id: &str) -> Result<(), (String, String)> {
        let asked = self.client.create_stack_instances().stack_set_name(SET).operation_id(id).regions(REGION);
        let asked = asked.deployment_targets(units(&[unit])).operation_preferences(all_at_once());
        let sent = asked.send().await;
        if sent.is_ok() { Ok(()) } else { Err(refusal(sent)) }
    }

    async fn status(&self, id: &str) -> String {
        self.operation(id).await.status.unwrap().as_str().to_owned()
    }
}

#[tokio::test]
async fn an_operation_id_is_used_once_also_while_its_operation_runs() {
    let stage = Stage::new().await;
    create(&stage.client, GROUP, false, false).await;
    stage.world().set_stack_delay(Duration::from_mins(1));
    stage.begin(&stage.prod, "ng-1").await.unwrap();
    let twice = stage.begin(&stage.prod, "ng-1").await.unwrap_err();
    assert_eq!(twice.0, "OperationIdAlreadyExistsException", "a client that was killed finds its operation by this");
    let (code, message) = stage.begin(&stage.prod, "ng-2").await.unwrap_err();
    assert_eq!(code, "OperationInProgressException");
    assert!(
        message
            .starts_with("Another Operation on StackSet arn:aws:cloudformation:eu-west-1:111122223333:stackset/guard:")
    );
    assert!(message.ends_with(" is in progress: ng-1"), "{message}");
    let delete = stage.client.delete_stack_set().stack_set_name(SET).send().await;
    assert_eq!(refusal(delete).0, "OperationInProgressException");
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true).send().await;
    assert_eq!(refusal(update).0, "OperationInProgressException");
    stage.world().set_stack_delay(Duration::ZERO);
    stage.world().clock().advance(Duration::from_hours(1));
    stage.ended("ng-1").await;
    stage.begin(&stage.prod, "ng-2").await.unwrap();
}

#[tokio::test]
async fn managed_execution_runs_what_does_not_touch_and_queues_what_does() {
    let stage = Stage::with_set(GROUP).await;
    let other = stage.world().add_unit(&stage.root, "Other").unwrap();
    stage.world().move_account(MEMBERS[2], &other).unwrap();
    stage.world().set_stack_delay(Duration::from_mins(1));
    stage.begin(&stage.prod, "ng-1").await.unwrap();
    stage.begin(&stage.prod, "ng-2").await.unwrap();
    stage.begin(&other, "ng-3").await.unwrap();
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true).operation_id("ng-4");
    update.auto_deployment(auto_deployment(true)).send().await.unwrap();
    assert_eq!(stage.status("ng-1").await, "RUNNING");
    assert_eq!(stage.status("ng-2").await, "QUEUED", "the same accounts and Regions");
    assert_eq!(stage.status("ng-3").await, "RUNNING", "others");
    assert_eq!(stage.status("ng-4").await, "QUEUED", "the whole set");
    let mode = ManagedExecution::builder().active(false).build();
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let changed = update.managed_execution(mode).send().await;
    assert_eq!(refusal(changed).0, "InvalidOperationException");
    stage.world().set_stack_delay(Duration::ZERO);
    stage.world().clock().advance(Duration::from_hours(1));
    for id in ["ng-1", "ng-2", "ng-3", "ng-4"] {
        assert_eq!(stage.ended(id).await.status.unwrap().as_str(), "SUCCEEDED", "{id}");
    }
    let listed = stage.client.list_stack_set_operations().stack_set_name(SET).send().await.unwrap();
    let ids: Vec<_> = listed.summaries().iter().filter_map(|operation| operation.operation_id()).collect();
    assert_eq!(ids, ["ng-4", "ng-3", "ng-2", "ng-1"], "newest first");
}

#[tokio::test]
async fn an_operation_of_somebody_else_runs_until_it_is_ended() {
    let stage = Stage::new().await;
    create(&stage.client, GROUP, false, false).await;
    let foreign = stage.world().begin_foreign_operation(REGION, SET).unwrap();
    let (code, message) = stage.begin(&stage.prod, "ng-1").await.unwrap_err();
    assert_eq!(code, "OperationInProgressException");
    assert!(message.ends_with(&foreign));
    assert_eq!(stage.status(&foreign).await, "RUNNING");
    stage.world().end_foreign_operation(REGION, SET, &foreign).unwrap();
    assert_eq!(stage.status(&foreign).await, "SUCCEEDED");
    stage.begin(&stage.prod, "ng-1").await.unwrap();
    // Where operations are managed, ours waits in the queue.
    let managed = Stage::with_set(GROUP).await;
    let foreign = managed.world().begin_foreign_operation(REGION, SET).unwrap();
    managed.begin(&managed.prod, "ng-1").await.unwrap();
    assert_eq!(managed.status("ng-1").await, "QUEUED");
    managed.world().end_foreign_operation(REGION, SET, &foreign).unwrap();
    assert_eq!(managed.ended("ng-1").await.status.unwrap().as_str(), "SUCCEEDED");
}

#[tokio::test]
async fn a_stopped_operation_finishes_what_it_has_begun_and_cancels_the_rest() {
    let stage = Stage::with_set(GROUP).await;
    stage.world().set_stack_delay(Duration::from_mins(1));
    let asked = stage.client.create_stack_instances().stack_set_name(SET).operation_id("ng-1").regions(REGION);
    asked.regions(FAR).deployment_targets(units(&[&stage.prod])).send().await.unwrap();
    stage.begin(&stage.prod, "ng-2").await.unwrap();
    stage.world().clock().advance(Duration::from_mins(1));
    assert_eq!(stage.status("ng-1").await, "RUNNING");
    let stop = |id: &str| stage.client.stop_stack_set_operation().stack_set_name(SET).operation_id(id).send();
    stop("ng-1").await.unwrap();
    assert_eq!(stage.status("ng-1").await, "STOPPING");
    stop("ng-2").await.unwrap();
    assert_eq!(stage.status("ng-2").await, "STOPPED");
    stage.world().set_stack_delay(Duration::ZERO);
    stage.world().clock().advance(Duration::from_hours(1));
    assert_eq!(stage.ended("ng-1").await.status.unwrap().as_str(), "STOPPED");
    let results = stage.results("ng-1").await;
    let words: Vec<_> = results.iter().map(|result| result.status.as_ref().unwrap().as_str()).collect();
    assert_eq!(words.iter().filter(|word| **word == "SUCCEEDED").count(), 1, "{words:?}");
    assert_eq!(words.iter().filter(|word| **word == "CANCELLED").count(), 5, "{words:?}");
    assert_eq!(refusal(stop("ng-1").await).0, "InvalidOperationException");
    assert_eq!(refusal(stop("ng-9").await).0, "OperationNotFoundException");
}
