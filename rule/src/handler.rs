//! One invocation from event to outcome, over the ports of [`crate::port`].

mod change;
mod clean_up;
mod deliver;
pub mod gather;
mod known;
mod sweep;

use std::cell::{Cell, RefCell};
use std::pin::pin;

use futures_util::future::{Either, select};
use serde_json::Value;
use time::Date;

use crate::evaluation::Evaluation;
use crate::event::{Invocation, Message};
use crate::exemption::{Candidates, Exemptions, Ruling};
use crate::outcome::{InvocationError, Outcome};
use crate::parameters::RuleParameters;
use crate::port::{ConfigService, Inventory, Timer};
use crate::resource::{AccountId, Arn, ResourceId, ResourceType};
use crate::subject::Subject;
use crate::timestamp::OrderingTimestamp;
use crate::verdict::Verdict;
use gather::Gatherer;

/// How many resources are described at once, and how many batches are on their way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Describe calls in flight.
    pub describes: usize,
    /// `PutEvaluations` calls in flight.
    pub puts: usize,
}

impl Default for Concurrency {
    /// Eight describes keep a fleet of 1,000 under ten seconds at usual latencies without opening many connections;
    /// two puts overlap delivery with judging.
    fn default() -> Self {
        Self { describes: 8, puts: 2 }
    }
}

/// The world of an invocation.
#[derive(Debug)]
pub struct Ports<'a, I, C, T> {
    /// SageMaker and EC2.
    pub inventory: &'a I,
    /// AWS Config.
    pub config: &'a C,
    /// The time that is left.
    pub timer: &'a T,
    /// How much is done at once.
    pub concurrency: Concurrency,
    /// What the customer exempts.
    pub exemptions: &'a Exemptions,
    /// The day, UTC: exemptions end.
    pub today: Date,
}

/// An event that may be worked on: read, of the own account, with valid parameters.
#[derive(Debug)]
pub struct Accepted {
    /// The event.
    pub invocation: Invocation,
    /// The parameters of the rule.
    pub parameters: RuleParameters,
    /// The Region of the function, and so of all that it judges.
    pub region: String,
}

/// Decides whether an event may be worked on, before any call is made.
///
/// # Errors
/// `InvalidEvent` if the event cannot be read, `ForeignAccount` if it is of another account than the function,
/// `InvalidParameters` if the rule's parameters are not valid.
pub fn accept(event: &Value, function_arn: &str) -> Result<Accepted, InvocationError> {
    let error = |error_type, message: String| InvocationError { error_type, message };
    let invocation = Invocation::read(event).map_err(|why| error("InvalidEvent", why.to_string()))?;
    let unknown =
        |why: &dyn std::fmt::Display| error("ForeignAccount", format!("the function does not know its account: {why}"));
    let own: Arn = function_arn.parse().map_err(|why| unknown(&why))?;
    let account: AccountId = own.account().parse().map_err(|why| unknown(&why))?;
    if account != invocation.account {
        let message = format!(
            "the event is of account {}, and this function judges only its own account {account}; install the guard \
             there",
            invocation.account
        );
        return Err(error("ForeignAccount", message));
    }
    let parameters = RuleParameters::read(invocation.rule_parameters.as_ref())
        .map_err(|why| error("InvalidParameters", why.to_string()))?;
    Ok(Accepted { invocation, parameters, region: own.region().to_owned() })
}

/// Works on an event: judges, delivers, cleans up. What could not be done is in the outcome, after everything else
/// was delivered.
pub async fn handle<I: Inventory, C: ConfigService, T: Timer>(
    accepted: &Accepted,
    ports: &Ports<'_, I, C, T>,
) -> Outcome {
    let place = (accepted.invocation.account.as_str(), accepted.region.as_str());
    let run = Run {
        invocation: &accepted.invocation,
        parameters: &accepted.parameters,
        ports,
        exemptions: ports.exemptions.candidates(place, accepted.parameters.check, ports.today),
        gatherer: Gatherer::new(ports.inventory),
        outcome: RefCell::default(),
        splits: Cell::default(),
    };
    match &accepted.invocation.message {
        Message::Changed(item) => run.changed(item).await,
        Message::Oversized(summary) => run.oversized(summary).await,
        Message::Scheduled { created } => run.scheduled(*created).await,
    }
    run.outcome.into_inner()
}

/// One invocation under way.
struct Run<'a, I, C, T> {
    invocation: &'a Invocation,
    parameters: &'a RuleParameters,
    ports: &'a Ports<'a, I, C, T>,
    exemptions: Candidates<'a>,
    gatherer: Gatherer<'a, I>,
    outcome: RefCell<Outcome>,
    splits: Cell<u32>,
}

impl<I: Inventory, C: ConfigService, T: Timer> Run<'_, I, C, T> {
    /// Judges a subject whose settings are known, under the subject's own id.
    async fn judge(&self, subject: &Subject, (of_type, timestamp): (&ResourceType, OrderingTimestamp)) -> Judged {
        let verdict = self.gatherer.verdict(subject, self.parameters).await;
        let verdict = self.after_exemptions((subject.name(), subject.id()), verdict);
        match Evaluation::of((of_type, subject.id()), &verdict, timestamp) {
            Some(evaluation) => Judged::Evaluated(evaluation),
            None => Judged::Undetermined(verdict.reason().unwrap_or_default().to_owned()),
        }
    }

    /// The verdict on a resource of this name and id, once exemptions have had their say.
    fn after_exemptions(&self, (name, id): (&str, &ResourceId), verdict: Verdict) -> Verdict {
        let Some(ruling) = self.exemptions.ruling(name, id, &verdict) else { return verdict };
        if matches!(ruling, Ruling::Exempt(_)) {
            self.outcome.borrow_mut().exempted += 1;
        }
        ruling.applied(verdict)
    }
}

/// What judging one resource came to.
enum Judged {
    Evaluated(Evaluation),
    Gone,
    Undetermined(String),
}

/// The result of the work, or nothing if the time was up before.
async fn before<R>(time_is_up: impl Future<Output = ()>, work: impl Future<Output = R>) -> Option<R> {
    match select(pin!(work), pin!(time_is_up)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(((), _)) => None,
    }
}
