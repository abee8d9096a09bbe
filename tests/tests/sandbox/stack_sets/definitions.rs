//! Making, changing, listing and deleting the sets themselves.

use aws_sdk_cloudformation::types::{Capability, ManagedExecution, PermissionModels, StackSetStatus, Tag};
use guard_tests::sandbox::World;

use crate::sandbox::client::REGION;
use crate::sandbox::rust_sdk::refusal;
use crate::sandbox::stack_sets::{GROUP, SET, Stage, all_at_once, auto_deployment, definition, units};

#[tokio::test]
async fn a_name_is_taken_once_and_a_token_gives_the_same_set_until_it_is_changed() {
    let stage = Stage::new().await;
    let asked = definition(&stage.client, GROUP, false, true).client_request_token("t-1");
    let id = asked.clone().send().await.unwrap().stack_set_id.unwrap();
    assert!(id.starts_with("guard:"), "{id}");
    assert_eq!(asked.clone().send().await.unwrap().stack_set_id.as_deref(), Some(id.as_str()));
    let other = definition(&stage.client, GROUP, false, true).client_request_token("t-2").send().await;
    assert_eq!(refusal(other).0, "NameAlreadyExistsException");
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    update.tags(Tag::builder().key("a").value("b").build()).send().await.unwrap();
    assert_eq!(refusal(asked.send().await).0, "CreatedButModifiedException");
    let by_id = stage.client.describe_stack_set().stack_set_name(&id).send().await.unwrap().stack_set.unwrap();
    assert_eq!(by_id.tags.unwrap()[0].key.as_deref(), Some("a"));
}

#[tokio::test]
async fn what_aws_would_not_deploy_is_refused_before_anything_is_there() {
    let stage = Stage::new().await;
    let ask = |template: &str| definition(&stage.client, template, false, true);
    let cases = [
        (ask(GROUP).permission_model(PermissionModels::SelfManaged), "ValidationError", "self-managed"),
        (ask(GROUP).set_auto_deployment(None), "ValidationError", "AutoDeployment"),
        (ask(GROUP).set_template_body(None), "ValidationError", "Either Template URL or Template Body"),
        (ask("Transform: X\nResources: {}"), "ValidationError", "transforms or macros"),
        (ask("Resources: {S: {Type: 'AWS::CloudFormation::Stack'}}"), "ValidationError", "nested stacks"),
        (ask(&format!("{GROUP}#{}", "x".repeat(51_200))), "ValidationError", "51200"),
        (
            ask("Parameters: {P: {Type: String}}\nResources: {G: {Type: 'AWS::Logs::LogGroup'}}"),
            "ValidationError",
            "[P]",
        ),
        (ask(GROUP).parameters(parameter("Nope", "1")), "ValidationError", "[Nope] do not exist"),
        (ask(GROUP).stack_set_name("1-bad"), "ValidationError", "Value '1-bad' at 'stackSetName'"),
    ];
    for (asked, code, text) in cases {
        let (said, message) = refusal(asked.send().await);
        assert!(said == code && message.contains(text), "{said}: {message}");
    }
    assert_eq!(stage.world().stack_sets(REGION), []);
}

pub(crate) fn parameter(key: &str, value: &str) -> aws_sdk_cloudformation::types::Parameter {
    aws_sdk_cloudformation::types::Parameter::builder().parameter_key(key).parameter_value(value).build()
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_name_and_replaces_tags() {
    let stage = Stage::new().await;
    let tag = |key: &str| Tag::builder().key(key).value("1").build();
    let asked = definition(&stage.client, GROUP, false, true).tags(tag("a")).parameters(parameter("Days", "90"));
    asked.description("first").send().await.unwrap();
    let update = || stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let keep = aws_sdk_cloudformation::types::Parameter::builder().parameter_key("Days").use_previous_value(true);
    update().parameters(keep.build()).send().await.unwrap();
    let seen = || stage.set();
    assert_eq!((seen().parameters["Days"].as_str(), seen().tags["a"].as_str()), ("90", "1"));
    update().tags(tag("b")).auto_deployment(auto_deployment(true)).send().await.unwrap();
    assert_eq!(seen().parameters["Days"], "30", "a value that is not repeated is the template's");
    assert_eq!(seen().tags.into_keys().collect::<Vec<_>>(), ["b"]);
    assert!(seen().auto_deployment);
    let both =
        update().auto_deployment(auto_deployment(false)).deployment_targets(units(&[&stage.prod])).regions(REGION);
    assert_eq!(refusal(both.send().await).0, "ValidationError");
    let half = update().regions(REGION).send().await;
    assert_eq!(refusal(half).0, "ValidationError");
    let retain = aws_sdk_cloudformation::types::AutoDeployment::builder().enabled(false);
    let retain = update().auto_deployment(retain.retain_stacks_on_account_removal(true).build()).send().await;
    assert_eq!(refusal(retain).0, "ValidationError");
    let nothing = stage.client.update_stack_set().stack_set_name(SET).send().await;
    assert_eq!(refusal(nothing).1, "Either Template URL or Template Body must be specified.");
    let role = update().execution_role_name("r").send().await;
    assert_eq!(refusal(role).0, "ValidationError");
}

#[tokio::test]
async fn a_set_is_deleted_once_it_is_empty_and_can_still_be_read_by_its_id() {
    let stage = Stage::with_set(GROUP).await;
    stage.deploy(&stage.prod).await;
    let delete = || stage.client.delete_stack_set().stack_set_name(SET).send();
    assert_eq!(refusal(delete().await).0, "StackSetNotEmptyException");
    let asked = stage.client.delete_stack_instances().stack_set_name(SET).retain_stacks(false).regions(REGION);
    let asked = asked.regions("us-east-1").deployment_targets(units(&[&stage.prod]));
    let id = asked.operation_preferences(all_at_once()).send().await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    assert!(stage.set().targets.is_empty(), "the unit is no target any longer");
    let id = stage.set().id;
    delete().await.unwrap();
    delete().await.unwrap();
    let gone = stage.client.describe_stack_set().stack_set_name(SET).send().await;
    assert_eq!(refusal(gone).0, "StackSetNotFoundException");
    let read = stage.client.describe_stack_set().stack_set_name(&id).send().await.unwrap().stack_set.unwrap();
    assert_eq!(read.status, Some(StackSetStatus::Deleted));
    let listed = async |status| {
        let page = stage.client.list_stack_sets().set_status(status).send().await.unwrap();
        page.summaries().len()
    };
    assert_eq!([listed(Some(StackSetStatus::Active)).await, listed(None).await], [0, 1]);
}

#[tokio::test]
async fn a_region_holds_so_many_sets_and_they_are_listed_in_pages() {
    let stage = Stage::new().await;
    stage.world().set_stack_set_quota(5);
    for at in 0..5 {
        let asked = definition(&stage.client, GROUP, false, true).stack_set_name(format!("set-{at}"));
        asked.send().await.unwrap();
    }
    assert_eq!(refusal(definition(&stage.client, GROUP, false, true).send().await).0, "LimitExceededException");
    let all = stage.client.list_stack_sets().max_results(2).into_paginator().items().send();
    assert_eq!(all.collect::<Result<Vec<_>, _>>().await.unwrap().len(), 5);
    assert_eq!(stage.world().calls().count("cloudformation", "ListStackSets"), 3);
}

#[tokio::test]
async fn a_template_in_a_bucket_will_do_and_the_summary_of_a_set_is_its_template_s() {
    let stage = Stage::new().await;
    let world: &World = stage.world();
    world.put_bucket(crate::sandbox::client::ACCOUNT, REGION, "templates").unwrap();
    world.put_object("templates", "t.yaml", GROUP.into()).unwrap();
    let asked = definition(&stage.client, GROUP, false, true).set_template_body(None);
    asked.template_url("https://templates.s3.eu-west-1.amazonaws.com/t.yaml").send().await.unwrap();
    let summary = stage.client.get_template_summary().stack_set_name(SET).send().await.unwrap();
    assert_eq!(summary.parameters().len(), 2);
    let mode = ManagedExecution::builder().active(false).build();
    let update = stage.client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    update.managed_execution(mode).capabilities(Capability::CapabilityIam).send().await.unwrap();
    assert!(!stage.set().managed_execution);
}
