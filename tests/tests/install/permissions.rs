//! What the operator's policy allows is what an installation needs.

use serde_json::Value;

use crate::runner::Ran;
use crate::stage::{ACCOUNT, Stage, ran};

/// The policies that `deployer render` prints for a purpose with these flags: one part after the other, until there is no more.
async fn policies(stage: &Stage, purpose: &str, flags: &[&str]) -> Vec<Value> {
    let mut policies = Vec::new();
    for part in 1..=9 {
        let part = part.to_string();
        let render = ["render", "operator-policy", "--account", ACCOUNT, "--purpose", purpose, "--part", &part];
        let printed: Ran = ran(stage.deployer(&[&render, flags].concat())).await;
        if printed.code != 0 {
            break;
        }
        policies.push(serde_json::from_str(&printed.stdout).unwrap());
    }
    assert!(!policies.is_empty());
    policies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rendered_policy_is_enough_to_install_and_to_update() {
    for flags in [&["--region=all"][..], &["--region=all", "--conformance-pack"]] {
        let stage = Stage::new().await;
        let policies = policies(&stage, "install", flags).await;
        stage.world().set_caller_policies(ACCOUNT, &policies).unwrap();
        for more in [&[][..], &["--checks=all", "--schedule=1h"]] {
            let ran = stage.install(&[flags, more].concat()).await;
            assert_eq!(ran.code, 0, "{flags:?} {more:?}: {}", ran.shown());
            assert!(!ran.stderr.contains('!') && !ran.stderr.contains("AccessDenied"), "{}", ran.stderr);
        }
        stage.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rendered_policies_are_enough_to_look_and_to_remove() {
    for flags in [&["--region=all"][..], &["--region=all", "--conformance-pack"]] {
        let stage = Stage::new().await;
        assert_eq!(stage.install(flags).await.code, 0);
        let (look, remove) = (policies(&stage, "status", flags).await, policies(&stage, "uninstall", flags).await);
        stage.world().set_caller_policies(ACCOUNT, &look).unwrap();
        let status = ran(stage.deployer(&["status", "--region=all", "--drift"])).await;
        assert_eq!(status.code, 0, "{flags:?}: {}", status.shown());
        let denied = ran(stage.deployer(&["uninstall", "--region=all", "--yes"])).await;
        assert_eq!(denied.code, 5, "who may look may not remove: {}", denied.shown());
        stage.world().set_caller_policies(ACCOUNT, &remove).unwrap();
        let gone = ran(stage.deployer(&["uninstall", "--region=all", "--yes"])).await;
        assert_eq!(gone.code, 0, "{flags:?}: {}", gone.shown());
        stage.sandbox.stop().await;
    }
}
