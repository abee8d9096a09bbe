//! AWS calls are counted, and many Regions take no longer than one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use guard_tests::example::USUAL_REGIONS;

use crate::stage::{Stage, ran};

/// The most calls for each Region, besides those that are made once for the account.
const CALLS: usize = 12;
const SLOWEST: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seventeen_regions() {
    let stage = Stage::unrecorded(&USUAL_REGIONS).await;
    let flags = ["--region", "all"];
    let (plan, took) = timed(&stage, &[&["--dry-run"], &flags[..]].concat()).await;
    report("plan", &plan, took);
    stage.world().set_latency(Duration::ZERO);
    assert_eq!(stage.install(&flags).await.code, 0);
    let (nothing, took_again) = timed(&stage, &[&["--yes"], &flags[..]].concat()).await;
    report("no-op", &nothing, took_again);
    for (calls, took) in [(plan, took), (nothing, took_again)] {
        let most = calls.values().map(BTreeMap::len_of_calls).max().unwrap();
        assert!(most <= CALLS, "{most} calls in one Region: {calls:?}");
        assert!(took < SLOWEST, "{took:?}");
    }
    stage.sandbox.stop().await;
}

#[test]
fn help_comes_at_once() {
    let took = |_| {
        let started = Instant::now();
        assert_eq!(crate::runner::run(&["--help"]).code, 0);
        started.elapsed()
    };
    let best = (0..10).map(took).min().unwrap();
    told(&format!("deployer --help: {} ms", best.as_millis()));
    assert!(best < Duration::from_millis(20), "{best:?}");
}

type Calls = BTreeMap<String, BTreeMap<String, usize>>;

trait LenOfCalls {
    fn len_of_calls(&self) -> usize;
}

impl LenOfCalls for BTreeMap<String, usize> {
    fn len_of_calls(&self) -> usize {
        self.values().sum()
    }
}

/// The calls of a run, and how long the best of three took: others use the machine too.
async fn timed(stage: &Stage, flags: &[&str]) -> (Calls, Duration) {
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(once(stage, flags).await);
        if runs.last().is_some_and(|(_, took)| *took < SLOWEST) {
            break;
        }
    }
    runs.into_iter().min_by_key(|(_, took)| *took).unwrap()
}

async fn once(stage: &Stage, flags: &[&str]) -> (Calls, Duration) {
    stage.world().set_latency(Duration::from_millis(50));
    stage.world().calls().clear();
    let command = stage.installer(flags);
    let started = Instant::now();
    let ran = ran(command).await;
    let took = started.elapsed();
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let mut calls = Calls::new();
    for call in stage.world().calls().all() {
        // Identity, enabled Regions and IAM are asked once for the account.
        if !["sts", "iam", "ec2"].contains(&call.service.as_str()) {
            *calls
                .entry(call.region)
                .or_default()
                .entry(format!("{}:{}", call.service, call.operation))
                .or_default() += 1;
        }
    }
    assert_eq!(calls.len(), USUAL_REGIONS.len());
    (calls, took)
}

fn report(what: &str, calls: &Calls, took: Duration) {
    let most = calls.values().map(LenOfCalls::len_of_calls).max().unwrap_or_default();
    told(&format!(
        "{what} in 17 Regions: at most {most} AWS calls for each Region, {} ms at 50 ms a call",
        took.as_millis()
    ));
}

#[expect(clippy::print_stderr, reason = "the figures are what this suite is for")]
fn told(figure: &str) {
    eprintln!("{figure}");
}
