//! Whatever is installed: planning it again comes to nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::stage::{Stage, ran};

const CHECKS: [&str; 8] = [
    "direct-internet-access",
    "inside-vpc",
    "root-access",
    "open-ingress",
    "volume-kms-key",
    "platform-identifier",
    "imds-v2",
    "studio-vpc-only",
];

fn flags() -> impl Strategy<Value = Vec<String>> {
    let checks = proptest::sample::subsequence(CHECKS.to_vec(), 1..=8);
    let schedule = prop_oneof![Just("1h"), Just("3h"), Just("6h"), Just("12h"), Just("24h")];
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (checks, schedule, switches, 1_u8..4).prop_map(|(checks, schedule, (pack, quiet, timed, tagged), many)| {
        let mut flags = vec!["--checks".to_owned(), checks.join(","), "--schedule".to_owned(), schedule.to_owned()];
        flags.extend(pack.then(|| "--conformance-pack".to_owned()));
        flags.extend(quiet.then(|| "--alarms=off".to_owned()));
        flags.extend(timed.then(|| "--triggers=schedule".to_owned()));
        if checks.contains(&"inside-vpc") {
            flags.extend((0..many).map(|index| format!("--allowed-subnet=subnet-0{index}")));
        }
        if tagged {
            flags.extend((0..many).map(|index| format!("--tag=key-{index}=value {index}")));
        }
        flags
    })
}

/// One account lives through many settings, each applied over the one before.
#[test]
fn a_plan_after_apply_is_empty() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::unrecorded(&["eu-west-1"]));
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let result = runner.run(&flags(), |flags| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let installed = runtime.block_on(stage.install(&flags));
        prop_assert_eq!(installed.code, 0, "{:?}: {}", &flags, installed.shown());
        let again = runtime.block_on(ran(stage.installer(&[&["--dry-run"], flags.as_slice()].concat())));
        prop_assert!(again.stdout.contains("Nothing to do"), "{:?}: {}", &flags, again.shown());
        Ok(())
    });
    runtime.block_on(stage.sandbox.stop());
    result.unwrap();
}
