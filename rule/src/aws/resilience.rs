//! How calls are retried and bounded, the same for every service.

use std::time::Duration;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// Standard retries with more patience than the SDK's three attempts, and a quicker first one: throttled calls of a
/// sweep should try again while the sweep goes on. Adaptive mode is not used: see [`crate::pacer`].
pub(super) fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(5))
}

/// The SDK lends a process 500 retry tokens for all its calls and takes five for each retry, so that 100 throttled
/// calls would make all later ones fail at once. A sweep of thousands may be throttled more often than that.
pub(super) fn retry_partition(service: &'static str) -> RetryPartition {
    RetryPartition::custom(format!("notebook-guard-{service}"))
        .token_bucket(TokenBucket::builder().capacity(100_000).build())
        .build()
}

/// An attempt that hangs is given up while there is time for another.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .build()
}
