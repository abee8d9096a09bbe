//! The edge: AWS behind the ports of [`crate::port`]. The only place that knows the SDK.

mod config_service;
mod ec2;
mod failure;
mod inventory;
mod meter;
mod resilience;
mod timer;

pub use config_service::AwsConfigService;
pub use inventory::AwsInventory;
pub use meter::{Meter, Metered};
pub use timer::DeadlineTimer;

use aws_config::{BehaviorVersion, SdkConfig};

/// The SDK's standard configuration: Region, credentials and endpoints from the environment and profile files,
/// `AWS_ENDPOINT_URL` and the service-specific variables included.
pub async fn sdk_config() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}
