//! The test vectors in `cases/vectors`, each against the real process: an event goes in through the Lambda Runtime
//! API, and what counts is what reaches AWS. `cases/vectors/README.md` says how a vector is written.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a vector that cannot be read is a failed test"
)]

#[path = "vectors/event.rs"]
mod event;
#[path = "vectors/expectation.rs"]
mod expectation;
#[path = "vectors/names.rs"]
mod names;
#[path = "vectors/scene.rs"]
mod scene;

use std::path::Path;
use std::time::Duration;

use guard_tests::sandbox::InvokeOptions;
use serde_json::Value;

datatest_stable::harness! {
    { test = vector, root = "cases/vectors", pattern = r"\.json$" },
}

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let vector: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&vector));
    Ok(())
}

async fn run(vector: &Value) {
    // Where the function's code is: the process reads its exemptions there.
    let folder = tempfile::tempdir().unwrap();
    let sandbox = scene::set(vector, folder.path()).await;
    let world = sandbox.world();
    let payload = event::build(vector, world);
    let timeout = vector["timeoutMs"].as_u64().map(Duration::from_millis);
    let options = InvokeOptions { timeout, retries: false };
    let invocation = world.invoke(names::ACCOUNT, names::REGION, names::FUNCTION, &payload, options).await.unwrap();
    expectation::check(vector, world, &invocation, &payload);
    sandbox.stop().await;
}
