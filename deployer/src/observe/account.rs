//! The account as it is: who calls, which Regions are enabled, what the caller may do.

mod simulation;

use aws_config::SdkConfig;
use futures_util::join;
use futures_util::stream::{self, StreamExt as _};
use rule::aws::{AwsInventory, Meter};
use rule::port::ReadError;

use super::{Read, RegionState, Wanted, regions};
use crate::aws::{AwsRefusal, refused};
use crate::names::Names;
use crate::session::{Identity, in_region};
use crate::settings::Settings;

/// IAM allows few calls a second.
const AT_ONCE: usize = 4;
/// The error of IAM for what does not exist.
const NO_SUCH_ENTITY: &str = "NoSuchEntity";

/// What does not depend on a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The account id.
    pub account: String,
    /// The partition, from the caller's ARN: `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// The caller's ARN, as STS names it.
    pub caller: String,
    /// The Regions that are enabled in the account.
    pub regions: Read<Vec<String>>,
    /// The policy that is to bound the function's role.
    pub boundary: Read<BoundaryState>,
    /// How many roles there are and may be.
    pub roles: Read<RolesQuota>,
    /// Those of our roles' names, one for each open Region, that a role has, under whatever path.
    pub role_names: Read<Vec<String>>,
    /// Which actions the caller lacks.
    pub permissions: Read<Simulation>,
}

/// The policy that is to bound the function's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundaryState {
    /// None is wanted.
    NotWanted,
    /// It exists.
    Present,
    /// There is no policy of this name.
    Missing,
}

/// IAM roles of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolesQuota {
    /// How many there are.
    pub used: i32,
    /// How many there may be.
    pub limit: i32,
}

/// What IAM's simulator says of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulation {
    /// Every action that an installation needs was asked for.
    Done {
        /// How many actions.
        asked: usize,
        /// Those that are denied.
        denied: Vec<Denied>,
    },
    /// The caller has no policies that can be simulated; says who it is: `the root user`, …
    Impossible(&'static str),
}

/// An action that the caller may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The action: `lambda:CreateFunction`.
    pub action: String,
    /// The ARN that it was asked for.
    pub resource: String,
    /// Who denies it.
    pub by: Denier,
    /// Whether an installation fails without it.
    pub is_required: bool,
}

/// Who denies an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denier {
    /// A policy of the organization: a service control policy.
    Organization,
    /// The caller's permissions boundary.
    Boundary,
    /// A statement that denies it.
    Statement,
    /// Nobody allows it.
    Nobody,
    /// It depends on a condition that the simulation knows nothing of.
    Condition,
}

/// Reads the account and the Regions of the settings, everything side by side. `wanted` says what is looked for there.
pub(crate) async fn survey(
    sdk: &SdkConfig,
    identity: &Identity,
    settings: &Settings,
    wanted: Wanted<'_>,
) -> (AccountState, Vec<RegionState>) {
    let enabled = enabled_regions(sdk, settings).await;
    let open = open_regions(settings, &enabled);
    join!(read_account(sdk, identity, settings, enabled), regions(sdk, &open, wanted))
}

/// The Regions that are worth reading. Of one that is not enabled nothing can be read: its endpoints do not know the
/// account, or do not exist, and every call would be tried many times.
pub(crate) fn open_regions(settings: &Settings, enabled: &Read<Vec<String>>) -> Vec<String> {
    let is_open = |region: &&String| enabled.as_ref().map_or(true, |enabled| enabled.contains(region));
    settings.regions.iter().filter(is_open).cloned().collect()
}

/// Reads what does not depend on a Region. `regions` are the enabled ones.
pub(crate) async fn read_account(
    sdk: &SdkConfig,
    identity: &Identity,
    settings: &Settings,
    regions: Read<Vec<String>>,
) -> AccountState {
    let sdk = anywhere(sdk, settings);
    let iam = Iam { client: aws_sdk_iam::Client::new(&sdk), region: told_region(&sdk) };
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let open = open_regions(settings, &regions);
    let (boundary, roles, role_names, permissions) = join!(
        Box::pin(boundary(&iam, names, settings)),
        Box::pin(roles(&iam)),
        Box::pin(role_names(&iam, names, &open)),
        Box::pin(simulation::run(&iam, &identity.arn, names, settings)),
    );
    AccountState {
        account: identity.account.clone(),
        partition: names.partition.to_owned(),
        caller: identity.arn.clone(),
        regions,
        boundary,
        roles,
        role_names,
        permissions,
    }
}

/// IAM, and the Region that its calls are told to be in.
struct Iam {
    client: aws_sdk_iam::Client,
    region: String,
}

/// What is the same in every Region is asked for in the configured one, or in the first that is to be used.
fn anywhere(sdk: &SdkConfig, settings: &Settings) -> SdkConfig {
    match (sdk.region(), settings.regions.first()) {
        (None, Some(first)) => in_region(sdk, first),
        _ => sdk.clone(),
    }
}

fn told_region(sdk: &SdkConfig) -> String {
    sdk.region().map(ToString::to_string).unwrap_or_default()
}

/// The Regions that are enabled in the account.
pub(crate) async fn enabled_regions(sdk: &SdkConfig, settings: &Settings) -> Read<Vec<String>> {
    let sdk = &anywhere(sdk, settings);
    AwsInventory::new(sdk, &Meter::default()).regions().await.map_err(|error| {
        let (code, message) = match error {
            ReadError::Refused { code, message, .. } => (Some(code), message),
            ReadError::NoAnswer { reason, .. } | ReadError::Unusable { reason, .. } => (None, reason),
            ReadError::Gone => (None, error.to_string()),
        };
        AwsRefusal { call: "ec2:DescribeRegions".to_owned(), region: told_region(sdk), code, message, request_id: None }
    })
}

async fn boundary(iam: &Iam, names: Names<'_>, settings: &Settings) -> Read<BoundaryState> {
    let Some(arn) = settings.boundary_arn(names) else { return Ok(BoundaryState::NotWanted) };
    match iam.client.get_policy().policy_arn(arn).send().await {
        Ok(_) => Ok(BoundaryState::Present),
        Err(error) => {
            let refusal = refused("iam:GetPolicy", &iam.region, &error);
            if refusal.code.as_deref() == Some(NO_SUCH_ENTITY) { Ok(BoundaryState::Missing) } else { Err(refusal) }
        }
    }
}

async fn roles(iam: &Iam) -> Read<RolesQuota> {
    let answer = iam.client.get_account_summary().send().await;
    let answer = answer.map_err(|error| refused("iam:GetAccountSummary", &iam.region, &error))?;
    let number = |key: &str| {
        answer.summary_map().and_then(|map| map.iter().find(|(name, _)| name.as_str() == key)).map_or(0, |(_, n)| *n)
    };
    Ok(RolesQuota { used: number("Roles"), limit: number("RolesQuota") })
}

/// A name belongs to one role of the account, whatever the path, so that each is asked for by name.
async fn role_names(iam: &Iam, names: Names<'_>, regions: &[String]) -> Read<Vec<String>> {
    let ours: Vec<String> = regions.iter().map(|region| names.role(region)).collect();
    let asked = stream::iter(ours).map(|name| async move {
        match iam.client.get_role().role_name(&name).send().await {
            Ok(_) => Ok(Some(name)),
            Err(error) => {
                let refusal = refused("iam:GetRole", &iam.region, &error);
                if refusal.code.as_deref() == Some(NO_SUCH_ENTITY) { Ok(None) } else { Err(refusal) }
            }
        }
    });
    let answers: Vec<Read<Option<String>>> = asked.buffered(AT_ONCE).collect().await;
    answers.into_iter().filter_map(Result::transpose).collect()
}
