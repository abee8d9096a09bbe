//! In an account that the organization covers: what is there is nothing that is left over.

use serde_json::Value;

use crate::stage::{HOME, MANAGEMENT, PAYMENTS, Stage, words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_organization_installed_is_known_as_such_and_nobody_is_told_to_delete_it() {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    let code = Stage::code();
    let told = format!("installed by the StackSet notebook-guard of the organization (administrator {MANAGEMENT})");
    for (ends_in, command) in [
        (0, &["status"][..]),
        (2, &["doctor"]),
        (2, &["install", "--yes", "--code", code.path().to_str().unwrap()]),
        (4, &["uninstall", "--yes"]),
        (4, &["uninstall", "--yes", "--region", "all"]),
    ] {
        let ran = stage.run_as(PAYMENTS, command).await;
        let text = words(&ran.shown());
        assert_eq!(ran.code, ends_in, "{}", ran.shown());
        assert!(text.contains(&told), "{}", ran.shown());
        assert!(!text.contains("delete"), "{}", ran.shown());
        assert!(text.contains(&format!("in account {MANAGEMENT}")), "{}", ran.shown());
    }
    assert_eq!(stage.writes(), []);
    let ran = stage.run_as(PAYMENTS, &["status", "--format", "json"]).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let region = &report["regions"][0];
    assert_eq!((&region["region"], &region["state"]), (&HOME.into(), &"of-organization".into()), "{report}");
    assert_eq!(region["stackSet"]["administrator"], MANAGEMENT, "{report}");
    stage.sandbox.stop().await;
}
