//! What `render operator-policy --org` prints is enough for what is done from the second day on.

use guard_tests::sandbox::RecorderState;
use serde_json::Value;

use crate::runner::run;
use crate::stage::{HOME, MANAGEMENT, OTHER, PAYMENTS, Stage};

fn policies(purpose: &str) -> Vec<Value> {
    let command = ["render", "operator-policy", "--account", MANAGEMENT, "--purpose", purpose, "--org"];
    let mut found = Vec::new();
    for part in 1.. {
        let ran = run(&[&command[..], &["--part", &part.to_string()]].concat());
        if ran.code != 0 {
            return found;
        }
        found.push(serde_json::from_str(&ran.stdout).unwrap());
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operators_policy_is_enough() {
    let stage = Stage::new().await;
    let world = stage.world();
    world.set_rules_need_recorder(true);
    world.set_recorder(PAYMENTS, HOME, &RecorderState::Missing).unwrap();
    stage.install().await;
    world.set_recorder(PAYMENTS, HOME, &RecorderState::ALL).unwrap();
    world.calls().clear();
    for (purpose, code, arguments) in [
        // It may look at everything, and finds that it may not install.
        ("doctor", 2, &["doctor", "--org", "--region", "all"][..]),
        ("status", 3, &["status", "--org"]),
        ("install", 0, &["retry", "--yes"]),
        ("status", 0, &["status", "--org"]),
        ("uninstall", 0, &["uninstall", "--org", "--yes", "--region", OTHER]),
        ("uninstall", 0, &["uninstall", "--org", "--yes"]),
    ] {
        world.set_caller_policies(MANAGEMENT, &policies(purpose)).unwrap();
        let ran = stage.run(arguments).await;
        assert_eq!(ran.code, code, "{}", ran.shown());
        for call in world.calls().all() {
            assert!(
                !call.error.as_deref().is_some_and(|error| error.starts_with("AccessDenied")),
                "{purpose}: {call:?}"
            );
        }
    }
    stage.sandbox.stop().await;
}
