//! The process is killed at each of its AWS calls in turn, before and after the call took effect. The same command, run
//! again, always comes to the end that an undisturbed run comes to, and no StackSet operation is made twice.

use futures_util::stream::{self, StreamExt as _};
use guard_tests::kill::run_until;
use guard_tests::sandbox::Hold;

use super::stage::{HOME, MANAGEMENT, PAYMENTS, SEARCH, Stage};

/// Sandboxes side by side: a run mostly waits.
const AT_ONCE: usize = 4;
/// Runs differ by a few looks at what is not done yet.
const SPARE: usize = 6;

/// What is there before, and what is then run and killed.
#[derive(Debug, Clone, Copy)]
struct Case {
    before: Option<&'static [&'static str]>,
    killed: &'static [&'static str],
}

const FIRST: Case = Case { before: None, killed: &["--canary", PAYMENTS] };
const UPDATE: Case = Case { before: Some(&[]), killed: &["--checks", "all", "--canary", SEARCH] };

async fn stage(case: Case) -> Stage {
    let stage = Stage::unrecorded(&[HOME]).await;
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
    let operations = undisturbed.set().operations.len();
    assert!(calls > 40, "{calls} calls are no installation");
    let numbers = stream::iter(1..=calls + SPARE).map(|number| killed_at(case, hold, number, (&expected, operations)));
    let killed: Vec<bool> = numbers.buffer_unordered(AT_ONCE).collect().await;
    let killed = killed.into_iter().filter(|was| *was).count();
    assert!(killed + SPARE * 2 >= calls, "only {killed} of {calls} runs were killed");
}

/// One run that is killed at a call, and one that is not. Says whether the first ever came so far.
async fn killed_at(case: Case, hold: Hold, number: usize, (expected, operations): (&[String], usize)) -> bool {
    let stage = stage(case).await;
    let command = stage.installer(MANAGEMENT, &[&["--yes"], case.killed].concat());
    let run = run_until(stage.world(), command.into(), number, hold).await.unwrap();
    let at = run.killed_at.as_ref().map_or_else(String::new, |call| format!("{}:{}", call.service, call.operation));
    let again = stage.install(case.killed).await;
    assert_eq!(again.code, 0, "killed at call {number}, {at}, {hold:?}: {}", again.shown());
    assert_eq!(stage.end_state(), expected, "killed at call {number}, {at}, {hold:?}");
    let made = stage.set().operations.len();
    assert!(made <= operations, "killed at call {number}, {at}, {hold:?}: {made} operations instead of {operations}");
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
