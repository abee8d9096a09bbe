//! One account, one Region, the function installed.

use std::collections::BTreeMap;
use std::time::Duration;

use guard_tests::sandbox::{FunctionSpec, Notebook, Options, RecorderState, RuleSpec, Sandbox, World};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const FUNCTION: &str = "guard";

pub(crate) async fn sandbox(seed: u64) -> Sandbox {
    let options =
        Options { seed, evaluate_new_rules: false, retry_delay: Duration::from_millis(5), ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let world = sandbox.world();
    world.add_account(ACCOUNT).unwrap();
    world.enable_region(ACCOUNT, REGION).unwrap();
    let function = FunctionSpec::new(FUNCTION, env!("CARGO_BIN_EXE_bootstrap-under-test"));
    world.install_function(ACCOUNT, REGION, function.timeout(Duration::from_mins(1))).unwrap();
    sandbox
}

pub(crate) fn record(world: &World) {
    world.set_recorder(ACCOUNT, REGION, &RecorderState::ALL).unwrap();
}

/// A rule with all three triggers.
pub(crate) fn hybrid(world: &World, check: &str) {
    let rule = RuleSpec::hybrid(check, FUNCTION, json!({"check": check}), "AWS::SageMaker::NotebookInstance");
    world.put_config_rule(ACCOUNT, REGION, &rule).unwrap();
}

/// A notebook whose ARN is known.
pub(crate) fn notebook(name: &str) -> Notebook {
    let mut notebook = Notebook::new(name);
    notebook.arn = Some(arn(name));
    notebook
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/{name}")
}

/// What AWS Config holds for a rule: compliance type by resource id.
pub(crate) fn held(world: &World, rule: &str) -> BTreeMap<String, String> {
    let held = world.compliance(ACCOUNT, REGION, rule).unwrap();
    held.into_iter().map(|one| (one.resource_id, one.compliance_type)).collect()
}

/// The last log line that is no metrics.
pub(crate) fn log_line<'a>(lines: impl Iterator<Item = &'a str>) -> Value {
    let parsed = lines.map(|line| serde_json::from_str::<Value>(line).expect("every line is JSON"));
    parsed.filter(|line| line.get("_aws").is_none()).last().expect("a log line")
}
