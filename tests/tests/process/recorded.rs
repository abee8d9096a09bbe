//! Input that real AWS sent once (`cases/recorded`).

use guard_tests::sandbox::InvokeOptions;
use rule::resource::ResourceType;
use rule::subject::{Shape, Subject};
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, FUNCTION, REGION, arn, held, hybrid, notebook, record, sandbox};

/// The publishers of the events anonymised the account id to thirteen digits.
const PUBLISHED_ACCOUNT: &str = "0123456789012";

fn event(name: &str) -> Value {
    let path = format!("{}/cases/recorded/config-events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The event in an account that can exist, with a token of the sandbox and without the parameters of its own rule.
fn adapted(event: &Value, token: &str, rule: &str) -> Value {
    let text = event.to_string().replace(PUBLISHED_ACCOUNT, ACCOUNT);
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["resultToken"] = json!(token);
    event["ruleParameters"] = json!("{}");
    event["configRuleName"] = json!(rule);
    event
}

#[tokio::test]
async fn a_recorded_change_of_another_type_is_not_applicable() {
    let sandbox = sandbox(1).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "direct-internet-access");
    let token = world.issue_result_token(ACCOUNT, REGION, "direct-internet-access").unwrap();
    let payload = adapted(&event("change"), &token, "direct-internet-access");
    let done = world.invoke(ACCOUNT, REGION, FUNCTION, &payload, InvokeOptions::default()).await.unwrap();
    assert!(done.succeeded(), "{done:#?}");
    let put = &world.calls().puts()[0]["Evaluations"][0];
    assert_eq!(put["ComplianceResourceType"], "AWS::EC2::Instance");
    assert_eq!(put["ComplianceResourceId"], "i-042dd005362091826");
    assert_eq!(put["ComplianceType"], "NOT_APPLICABLE");
    assert_eq!(put["OrderingTimestamp"].as_f64(), Some(1_682_607_791.636));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_recorded_schedule_judges_everything() {
    let sandbox = sandbox(2).await;
    let world = sandbox.world();
    record(world);
    hybrid(world, "direct-internet-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    world.settle().await;
    world.calls().clear();
    let token = world.issue_result_token(ACCOUNT, REGION, "direct-internet-access").unwrap();
    let payload = adapted(&event("scheduled"), &token, "direct-internet-access");
    let done = world.invoke(ACCOUNT, REGION, FUNCTION, &payload, InvokeOptions::default()).await.unwrap();
    assert!(done.succeeded(), "{done:#?}");
    let puts = world.calls().puts();
    assert_eq!(puts[0]["Evaluations"][0]["OrderingTimestamp"].as_f64(), Some(1_682_601_977.741));
    // The notification is of 2023, and AWS Config already holds a newer result.
    assert_eq!(held(world, "direct-internet-access"), [(arn("nb"), "NON_COMPLIANT".to_owned())].into());
    sandbox.stop().await;
}

#[tokio::test]
async fn the_published_events_themselves_are_refused_by_name() {
    let sandbox = sandbox(3).await;
    let world = sandbox.world();
    for name in ["change", "scheduled"] {
        let done = world.invoke(ACCOUNT, REGION, FUNCTION, &event(name), InvokeOptions::default()).await.unwrap();
        // Thirteen digits are no account, and the parameters are of other rules: nothing may be put.
        assert_eq!(done.error_type(), Some("InvalidEvent"), "{done:#?}");
        assert!(format!("{done:?}").contains(PUBLISHED_ACCOUNT));
    }
    assert!(world.calls().all().is_empty());
    sandbox.stop().await;
}

#[test]
fn no_recorded_answer_is_compliant_by_what_it_lacks() {
    let folder = format!("{}/cases/recorded/sagemaker", env!("CARGO_MANIFEST_DIR"));
    let mut described = 0;
    for recording in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(recording.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if !path.to_string_lossy().contains("DescribeNotebookInstance") {
                continue;
            }
            described += 1;
            let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let data = &recorded["data"];
            let id = data["NotebookInstanceArn"].as_str().unwrap().parse().unwrap();
            let subject = Subject::read(&ResourceType::NOTEBOOK_INSTANCE, id, Shape::Describe, data).unwrap();
            for (check, member, good) in [
                ("direct-internet-access", "DirectInternetAccess", "Disabled"),
                ("root-access", "RootAccess", "Disabled"),
            ] {
                let check = rule::check::Check::find(check).unwrap();
                let parameters = rule::parameters::RuleParameters::defaults(check);
                let verdict = check.verdict(&subject, &rule::facts::Facts::default(), &parameters);
                assert_eq!(verdict.as_str() == "COMPLIANT", data[member] == good, "{}: {verdict:?}", path.display());
            }
        }
    }
    assert!(described >= 6, "only {described} recorded answers were found");
}
