//! Waiting while AWS or the network is only busy. The SDK has its own attempts before; this is for what lasts longer.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::observe::Read;

/// How long to wait for better times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For AWS, which asked to come back later.
    throttled: Duration,
    /// For a network that is down and for AWS's own faults.
    broken: Duration,
    /// The first pause and the longest.
    pauses: (Duration, Duration),
}

/// The first pause and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

impl Patience {
    /// Of reads: nothing is lost by giving up.
    pub(crate) const OF_READS: Self =
        Self { throttled: Duration::from_mins(5), broken: Duration::from_secs(20), pauses: PAUSES };
    /// Of whoever follows an operation: it goes on without us, and we want to see its end.
    pub(crate) const OF_FOLLOWERS: Self =
        Self { throttled: Duration::from_hours(1), broken: Duration::from_mins(30), pauses: PAUSES };
}

/// Repeats a call that may be repeated, as long as what stands in the way may pass.
pub(crate) async fn patiently<T, F: Future<Output = Read<T>>>(patience: Patience, call: impl Fn() -> F) -> Read<T> {
    let (mut pause, began) = (patience.pauses.0, Instant::now());
    loop {
        let refusal = match call().await {
            Err(refusal) if refusal.may_pass() => refusal,
            other => return other,
        };
        let limit = if refusal.is_throttled() { patience.throttled } else { patience.broken };
        if began.elapsed() + pause > limit {
            return Err(refusal);
        }
        sleep(pause).await;
        pause = (pause * 2).min(patience.pauses.1);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::aws::AwsRefusal;

    fn refusal(code: Option<&str>) -> AwsRefusal {
        AwsRefusal {
            call: "cloudformation:ListStackInstances".to_owned(),
            region: "eu-west-1".to_owned(),
            code: code.map(str::to_owned),
            message: String::new(),
            request_id: None,
        }
    }

    const SHORT: Patience = Patience {
        throttled: Duration::from_millis(200),
        broken: Duration::from_millis(10),
        pauses: (Duration::from_millis(2), Duration::from_millis(4)),
    };

    async fn attempts(code: Option<&str>, good_after: usize) -> (bool, usize) {
        let calls = Cell::new(0);
        let answer = patiently(SHORT, || async {
            calls.set(calls.get() + 1);
            if calls.get() > good_after { Ok(()) } else { Err(refusal(code)) }
        });
        (answer.await.is_ok(), calls.get())
    }

    #[tokio::test]
    async fn throttles_are_waited_for() {
        assert_eq!(attempts(Some("Throttling"), 10).await, (true, 11));
    }

    #[tokio::test]
    async fn a_network_that_stays_down_is_told_soon() {
        let (is_good, calls) = attempts(None, usize::MAX).await;
        assert!(!is_good && calls < 10, "{calls}");
    }

    #[tokio::test]
    async fn a_refusal_is_final() {
        assert_eq!(attempts(Some("AccessDenied"), 10).await, (false, 1));
    }
}
