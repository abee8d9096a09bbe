use std::path::Path;
use std::time::Duration;

use guard_tests::sandbox::{FunctionSpec, Invocation, InvokeOptions, Outcome, Sandbox, SandboxError};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Client, REGION, sandbox};
use super::function::{FUNCTION, install};

async fn invoke(sandbox: &Sandbox, payload: Value) -> Invocation {
    sandbox.world().invoke(ACCOUNT, REGION, FUNCTION, &payload, InvokeOptions::default()).await.unwrap()
}

fn alive(process: u64) -> bool {
    // A killed child that nobody has waited for is a zombie, not a running process.
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

#[tokio::test]
async fn a_function_starts_cold_and_goes_on_warm_with_its_lines_kept_apart() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let first = invoke(&sandbox, json!({"a": 1})).await;
    let second = invoke(&sandbox, json!({"a": 2})).await;
    assert_eq!(first.attempts[0].outcome, Outcome::Ok(json!({"a": 1})));
    assert_eq!((first.attempts[0].init_duration.is_some(), second.attempts[0].init_duration), (true, None));
    assert!(first.logs().any(|line| line == "line on stderr 1"), "{first:?}");
    assert_eq!(second.attempts[0].logs.len(), 2, "{second:?}");
    sandbox.world().cool_down(ACCOUNT, REGION, FUNCTION).unwrap();
    assert!(invoke(&sandbox, json!({})).await.attempts[0].init_duration.is_some());
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_twice_with_the_same_event() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let failed = invoke(&sandbox, json!({"do": "fail"})).await;
    let outcome = Outcome::Err { error_type: "Test.Failed".to_owned(), error_message: "failed on purpose".to_owned() };
    assert_eq!(failed.attempts.iter().map(|attempt| attempt.outcome.clone()).collect::<Vec<_>>(), vec![outcome; 3]);
    let options = InvokeOptions { retries: false, ..InvokeOptions::default() };
    let once = sandbox.world().invoke(ACCOUNT, REGION, FUNCTION, &json!({"do": "fail"}), options).await.unwrap();
    assert_eq!(once.attempts.len(), 1);
    sandbox.world().cool_down(ACCOUNT, REGION, FUNCTION).unwrap();
    let flaky = invoke(&sandbox, json!({"do": "fail-once"})).await;
    assert_eq!((flaky.attempts.len(), flaky.succeeded()), (2, true));
}

#[tokio::test]
async fn a_crash_is_an_exit_error_and_the_next_attempt_is_cold() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let crashed = invoke(&sandbox, json!({"do": "crash"})).await;
    assert_eq!((crashed.attempts.len(), crashed.error_type()), (3, Some("Runtime.ExitError")));
    assert!(crashed.attempts.iter().all(|attempt| attempt.init_duration.is_some()));
    assert!(crashed.logs().any(|line| line.contains("crashed on purpose")), "{crashed:?}");
    assert!(invoke(&sandbox, json!({})).await.succeeded());
}

#[tokio::test]
async fn a_function_that_hangs_is_killed_at_its_timeout() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec.timeout(Duration::from_millis(200)));
    let hung = invoke(&sandbox, json!({"do": "hang"})).await;
    let Outcome::Err { error_type, error_message } = &hung.attempts[0].outcome else { panic!("{hung:?}") };
    assert_eq!((hung.attempts.len(), error_type.as_str()), (3, "Sandbox.Timedout"));
    assert!(error_message.ends_with("Error: Task timed out after 0.20 seconds"), "{error_message}");
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    for (behaviour, error) in [("init-error", "Test.NoConfiguration"), ("init-crash", "Runtime.ExitError")] {
        let sandbox = sandbox().await;
        let _folder = install(&sandbox, |spec| spec.variable("BEHAVIOUR", behaviour));
        assert_eq!(invoke(&sandbox, json!({})).await.error_type(), Some(error));
    }
    let sandbox = sandbox().await;
    sandbox.world().install_function(ACCOUNT, REGION, FunctionSpec::new(FUNCTION, "/does/not/exist")).unwrap();
    assert_eq!(invoke(&sandbox, json!({})).await.error_type(), Some("Runtime.InvalidEntrypoint"));
    let unknown = sandbox.world().invoke(ACCOUNT, REGION, "nope", &json!({}), InvokeOptions::default()).await;
    assert!(matches!(unknown, Err(SandboxError::UnknownFunction(_))), "{unknown:?}");
}

#[tokio::test]
async fn a_process_has_lambdas_variables_and_working_credentials_and_nothing_of_ours() {
    let sandbox = sandbox().await;
    let folder = install(&sandbox, |spec| spec.variable("OWN", "value"));
    let invocation = invoke(&sandbox, json!({"do": "variables"})).await;
    let Outcome::Ok(variables) = &invocation.attempts[0].outcome else { panic!("{invocation:?}") };
    let expected = [
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("OWN", "value"),
        ("AWS_ENDPOINT_URL", &sandbox.endpoint()),
        ("LAMBDA_TASK_ROOT", folder.path().to_str().unwrap()),
    ];
    for (name, value) in expected {
        assert_eq!(variables[name], value, "{name}");
    }
    assert!(variables.get("HOME").is_none() && variables.get("CARGO_MANIFEST_DIR").is_none(), "{variables}");
    let mut client = Client::new(&sandbox);
    let text = |name: &str| variables[name].as_str().unwrap().to_owned();
    client.credential.access_key_id = text("AWS_ACCESS_KEY_ID");
    client.credential.secret_access_key = text("AWS_SECRET_ACCESS_KEY");
    client.credential.session_token = Some(text("AWS_SESSION_TOKEN"));
    let identity = client.query("sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(identity.element("Arn"), "arn:aws:sts::111122223333:assumed-role/evaluator-role/evaluator");
}

#[tokio::test]
async fn a_deadline_of_ones_own_replaces_the_timeout() {
    let sandbox = sandbox().await;
    let _folder = install(&sandbox, |spec| spec);
    let options = InvokeOptions { timeout: Some(Duration::from_millis(150)), retries: false };
    let hung = sandbox.world().invoke(ACCOUNT, REGION, FUNCTION, &json!({"do": "hang"}), options).await.unwrap();
    assert_eq!((hung.attempts.len(), hung.error_type()), (1, Some("Sandbox.Timedout")));
}

#[tokio::test]
async fn dropping_the_sandbox_kills_warm_and_busy_functions() {
    let sandbox = sandbox().await;
    let folder = install(&sandbox, |spec| spec.concurrency(2));
    invoke(&sandbox, json!({})).await;
    let world = sandbox.world().clone();
    let busy = tokio::spawn(async move {
        world.invoke(ACCOUNT, REGION, FUNCTION, &json!({"do": "hang"}), InvokeOptions::default()).await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let processes = children(folder.path());
    assert!(!processes.is_empty());
    drop(sandbox);
    let ended = tokio::time::timeout(Duration::from_secs(5), busy).await.unwrap().unwrap().unwrap();
    assert_eq!(ended.error_type(), Some("Sandbox.Stopped"));
    for _ in 0..100 {
        if !processes.iter().any(|process| alive(*process)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("still running: {processes:?}");
}

/// The processes that work in a folder.
fn children(folder: &Path) -> Vec<u64> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    processes
        .filter(|process| std::fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|cwd| cwd == folder))
        .collect()
}
