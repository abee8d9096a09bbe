//! One change and whole fleets, over the sandbox.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::process::processor_time;
use super::{BenchError, Row, median};
use crate::sandbox::{
    Effect, Fault, FunctionSpec, Invocation, InvokeOptions, Notebook, Options, RuleSpec, Sandbox, When,
};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-west-1";
pub(super) const FUNCTION: &str = "guard";
const RULE: &str = "rule";

/// A sandbox with the function, a rule and a fleet.
pub(super) async fn stage(bootstrap: &Path, fleet: usize) -> Result<Sandbox, BenchError> {
    let sandbox = Sandbox::start(Options { evaluate_new_rules: false, keep_calls: 4, ..Options::default() }).await?;
    let world = sandbox.world();
    world.add_account(ACCOUNT)?;
    world.enable_region(ACCOUNT, REGION)?;
    let function = FunctionSpec::new(FUNCTION, bootstrap).timeout(Duration::from_mins(5));
    world.install_function(
        ACCOUNT,
        REGION,
        function.variable("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
    )?;
    world.put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled(RULE, FUNCTION, json!({})))?;
    for index in 0..fleet {
        world.put_notebook(
            ACCOUNT,
            REGION,
            Notebook::new(&format!("analytics-notebook-of-team-{index:05}")).hardened(),
        )?;
    }
    Ok(sandbox)
}

/// One scheduled sweep, which has to do all of its work.
pub(super) async fn sweep(sandbox: &Sandbox) -> Result<Invocation, BenchError> {
    let world = sandbox.world();
    world.calls().clear();
    let invoking = json!({"awsAccountId": ACCOUNT, "notificationCreationTime": "2026-04-27T13:26:17.741Z",
        "messageType": "ScheduledNotification", "recordVersion": "1.0"});
    invoke(sandbox, &invoking).await
}

async fn invoke(sandbox: &Sandbox, invoking: &Value) -> Result<Invocation, BenchError> {
    let world = sandbox.world();
    let event = json!({"invokingEvent": invoking.to_string(), "resultToken": world.issue_result_token(ACCOUNT, REGION, RULE)?,
        "accountId": ACCOUNT, "configRuleName": RULE, "ruleParameters": "{}"});
    let options = InvokeOptions { timeout: None, retries: false };
    let invocation = world.invoke(ACCOUNT, REGION, FUNCTION, &event, options).await?;
    if invocation.succeeded() { Ok(invocation) } else { Err(BenchError::Unexpected(format!("{invocation:?}"))) }
}

fn took(invocation: &Invocation) -> Duration {
    invocation.attempts.iter().map(|attempt| attempt.duration).sum()
}

/// One change after the other, warm. Own time is what the function's process was on a processor: the sandbox is a debug
/// build, and its time is not the function's.
pub(super) async fn change(bootstrap: &Path) -> Result<Row, BenchError> {
    const BAR: f64 = 2.0;
    const EVENTS: u16 = 200;
    const LATENCY: Duration = Duration::from_millis(20);
    let sandbox = stage(bootstrap, 0).await?;
    let item = json!({"configurationItemCaptureTime": "2023-04-27T15:03:11.636Z", "configurationItemStatus": "OK",
        "resourceType": "AWS::SageMaker::NotebookInstance", "configuration": {"DirectInternetAccess": "Enabled"},
        "resourceId": format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/nb")});
    let invoking = json!({"configurationItem": item, "messageType": "ConfigurationItemChangeNotification"});
    sandbox.world().set_latency(LATENCY);
    invoke(&sandbox, &invoking).await?;
    sandbox.world().calls().clear();
    let before = processor_time(bootstrap)?;
    let mut over = Vec::new();
    for _ in 0..EVENTS {
        over.push(took(&invoke(&sandbox, &invoking).await?).saturating_sub(LATENCY).as_secs_f64() * 1000.0);
    }
    let own = (processor_time(bootstrap)? - before) / f64::from(EVENTS);
    let calls: usize = sandbox.world().calls().counts().values().sum();
    sandbox.stop().await;
    Ok(Row {
        what: "change event, warm: calls, own time",
        measured: format!(
            "{} call, {own:.2} ms ({:.1} ms over the latency with the sandbox's own)",
            calls / usize::from(EVENTS),
            median(over)
        ),
        bar: format!("1 call, <= {BAR:.0} ms"),
        holds: calls == usize::from(EVENTS) && own <= BAR,
    })
}

pub(super) async fn thousand(bootstrap: &Path) -> Result<Row, BenchError> {
    const BAR: f64 = 1.3;
    const LATENCY: f64 = 0.05;
    let sandbox = stage(bootstrap, 1000).await?;
    sandbox.world().set_latency(Duration::from_secs_f64(LATENCY));
    let invocation = sweep(&sandbox).await?;
    // Pages one after the other, describes eight at a time, puts beside them; clean-up asks once.
    let ideal = (10.0 + 1000.0 / 8.0) * LATENCY;
    let took = took(&invocation).as_secs_f64();
    sandbox.stop().await;
    Ok(Row {
        what: "sweep of 1,000 notebooks at 50 ms a call",
        measured: format!("{took:.2} s, ideal {ideal:.2} s, ratio {:.2}", took / ideal),
        bar: format!("ratio <= {BAR}"),
        holds: took / ideal <= BAR,
    })
}

pub(super) async fn limited(bootstrap: &Path) -> Result<Row, BenchError> {
    const PER_SECOND: u32 = 50;
    const FLEET: u32 = 1500;
    let sandbox = stage(bootstrap, FLEET as usize).await?;
    let world = sandbox.world();
    world.set_latency(Duration::from_millis(20));
    let limit = When::RateLimit { per_second: f64::from(PER_SECOND), burst: f64::from(PER_SECOND) };
    world.faults().add(Fault::on("sagemaker", "DescribeNotebookInstance", Effect::Throttle).when(limit));
    let invocation = sweep(&sandbox).await?;
    let took = took(&invocation).as_secs_f64();
    let counts = world.calls().counts();
    let describes = counts.get(&("sagemaker".to_owned(), "DescribeNotebookInstance".to_owned())).copied().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let calls = describes as f64 / f64::from(FLEET);
    let delivered = world.compliance(ACCOUNT, REGION, RULE)?.len();
    let rate = f64::from(FLEET - PER_SECOND) / took;
    sandbox.stop().await;
    Ok(Row {
        what: "sweep of 1,500 at a limit of 50 describes a second",
        measured: format!("{rate:.1}/s, {delivered} results, {calls:.2} calls for each"),
        bar: ">= 45/s, 1500 results, <= 1.2 calls".to_owned(),
        holds: rate >= 45.0 && delivered == FLEET as usize && calls <= 1.2,
    })
}
