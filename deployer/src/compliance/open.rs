//! From what is asked for to what is read, and from where.

use super::aggregator::{find, sources};
use super::scope::organization::{Known, Narrow, of_organization};
use super::{Aggregator, Reach, Scope, Source, Watch};
use crate::aws::resilient;
use crate::failure::Failure;
use crate::organization::Reader;
use crate::session::Session;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// What the names of the installation begin with.
    pub(crate) prefix: String,
    /// Whether it is about the organization.
    pub(crate) organization: bool,
    /// The Regions that were asked for; none for those of the installation.
    pub(crate) regions: Vec<String>,
    /// The Region of the record of targets and of the aggregator, if it was named.
    pub(crate) home: Option<String>,
    /// Accounts by id; none for all.
    pub(crate) accounts: Vec<String>,
    /// Units by name, path or id; none for all.
    pub(crate) units: Vec<String>,
    /// The aggregator by name.
    pub(crate) aggregator: Option<String>,
    /// The role by name.
    pub(crate) role: Option<String>,
}

/// What is read, and from where.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) scope: Scope,
    pub(crate) source: Source,
}

/// Finds the scope and the source. `watch` sees what is asked for that.
///
/// # Errors
/// What is asked for is not there or not enough, or something cannot be read without which nothing is known.
pub(crate) async fn open(session: &Session, asked: &Asked, watch: Option<&Watch>) -> Result<Opened, Failure> {
    let account = &session.identity.account;
    if !asked.organization {
        let scope = Scope::of_account(account, &session.regions);
        return Ok(Opened { scope, source: Source::Accounts(Reach::own(session)) });
    }
    let sdk = resilient(&session.sdk);
    let region = sdk.region().map(ToString::to_string).unwrap_or_default();
    let reader = match watch {
        Some(watch) => Reader::watched(&sdk, watch(account, &region)),
        None => Reader::new(&sdk),
    };
    let membership = reader.membership().await?.ok_or_else(|| {
        Failure::usage(format!("the account {account} is in no organization"))
            .help("leave --org out, or use credentials of an account of the organization: --profile NAME")
    })?;
    let aggregator = match &asked.role {
        Some(_) => None,
        None => Some(aggregator(session, asked, watch).await?),
    };
    let organization = match reader.organization(&membership).await {
        Ok(organization) => Known::Tree(organization),
        // Only the management account and delegated administrators may list accounts.
        Err(refusal) if refusal.is_denied() => match &aggregator {
            Some(aggregator) => Known::Accounts(sources::accounts(aggregator).await?, refusal),
            None => Known::Accounts(asked.accounts.clone(), refusal),
        },
        Err(refusal) => return Err(refusal.into()),
    };
    let narrow = Narrow { session, asked, membership: &membership, aggregator: aggregator.as_ref(), watch };
    let scope = of_organization(narrow, &organization).await?;
    let source = match (aggregator, &asked.role) {
        (Some(aggregator), _) => Source::Aggregator(aggregator),
        (None, Some(role)) => Source::Accounts(Reach::with_role(session, role)),
        (None, None) => Source::Accounts(Reach::own(session)),
    };
    Ok(Opened { scope, source })
}

async fn aggregator(session: &Session, asked: &Asked, watch: Option<&Watch>) -> Result<Aggregator, Failure> {
    let configured = session.sdk.region().map(ToString::to_string);
    let region = asked.home.clone().or(configured).or_else(|| session.regions.first().cloned()).unwrap_or_default();
    let own = Reach::own(session);
    let own = if let Some(watch) = watch { own.watched(watch.clone()) } else { own };
    find::find(own, &region, asked.aggregator.as_deref()).await
}
