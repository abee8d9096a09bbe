//! The Lambda function: clients made once, then one invocation after the other.

mod exemptions;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::aws::{AwsConfigService, AwsInventory, DeadlineTimer, Meter, PreparedTls, sdk_config};
use crate::event::Message;
use crate::exemption::Exemptions;
use crate::handler::{Accepted, Concurrency, Ports, accept, handle};
use crate::imprint::IMPRINT;
use crate::outcome::{InvocationError, Outcome};
use telemetry::Telemetry;

/// What whoever starts it by hand is told.
const BY_HAND: &str = "This is Notebook Guard's Lambda function, which AWS Lambda starts; by hand it does nothing. \
                       `deployer evaluate` judges notebooks from here, and `deployer install` installs the function.";

/// Whether Lambda started it: it says where its runtime API is, and how the function is called
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>).
fn is_in_lambda() -> bool {
    ["AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME"].iter().all(|name| std::env::var_os(name).is_some())
}

/// Runs the function until Lambda ends it.
#[must_use]
pub fn main() -> ExitCode {
    if !is_in_lambda() {
        let _ = writeln!(std::io::stderr(), "{BY_HAND}");
        return ExitCode::from(2);
    }
    // Otherwise nothing would use it, and it would not be in the executable.
    std::hint::black_box(IMPRINT);
    let tls = PreparedTls::start();
    // Below 1,769 MB a function has less than one processor: more threads would only cost memory and start-up time.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    telemetry::start();
    let served = runtime.block_on(async {
        // Before the first event and not during it: Lambda gives a whole processor to this phase.
        let evaluator = Evaluator::new(&tls).await;
        // Boxed: the state of a whole sweep is too large to be moved about on the stack.
        lambda_runtime::run(service_fn(|event| Box::pin(evaluator.invoke(event)))).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(error = %error, "the function cannot run");
    ExitCode::FAILURE
}

/// The clients that all invocations share.
struct Evaluator {
    inventory: AwsInventory,
    config: AwsConfigService,
    meter: Meter,
    exemptions: Result<Exemptions, InvocationError>,
}

impl Evaluator {
    async fn new(tls: &PreparedTls) -> Self {
        let sdk = sdk_config(tls).await;
        let meter = Meter::default();
        let (inventory, config) = (AwsInventory::new(&sdk, &meter), AwsConfigService::new(&sdk, &meter));
        Self { inventory, config, meter, exemptions: exemptions::read() }
    }

    async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Value, Reported> {
        let started = Instant::now();
        // What was counted before, during start-up or after a time-out, belongs to no invocation.
        let _ = self.meter.take();
        let (event, context) = event.into_parts();
        let request_id = context.request_id.as_str();
        let function_name = context.env_config.function_name.as_str();
        let accepted = accept(&event, &context.invoked_function_arn);
        let usable = accepted.and_then(|accepted| Ok((accepted, self.exemptions.as_ref().map_err(Clone::clone)?)));
        let (accepted, exemptions) = match usable {
            Ok(usable) => usable,
            Err(error) => {
                telemetry::refused(request_id, function_name, &error);
                return Err(Reported(error));
            }
        };
        let timer = DeadlineTimer::until(context.deadline());
        let ports = Ports {
            inventory: &self.inventory,
            config: &self.config,
            timer: &timer,
            concurrency: Concurrency::default(),
            exemptions,
            today: OffsetDateTime::now_utc().date(),
        };
        let outcome = handle(&accepted, &ports).await;
        let error = outcome.error();
        let telemetry = Telemetry {
            request_id,
            function_name,
            accepted: &accepted,
            metered: self.meter.take(),
            duration: started.elapsed(),
        };
        telemetry.report(&outcome, error.as_ref());
        match error {
            None => Ok(summary(&accepted, &outcome)),
            Some(error) => Err(Reported(error)),
        }
    }
}

/// What a person sees who invokes the function by hand; AWS Config ignores it.
fn summary(accepted: &Accepted, outcome: &Outcome) -> Value {
    let delivered: serde_json::Map<String, Value> =
        outcome.delivered.iter().map(|(kind, count)| (kind.as_str().to_owned(), json!(count))).collect();
    json!({
        "check": accepted.parameters.check.id,
        "message": message_name(&accepted.invocation.message),
        "delivered": delivered,
        "exempted": outcome.exempted,
        "stale": outcome.stale,
        "ruleDeleted": outcome.rule_deleted,
    })
}

fn message_name(message: &Message) -> &'static str {
    match message {
        Message::Changed(_) => "change",
        Message::Oversized(_) => "oversized change",
        Message::Scheduled { .. } => "schedule",
    }
}

/// An error on its way to Lambda, which retries the invocation and counts it in the metric `Errors`.
#[derive(Debug)]
struct Reported(InvocationError);

impl From<Reported> for Diagnostic {
    fn from(Reported(error): Reported) -> Self {
        Self { error_type: error.error_type.to_owned(), error_message: error.message }
    }
}
