use guard_tests::sandbox::{Notebook, Options, Sandbox};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, REGION, sandbox, started};

fn name() -> Value {
    json!({"NotebookInstanceName": "n"})
}

async fn status(client: &Client) -> String {
    let shown = client.json("sagemaker", "DescribeNotebookInstance", name()).await;
    shown["NotebookInstanceStatus"].as_str().unwrap().to_owned()
}

fn put(sandbox: &Sandbox, status: &str) {
    sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new("n").status(status)).unwrap();
}

#[tokio::test]
async fn each_step_is_allowed_from_its_own_statuses_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let statuses = [
        "Pending",
        "InService",
        "Stopping",
        "Stopped",
        "Failed",
        "Deleting",
        "Updating",
        "PendingMaintenance",
        "InMaintenance",
    ];
    let steps = [
        ("StartNotebookInstance", &["Stopped", "Failed"][..]),
        ("StopNotebookInstance", &["InService"][..]),
        ("UpdateNotebookInstance", &["Stopped", "Failed"][..]),
        ("DeleteNotebookInstance", &["Stopped", "Failed"][..]),
    ];
    for (step, from) in steps {
        for status in statuses {
            put(&sandbox, status);
            let answer = client.send_json("sagemaker", step, &name().to_string()).await.unwrap();
            assert_eq!(answer.status == 200, from.contains(&status), "{step} from {status}: {}", answer.body);
        }
    }
    put(&sandbox, "Stopping");
    assert_eq!(
        client.message("sagemaker", "StartNotebookInstance", name()).await,
        "Status (Stopping) not in ([Stopped, Failed]). Unable to transition to (Pending) for Notebook Instance \
         (arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n)."
    );
}

#[tokio::test]
async fn passing_statuses_last_as_long_as_they_are_told() {
    let sandbox = started(Options { transition: None, ..Options::default() }).await;
    let client = Client::new(&sandbox);
    let role = "arn:aws:iam::111122223333:role/x";
    let request = json!({"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": role});
    client.json("sagemaker", "CreateNotebookInstance", request).await;
    let arrive = || sandbox.world().finish_transitions(ACCOUNT, REGION).unwrap();
    assert_eq!(status(&client).await, "Pending");
    arrive();
    assert_eq!(status(&client).await, "InService");
    client.json("sagemaker", "StopNotebookInstance", name()).await;
    assert_eq!(status(&client).await, "Stopping");
    arrive();
    client
        .json("sagemaker", "UpdateNotebookInstance", json!({"NotebookInstanceName": "n", "RootAccess": "Disabled"}))
        .await;
    assert_eq!(status(&client).await, "Updating");
    arrive();
    assert_eq!(status(&client).await, "Stopped");
    client.json("sagemaker", "DeleteNotebookInstance", name()).await;
    assert_eq!(status(&client).await, "Deleting");
    arrive();
    assert_eq!(client.message("sagemaker", "DescribeNotebookInstance", name()).await, "RecordNotFound");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    put(&sandbox, "Stopped");
    let update = json!({
        "NotebookInstanceName": "n", "RootAccess": "Disabled", "VolumeSizeInGB": 10, "LifecycleConfigName": "lc",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
    });
    client.json("sagemaker", "UpdateNotebookInstance", update).await;
    let shown = client.json("sagemaker", "DescribeNotebookInstance", name()).await;
    assert_eq!((&shown["RootAccess"], &shown["VolumeSizeInGB"]), (&json!("Disabled"), &json!(10)));
    assert_eq!(shown["InstanceMetadataServiceConfiguration"]["MinimumInstanceMetadataServiceVersion"], "2");
    assert_eq!(shown["NotebookInstanceLifecycleConfigName"], "lc");
    let unset = json!({"NotebookInstanceName": "n", "DisassociateLifecycleConfig": true});
    client.json("sagemaker", "UpdateNotebookInstance", unset).await;
    let shown = client.json("sagemaker", "DescribeNotebookInstance", name()).await;
    assert_eq!(shown.get("NotebookInstanceLifecycleConfigName"), None);
    assert_eq!(shown["DirectInternetAccess"], "Enabled");
}

#[tokio::test]
async fn tags_are_added_listed_and_deleted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    put(&sandbox, "InService");
    let arn = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n";
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    client.json("sagemaker", "AddTags", json!({"ResourceArn": arn, "Tags": tags})).await;
    client.json("sagemaker", "DeleteTags", json!({"ResourceArn": arn, "TagKeys": ["a"]})).await;
    let listed = client.json("sagemaker", "ListTags", json!({"ResourceArn": arn})).await;
    assert_eq!(listed, json!({"Tags": [{"Key": "b", "Value": "2"}]}));
    let missing = json!({"ResourceArn": format!("{arn}x")});
    assert_eq!(client.refusal("sagemaker", "ListTags", missing).await.1, "ValidationException");
}
