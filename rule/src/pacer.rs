//! How fast to call a service whose limit nobody publishes: full speed until it throttles, then just below what it
//! was seen to allow.
//!
//! The SDK's own adaptive mode slows down by 30 % for every single throttled call and takes minutes to recover; a
//! sweep that has a deadline cannot use it (measured in `docs/performance.md`). This pacer slows down once per second
//! at most, and to the rate at which calls succeeded, not to a fraction of its own rate.

use std::time::Duration;

/// Decides when the next call may start. Time is an argument, counted from any fixed start.
#[derive(Debug)]
pub struct Pacer {
    /// Calls a second; nothing while the service has never throttled.
    rate: Option<f64>,
    next_start: Duration,
    window_start: Duration,
    succeeded_in_window: u32,
    /// Calls a second that succeeded in the last whole window.
    measured: Option<f64>,
    slowed_at: Option<Duration>,
    raised_at: Duration,
    /// Whether the service throttled at a rate of ours, so that the rate is about right.
    settled: bool,
}

/// Over how long success is measured before anything is known: calls only see the burst that the service lets through.
const FIRST_WINDOW: Duration = Duration::from_millis(500);
/// Over how long it is measured from then on.
const WINDOW: Duration = Duration::from_secs(1);
/// Throttles within this time after slowing down are echoes of calls that were already on their way.
const ECHO: Duration = Duration::from_millis(900);
/// What is kept of the measured rate, so that the service's token bucket can fill again.
const KEPT: f64 = 0.96;
/// By how much the rate rises in the first quiet second; in the n-th it rises n times as much, so that a rate that
/// was set far too low recovers in seconds while one that is nearly right hardly moves.
const RAISE: f64 = 0.01;
/// By how much it rises each second after the first measurement, which callers that were backing off made too low.
const FIRST_RAISE: f64 = 0.25;
/// No slower than this, whatever happens.
const SLOWEST: f64 = 1.0;

impl Default for Pacer {
    fn default() -> Self {
        Self {
            rate: None,
            next_start: Duration::ZERO,
            window_start: Duration::ZERO,
            succeeded_in_window: 0,
            measured: None,
            slowed_at: None,
            raised_at: Duration::ZERO,
            settled: false,
        }
    }
}

impl Pacer {
    /// Books the next start and says how long to wait for it.
    pub fn book(&mut self, now: Duration) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let rate = self.raised(rate, now);
        let start = self.next_start.max(now);
        self.next_start = start + Duration::from_secs_f64(1.0 / rate);
        start.saturating_sub(now)
    }

    /// A call succeeded.
    pub fn succeeded(&mut self, now: Duration) {
        self.roll_window(now);
        self.succeeded_in_window += 1;
    }

    /// The service throttled a call. Until a first window is over the caller's own back-off has to do: a rate that is
    /// guessed from a few calls is wrong by an order of magnitude.
    pub fn throttled(&mut self, now: Duration) {
        self.roll_window(now);
        let Some(measured) = self.measured else { return };
        if self.slowed_at.is_some_and(|at| now < at + ECHO) {
            return;
        }
        self.settled = self.rate.is_some();
        let slower = self.rate.map_or(measured, |rate| measured.min(rate)) * KEPT;
        self.rate = Some(slower.max(SLOWEST));
        self.slowed_at = Some(now);
        self.raised_at = now;
        self.next_start = self.next_start.max(now);
    }

    /// The present rate in calls a second, if the service ever throttled.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    fn raised(&mut self, rate: f64, now: Duration) -> f64 {
        if now < self.raised_at + Duration::from_secs(1) {
            return rate;
        }
        let quiet = now.saturating_sub(self.slowed_at.unwrap_or_default()).as_secs_f64();
        self.raised_at = now;
        let raised = rate * (1.0 + if self.settled { RAISE * quiet.min(100.0) } else { FIRST_RAISE });
        self.rate = Some(raised);
        raised
    }

    fn roll_window(&mut self, now: Duration) {
        let length = now.saturating_sub(self.window_start);
        if length >= if self.measured.is_none() { FIRST_WINDOW } else { WINDOW } {
            self.measured = Some(f64::from(self.succeeded_in_window) / length.as_secs_f64());
            self.window_start = now;
            self.succeeded_in_window = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A service with a token bucket, and callers that try again until they are served.
    struct Simulation {
        per_second: f64,
        burst: f64,
        callers: usize,
        latency: Duration,
    }

    struct Ran {
        calls: u32,
        took: Duration,
    }

    /// What a caller does next.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Step {
        Book,
        Start,
        Answer { served: bool },
    }

    impl Simulation {
        fn run(&self, work: u32) -> Ran {
            let mut pacer = Pacer::default();
            let mut tokens = self.burst;
            let mut refilled = Duration::ZERO;
            let (mut calls, mut started, mut done, mut now) = (0, 0, 0, Duration::ZERO);
            let mut agenda: BTreeSet<(Duration, usize, Step)> =
                (0..self.callers).map(|caller| (Duration::ZERO, caller, Step::Book)).collect();
            while done < work {
                let (time, caller, step) = agenda.pop_first().unwrap();
                now = time;
                match step {
                    Step::Book if started < work => {
                        started += 1;
                        agenda.insert((now + pacer.book(now), caller, Step::Start));
                    }
                    Step::Book => {}
                    Step::Start => {
                        calls += 1;
                        tokens = (tokens + now.checked_sub(refilled).unwrap().as_secs_f64() * self.per_second)
                            .min(self.burst);
                        refilled = now;
                        let served = tokens >= 1.0;
                        tokens -= if served { 1.0 } else { 0.0 };
                        agenda.insert((now + self.latency, caller, Step::Answer { served }));
                    }
                    Step::Answer { served: true } => {
                        done += 1;
                        pacer.succeeded(now);
                        agenda.insert((now, caller, Step::Book));
                    }
                    Step::Answer { served: false } => {
                        started -= 1;
                        pacer.throttled(now);
                        agenda.insert((now + Duration::from_millis(150), caller, Step::Book));
                    }
                }
            }
            Ran { calls, took: now }
        }
    }

    #[test]
    fn a_service_that_never_throttles_is_called_at_full_speed() {
        let mut pacer = Pacer::default();
        for call in 0..1000 {
            assert_eq!(pacer.book(Duration::from_millis(call)), Duration::ZERO);
            pacer.succeeded(Duration::from_millis(call));
        }
        assert_eq!(pacer.rate(), None);
    }

    #[test]
    fn a_limit_is_met_within_ten_percent_and_without_a_storm() {
        for (per_second, burst) in [(50.0, 50.0), (50.0, 10.0), (10.0, 20.0), (25.0, 100.0)] {
            for callers in [4, 8, 16] {
                let work = 1000;
                let ran = Simulation { per_second, burst, callers, latency: Duration::from_millis(50) }.run(work);
                let ideal = (f64::from(work) - burst) / per_second;
                let took = ran.took.as_secs_f64();
                assert!(took <= ideal * 1.10, "{per_second}/s, {callers} callers: {took:.1} s, ideal {ideal:.1} s");
                let ratio = f64::from(ran.calls) / f64::from(work);
                assert!(ratio <= 1.2, "{per_second}/s, {callers} callers: {ratio:.2} calls each");
            }
        }
    }

    #[test]
    fn one_stray_throttle_costs_little() {
        let mut pacer = Pacer::default();
        let mut now = Duration::ZERO;
        for _ in 0..300 {
            pacer.succeeded(now);
            now += Duration::from_millis(10);
        }
        pacer.throttled(now);
        let rate = pacer.rate().unwrap();
        assert!((90.0..=101.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_service_that_only_throttles_is_still_asked_once_a_second() {
        let mut pacer = Pacer::default();
        for second in 0..100 {
            pacer.throttled(Duration::from_secs(second));
        }
        assert!(pacer.rate().unwrap() >= 1.0);
        assert!(pacer.book(Duration::from_secs(100)) <= Duration::from_secs(2));
    }
}
