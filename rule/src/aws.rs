//! The edge: AWS behind the ports of [`crate::port`]. The only place that knows the SDK.

mod config_service;
mod ec2;
mod failure;
mod inventory;
mod meter;
mod resilience;
mod timer;
mod tls;

pub use config_service::AwsConfigService;
pub use inventory::AwsInventory;
pub use meter::{Meter, Metered};
pub use timer::DeadlineTimer;

pub use tls::PreparedTls;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;

/// The SDK's standard configuration: Region, credentials and endpoints from the environment and profile files,
/// `AWS_ENDPOINT_URL` and the service-specific variables included.
///
/// Made for a quick start: the chain of credential providers is not built where its first link, the environment,
/// already has credentials, as it always has on Lambda.
pub async fn sdk_config(tls: &PreparedTls) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(tls.client());
    let environment = EnvironmentVariableCredentialsProvider::new();
    if environment.provide_credentials().await.is_ok() {
        loader = loader.credentials_provider(environment);
    }
    loader.load().await
}
