//! The process is killed at each of its AWS calls in turn, before and after the call took effect. The same command, run
//! again, always comes to the end that an undisturbed run comes to.

use futures_util::stream::{self, StreamExt as _};
use guard_tests::kill::run_until;
use guard_tests::sandbox::Hold;

use crate::stage::{Stage, ran};

const REGION: &str = "eu-west-1";
/// Sandboxes side by side: a run mostly waits.
const AT_ONCE: usize = 4;
/// Runs differ by a few looks at a stack that is not done yet.
const SPARE: usize = 4;

/// What is there before, and what is then run and killed.
#[derive(Debug, Clone, Copy)]
struct Case {
    before: Option<&'static [&'static str]>,
    killed: &'static [&'static str],
}

const FIRST: Case = Case { before: None, killed: &[] };
const UPDATE: Case = Case { before: Some(&[]), killed: &["--checks", "all", "--tag", "team=ml"] };
const AS_PACK: Case = Case { before: Some(&[]), killed: &["--conformance-pack"] };

async fn stage(case: Case) -> Stage {
    let stage = Stage::unrecorded(&[REGION]).await;
    if let Some(flags) = case.before {
        let ran = stage.install(flags).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
    }
    stage.world().calls().clear();
    stage
}

async fn each_call(case: Case, hold: Hold) {
    let undisturbed = stage(case).await;
    let ran = undisturbed.install(case.killed).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let (calls, expected) = (undisturbed.world().calls().total(), undisturbed.end_state());
    assert!(calls > 20, "{calls} calls are no installation");
    let numbers = stream::iter(1..=calls + SPARE).map(|number| killed_at(case, hold, number, &expected));
    let killed: Vec<bool> = numbers.buffer_unordered(AT_ONCE).collect().await;
    let killed = killed.into_iter().filter(|was| *was).count();
    assert!(killed + SPARE >= calls, "only {killed} of {calls} runs were killed");
}

/// One run that is killed at a call, and one that is not. Says whether the first ever came so far.
async fn killed_at(case: Case, hold: Hold, number: usize, expected: &[String]) -> bool {
    let stage = stage(case).await;
    let mut command = stage.installer(&["--yes"]);
    command.args(case.killed);
    let run = run_until(stage.world(), command.into(), number, hold).await.unwrap();
    let at = run.killed_at.as_ref().map_or_else(String::new, |call| format!("{}:{}", call.service, call.operation));
    let again = stage.install(case.killed).await;
    assert_eq!(again.code, 0, "killed at call {number}, {at}, {hold:?}: {}", again.shown());
    assert_eq!(stage.end_state(), expected, "killed at call {number}, {at}, {hold:?}");
    stage.sandbox.stop().await;
    run.killed_at.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_installation_before_each_call() {
    each_call(FIRST, Hold::Before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_installation_after_each_call() {
    each_call(FIRST, Hold::After).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn update_before_each_call() {
    each_call(UPDATE, Hold::Before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn update_after_each_call() {
    each_call(UPDATE, Hold::After).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_into_a_pack_after_each_call() {
    each_call(AS_PACK, Hold::After).await;
}

/// A reviewed plan that was interrupted is finished with the same command.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reviewed_plan_after_each_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let first = stage(FIRST).await;
    let made = ran(first.installer(&["--dry-run", "--plan-out", path])).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    first.world().calls().clear();
    let whole = first.install(&["--plan", path]).await;
    assert_eq!(whole.code, 0, "{}", whole.shown());
    let (calls, expected) = (first.world().calls().total(), first.end_state());
    let numbers = stream::iter(1..=calls).map(|number| {
        let expected = &expected;
        async move {
            let stage = stage(FIRST).await;
            let command = stage.installer(&["--yes", "--plan", path]);
            run_until(stage.world(), command.into(), number, Hold::After).await.unwrap();
            let again = stage.install(&["--plan", path]).await;
            assert_eq!(again.code, 0, "killed at call {number}: {}", again.shown());
            assert_eq!(&stage.end_state(), expected, "killed at call {number}");
            stage.sandbox.stop().await;
        }
    });
    numbers.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}
