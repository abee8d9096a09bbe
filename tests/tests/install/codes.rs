//! Every documented exit code, each reached once here.

use std::fs::File;
use std::process::Stdio;

use crate::runner::run;
use crate::stage::{REGIONS, Stage, ran};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_exit_code_is_reached() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", REGIONS[0]]).await.code, 0, "done");
    assert_eq!(stage.install(&["--region", REGIONS[0]]).await.code, 0, "nothing to do");

    let mut full = stage.installer(&["--dry-run"]);
    full.stdout(Stdio::from(File::create("/dev/full").unwrap()));
    assert_eq!(ran(full).await.code, 1, "the product cannot be written");

    assert_eq!(run(&["install", "--schedule", "often"]).code, 2, "a flag that is none");
    assert_eq!(stage.install(&["--prefix", "No Prefix"]).await.code, 2, "a value that is none");
    assert_eq!(ran(stage.installer(&["--region", REGIONS[1]])).await.code, 4, "nobody to ask");

    // 3 and 5, 130: see faults.rs, where one Region, all Regions, and the user end a run.
    let mut nowhere = stage.installer(&["--yes"]);
    nowhere.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1");
    assert_eq!(ran(nowhere).await.code, 5, "AWS does not answer");
    stage.sandbox.stop().await;
}
