//! The SDK's clients for one Region.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::service_config::ServiceConfigKey;

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
        // Virtual-hosted names cannot be resolved on an endpoint of one's own.
        if s3_endpoint(&sdk).is_some_and(|url| !is_of_vpc(&url)) {
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

/// CloudFormation in one Region; `watch` sees every call.
pub(crate) fn cloudformation(
    sdk: &SdkConfig,
    region: &str,
    watch: Option<SharedInterceptor>,
) -> aws_sdk_cloudformation::Client {
    let mut config = aws_sdk_cloudformation::config::Builder::from(&in_region(sdk, region));
    if let Some(watch) = watch {
        config.push_interceptor(watch);
    }
    aws_sdk_cloudformation::Client::from_conf(config.build())
}

/// `AWS_ENDPOINT_URL_S3`, the profile's setting for S3, or `AWS_ENDPOINT_URL`: what the client itself will use.
fn s3_endpoint(sdk: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("s3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    let own = sdk.service_config().and_then(|settings| settings.load_config(key));
    own.or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// Interface endpoints of a VPC know virtual-hosted names
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>).
fn is_of_vpc(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or(url).split(['/', ':']).next().unwrap_or_default();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.ends_with(".vpce.amazonaws.com") || host.ends_with(".vpce.amazonaws.com.cn")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_interface_endpoints_keep_virtual_hosted_names() {
        assert!(is_of_vpc("https://bucket.vpce-1a2b-3c.s3.eu-west-1.vpce.amazonaws.com"));
        assert!(is_of_vpc("https://bucket.vpce-1a2b-3c.s3.cn-north-1.vpce.amazonaws.com.cn:443/"));
        assert!(!is_of_vpc("http://localhost:4566/.vpce.amazonaws.com"));
        assert!(!is_of_vpc("http://127.0.0.1:4566"));
    }
}
