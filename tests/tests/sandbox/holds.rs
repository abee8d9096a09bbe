//! Stopping at a call, and killing who has made it.

use guard_tests::kill::run_until;
use guard_tests::sandbox::{Hold, Notebook, Options};
use serde_json::{Value, json};
use tokio::process::Command;

use super::client::{ACCOUNT, Client, OTHER, REGION, moment, sandbox, started};

fn rule(name: &str) -> Value {
    json!({"ConfigRule": {"ConfigRuleName": name, "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA"}}})
}

async fn rules(client: &Client) -> usize {
    client.json("config", "DescribeConfigRules", json!({})).await["ConfigRules"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_call_is_held_before_or_after_it_was_done() {
    for (hold, done) in [(Hold::Before, 1), (Hold::After, 2)] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let held = sandbox.world().calls().hold_at(2, hold);
        client.json("config", "PutConfigRule", rule("first")).await;
        assert!(!held.is_reached());
        let send = |name: &'static str| {
            let client = client.clone();
            tokio::spawn(async move { client.send_json("config", "PutConfigRule", &rule(name).to_string()).await })
        };
        let second = send("second");
        let call = held.reached().await;
        assert_eq!((call.service.as_str(), call.operation.as_str()), ("config", "PutConfigRule"));
        assert_eq!((call.account.as_str(), call.region.as_str()), (ACCOUNT, REGION));
        let third = send("third");
        moment().await;
        assert!(!second.is_finished() && !third.is_finished(), "everything waits");
        drop(held);
        assert!(second.await.unwrap().is_err() && third.await.unwrap().is_err(), "closed without an answer");
        assert_eq!(rules(&client).await, done, "{hold:?}");
    }
}

#[tokio::test]
async fn who_is_released_goes_on() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let held = sandbox.world().calls().hold_at(1, Hold::Before);
    let sent = client.clone();
    let sent = tokio::spawn(async move { sent.json("config", "PutConfigRule", rule("first")).await });
    held.reached().await;
    held.release();
    sent.await.unwrap();
    assert_eq!(rules(&client).await, 1);
}

#[tokio::test]
async fn a_program_is_killed_at_each_of_its_calls_in_turn() {
    let sandbox = started(Options::default()).await;
    for name in ["a", "b", "c"] {
        sandbox.world().put_notebook(ACCOUNT, REGION, Notebook::new(name)).unwrap();
    }
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deployer-under-test"));
        command.args(["evaluate", "--region", REGION, "--check", "root-access"]).env_clear();
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nonexistent");
        command.envs(sandbox.environment(ACCOUNT, REGION).unwrap());
        command
    };
    let mut killed = Vec::new();
    for number in 1..20 {
        let run = run_until(sandbox.world(), command(), number, Hold::Before).await.unwrap();
        let Some(call) = run.killed_at else {
            assert!(run.stdout.contains("root-access"), "{run:?}");
            break;
        };
        assert_eq!(run.status.code(), None, "a signal ended it");
        killed.push(call.operation);
    }
    killed.sort();
    let once = ["GetCallerIdentity", "ListNotebookInstances"];
    assert_eq!(killed.iter().filter(|name| once.contains(&name.as_str())).count(), 2, "{killed:?}");
    assert_eq!(killed.iter().filter(|name| *name == "DescribeNotebookInstance").count(), 3, "{killed:?}");
}

#[tokio::test]
async fn calls_are_counted_by_place() {
    let sandbox = sandbox().await;
    let (client, other) = (Client::new(&sandbox), Client::of(sandbox.world(), OTHER));
    for client in [&client, &client, &other] {
        rules(client).await;
    }
    client.json("config", "PutConfigRule", rule("first")).await;
    let calls = sandbox.world().calls();
    assert_eq!(
        (calls.total(), calls.count_in(ACCOUNT, REGION), calls.count("config", "DescribeConfigRules")),
        (4, 3, 3)
    );
    let summary = calls.summary();
    assert_eq!(
        summary,
        "111122223333 eu-west-1: 3 calls: 2 config:DescribeConfigRules, 1 config:PutConfigRule\n\
         444455556666 eu-west-1: 1 calls: 1 config:DescribeConfigRules\n"
    );
}
