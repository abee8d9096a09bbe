//! How fast to call a service whose limit nobody publishes: full speed until it clearly throttles, then just below what
//! it was seen to allow.
//!
//! The SDK's own adaptive mode slows down by 30 % for every single throttled call and takes minutes to recover; a
//! sweep that has a deadline cannot use it (measured in `docs/performance.md`). This pacer looks at whole windows of
//! time. A few throttled calls among many are left to the retries; when many are throttled, it slows down to the rate
//! at which calls succeeded, not to a fraction of its own; and when slowing down does not help, because the service
//! throttles whatever the rate, it stops doing so.

use std::time::Duration;

/// Decides when the next call may start. Time is an argument, counted from any fixed start.
#[derive(Debug, Default)]
pub struct Pacer {
    /// Calls a second; nothing while the service has not clearly throttled.
    rate: Option<f64>,
    next_start: Duration,
    window: Window,
    /// The window that led to the present rate.
    slowed_for: Option<Seen>,
    /// How often in a row slowing down did not help.
    in_vain: u32,
    not_before: Duration,
    quiet_windows: u32,
}

/// What happened since a window began.
#[derive(Debug, Default)]
struct Window {
    start: Duration,
    served: u32,
    throttled: u32,
}

/// What a whole window showed.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Calls a second that were served.
    served: f64,
    /// Calls a second that were sent.
    sent: f64,
    /// The share of them that was throttled.
    share: f64,
}

/// Over how long calls are counted, and how many there must be for a window to mean anything.
const WINDOW: Duration = Duration::from_secs(1);
const LEAST_CALLS: u32 = 10;
/// A window that is not over by then is not looked at.
const LONGEST_WINDOW: Duration = Duration::from_secs(5);
/// A pause after which everything is tried anew.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(2);
/// Up to this share of throttled calls the retries will do.
const BEARABLE: f64 = 0.12;
/// A rate at which more than this share is throttled is a little too high.
const NOTICEABLE: f64 = 0.03;
/// What is kept of the rate at which calls were served, so that the service's token bucket can fill again.
const KEPT: f64 = 0.96;
/// By how much the rate rises after the first quiet window; after the n-th n times as much, so that a rate that was set
/// far too low recovers in seconds while one that is nearly right hardly moves.
const RAISE: f64 = 0.02;
/// Slowing down twice without effect shows that the service does not throttle for the rate.
const ENOUGH_IN_VAIN: u32 = 2;
const PAUSE_OF_PACING: Duration = Duration::from_secs(30);
/// No slower than this, whatever happens.
const SLOWEST: f64 = 1.0;

impl Pacer {
    /// Books the next start and says how long to wait for it.
    pub fn book(&mut self, now: Duration) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let start = self.next_start.max(now);
        self.next_start = start + Duration::from_secs_f64(1.0 / rate);
        start.saturating_sub(now)
    }

    /// A call succeeded.
    pub fn succeeded(&mut self, now: Duration) {
        self.window.served += 1;
        self.look(now);
    }

    /// The service throttled a call.
    pub fn throttled(&mut self, now: Duration) {
        self.window.throttled += 1;
        self.look(now);
    }

    /// The present rate in calls a second, if the service clearly throttled.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Ends the window if it is over, and draws the conclusion.
    fn look(&mut self, now: Duration) {
        let length = now.saturating_sub(self.window.start);
        let calls = self.window.served + self.window.throttled;
        if length > LONGEST_WINDOW {
            // Hardly anything was asked, or a process slept between two invocations: that says nothing about a limit.
            self.window = Window { start: now, ..Window::default() };
            if length > FORGOTTEN_AFTER {
                *self = Self { window: Window { start: now, ..Window::default() }, ..Self::default() };
            }
            return;
        }
        if length < WINDOW || calls < LEAST_CALLS {
            return;
        }
        let seconds = length.as_secs_f64();
        let seen = Seen {
            served: f64::from(self.window.served) / seconds,
            sent: f64::from(calls) / seconds,
            share: f64::from(self.window.throttled) / f64::from(calls),
        };
        self.window = Window { start: now, ..Window::default() };
        if seen.share > BEARABLE {
            self.slow_down(seen, now);
        } else if seen.share > NOTICEABLE {
            self.quiet_windows = 0;
            self.rate = self.rate.map(|rate| rate * (1.0 - seen.share));
        } else if seen.share == 0.0 {
            self.quiet_windows += 1;
            self.rate = self.rate.map(|rate| rate * (1.0 + RAISE * f64::from(self.quiet_windows.min(25))));
        }
    }

    fn slow_down(&mut self, seen: Seen, now: Duration) {
        self.quiet_windows = 0;
        if now < self.not_before {
            return;
        }
        // Sent clearly less than before, and no smaller share of it was served: the rate is not what matters.
        let is_vain =
            self.slowed_for.is_some_and(|before| seen.sent < before.sent * 0.8 && seen.share > before.share * 0.7);
        self.in_vain = if is_vain { self.in_vain + 1 } else { 0 };
        if self.in_vain >= ENOUGH_IN_VAIN {
            *self = Self {
                not_before: now + PAUSE_OF_PACING,
                window: Window { start: now, ..Window::default() },
                ..Self::default()
            };
            return;
        }
        self.slowed_for = Some(seen);
        self.rate = Some((seen.served * KEPT).max(SLOWEST));
        self.next_start = self.next_start.max(now);
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
        /// The share of calls that is throttled whatever the rate.
        at_random: f64,
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
                        // A fixed sequence that looks random: fractions of multiples of the golden ratio.
                        let chance = (f64::from(calls) * 0.618_033_988_749_895).fract();
                        let served = tokens >= 1.0 && chance >= self.at_random;
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
                let ran = Simulation { per_second, burst, callers, latency: Duration::from_millis(50), at_random: 0.0 }
                    .run(work);
                let ideal = (f64::from(work) - burst) / per_second;
                let took = ran.took.as_secs_f64();
                assert!(took <= ideal * 1.10, "{per_second}/s, {callers} callers: {took:.1} s, ideal {ideal:.1} s");
                let ratio = f64::from(ran.calls) / f64::from(work);
                assert!(ratio <= 1.2, "{per_second}/s, {callers} callers: {ratio:.2} calls each");
            }
        }
    }

    #[test]
    fn throttles_that_do_not_follow_the_rate_do_not_slow_a_sweep_down() {
        for share in [0.02, 0.1, 0.3] {
            let random = Simulation {
                per_second: 1e6,
                burst: 1e6,
                callers: 8,
                latency: Duration::from_millis(50),
                at_random: share,
            };
            let ran = random.run(1000);
            // Without any pacing: one call after the other in each of eight lanes, with a pause after each throttle.
            let unpaced = (1000.0 / 8.0) * (0.05 + share / (1.0 - share) * 0.2);
            let took = ran.took.as_secs_f64();
            assert!(took <= unpaced * 1.3, "{share}: {took:.1} s, unpaced {unpaced:.1} s");
        }
    }

    #[test]
    fn a_throttle_after_an_hour_of_sleep_costs_nothing() {
        let mut pacer = Pacer::default();
        for tenth in 0..50 {
            pacer.succeeded(Duration::from_millis(tenth * 20));
        }
        let awake = Duration::from_hours(1);
        pacer.succeeded(awake);
        pacer.throttled(awake + Duration::from_millis(100));
        pacer.throttled(awake + Duration::from_millis(1200));
        assert_eq!(pacer.rate(), None);
    }

    #[test]
    fn a_rate_is_forgotten_after_a_pause() {
        let mut pacer = Pacer::default();
        for step in 0..400 {
            let now = Duration::from_millis(step * 10);
            if step % 2 == 0 { pacer.succeeded(now) } else { pacer.throttled(now) }
        }
        assert!(pacer.rate().is_some());
        pacer.succeeded(Duration::from_secs(1000));
        assert_eq!(pacer.rate(), None);
    }

    #[test]
    fn a_slow_first_answer_and_a_stray_throttle_set_no_rate() {
        let mut pacer = Pacer::default();
        pacer.succeeded(Duration::from_millis(900));
        pacer.throttled(Duration::from_millis(1300));
        assert_eq!(pacer.rate(), None);
    }

    #[test]
    fn a_service_that_only_throttles_is_still_asked() {
        let mut pacer = Pacer::default();
        for tenth in 0..1000 {
            pacer.throttled(Duration::from_millis(tenth * 100));
        }
        assert!(pacer.rate().is_none_or(|rate| rate >= 1.0));
        assert!(pacer.book(Duration::from_secs(100)) <= Duration::from_secs(2));
    }
}
