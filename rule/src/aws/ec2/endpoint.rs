//! Where EC2 is: the endpoint that the user set, or the one that follows AWS's naming in the partition.

use aws_config::SdkConfig;
use aws_sdk_config::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_types::service_config::ServiceConfigKey;

/// The URL of EC2 for this configuration.
pub(super) async fn url(sdk: &SdkConfig) -> Result<String, String> {
    if let Some(url) = configured(sdk) {
        return Ok(url);
    }
    let region = sdk.region().ok_or("no Region is set")?;
    derived(region.as_ref(), sdk.use_fips().unwrap_or(false), sdk.use_dual_stack().unwrap_or(false)).await
}

/// `AWS_ENDPOINT_URL_EC2`, the profile's setting, or `AWS_ENDPOINT_URL`, as the generated clients look them up.
fn configured(sdk: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("ec2").env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    let own = sdk.service_config().and_then(|settings| settings.load_config(key));
    own.or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// EC2's hosts are named as AWS Config's in every partition, `config` being `ec2`: the SDK's own table of partitions
/// gives suffix, FIPS and dual-stack form.
async fn derived(region: &str, fips: bool, dual_stack: bool) -> Result<String, String> {
    let parameters = Params::builder().region(region).use_fips(fips).use_dual_stack(dual_stack).build();
    let parameters = parameters.map_err(|error| error.to_string())?;
    let resolved = DefaultResolver::new().resolve_endpoint(&parameters).await.map_err(|error| error.to_string())?;
    resolved
        .url()
        .strip_prefix("https://config")
        .map(|rest| format!("https://ec2{rest}"))
        .ok_or_else(|| format!("no EC2 endpoint is known for the Region {region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_host_follows_the_partition() {
        for (region, fips, dual_stack, expected) in [
            ("eu-west-1", false, false, "https://ec2.eu-west-1.amazonaws.com"),
            ("us-east-1", true, false, "https://ec2-fips.us-east-1.amazonaws.com"),
            ("us-west-2", false, true, "https://ec2.us-west-2.api.aws"),
            ("cn-north-1", false, false, "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", false, false, "https://ec2.us-gov-west-1.amazonaws.com"),
            ("eusc-de-east-1", false, false, "https://ec2.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(derived(region, fips, dual_stack).await.unwrap(), expected);
        }
    }
}
