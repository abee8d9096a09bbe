//! Seeded faults on every API: whatever fails, nothing unread is called compliant, nothing that is listed is called
//! gone, and the invocation is an error if and only if something was not delivered.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use guard_tests::sandbox::{Effect, Fault, Invocation, InvokeOptions, Outcome, Refusal, StoredEvaluation, When, World};
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, FUNCTION, REGION, arn, hybrid, notebook, record, sandbox};

const FLEET: usize = 130;
const GONE: usize = 7;
const OPERATIONS: [(&str, &str); 4] = [
    ("sagemaker", "ListNotebookInstances"),
    ("sagemaker", "DescribeNotebookInstance"),
    ("config", "PutEvaluations"),
    ("config", "GetComplianceDetailsByConfigRule"),
];

/// A schedule of faults that follows from its seed alone.
fn faults(seed: u64) -> Vec<Fault> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut all = Vec::new();
    for (service, operation) in OPERATIONS {
        let effect = match next(7) {
            0 => Effect::Throttle,
            1 => Effect::ServerError(500),
            2 => Effect::ServerError(503),
            3 => Effect::Reset,
            4 => Effect::LostAnswer,
            5 => Effect::Delay(Duration::from_millis(30)),
            _ => Effect::Refuse(Refusal::new("AccessDeniedException", "not allowed")),
        };
        let share = [0.02, 0.1, 0.3][usize::try_from(next(3)).unwrap()];
        all.push(Fault::on(service, operation, effect).when(When::Probability(share)));
    }
    if next(3) == 0 {
        let ids = vec![arn("nb-3"), arn("nb-77")];
        all.push(Fault::on("config", "PutEvaluations", Effect::FailedEvaluations(ids)).when(When::Probability(0.6)));
    }
    all
}

fn fleet(world: &World) {
    record(world);
    hybrid(world, "root-access");
    for index in 0..FLEET {
        let name = format!("nb-{index}");
        let notebook = if index % 3 == 0 { notebook(&name) } else { notebook(&name).hardened() };
        world.put_notebook(ACCOUNT, REGION, notebook).unwrap();
    }
}

fn old_results(world: &World) {
    let before = guard_tests::sandbox::Instant::parse("2023-04-01T00:00:00.000Z").unwrap();
    for index in 0..GONE {
        let old = StoredEvaluation::new(
            "AWS::SageMaker::NotebookInstance",
            &arn(&format!("old-{index}")),
            "COMPLIANT",
            before,
        );
        world.seed_compliance(ACCOUNT, REGION, "root-access", old).unwrap();
    }
}

#[tokio::test]
async fn whatever_fails_the_results_stay_true_first_half() {
    run_schedules(1..=12).await;
}

#[tokio::test]
async fn whatever_fails_the_results_stay_true_second_half() {
    run_schedules(13..=24).await;
}

/// Most of a schedule is waiting for back-off, so several run side by side.
async fn run_schedules(seeds: RangeInclusive<u64>) {
    let ended = stream::iter(seeds).map(run_schedule).buffer_unordered(6).collect::<Vec<bool>>().await;
    let failed = ended.into_iter().filter(|failed| *failed).count();
    // Neither "everything always works" nor "nothing ever does" would prove anything.
    assert!((2..=11).contains(&failed), "{failed} of 12 schedules ended in an error");
}

/// Whether the sweep under the faults of this seed ended in an error; that its results are true is asserted.
async fn run_schedule(seed: u64) -> bool {
    let sandbox = sandbox(seed).await;
    let world = sandbox.world();
    fleet(world);
    world.settle().await;
    // What the changes put is of no interest: only what the sweep does counts.
    world.calls().clear();
    old_results(world);
    for fault in faults(seed) {
        world.faults().add(fault);
    }
    let done = sweep(world, "root-access").await;
    let error = match &done.attempts[0].outcome {
        Outcome::Ok(_) => None,
        Outcome::Err { error_type, .. } => Some(error_type.clone()),
    };
    check(world, seed, error.as_deref());
    sandbox.stop().await;
    error.is_some()
}

/// One sweep without Lambda's retries.
async fn sweep(world: &World, rule: &str) -> Invocation {
    let token = world.issue_result_token(ACCOUNT, REGION, rule).unwrap();
    let invoking = json!({"awsAccountId": ACCOUNT, "notificationCreationTime": "2026-04-27T13:26:17.741Z",
        "messageType": "ScheduledNotification", "recordVersion": "1.0"});
    let event = json!({"invokingEvent": invoking.to_string(), "resultToken": token, "accountId": ACCOUNT,
        "ruleParameters": json!({"check": rule}).to_string(), "configRuleName": rule});
    let options = InvokeOptions { timeout: None, retries: false };
    world.invoke(ACCOUNT, REGION, FUNCTION, &event, options).await.unwrap()
}

fn check(world: &World, seed: u64, error: Option<&str>) {
    let taken = taken(world);
    let mut complete = true;
    for index in 0..FLEET {
        let expected = if index % 3 == 0 { "NON_COMPLIANT" } else { "COMPLIANT" };
        let said: BTreeSet<&str> =
            taken.iter().filter(|(id, _)| *id == arn(&format!("nb-{index}"))).map(|(_, kind)| kind.as_str()).collect();
        assert!(
            said.is_empty() || said == [expected].into(),
            "seed {seed}: nb-{index} is {expected} and was put as {said:?}"
        );
        complete &= !said.is_empty();
    }
    for index in 0..GONE {
        let said = taken.iter().find(|(id, _)| *id == arn(&format!("old-{index}"))).map(|(_, kind)| kind.as_str());
        assert!(matches!(said, None | Some("NOT_APPLICABLE")), "seed {seed}: old-{index} was put as {said:?}");
        complete &= said.is_some();
    }
    assert_eq!(error.is_none(), complete, "seed {seed}: the error is {error:?}, and delivered was {}", taken.len());
}

/// What AWS Config took: answers that were lost on the way count, because AWS Config has them.
fn taken(world: &World) -> Vec<(String, String)> {
    let mut taken = Vec::new();
    for call in world.calls().of("config", "PutEvaluations") {
        let Ok(answer) = serde_json::from_str::<Value>(&call.response) else { continue };
        if call.status != 200 || answer.get("__type").is_some() {
            continue;
        }
        let failed: Vec<&Value> = answer["FailedEvaluations"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| &one["ComplianceResourceId"])
            .collect();
        for one in call.request["Evaluations"].as_array().unwrap() {
            if !failed.contains(&&one["ComplianceResourceId"]) {
                let text = |name: &str| one[name].as_str().unwrap().to_owned();
                taken.push((text("ComplianceResourceId"), text("ComplianceType")));
            }
        }
    }
    taken
}

#[tokio::test]
async fn ec2_that_fails_never_makes_a_notebook_compliant() {
    for effect in [Effect::Refuse(Refusal::new("UnauthorizedOperation", "no").with_status(403)), Effect::Reset] {
        let sandbox = sandbox(9).await;
        let world = sandbox.world();
        record(world);
        hybrid(world, "open-ingress");
        let mut guarded = notebook("nb").hardened();
        guarded.security_groups = vec!["sg-0123456789abcdef0".to_owned()];
        world.put_notebook(ACCOUNT, REGION, guarded).unwrap();
        world.settle().await;
        world.faults().add(Fault::on("ec2", "DescribeSecurityGroups", effect));
        assert_eq!(sweep(world, "open-ingress").await.error_type(), Some("Undetermined"));
        assert!(world.compliance(ACCOUNT, REGION, "open-ingress").unwrap().is_empty());
        sandbox.stop().await;
    }
}
