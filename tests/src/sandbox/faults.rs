//! Faults that can be scripted: what goes wrong, for whom, and when.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::clock::Instant;
use super::model::Protocol;
use super::random::Random;
use super::refusal::Refusal;

/// One scripted fault. A field that is `None` matches everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The service's name in a credential scope, such as `sagemaker`.
    pub service: Option<String>,
    /// The operation, such as `DescribeNotebookInstance`.
    pub operation: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// Which of the matching calls.
    pub when: When,
    /// What happens to them.
    pub effect: Effect,
}

/// Which of the calls that match a fault it hits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// All.
    Always,
    /// The first *n*.
    Times(u32),
    /// The *n*-th only, counted from 1.
    Nth(u32),
    /// Each with this probability (0 to 1), from the seed.
    Probability(f64),
    /// Those that find a token bucket empty: a rate limit as AWS has it.
    RateLimit {
        /// Tokens added each second.
        per_second: f64,
        /// Tokens that the bucket holds, and starts with.
        burst: f64,
    },
}

/// What a fault does to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The service's own throttling error.
    Throttle,
    /// An internal error (500) or unavailability (503).
    ServerError(u16),
    /// The connection is closed before the call is looked at.
    Reset,
    /// The call is done, but the connection is closed instead of answered.
    LostAnswer,
    /// The call is done later.
    Delay(Duration),
    /// This refusal, word for word.
    Refuse(Refusal),
    /// `PutEvaluations` reports the evaluations of these resource ids as failed.
    FailedEvaluations(Vec<String>),
}

impl Fault {
    /// A fault of every call of one operation.
    #[must_use]
    pub fn on(service: &str, operation: &str, effect: Effect) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            account: None,
            region: None,
            when: When::Always,
            effect,
        }
    }

    /// A fault of every call of every service.
    #[must_use]
    pub fn everywhere(effect: Effect) -> Self {
        Self { service: None, operation: None, account: None, region: None, when: When::Always, effect }
    }

    /// The same fault at other times.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// The same fault in one account and Region only.
    #[must_use]
    pub fn at(mut self, account: &str, region: &str) -> Self {
        self.account = Some(account.to_owned());
        self.region = Some(region.to_owned());
        self
    }

    fn matches(&self, target: &Target<'_>) -> bool {
        let fits = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|wanted| wanted == actual);
        fits(&self.service, target.service)
            && fits(&self.operation, target.operation)
            && fits(&self.account, target.account)
            && fits(&self.region, target.region)
    }
}

/// What a call is aimed at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

/// What all faults together do to one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) reset: bool,
    pub(crate) lost_answer: bool,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) failing: Vec<String>,
}

impl Verdict {
    /// Whether the call goes other than it would without faults. A delay alone does not count.
    pub(crate) fn interferes(&self) -> bool {
        self.reset || self.lost_answer || self.refusal.is_some() || !self.failing.is_empty()
    }
}

/// The faults of a world.
#[derive(Debug)]
pub struct Faults(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    faults: Vec<Armed>,
    random: Random,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u32,
    tokens: f64,
    filled: Option<Instant>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Inner { faults: Vec::new(), random: Random::new(seed) }))
    }

    /// Adds a fault to those there are.
    pub fn add(&self, fault: Fault) {
        let tokens = if let When::RateLimit { burst, .. } = fault.when { burst } else { 0.0 };
        let armed = Armed { fault, seen: 0, tokens, filled: None };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).faults.push(armed);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).faults.clear();
    }

    /// What happens to a call at this moment. Counts the call.
    pub(crate) fn verdict(&self, target: &Target<'_>, protocol: Protocol, now: Instant) -> Verdict {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { faults, random } = &mut *inner;
        let mut verdict = Verdict::default();
        for armed in faults.iter_mut().filter(|armed| armed.fault.matches(target)) {
            if armed.hits(random, now) {
                apply(&armed.fault.effect, target.service, protocol, &mut verdict);
            }
        }
        verdict
    }
}

impl Armed {
    fn hits(&mut self, random: &mut Random, now: Instant) -> bool {
        self.seen = self.seen.saturating_add(1);
        match self.fault.when {
            When::Always => true,
            When::Times(times) => self.seen <= times,
            When::Nth(nth) => self.seen == nth,
            When::Probability(probability) => random.chance(probability),
            When::RateLimit { per_second, burst } => {
                let elapsed = self.filled.map_or(Duration::ZERO, |filled| now.since(filled));
                self.filled = Some(now);
                self.tokens = (self.tokens + elapsed.as_secs_f64() * per_second).min(burst);
                let empty = self.tokens < 1.0;
                self.tokens -= if empty { 0.0 } else { 1.0 };
                empty
            }
        }
    }
}

fn apply(effect: &Effect, service: &str, protocol: Protocol, verdict: &mut Verdict) {
    match effect {
        Effect::Delay(delay) => verdict.delay += *delay,
        Effect::Reset => verdict.reset = true,
        Effect::LostAnswer => verdict.lost_answer = true,
        Effect::FailedEvaluations(ids) => verdict.failing.extend(ids.iter().cloned()),
        Effect::Throttle => verdict.refusal = Some(throttled(service, protocol)),
        Effect::ServerError(status) => verdict.refusal = Some(server_error(*status, protocol)),
        Effect::Refuse(refusal) => verdict.refusal = Some(refusal.clone()),
    }
}

fn throttled(service: &str, protocol: Protocol) -> Refusal {
    match protocol {
        Protocol::Json if service == "organizations" => {
            let message = "You have sent too many requests in too short a period of time. Try again later.";
            Refusal::new("TooManyRequestsException", message)
        }
        Protocol::Ec2 => Refusal::new("RequestLimitExceeded", "Request limit exceeded.").with_status(503),
        Protocol::Query | Protocol::Cbor => Refusal::new("Throttling", "Rate exceeded"),
        Protocol::Json => Refusal::new("ThrottlingException", "Rate exceeded"),
        Protocol::RestJson => Refusal::new("TooManyRequestsException", "Rate exceeded").with_status(429),
        Protocol::RestXml => Refusal::new("SlowDown", "Please reduce your request rate.").with_status(503),
    }
}

fn server_error(status: u16, protocol: Protocol) -> Refusal {
    let (code, message) = match (status, protocol) {
        (503, Protocol::Ec2) => ("Unavailable", "The server is overloaded and can't handle the request."),
        (503, Protocol::Query | Protocol::Cbor) => ("ServiceUnavailable", "Service is unavailable."),
        (503, Protocol::RestXml) => ("ServiceUnavailable", "Service is unable to handle request."),
        (_, Protocol::RestXml) => ("InternalError", "We encountered an internal error. Please try again."),
        (_, Protocol::RestJson) => ("ServiceException", "Service is unavailable."),
        (503, Protocol::Json) => ("ServiceUnavailableException", "Service is unavailable."),
        (_, Protocol::Ec2) => ("InternalError", "An internal error has occurred"),
        (_, Protocol::Query | Protocol::Cbor) => ("InternalFailure", "An internal error has occurred"),
        (_, Protocol::Json) => ("InternalFailure", "The request processing has failed because of an unknown error."),
    };
    Refusal::new(code, message).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Target<'static> =
        Target { service: "config", operation: "PutEvaluations", account: "111122223333", region: "eu-west-1" };

    fn throttles(when: When, calls: usize) -> Vec<bool> {
        let faults = Faults::new(7);
        faults.add(Fault::on("config", "PutEvaluations", Effect::Throttle).when(when));
        let verdict = |at: i64| faults.verdict(&TARGET, Protocol::Json, Instant(at * 100)).refusal.is_some();
        (0..).take(calls).map(verdict).collect()
    }

    #[test]
    fn times_hits_the_first_and_nth_hits_one() {
        assert_eq!(throttles(When::Times(2), 4), [true, true, false, false]);
        assert_eq!(throttles(When::Nth(2), 4), [false, true, false, false]);
    }

    #[test]
    fn a_rate_limit_lets_a_burst_pass_and_then_the_rate() {
        // A call each 100 ms, 5 a second, a burst of 2.
        let hits = throttles(When::RateLimit { per_second: 5.0, burst: 2.0 }, 8);
        assert_eq!(hits, [false, false, false, true, false, true, false, true]);
    }

    #[test]
    fn another_operation_account_or_region_is_left_alone() {
        let faults = Faults::new(7);
        faults.add(Fault::on("config", "PutEvaluations", Effect::Throttle).at("111122223333", "us-east-1"));
        assert!(!faults.verdict(&TARGET, Protocol::Json, Instant(0)).interferes());
    }
}
