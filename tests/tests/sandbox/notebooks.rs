use std::collections::BTreeSet;

use guard_tests::sandbox::{Describe, Domain, Instant, Notebook};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, OTHER, REGION, sandbox};

const ROLE: &str = "arn:aws:iam::111122223333:role/x";

async fn all(client: &Client, request: Value) -> Vec<String> {
    let (mut names, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut request = request.clone();
        if !token.is_null() {
            request["NextToken"] = token;
        }
        let page = client.json("sagemaker", "ListNotebookInstances", request).await;
        let listed = page["NotebookInstances"].as_array().unwrap();
        names.extend(listed.iter().map(|notebook| notebook["NotebookInstanceName"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            return names;
        }
    }
}

#[tokio::test]
async fn a_page_holds_ten_notebooks_unless_told_otherwise() {
    let sandbox = sandbox().await;
    for at in 0..25 {
        sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new(&format!("n{at:02}"))).unwrap();
    }
    let client = Client::new(&sandbox);
    let page = client.json("sagemaker", "ListNotebookInstances", json!({})).await;
    assert_eq!(page["NotebookInstances"].as_array().unwrap().len(), 10);
    assert_eq!(all(&client, json!({"MaxResults": 7})).await.len(), 25);
    assert!(all(&Client::of(sandbox.world(), OTHER), json!({})).await.is_empty());
}

#[tokio::test]
async fn every_order_lists_every_notebook_once() {
    let sandbox = sandbox().await;
    for (at, status) in ["InService", "Stopped", "Failed", "InService", "Pending"].into_iter().enumerate() {
        let mut notebook = Notebook::new(&format!("n{at}")).status(status);
        notebook.created = Some(Instant(1_000_000 - i64::try_from(at).unwrap()));
        sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    }
    let client = Client::new(&sandbox);
    let orders = [
        ("Name", "Ascending", ["n0", "n1", "n2", "n3", "n4"]),
        ("Name", "Descending", ["n4", "n3", "n2", "n1", "n0"]),
        ("CreationTime", "Ascending", ["n4", "n3", "n2", "n1", "n0"]),
        ("Status", "Ascending", ["n2", "n0", "n3", "n4", "n1"]),
        ("Status", "Descending", ["n1", "n4", "n3", "n0", "n2"]),
    ];
    for (sort, order, expected) in orders {
        let request = json!({"SortBy": sort, "SortOrder": order, "MaxResults": 2});
        assert_eq!(all(&client, request).await, expected, "{sort} {order}");
    }
}

#[tokio::test]
async fn filters_select_and_tokens_belong_to_their_filters() {
    let sandbox = sandbox().await;
    for (name, status) in [("alpha", "InService"), ("beta", "Stopped"), ("alphabet", "Stopped")] {
        let mut notebook = Notebook::new(name).status(status);
        notebook.additional_code_repositories = vec![format!("https://example.com/{name}")];
        sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    }
    let client = Client::new(&sandbox);
    assert_eq!(all(&client, json!({"NameContains": "alpha"})).await, ["alpha", "alphabet"]);
    assert_eq!(all(&client, json!({"NameContains": "ALPHA", "StatusEquals": "Stopped"})).await, ["alphabet"]);
    assert_eq!(all(&client, json!({"AdditionalCodeRepositoryEquals": "https://example.com/beta"})).await, ["beta"]);
    assert_eq!(all(&client, json!({"CreationTimeBefore": 1000})).await, Vec::<String>::new());
    let page = client.json("sagemaker", "ListNotebookInstances", json!({"MaxResults": 1})).await;
    let other = json!({"NextToken": page["NextToken"], "NameContains": "a"});
    for request in [other, json!({"NextToken": "rubbish"})] {
        assert_eq!(client.message("sagemaker", "ListNotebookInstances", request).await, "Invalid pagination token");
    }
}

#[tokio::test]
async fn a_page_may_be_empty_and_pages_may_overlap() {
    let sandbox = sandbox().await;
    for at in 0..6 {
        sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new(&format!("n{at}"))).unwrap();
    }
    let client = Client::new(&sandbox);
    sandbox.world().set_empty_list_page(Some(1));
    assert_eq!(all(&client, json!({"MaxResults": 2})).await.len(), 6);
    assert_eq!(sandbox.world().calls().count("sagemaker", "ListNotebookInstances"), 4);
    sandbox.world().set_empty_list_page(None);
    sandbox.world().set_overlapping_pages(true);
    let names = all(&client, json!({"MaxResults": 2})).await;
    assert_eq!(names, ["n0", "n1", "n1", "n2", "n2", "n3", "n3", "n4", "n4", "n5"]);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 6);
}

#[tokio::test]
async fn describe_shows_the_defaults_that_aws_fills_in() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let request = json!({"NotebookInstanceName": "Team-A", "InstanceType": "ml.t3.medium", "RoleArn": ROLE});
    let created = client.json("sagemaker", "CreateNotebookInstance", request).await;
    assert_eq!(created["NotebookInstanceArn"], "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/team-a");
    let shown = client.json("sagemaker", "DescribeNotebookInstance", json!({"NotebookInstanceName": "Team-A"})).await;
    let expected = [
        ("DirectInternetAccess", json!("Enabled")),
        ("RootAccess", json!("Enabled")),
        ("VolumeSizeInGB", json!(5)),
        ("PlatformIdentifier", json!("notebook-al2023-v1")),
        ("InstanceMetadataServiceConfiguration", json!({"MinimumInstanceMetadataServiceVersion": "1"})),
        ("IpAddressType", json!("ipv4")),
        ("NotebookInstanceStatus", json!("InService")),
    ];
    for (member, value) in expected {
        assert_eq!(shown[member], value, "{member}");
    }
    assert!(shown["CreationTime"].is_f64() && shown.get("SubnetId").is_none(), "{shown}");
}

#[tokio::test]
async fn odd_notebooks_are_shown_as_they_are() {
    let sandbox = sandbox().await;
    let put = |notebook| sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    put(Notebook::new("null").odd("DirectInternetAccess", Value::Null));
    put(Notebook::new("lower").odd("DirectInternetAccess", json!("enabled")));
    put(Notebook::new("number").odd("DirectInternetAccess", json!(5)));
    put(Notebook::new("without").without("DirectInternetAccess"));
    let client = Client::new(&sandbox);
    for (name, expected) in
        [("null", Some(Value::Null)), ("lower", Some(json!("enabled"))), ("number", Some(json!(5))), ("without", None)]
    {
        let shown = client.json("sagemaker", "DescribeNotebookInstance", json!({"NotebookInstanceName": name})).await;
        assert_eq!(shown.get("DirectInternetAccess"), expected.as_ref(), "{name}");
    }
}

#[tokio::test]
async fn a_listed_notebook_may_be_gone_or_forbidden_when_described() {
    let sandbox = sandbox().await;
    let put = |notebook| sandbox.world().put_notebook(ACCOUNT, REGION, notebook).unwrap();
    put(Notebook::new("gone").described(Describe::Vanished));
    put(Notebook::new("closed").described(Describe::AccessDenied));
    let client = Client::new(&sandbox);
    assert_eq!(all(&client, json!({})).await, ["closed", "gone"]);
    let describe = |name: &str| json!({"NotebookInstanceName": name});
    for missing in ["gone", "never-there"] {
        let refused = client.refusal("sagemaker", "DescribeNotebookInstance", describe(missing)).await;
        assert_eq!(refused, (400, "ValidationException".to_owned()));
        let message = client.message("sagemaker", "DescribeNotebookInstance", describe(missing)).await;
        assert_eq!(message, "RecordNotFound");
    }
    let refused = client.refusal("sagemaker", "DescribeNotebookInstance", describe("closed")).await;
    assert_eq!(refused.1, "AccessDeniedException");
}

#[tokio::test]
async fn create_refuses_what_aws_refuses() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let good = json!({"NotebookInstanceName": "a", "InstanceType": "ml.t3.medium", "RoleArn": ROLE});
    let with = |member: &str, value: Value| {
        let mut request = good.clone();
        request[member] = value;
        request
    };
    let cases = [
        (with("NotebookInstanceName", json!("nb_min")), "regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9])*"),
        (with("NotebookInstanceName", json!("x".repeat(64))), "Member must have length less than or equal to 63"),
        (with("InstanceType", Value::Null), "Value null at 'instanceType'"),
        (
            with("InstanceType", json!("ml.nope")),
            "Value 'ml.nope' at 'instanceType' failed to satisfy constraint: Member must satisfy enum",
        ),
        (with("DirectInternetAccess", json!("Maybe")), "Member must satisfy enum value set: [Enabled, Disabled]"),
        (with("DirectInternetAccess", json!("Disabled")), "SubnetId"),
        (with("SecurityGroupIds", json!(["sg-1"])), "SubnetId"),
        (with("VolumeSizeInGB", json!(4)), "Member must have value greater than or equal to 5"),
    ];
    for (request, expected) in cases {
        let message = client.message("sagemaker", "CreateNotebookInstance", request).await;
        assert!(message.contains(expected), "{message}");
    }
    let refused = client.refusal("sagemaker", "CreateNotebookInstance", with("VolumeSizeInGB", json!("5"))).await;
    assert_eq!(refused.1, "SerializationException");
    client.json("sagemaker", "CreateNotebookInstance", good.clone()).await;
    let message = client.message("sagemaker", "CreateNotebookInstance", good).await;
    assert!(message.starts_with("Cannot create a duplicate Notebook Instance"), "{message}");
}

#[tokio::test]
async fn domains_keep_what_they_were_made_with() {
    let sandbox = sandbox().await;
    sandbox.world().put_domain(ACCOUNT, REGION, Domain::new("d-aaaaaaaaaaaa", "old", "VpcOnly")).unwrap();
    let client = Client::new(&sandbox);
    let request = json!({
        "DomainName": "new", "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE},
        "SubnetIds": ["subnet-1"], "VpcId": "vpc-1",
    });
    let arn = client.json("sagemaker", "CreateDomain", request.clone()).await["DomainArn"].as_str().unwrap().to_owned();
    let id = json!({"DomainId": arn.rsplit('/').next().unwrap()});
    let shown = client.json("sagemaker", "DescribeDomain", id.clone()).await;
    assert_eq!((&shown["AppNetworkAccessType"], &shown["VpcId"]), (&json!("PublicInternetOnly"), &json!("vpc-1")));
    assert_eq!(client.refusal("sagemaker", "CreateDomain", request).await.1, "ResourceInUse");
    let listed = client.json("sagemaker", "ListDomains", json!({"MaxResults": 1})).await;
    assert!(listed["NextToken"].is_string() && listed["Domains"].as_array().unwrap().len() == 1, "{listed}");
    client.json("sagemaker", "DeleteDomain", id.clone()).await;
    assert_eq!(client.refusal("sagemaker", "DescribeDomain", id).await.1, "ResourceNotFound");
}
