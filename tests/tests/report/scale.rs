//! Memory does not grow with the organization, and calls grow with pages.

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use guard_tests::sandbox::{
    Notebook, Options, OrganizationSpec, RecorderState, RoleSpec, RuleSpec, Sandbox, StoredEvaluation,
};
use serde_json::json;

use crate::stage::{AGGREGATOR, ROLE, Stage, rule};
use crate::truth::{HOME, MANAGEMENT, NOTEBOOK, arn};

const REGIONS: [&str; 4] = [HOME, "eu-central-1", "us-east-1", "us-west-2"];
const CHECKS: [&str; 5] = ["direct-internet-access", "inside-vpc", "root-access", "imds-v2", "volume-kms-key"];
const NOTEBOOKS: usize = 5;

/// So many accounts beside the management account, each with five notebooks and five rules in four Regions: a hundred
/// results.
async fn crowd(accounts: usize) -> Stage {
    let sandbox = Sandbox::start(Options { record: Some("/dev/null".into()), ..Options::default() }).await.unwrap();
    let stage = Stage { sandbox };
    let world = stage.world();
    let spec = OrganizationSpec::new(MANAGEMENT, &REGIONS).crowd(accounts, 20);
    world.put_organization(&spec).unwrap();
    for (_, account) in &spec.accounts {
        world.put_role(account, &RoleSpec::new(ROLE, &[MANAGEMENT])).unwrap();
        for region in REGIONS {
            world.set_recorder(account, region, &RecorderState::ALL).unwrap();
            fill(&stage, account, region);
        }
    }
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    stage
}

fn fill(stage: &Stage, account: &str, region: &str) {
    let world = stage.world();
    for number in 0..NOTEBOOKS {
        world.put_notebook(account, region, Notebook::new(&format!("nb-{number}"))).unwrap();
    }
    for (at, check) in CHECKS.iter().enumerate() {
        let spec = RuleSpec::scheduled(&rule(check), "evaluator", json!({"check": check}));
        world.seed_rule(account, region, &spec).unwrap();
        for number in 0..NOTEBOOKS {
            let verdict = if (at + number).is_multiple_of(4) { "NON_COMPLIANT" } else { "COMPLIANT" };
            let id = arn(account, region, &format!("nb-{number}"));
            let stored =
                StoredEvaluation::new(NOTEBOOK, &id, verdict, guard_tests::sandbox::Instant(1_790_000_000_000));
            world.seed_compliance(account, region, &rule(check), stored).unwrap();
        }
    }
}

/// What a report took.
#[derive(Debug)]
struct Taken {
    mebibytes: u64,
    seconds: u64,
    calls: usize,
    evaluations: usize,
}

async fn taken(stage: &Stage, flags: &[&str]) -> Taken {
    stage.world().calls().clear();
    let regions = REGIONS.iter().flat_map(|region| ["--region", region]);
    let arguments: Vec<&str> =
        ["--org", "--format", "csv"].into_iter().chain(flags.iter().copied()).chain(regions).collect();
    let mut command = stage.command(MANAGEMENT, &arguments);
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, status) = (child.stdout.take().unwrap(), format!("/proc/{}/status", child.id()));
    let lines = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        text.lines().filter(|line| line.contains("notebook-instance/")).count()
    });
    let mut most = 0;
    let code = loop {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(kibibytes.unwrap_or_default());
        if let Some(ended) = child.try_wait().unwrap() {
            break ended.code();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(code, Some(0));
    let seconds = started.elapsed().as_secs();
    Taken { mebibytes: most >> 10, seconds, calls: stage.world().calls().total(), evaluations: lines.await.unwrap() }
}

const BY_ROLE: [&str; 2] = ["--assume-role", ROLE];

async fn measured(accounts: usize) -> [Taken; 2] {
    let stage = crowd(accounts).await;
    let both = [taken(&stage, &[]).await, taken(&stage, &BY_ROLE).await];
    for taken in &both {
        let Taken { mebibytes, seconds, calls, evaluations } = taken;
        println!("{accounts} accounts x 4 Regions: {mebibytes} MiB, {seconds} s, {calls} calls, {evaluations} results");
        assert_eq!(*evaluations, accounts * REGIONS.len() * CHECKS.len() * NOTEBOOKS);
    }
    stage.sandbox.stop().await;
    both
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_not_grow_with_the_results() {
    let (small, large) = (measured(5).await, measured(50).await);
    for (small, large) in small.iter().zip(&large) {
        let grown = large.mebibytes.saturating_sub(small.mebibytes);
        // A key for each notebook, and the accounts themselves.
        assert!(grown < 8, "{small:?} {large:?}");
        assert!(large.calls < small.calls * 11, "{small:?} {large:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_thousand_accounts_are_read_in_256_mebibytes() {
    for taken in measured(1000).await {
        assert!(taken.mebibytes < 256, "{taken:?}");
    }
}
