//! Counting calls, and telling the pacer about throttles that the SDK's retries would hide.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::pacer::Pacer;

/// The operations of which there is one call for each resource.
const PACED: [&str; 2] = ["DescribeNotebookInstance", "DescribeDomain"];

/// Counts every attempt of every client that it is given to. Clones count together.
#[derive(Debug, Clone)]
pub struct Meter {
    calls: Arc<AtomicU64>,
    throttles: Arc<AtomicU64>,
    pacer: Arc<Mutex<Pacer>>,
    start: Instant,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metered {
    /// Requests sent to AWS, retries included.
    pub calls: u64,
    /// Those that were throttled.
    pub throttles: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self { calls: Arc::default(), throttles: Arc::default(), pacer: Arc::default(), start: Instant::now() }
    }
}

impl Meter {
    /// What was counted since the last time it was taken.
    #[must_use]
    pub fn take(&self) -> Metered {
        Metered { calls: self.calls.swap(0, Ordering::Relaxed), throttles: self.throttles.swap(0, Ordering::Relaxed) }
    }

    /// Waits until the next Describe call may start.
    pub(super) async fn pace(&self) {
        let wait = self.with_pacer(Pacer::book);
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
    }

    fn with_pacer<R>(&self, act: impl FnOnce(&mut Pacer, Duration) -> R) -> R {
        let mut pacer = self.pacer.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut pacer, self.start.elapsed())
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(response) = context.response() else { return Ok(()) };
        let throttled = is_throttled(response);
        if throttled {
            self.throttles.fetch_add(1, Ordering::Relaxed);
        }
        // Only the calls of which there is one per resource are paced, and only they tell at what pace.
        if config.load::<Metadata>().is_some_and(|operation| PACED.contains(&operation.name())) {
            self.with_pacer(|pacer, now| if throttled { pacer.throttled(now) } else { pacer.succeeded(now) });
        }
        Ok(())
    }
}

fn is_throttled(response: &HttpResponse) -> bool {
    let status = response.status();
    if status.is_success() {
        return false;
    }
    let body = response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    status.as_u16() == 429 || THROTTLING_ERRORS.iter().any(|code| body.contains(code))
}
