//! Waiting for AWS Config, which works on organization packs by itself and answers before it is done.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Service;
use super::model::{Overall, Phase, Waits};
use super::observe::overall;
use crate::observe::Read;
use crate::stack_set::patience::{Patience, patiently};

const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Time that runs, with pauses between looks that grow.
pub(super) struct Watch {
    began: Instant,
    pause: Duration,
}

impl Watch {
    pub(super) fn new(waits: Waits) -> Self {
        Self { began: Instant::now(), pause: waits.pause }
    }

    /// Whether so much time has gone by.
    pub(super) fn is_over(&self, limit: Duration) -> bool {
        self.began.elapsed() >= limit
    }

    pub(super) async fn rest(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// Waits until AWS Config is not at the pack, or as long as an operation may take. Gives how it stands then.
pub(super) async fn until_idle(
    service: Service<'_>,
    name: &str,
    waits: Waits,
    tell: &mut dyn FnMut(&Overall),
) -> Read<Option<Overall>> {
    let mut watch = Watch::new(waits);
    loop {
        let now = patiently(Patience::OF_FOLLOWERS, || overall(service, name)).await?;
        match &now {
            Some(overall) if overall.phase() == Phase::InProgress && !watch.is_over(waits.operation) => {
                tell(overall);
            }
            _ => return Ok(now),
        }
        watch.rest().await;
    }
}

/// Waits until an operation that was just begun has ended. What was there before may still be told for a while, so that
/// an end counts once something else was seen. Gives what is told once reads had time to settle, be it the same: whoever
/// asks has to compare.
pub(super) async fn until_ended(
    service: Service<'_>,
    name: &str,
    before: Option<&Overall>,
    waits: Waits,
    tell: &mut dyn FnMut(&Overall),
) -> Read<Option<Overall>> {
    let mut watch = Watch::new(waits);
    let mut has_begun = false;
    loop {
        let now = patiently(Patience::OF_FOLLOWERS, || overall(service, name)).await?;
        has_begun |= now.is_some() && now.as_ref() != before;
        let is_running = now.as_ref().is_some_and(|now| now.phase() == Phase::InProgress);
        let limit = if is_running { waits.operation } else { waits.settling };
        if (has_begun && !is_running && now.is_some()) || watch.is_over(limit) {
            return Ok(now);
        }
        if let Some(now) = now.as_ref().filter(|_| is_running) {
            tell(now);
        }
        watch.rest().await;
    }
}
