//! A function for tests: this very test binary, started again as a program that speaks the Runtime API.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use guard_tests::sandbox::{FunctionSpec, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{ACCOUNT, REGION};

pub(crate) const FUNCTION: &str = "evaluator";

/// Installs the function. What it does is said by the variable `BEHAVIOUR`, or by the member `do` of an event.
/// The folder holds its program, and has to live as long as it is used.
pub(crate) fn install(sandbox: &Sandbox, change: impl FnOnce(FunctionSpec) -> FunctionSpec) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("bootstrap");
    let binary = std::env::current_exe().unwrap();
    let script =
        format!("#!/bin/sh\nexec '{}' --exact sandbox::function::bootstrap --ignored --nocapture\n", binary.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let spec = FunctionSpec::new(FUNCTION, program).concurrency(1);
    sandbox.world().install_function(ACCOUNT, REGION, change(spec)).unwrap();
    folder
}

/// Does nothing unless it was started by a sandbox.
#[test]
#[ignore = "is the program of the function that the other tests invoke"]
fn bootstrap() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let behaviour = std::env::var("BEHAVIOUR").unwrap_or_else(|_| "echo".to_owned());
    match behaviour.as_str() {
        "init-error" => {
            let error = json!({"errorType": "Test.NoConfiguration", "errorMessage": "nothing to start with"});
            call(&api, "POST /2018-06-01/runtime/init/error", &error);
            return;
        }
        "init-crash" => panic!("crashed before the first event"),
        _ => {}
    }
    for count in 1.. {
        let (id, event) = call(&api, "GET /2018-06-01/runtime/invocation/next", &Value::Null);
        let path = format!("POST /2018-06-01/runtime/invocation/{id}");
        match event["do"].as_str().unwrap_or(&behaviour) {
            "fail" => fail(&api, &path),
            "fail-once" if count == 1 => fail(&api, &path),
            "crash" => panic!("crashed on purpose"),
            "hang" => std::thread::sleep(Duration::from_mins(1)),
            "variables" => {
                let variables: serde_json::Map<_, _> =
                    std::env::vars().map(|(name, value)| (name, value.into())).collect();
                call(&api, &format!("{path}/response"), &Value::Object(variables));
            }
            _ => {
                println!("line on stdout {count}");
                eprintln!("line on stderr {count}");
                call(&api, &format!("{path}/response"), &event);
            }
        }
    }
}

fn fail(api: &str, path: &str) {
    call(api, &format!("{path}/error"), &json!({"errorType": "Test.Failed", "errorMessage": "failed on purpose"}));
}

/// One request to the Runtime API: the request id of an event, if the answer is one, and the body.
fn call(api: &str, line: &str, body: &Value) -> (String, Value) {
    let mut stream = TcpStream::connect(api).unwrap();
    let body = body.to_string();
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {api}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let (mut id, mut head) = (String::new(), String::new());
    while reader.read_line(&mut head).unwrap() > 2 {
        if let Some(value) = head.strip_prefix("lambda-runtime-aws-request-id: ") {
            value.trim().clone_into(&mut id);
        }
        head.clear();
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    (id, serde_json::from_slice(&body).unwrap())
}
