//! The SDK's clients for one Region.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

use crate::session::in_region;

/// Attempts of one call. Control-plane calls are throttled by account and Region, and installers of other teams share
/// the allowance: the SDK's three attempts are too few.
const ATTEMPTS: u32 = 8;
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_mins(1);

/// The services that the installer uses, in one Region.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) region: String,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) config: aws_sdk_config::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) s3: aws_sdk_s3::Client,
}

impl Clients {
    /// Clients with the standard configuration's credentials and endpoints.
    pub(crate) fn new(sdk: &SdkConfig, region: &str) -> Self {
        let sdk = in_region(sdk, region);
        let mut s3 = aws_sdk_s3::config::Builder::from(&sdk);
        // Virtual-hosted names cannot be resolved on an endpoint of one's own (AWS_ENDPOINT_URL).
        if sdk.endpoint_url().is_some() {
            s3 = s3.force_path_style(true);
        }
        Self {
            region: region.to_owned(),
            cloudformation: aws_sdk_cloudformation::Client::new(&sdk),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&sdk),
            config: aws_sdk_config::Client::new(&sdk),
            lambda: aws_sdk_lambda::Client::new(&sdk),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
        }
    }
}

/// The configuration with retries and time limits that fit an installer. `AWS_MAX_ATTEMPTS` still decides if it is set.
pub(crate) fn resilient(sdk: &SdkConfig) -> SdkConfig {
    let mut builder = sdk.to_builder();
    if std::env::var_os("AWS_MAX_ATTEMPTS").is_none() {
        builder = builder
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF));
    }
    builder
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build())
        .build()
}
