//! The time that an invocation has left, from the deadline that Lambda gives.

use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep, sleep_until};

use crate::port::Timer;

/// Stops judging early enough to deliver, and delivering early enough to report.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineTimer {
    judging_ends: Instant,
    work_ends: Instant,
}

/// What is kept for delivering what was judged.
const DELIVERY_MARGIN: Duration = Duration::from_secs(5);
/// What is kept for saying what was not done.
const LAST_WORDS: Duration = Duration::from_millis(500);

impl DeadlineTimer {
    /// The timer of an invocation that is killed at `deadline`. A function with little time keeps half of it for
    /// delivery rather than judging nothing at all.
    #[must_use]
    pub fn until(deadline: SystemTime) -> Self {
        let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
        let now = Instant::now();
        Self {
            judging_ends: now + left.saturating_sub(DELIVERY_MARGIN.min(left / 2)),
            work_ends: now + left.saturating_sub(LAST_WORDS.min(left / 10)),
        }
    }
}

impl Timer for DeadlineTimer {
    async fn judging_ends(&self) {
        sleep_until(self.judging_ends).await;
    }

    async fn work_ends(&self) {
        sleep_until(self.work_ends).await;
    }

    async fn pause(&self, duration: Duration) {
        sleep(duration).await;
    }
}
