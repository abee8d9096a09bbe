//! Creating, changing and deleting stacks, and reading them.

use std::time::Duration;

use guard_tests::sandbox::{Sandbox, StackSpec, StackView};

use super::client::{ACCOUNT, Answer, Client, OTHER, REGION, sandbox};

pub(crate) const GROUP: &str = "Parameters: {Name: {Type: String, Default: /group}, Days: {Type: Number, Default: 30}}\n\
     Resources:\n  Group:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: !Ref Name, RetentionInDays: !Ref Days}\n\
     Outputs: {Arn: {Value: !GetAtt Group.Arn}}\n";

pub(crate) async fn call(client: &Client, action: &str, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = [("Action", action)].into_iter().chain(fields.iter().copied()).collect();
    client.query("cloudformation", &fields).await
}

/// The code and message of a call that is expected to be refused.
pub(crate) async fn refused(client: &Client, action: &str, fields: &[(&str, &str)]) -> (String, String) {
    let answer = call(client, action, fields).await;
    assert_ne!(answer.status, 200, "not refused: {}", answer.body);
    (answer.element("Code"), answer.element("Message").replace("&apos;", "'").replace("&quot;", "\""))
}

/// A sandbox whose stacks take no time.
pub(crate) async fn quick() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    sandbox.world().set_stack_delay(Duration::ZERO);
    let client = Client::new(&sandbox);
    (sandbox, client)
}

pub(crate) fn stack(sandbox: &Sandbox, name: &str) -> StackView {
    sandbox.world().stack(ACCOUNT, REGION, name).unwrap().unwrap()
}

/// Creates a stack and gives how it ended.
pub(crate) async fn create(sandbox: &Sandbox, client: &Client, name: &str, more: &[(&str, &str)]) -> StackView {
    let fields: Vec<_> = [("StackName", name)].into_iter().chain(more.iter().copied()).collect();
    let answer = call(client, "CreateStack", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = answer.element("StackId");
    sandbox.world().stacks(ACCOUNT, REGION).unwrap().into_iter().find(|stack| stack.id == id).unwrap()
}

#[tokio::test]
async fn a_stack_takes_its_time_and_tells_what_it_does() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().set_stack_delay(Duration::from_mins(1));
    let fields = [
        ("StackName", "s"),
        ("TemplateBody", GROUP),
        ("ClientRequestToken", "t-1"),
        ("Tags.member.1.Key", "app"),
        ("Tags.member.1.Value", "guard"),
    ];
    let id = call(&client, "CreateStack", &fields).await.element("StackId");
    assert_eq!(call(&client, "CreateStack", &fields).await.element("StackId"), id, "the same token");
    let status = async || call(&client, "DescribeStacks", &[("StackName", "s")]).await.element("StackStatus");
    assert_eq!(status().await, "CREATE_IN_PROGRESS");
    let busy = refused(&client, "UpdateStack", &[("StackName", "s"), ("TemplateBody", GROUP)]).await;
    assert_eq!(busy.1, format!("Stack:{id} is in CREATE_IN_PROGRESS state and can not be updated."));
    sandbox.world().clock().advance(Duration::from_mins(1));
    let resource = call(&client, "DescribeStackResources", &[("StackName", "s")]).await;
    assert_eq!(resource.element("ResourceStatus"), "CREATE_IN_PROGRESS");
    sandbox.world().clock().advance(Duration::from_mins(2));
    let done = call(&client, "DescribeStacks", &[("StackName", "s")]).await;
    assert_eq!(done.element("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(done.element("OutputValue"), "arn:aws:logs:eu-west-1:111122223333:log-group:/group:*");
    let events = call(&client, "DescribeStackEvents", &[("StackName", "s")]).await;
    let statuses: Vec<&str> =
        events.body.split("<ResourceStatus>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(
        statuses,
        ["CREATE_COMPLETE", "CREATE_COMPLETE", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS"]
    );
    assert_eq!(events.element("ClientRequestToken"), "t-1");
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await;
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 30);
}

#[tokio::test]
async fn an_update_changes_replaces_removes_and_knows_when_there_is_nothing_to_do() {
    let (sandbox, client) = quick().await;
    create(&sandbox, &client, "s", &[("TemplateBody", GROUP)]).await;
    let same = refused(&client, "UpdateStack", &[("StackName", "s"), ("UsePreviousTemplate", "true")]).await;
    assert_eq!(same, ("ValidationError".to_owned(), "No updates are to be performed.".to_owned()));
    let days = [
        ("StackName", "s"),
        ("UsePreviousTemplate", "true"),
        ("Parameters.member.1.ParameterKey", "Days"),
        ("Parameters.member.1.ParameterValue", "90"),
    ];
    assert_eq!(call(&client, "UpdateStack", &days).await.status, 200);
    assert_eq!(stack(&sandbox, "s").status, "UPDATE_COMPLETE");
    let rename = [
        ("StackName", "s"),
        ("UsePreviousTemplate", "true"),
        ("Parameters.member.1.ParameterKey", "Days"),
        ("Parameters.member.1.UsePreviousValue", "true"),
        ("Parameters.member.2.ParameterKey", "Name"),
        ("Parameters.member.2.ParameterValue", "/other"),
    ];
    call(&client, "UpdateStack", &rename).await;
    let groups = client.json("logs", "DescribeLogGroups", serde_json::json!({})).await["logGroups"].clone();
    assert_eq!((groups.as_array().unwrap().len(), &groups[0]["logGroupName"]), (1, &"/other".into()));
    assert_eq!(groups[0]["retentionInDays"], 90);
    assert_eq!(stack(&sandbox, "s").outputs["Arn"], "arn:aws:logs:eu-west-1:111122223333:log-group:/other:*");
    let other = "Resources: {Kept: {Type: 'AWS::Logs::LogGroup'}}";
    call(&client, "UpdateStack", &[("StackName", "s"), ("TemplateBody", other)]).await;
    let seen = stack(&sandbox, "s");
    assert_eq!(seen.resources.keys().collect::<Vec<_>>(), ["Kept"]);
    assert!(seen.resources["Kept"].physical_id.starts_with("s-Kept-"), "{seen:?}");
    assert!(seen.events.contains(&("Group".to_owned(), "DELETE_COMPLETE".to_owned(), None)), "{seen:?}");
}

#[tokio::test]
async fn a_deleted_stack_is_found_by_its_id_only() {
    let (sandbox, client) = quick().await;
    let made =
        create(&sandbox, &client, "s", &[("TemplateBody", GROUP), ("EnableTerminationProtection", "true")]).await;
    let kept = refused(&client, "DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(kept.1, "Stack [s] cannot be deleted while TerminationProtection is enabled");
    call(&client, "UpdateTerminationProtection", &[("StackName", "s"), ("EnableTerminationProtection", "false")]).await;
    assert_eq!(call(&client, "DeleteStack", &[("StackName", "s")]).await.status, 200);
    assert_eq!(refused(&client, "DescribeStacks", &[("StackName", "s")]).await.1, "Stack with id s does not exist");
    let gone = call(&client, "DescribeStacks", &[("StackName", &made.id)]).await;
    assert_eq!(gone.element("StackStatus"), "DELETE_COMPLETE");
    assert_eq!(call(&client, "DeleteStack", &[("StackName", "s")]).await.status, 200, "twice is no error");
    let again = create(&sandbox, &client, "s", &[("TemplateBody", GROUP)]).await;
    assert_eq!((again.status.as_str(), again.id == made.id), ("CREATE_COMPLETE", false));
    let listed = call(&client, "ListStacks", &[("StackStatusFilter.member.1", "DELETE_COMPLETE")]).await;
    assert_eq!(listed.body.matches("<member>").count(), 1, "{}", listed.body);
}

#[tokio::test]
async fn stacks_are_put_in_any_state_and_listed_in_pages() {
    let (sandbox, client) = quick().await;
    for at in 0..130 {
        let spec = StackSpec::new(&format!("s-{at:03}"), "CREATE_COMPLETE");
        sandbox.world().put_stack_in_state(ACCOUNT, REGION, &spec).unwrap();
    }
    let first = call(&client, "DescribeStacks", &[]).await;
    assert_eq!(first.body.matches("<StackId>").count(), 100);
    let next = call(&client, "DescribeStacks", &[("NextToken", &first.element("NextToken"))]).await;
    assert_eq!(next.body.matches("<StackId>").count(), 30);
    assert_eq!(refused(&client, "ListStacks", &[("NextToken", "x")]).await.0, "ValidationError");
    for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "DELETE_FAILED"] {
        let spec = StackSpec::new("broken", status).tag("app", "someone-else").reason("of old");
        sandbox.world().put_stack_in_state(ACCOUNT, REGION, &spec).unwrap();
        let update = refused(&client, "UpdateStack", &[("StackName", "broken"), ("TemplateBody", GROUP)]).await;
        assert!(update.1.contains(status), "{update:?}");
        let create = refused(&client, "CreateStack", &[("StackName", "broken"), ("TemplateBody", GROUP)]).await;
        assert_eq!(create.0, "AlreadyExistsException");
        call(&client, "DeleteStack", &[("StackName", "broken")]).await;
        assert_eq!(sandbox.world().stack(ACCOUNT, REGION, "broken").unwrap(), None, "{status}");
    }
}

#[tokio::test]
async fn a_stack_may_be_seen_late_and_belongs_to_its_account() {
    let (sandbox, client) = quick().await;
    sandbox.world().set_late_stacks(2);
    create(&sandbox, &client, "s", &[("TemplateBody", GROUP)]).await;
    for _ in 0..2 {
        assert_eq!(refused(&client, "DescribeStacks", &[("StackName", "s")]).await.0, "ValidationError");
    }
    assert_eq!(call(&client, "DescribeStacks", &[("StackName", "s")]).await.status, 200);
    let other = Client::of(sandbox.world(), OTHER);
    assert_eq!(refused(&other, "DescribeStacks", &[("StackName", "s")]).await.0, "ValidationError");
}
