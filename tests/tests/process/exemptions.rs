//! Exemptions beside the real process: their last day, and files that are there but cannot be read.

use std::path::Path;

use guard_tests::sandbox::{FunctionSpec, World};
use serde_json::json;
use time::{Date, Duration, OffsetDateTime};

use crate::stage::{ACCOUNT, FUNCTION, REGION, arn, held, hybrid, notebook, record, sandbox};

/// Replaces the function by one whose code is in this folder.
fn install(world: &World, folder: &Path) {
    let program = folder.join("bootstrap");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bootstrap-under-test"), &program).unwrap();
    world.install_function(ACCOUNT, REGION, FunctionSpec::new(FUNCTION, program)).unwrap();
}

fn exempt(name: &str, expires: Date) -> serde_json::Value {
    json!({"account": ACCOUNT, "region": REGION, "notebook": name, "check": "root-access", "reason": "r",
        "owner": "o", "ticket": "SEC-1", "approved_by": "a", "expires": expires.to_string()})
}

#[tokio::test]
async fn an_exemption_holds_today_and_no_longer_the_day_after() {
    // Once more if midnight passed meanwhile.
    for _ in 0..2 {
        let today = OffsetDateTime::now_utc().date();
        let results = results(today).await;
        if OffsetDateTime::now_utc().date() == today {
            let expected = [("ended", "NON_COMPLIANT"), ("ends-today", "NOT_APPLICABLE")];
            assert_eq!(results, expected.map(|(name, kind)| (arn(name), kind.to_owned())).into());
            return;
        }
    }
}

async fn results(today: Date) -> std::collections::BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let all = [("ends-today", today), ("ended", today - Duration::days(1))].map(|(name, day)| exempt(name, day));
    let text = json!({"version": 1, "exemptions": all}).to_string();
    std::fs::write(folder.path().join("exemptions.json"), text).unwrap();
    let sandbox = sandbox(31).await;
    let world = sandbox.world();
    install(world, folder.path());
    record(world);
    hybrid(world, "root-access");
    for name in ["ends-today", "ended"] {
        world.put_notebook(ACCOUNT, REGION, notebook(name)).unwrap();
    }
    // By their changes, then by the schedule: both say the same.
    world.settle().await;
    let by_change = held(world, "root-access");
    assert!(world.trigger_schedule(ACCOUNT, REGION, "root-access").await.unwrap().succeeded());
    assert_eq!(held(world, "root-access"), by_change);
    sandbox.stop().await;
    by_change
}

#[tokio::test]
async fn a_file_that_is_there_and_cannot_be_read_is_not_taken_for_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("exemptions.json")).unwrap();
    let sandbox = sandbox(32).await;
    let world = sandbox.world();
    install(world, folder.path());
    record(world);
    hybrid(world, "root-access");
    world.put_notebook(ACCOUNT, REGION, notebook("nb")).unwrap();
    let invocations = world.settle().await;
    assert!(!invocations.is_empty());
    for invocation in invocations {
        assert_eq!(invocation.error_type(), Some("InvalidExemptions"), "{invocation:#?}");
        // Lambda tries it again, and the error is the same each time.
        assert_eq!(invocation.attempts.len(), 3);
    }
    assert!(held(world, "root-access").is_empty());
    assert_eq!(world.calls().count("config", "PutEvaluations"), 0);
    sandbox.stop().await;
}
