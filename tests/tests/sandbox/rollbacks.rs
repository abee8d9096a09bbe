//! What happens when a resource cannot be made, changed or deleted.

use guard_tests::sandbox::ResourceAction;

use super::client::{ACCOUNT, REGION};
use super::stacks::{call, create, quick, refused, stack};

const TWO: &str = "Parameters: {Days: {Type: Number, Default: 1}}\nResources:\n  \
    First: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /first, RetentionInDays: !Ref Days}}\n  \
    Second: {Type: 'AWS::Logs::LogGroup', DependsOn: First, Properties: {LogGroupName: /second, RetentionInDays: !Ref Days}}\n";
const DAYS: [(&str, &str); 4] = [
    ("StackName", "s"),
    ("UsePreviousTemplate", "true"),
    ("Parameters.member.1.ParameterKey", "Days"),
    ("Parameters.member.1.ParameterValue", "7"),
];

#[tokio::test]
async fn a_creation_that_fails_is_rolled_back() {
    let (sandbox, client) = quick().await;
    create(
        &sandbox,
        &client,
        "owner",
        &[("TemplateBody", "Resources: {G: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /second}}}")],
    )
    .await;
    let seen = create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
    assert_eq!(seen.status, "ROLLBACK_COMPLETE");
    let reason = seen.events.iter().find(|event| event.1 == "CREATE_FAILED").unwrap();
    assert_eq!(reason.0, "Second");
    let said = reason.2.as_deref().unwrap();
    assert!(said.starts_with("Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup'"), "{said}");
    assert!(said.ends_with("HandlerErrorCode: AlreadyExists)"), "{said}");
    let rollback = seen.events.iter().find(|event| event.1 == "ROLLBACK_IN_PROGRESS").unwrap();
    assert_eq!(
        rollback.2.as_deref(),
        Some("The following resource(s) failed to create: [Second]. Rollback requested by user.")
    );
    assert!(seen.resources.values().all(|resource| resource.status == "DELETE_COMPLETE"), "{seen:?}");
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await["logGroups"].clone();
    assert_eq!(groups.as_array().unwrap().len(), 1, "the other's group stays");
    let update = refused(&client, "UpdateStack", &[("StackName", "s"), ("TemplateBody", TWO)]).await;
    assert!(update.1.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{update:?}");
}

#[tokio::test]
async fn what_follows_a_failure_can_be_chosen() {
    let (sandbox, client) = quick().await;
    for (choice, status) in
        [("DELETE", "DELETE_COMPLETE"), ("DO_NOTHING", "CREATE_FAILED"), ("ROLLBACK", "ROLLBACK_COMPLETE")]
    {
        sandbox.world().fail_resource("Second", ResourceAction::Create, "on purpose", 1);
        let seen = create(&sandbox, &client, "s", &[("TemplateBody", TWO), ("OnFailure", choice)]).await;
        assert_eq!(seen.status, status);
        call(&client, "DeleteStack", &[("StackName", "s")]).await;
    }
    sandbox.world().fail_resource("AWS::Logs::LogGroup", ResourceAction::Create, "on purpose", 1);
    let fields = [
        ("StackName", "s"),
        ("ChangeSetName", "c"),
        ("ChangeSetType", "CREATE"),
        ("TemplateBody", TWO),
        ("OnStackFailure", "DELETE"),
    ];
    let id = call(&client, "CreateChangeSet", &fields).await.element("Id");
    call(&client, "ExecuteChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "s").unwrap(), None);
}

#[tokio::test]
async fn those_made_together_are_given_up_together() {
    let (sandbox, client) = quick().await;
    sandbox.world().fail_resource("A", ResourceAction::Create, "on purpose", 1);
    let body = "Resources: {A: {Type: 'AWS::Logs::LogGroup'}, B: {Type: 'AWS::Logs::LogGroup'}}";
    let seen = create(&sandbox, &client, "s", &[("TemplateBody", body)]).await;
    let cancelled = ("B".to_owned(), "CREATE_FAILED".to_owned(), Some("Resource creation cancelled".to_owned()));
    assert!(seen.events.contains(&cancelled), "{seen:?}");
    assert_eq!(seen.status, "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn an_update_that_fails_is_taken_back() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
    sandbox.world().fail_resource("Second", ResourceAction::Update, "on purpose", 1);
    call(&client, "UpdateStack", &DAYS).await;
    let seen = stack(&sandbox, "s");
    assert_eq!((seen.status.as_str(), seen.parameters["Days"].as_str()), ("UPDATE_ROLLBACK_COMPLETE", "1"));
    let statuses: Vec<&str> = seen.events.iter().filter(|event| event.0 == "s").map(|event| event.1.as_str()).collect();
    assert_eq!(
        statuses[2..],
        [
            "UPDATE_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE"
        ]
    );
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await["logGroups"].clone();
    assert!(groups.as_array().unwrap().iter().all(|group| group["retentionInDays"] == 1), "{groups}");
    call(&client, "UpdateStack", &DAYS).await;
    assert_eq!(stack(&sandbox, "s").status, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_replacement_is_taken_back_too() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
    sandbox.world().fail_resource("Second", ResourceAction::Update, "on purpose", 1);
    let renamed = TWO.replace("/first", "/renamed").replace("Default: 1", "Default: 3");
    call(&client, "UpdateStack", &[("StackName", "s"), ("TemplateBody", &renamed)]).await;
    let seen = stack(&sandbox, "s");
    assert_eq!(
        (seen.status.as_str(), seen.resources["First"].physical_id.as_str()),
        ("UPDATE_ROLLBACK_COMPLETE", "/first")
    );
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await["logGroups"].clone();
    let names: Vec<_> =
        groups.as_array().unwrap().iter().map(|group| group["logGroupName"].as_str().unwrap()).collect();
    assert_eq!(names, ["/first", "/second"]);
}

#[tokio::test]
async fn a_rollback_that_fails_can_be_continued() {
    let (sandbox, client) = quick().await;
    for skip in [false, true] {
        create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
        sandbox.world().fail_resource("Second", ResourceAction::Update, "on purpose", 1);
        sandbox.world().fail_resource("First", ResourceAction::Update, "now too", 0);
        sandbox.world().fail_resource("Second", ResourceAction::Update, "and back", 1);
        call(&client, "UpdateStack", &DAYS).await;
        assert_eq!(stack(&sandbox, "s").status, "UPDATE_ROLLBACK_FAILED");
        let update = refused(&client, "UpdateStack", &DAYS).await;
        assert!(update.1.contains("UPDATE_ROLLBACK_FAILED"), "{update:?}");
        let mut fields = vec![("StackName", "s")];
        if skip {
            fields.push(("ResourcesToSkip.member.1", "Second"));
        }
        let answer = call(&client, "ContinueUpdateRollback", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(stack(&sandbox, "s").status, "UPDATE_ROLLBACK_COMPLETE");
        assert_eq!(refused(&client, "ContinueUpdateRollback", &fields).await.0, "ValidationError");
        call(&client, "DeleteStack", &[("StackName", "s")]).await;
    }
}

#[tokio::test]
async fn a_deletion_that_fails_keeps_what_it_stands_on() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
    let early = [("StackName", "s"), ("RetainResources.member.1", "Second")];
    assert_eq!(refused(&client, "DeleteStack", &early).await.0, "ValidationError");
    sandbox.world().fail_resource("Second", ResourceAction::Delete, "on purpose", 2);
    call(&client, "DeleteStack", &[("StackName", "s")]).await;
    let seen = stack(&sandbox, "s");
    assert_eq!(seen.reason.as_deref(), Some("The following resource(s) failed to delete: [Second]. "));
    assert_eq!(seen.resources["First"].status, "CREATE_COMPLETE");
    call(&client, "DeleteStack", &early).await;
    assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "s").unwrap(), None);
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await["logGroups"].clone();
    assert_eq!(groups[0]["logGroupName"], "/second", "retained");
}

#[tokio::test]
async fn an_update_can_be_cancelled() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", TWO)]).await;
    assert_eq!(refused(&client, "CancelUpdateStack", &[("StackName", "s")]).await.0, "ValidationError");
    sandbox.world().set_stack_delay(std::time::Duration::from_mins(1));
    call(&client, "UpdateStack", &DAYS).await;
    sandbox.world().clock().advance(std::time::Duration::from_mins(1));
    assert_eq!(call(&client, "CancelUpdateStack", &[("StackName", "s")]).await.status, 200);
    sandbox.world().clock().advance(std::time::Duration::from_hours(1));
    assert_eq!(stack(&sandbox, "s").status, "UPDATE_ROLLBACK_COMPLETE");
}
