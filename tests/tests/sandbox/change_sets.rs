use std::time::Duration;

use super::client::{Client, sandbox};
use super::stacks::{GROUP, call, create, quick, refused, stack};

async fn change_set(client: &Client, name: &str, more: &[(&str, &str)]) -> String {
    let fields: Vec<_> =
        [("StackName", "s"), ("ChangeSetName", name)].into_iter().chain(more.iter().copied()).collect();
    let answer = call(client, "CreateChangeSet", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.element("Id")
}

#[tokio::test]
async fn a_new_stack_is_reviewed_before_it_is_made() {
    let (sandbox, client) = quick().await;
    let fields = [("ChangeSetType", "CREATE"), ("TemplateBody", GROUP), ("ClientToken", "c-1")];
    let id = change_set(&client, "first", &fields).await;
    assert_eq!(change_set(&client, "first", &fields).await, id, "the same token");
    assert_eq!(stack(&sandbox, "s").status, "REVIEW_IN_PROGRESS");
    let shown = call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(
        (shown.element("Status"), shown.element("ExecutionStatus")),
        ("CREATE_COMPLETE".into(), "AVAILABLE".into())
    );
    assert_eq!((shown.element("Action"), shown.element("LogicalResourceId")), ("Add".into(), "Group".into()));
    let execute = [("ChangeSetName", id.as_str()), ("ClientRequestToken", "e-1")];
    assert_eq!(call(&client, "ExecuteChangeSet", &execute).await.status, 200);
    assert_eq!(call(&client, "ExecuteChangeSet", &execute).await.status, 200, "the same token");
    assert_eq!(stack(&sandbox, "s").status, "CREATE_COMPLETE");
    let again = refused(&client, "ExecuteChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(again.0, "InvalidChangeSetStatus");
    let exists = [("StackName", "s"), ("ChangeSetName", "x"), ("ChangeSetType", "CREATE"), ("TemplateBody", GROUP)];
    assert_eq!(refused(&client, "CreateChangeSet", &exists).await.0, "ValidationError");
}

#[tokio::test]
async fn no_changes_make_a_change_set_fail_in_one_of_two_ways() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", GROUP)]).await;
    let same = change_set(&client, "same", &[("TemplateBody", GROUP)]).await;
    let shown = call(&client, "DescribeChangeSet", &[("ChangeSetName", &same)]).await;
    assert_eq!((shown.element("Status"), shown.element("ExecutionStatus")), ("FAILED".into(), "UNAVAILABLE".into()));
    assert_eq!(
        shown.element("StatusReason").replace("&apos;", "'"),
        "The submitted information didn't contain changes. Submit different information to create a change set."
    );
    let commented = format!("Description: the same otherwise\n{GROUP}");
    let other = change_set(&client, "other", &[("TemplateBody", &commented)]).await;
    let shown = call(&client, "DescribeChangeSet", &[("ChangeSetName", &other)]).await;
    assert_eq!(shown.element("StatusReason"), "No updates are to be performed.");
    assert_eq!(refused(&client, "ExecuteChangeSet", &[("ChangeSetName", &other)]).await.0, "InvalidChangeSetStatus");
    let listed = call(&client, "ListChangeSets", &[("StackName", "s")]).await;
    assert_eq!(listed.body.matches("<ChangeSetName>").count(), 2);
    for _ in 0..2 {
        let delete = [("StackName", "s"), ("ChangeSetName", "same")];
        assert_eq!(call(&client, "DeleteChangeSet", &delete).await.status, 200);
    }
    assert_eq!(refused(&client, "DescribeChangeSet", &[("ChangeSetName", &same)]).await.0, "ChangeSetNotFound");
}

#[tokio::test]
async fn changes_say_what_is_replaced_and_why() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", GROUP)]).await;
    let fields = [
        ("UsePreviousTemplate", "true"),
        ("Parameters.member.1.ParameterKey", "Name"),
        ("Parameters.member.1.ParameterValue", "/new"),
    ];
    let id = change_set(&client, "rename", &fields).await;
    let shown = call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!((shown.element("Action"), shown.element("Replacement")), ("Modify".into(), "True".into()));
    assert_eq!(
        (shown.element("ChangeSource"), shown.element("CausingEntity")),
        ("ParameterReference".into(), "Name".into())
    );
    assert_eq!((shown.element("RequiresRecreation"), shown.element("Name")), ("Always".into(), "LogGroupName".into()));
    assert_eq!(shown.element("PhysicalResourceId"), "/group");
    let empty = "Resources: {Other: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: Retain}}";
    let id = change_set(&client, "swap", &[("TemplateBody", empty)]).await;
    let shown = call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await;
    assert!(shown.body.contains("<Action>Remove</Action>") && shown.body.contains("<Action>Add</Action>"));
    assert_eq!(shown.element("PolicyAction"), "Delete");
    call(&client, "ExecuteChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(stack(&sandbox, "s").status, "UPDATE_COMPLETE");
    assert_eq!(
        refused(&client, "DescribeChangeSet", &[("ChangeSetName", "rename"), ("StackName", "s")]).await.0,
        "ChangeSetNotFound"
    );
}

#[tokio::test]
async fn a_change_set_takes_time_and_an_abandoned_stack_can_be_deleted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().set_stack_delay(Duration::from_mins(1));
    let id = change_set(&client, "slow", &[("ChangeSetType", "CREATE"), ("TemplateBody", GROUP)]).await;
    let status = async || call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await.element("Status");
    assert_eq!(status().await, "CREATE_IN_PROGRESS");
    assert_eq!(refused(&client, "ExecuteChangeSet", &[("ChangeSetName", &id)]).await.0, "InvalidChangeSetStatus");
    sandbox.world().clock().advance(Duration::from_mins(1));
    assert_eq!(status().await, "CREATE_COMPLETE");
    call(&client, "DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(refused(&client, "DescribeStacks", &[("StackName", "s")]).await.0, "ValidationError");
    let update = [("StackName", "s"), ("ChangeSetName", "x"), ("TemplateBody", GROUP)];
    assert_eq!(refused(&client, "CreateChangeSet", &update).await.1, "Stack [s] does not exist");
}

#[tokio::test]
async fn changes_come_in_pages() {
    let (_sandbox, client) = quick().await;
    let group = |at| format!("  G{at}: {{Type: 'AWS::Logs::LogGroup'}}\n");
    let groups = (0..130).map(group).collect::<Vec<_>>().concat();
    let id =
        change_set(&client, "many", &[("ChangeSetType", "CREATE"), ("TemplateBody", &format!("Resources:\n{groups}"))])
            .await;
    let first = call(&client, "DescribeChangeSet", &[("ChangeSetName", &id)]).await;
    assert_eq!(first.body.matches("<ResourceChange>").count(), 100);
    let next = [("ChangeSetName", id.as_str()), ("NextToken", &first.element("NextToken"))];
    assert_eq!(call(&client, "DescribeChangeSet", &next).await.body.matches("<ResourceChange>").count(), 30);
}
