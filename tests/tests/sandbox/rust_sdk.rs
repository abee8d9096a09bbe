//! The sandbox and the AWS SDK for Rust, which the installer speaks through: they understand each other.

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use guard_tests::sandbox::Sandbox;

use super::client::REGION;

mod config;
mod drift;
mod iam;
mod objects;
mod organizations;
mod others;
mod stacks;

/// The configuration of an account's administrator, without retries.
pub(crate) async fn sdk(sandbox: &Sandbox, account: &str, region: &str) -> SdkConfig {
    // The account need not have the Region.
    let loader = sandbox.sdk(account, REGION).unwrap().region(Region::new(region.to_owned()));
    loader.retry_config(RetryConfig::disabled()).load().await
}

/// The code and message of a refusal.
pub(crate) fn refusal<T, E: ProvideErrorMetadata, R>(outcome: Result<T, SdkError<E, R>>) -> (String, String) {
    let Err(error) = outcome else { panic!("not refused") };
    let Some(service) = error.as_service_error() else { panic!("no answer of the service") };
    (service.code().unwrap_or_default().to_owned(), service.message().unwrap_or_default().to_owned())
}
