//! Who calls AWS and from where: profile, credentials, Regions, identity.

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;

use std::collections::BTreeSet;

use rule::aws::{AwsInventory, Meter};

use crate::failure::Failure;

/// The caller, as STS names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) arn: String,
}

impl Identity {
    /// The partition of the caller's ARN: `aws`, `aws-cn`, `aws-us-gov`, …
    pub(crate) fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }
}

/// Working credentials, whose they are, and the Regions to work in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) sdk: SdkConfig,
    pub(crate) identity: Identity,
    /// Each once, in alphabetical order.
    pub(crate) regions: Vec<String>,
}

/// Opens a session. No Regions means the configured one, `all` every enabled one.
pub(crate) async fn open(profile: Option<&str>, regions: &[String]) -> Result<Session, Failure> {
    let sdk = sdk_config(profile).await;
    require_credentials(&sdk, profile).await?;
    // Told before the first call: the most frequent slip, and no call can mend it.
    if regions.is_empty() && sdk.region().is_none() {
        return Err(Failure::usage("no Region is given")
            .help("add --region eu-west-1 (repeat it for more), or --region all")
            .help("or set AWS_REGION, or a region in the profile"));
    }
    check_fips(&sdk, regions)?;
    let (identity, sdk) = identity(&sdk, profile, regions).await?;
    let regions = resolve(&sdk, regions).await?;
    Ok(Session { sdk, identity, regions })
}

/// Who calls, for what is the same in every Region.
pub(crate) async fn caller(profile: Option<&str>, region: Option<&str>) -> Result<Identity, Failure> {
    let sdk = sdk_config(profile).await;
    require_credentials(&sdk, profile).await?;
    let named: Vec<String> = region.into_iter().map(str::to_owned).collect();
    let (identity, _) = identity(&sdk, profile, &named).await?;
    Ok(identity)
}

/// Without this, the first call would end in a name that does not resolve. Endpoints with FIPS-validated cryptography for
/// all services that are used exist in the United States only (<https://aws.amazon.com/compliance/fips/>).
fn check_fips(sdk: &SdkConfig, regions: &[String]) -> Result<(), Failure> {
    if sdk.use_fips() != Some(true) {
        return Ok(());
    }
    let configured = sdk.region().map(ToString::to_string);
    let without = |region: &&str| *region != "all" && !region.starts_with("us-");
    match regions.iter().map(String::as_str).chain(configured.as_deref()).find(without) {
        Some(region) => Err(Failure::usage(format!(
            "FIPS endpoints are asked for (AWS_USE_FIPS_ENDPOINT or use_fips_endpoint), and {region} has none for all \
             the services that are used"
        ))
        .help("leave the setting out, or use Regions whose names begin with us-")),
        None => Ok(()),
    }
}

async fn resolve(sdk: &SdkConfig, asked: &[String]) -> Result<Vec<String>, Failure> {
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
    if asked.contains("all") {
        let enabled = AwsInventory::new(sdk, &Meter::default()).regions().await;
        let mut enabled = enabled.map_err(|error| {
            Failure::aws(format!("the enabled Regions are not known: {error}"))
                .help("allow ec2:DescribeRegions, or name the Regions with --region")
        })?;
        enabled.sort_unstable();
        return Ok(enabled);
    }
    if asked.is_empty() {
        return Ok(sdk.region().map(ToString::to_string).into_iter().collect());
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

/// The SDK's standard configuration with the chosen profile.
async fn sdk_config(profile: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = profile {
        // The default chain would prefer keys in the environment to a profile that was asked for by name.
        let region = DefaultRegionChain::builder().profile_name(profile).build().region().await;
        let around = ProviderConfig::without_region().with_region(region);
        let chosen = ProfileFileCredentialsProvider::builder().configure(&around).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(chosen);
    }
    let sdk = loader.load().await;
    // `AWS_REGION=` is how a shell unsets a variable halfway.
    let is_empty = sdk.region().is_some_and(|region| region.as_ref().is_empty());
    if is_empty { sdk.into_builder().region(None::<Region>).build() } else { sdk }
}

/// The same configuration in another Region.
pub(crate) fn in_region(sdk: &SdkConfig, region: &str) -> SdkConfig {
    sdk.to_builder().region(Region::new(region.to_owned())).build()
}

/// Makes sure that there are credentials, before anything is asked of AWS.
async fn require_credentials(sdk: &SdkConfig, profile: Option<&str>) -> Result<(), Failure> {
    let Some(provider) = sdk.credentials_provider() else { return Err(no_credentials()) };
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(CredentialsError::CredentialsNotLoaded(_)) if profile.is_none() => Err(no_credentials()),
        // The last link of the chain, the instance metadata service, is simply not there or switched off.
        Err(error) if profile.is_none() && root_cause(&error).contains("IMDS") => Err(no_credentials()),
        Err(error) => {
            let reason = root_cause(&error);
            let which = profile.map_or_else(String::new, |name| format!(" of the profile `{name}`"));
            Err(Failure::usage(format!("the AWS credentials{which} cannot be used: {reason}"))
                .help("list your profiles with: aws configure list-profiles")
                .help(format!("renew a session with: aws sso login{}", flag(profile))))
        }
    }
}

/// Asks AWS who is calling, where it may know the credentials: in the configured Region or the first that is named.
/// Credentials of one partition (China, `GovCloud`, …) are unknown in all the others, and a Region that is not enabled
/// knows none. Gives back the configuration in the Region that answered.
async fn identity(
    sdk: &SdkConfig,
    profile: Option<&str>,
    regions: &[String],
) -> Result<(Identity, SdkConfig), Failure> {
    let configured = sdk.region().map(ToString::to_string);
    let mut failed = None;
    for region in askable(configured.as_deref(), regions) {
        let sdk = in_region(sdk, region);
        match identity_in(&sdk, profile).await {
            Ok(identity) => return Ok((identity, sdk)),
            Err((failure, Next::Stop)) => return Err(failure),
            Err((failure, Next::Elsewhere)) => failed = failed.or(Some(failure)),
        }
    }
    Err(failed.unwrap_or_else(|| Failure::usage("no Region is given").help("add --region eu-west-1")))
}

/// The Regions to ask in, one after the other: the configured one, the first that is named, and the home of most
/// accounts if nothing is configured.
fn askable<'a>(configured: Option<&'a str>, named: &'a [String]) -> Vec<&'a str> {
    let first = named.iter().map(String::as_str).find(|region| *region != "all");
    let home = configured.is_none().then_some("us-east-1");
    let mut regions: Vec<&str> = configured.into_iter().chain(first).chain(home).collect();
    regions.dedup();
    regions
}

/// Whether another Region may know more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Elsewhere,
    Stop,
}

async fn identity_in(sdk: &SdkConfig, profile: Option<&str>) -> Result<Identity, (Failure, Next)> {
    let answer = aws_sdk_sts::Client::new(sdk).get_caller_identity().send().await.map_err(|error| {
        let code = error.as_service_error().and_then(|service| service.meta().code()).unwrap_or_default().to_owned();
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let told = error
            .as_service_error()
            .and_then(|service| service.meta().message().map(str::to_owned))
            .unwrap_or_else(|| root_cause(&error));
        not_identified(&code, &region, &told, profile)
    })?;
    match (answer.account(), answer.arn()) {
        (Some(account), Some(arn)) => Ok(Identity { account: account.to_owned(), arn: arn.to_owned() }),
        _ => Err((Failure::aws("AWS answered GetCallerIdentity without an account"), Next::Stop)),
    }
}

fn not_identified(code: &str, region: &str, told: &str, profile: Option<&str>) -> (Failure, Next) {
    match code {
        "ExpiredToken" | "ExpiredTokenException" => {
            let failure = Failure::usage("the AWS credentials have expired")
                .help(format!("renew them with: aws sso login{}", flag(profile)));
            (failure, Next::Stop)
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            let failure = Failure::usage(format!("AWS does not accept the credentials in {region}: {told}"))
                .help("check the access key, and that the Region is enabled in the account")
                .help("credentials of another partition (China, GovCloud, ...) need a Region of it: set AWS_REGION");
            (failure, Next::Elsewhere)
        }
        _ => {
            let failure =
                Failure::aws(format!("AWS did not say who is calling (GetCallerIdentity in {region}): {told}"))
                    .help("check the network, the proxy and AWS_ENDPOINT_URL, then run the same command again");
            // A Region that does not exist has no host.
            (failure, if code.is_empty() { Next::Elsewhere } else { Next::Stop })
        }
    }
}

fn no_credentials() -> Failure {
    Failure::usage("no AWS credentials were found; there are three ways to give them")
        .help("1. a profile:       aws configure sso, then add --profile NAME")
        .help("2. the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN")
        .help("3. a role:          run it in CloudShell, EC2 or a container that has one")
        .help("without any: `deployer evaluate --inventory FILE` judges a saved answer")
}

fn flag(profile: Option<&str>) -> String {
    profile.map_or_else(String::new, |name| format!(" --profile {name}"))
}

/// The innermost error: the SDK's outer ones only say "service error" or "dispatch failure".
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_is_asked_where_the_credentials_may_be_known() {
        for (configured, named, expected) in [
            (None, &["cn-north-1"][..], &["cn-north-1", "us-east-1"][..]),
            (None, &["all", "us-gov-west-1"], &["us-gov-west-1", "us-east-1"]),
            (None, &["all"], &["us-east-1"]),
            (Some("eu-west-1"), &[], &["eu-west-1"]),
            (Some("eu-west-1"), &["cn-north-1", "x"], &["eu-west-1", "cn-north-1"]),
            (Some("eu-west-1"), &["eu-west-1"], &["eu-west-1"]),
        ] {
            let named: Vec<String> = named.iter().map(|region| (*region).to_owned()).collect();
            assert_eq!(askable(configured, &named), expected);
        }
    }

    #[test]
    fn refused_credentials_may_be_of_another_partition() {
        let (failure, next) = not_identified("InvalidClientTokenId", "us-east-1", "no", None);
        assert!(failure.help.iter().any(|line| line.contains("another partition") && line.contains("AWS_REGION")));
        assert_eq!(next, Next::Elsewhere);
        assert_eq!(not_identified("ExpiredToken", "us-east-1", "no", None).1, Next::Stop);
    }
}
