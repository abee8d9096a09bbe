//! Reading an organization with few calls: one for the membership, one for the root, and two lists for the root and
//! each unit. AWS Organizations allows an account few calls a second, shared with everybody else in it (`ListRoots` and
//! `DescribeOrganization` 1, lists of children 5:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::OrganizationStatus;
use aws_sdk_organizations as organizations;
use aws_sdk_organizations::types::OrganizationFeatureSet;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use futures_util::StreamExt as _;
use futures_util::future::try_join;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Semaphore;

use super::caller::{CallAs, STACK_SETS_PRINCIPAL, Standing};
use super::model::{Account, AccountState, Membership, Organization, Root, TrustedAccess, Unit};
use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;
use crate::session::in_region;
use crate::stack_set::patience::{Patience, patiently};

/// Lists that are read at the same time: as many as AWS lets an account read in a second.
const LISTS_AT_ONCE: usize = 5;

/// Reads the organization of an account.
#[derive(Debug, Clone)]
pub struct Reader {
    client: organizations::Client,
    region: String,
}

/// What is directly in the root or a unit.
struct Node {
    parent: String,
    units: Vec<organizations::types::OrganizationalUnit>,
    accounts: Vec<organizations::types::Account>,
}

impl Reader {
    /// A reader with the standard configuration's credentials and endpoints. The service has one endpoint for all Regions
    /// of a partition, so that any Region of it will do.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { client: organizations::Client::new(sdk), region }
    }

    /// The same, with every call seen.
    pub(crate) fn watched(sdk: &SdkConfig, watch: SharedInterceptor) -> Self {
        let config = organizations::config::Builder::from(sdk).interceptor(watch).build();
        Self { client: organizations::Client::from_conf(config), ..Self::new(sdk) }
    }

    /// The organization that the account is in; none if it is in none. Every member may ask.
    ///
    /// # Errors
    /// The call failed.
    pub async fn membership(&self) -> Read<Option<Membership>> {
        let answer =
            self.calling("organizations:DescribeOrganization", || self.client.describe_organization().send()).await;
        let answer = match answer {
            Err(refusal) if refusal.code.as_deref() == Some("AWSOrganizationsNotInUseException") => return Ok(None),
            other => other?,
        };
        Ok(answer.organization.map(|organization| Membership {
            all_features: organization.feature_set() == Some(&OrganizationFeatureSet::All),
            id: organization.id.unwrap_or_default(),
            management: organization.master_account_id.unwrap_or_default(),
        }))
    }

    /// What an account is in its organization, for StackSets.
    pub async fn standing(&self, membership: &Membership, account: &str) -> Standing {
        if account == membership.management {
            return Standing::Administrator(CallAs::Own);
        }
        match self.delegates(STACK_SETS_PRINCIPAL).await {
            Ok(delegates) if delegates.iter().any(|id| id == account) => {
                Standing::Administrator(CallAs::DelegatedAdministrator)
            }
            Ok(_) => Standing::Member,
            Err(refusal) => Standing::Untold(refusal),
        }
    }

    /// The ids of the accounts that are delegated administrators of a service. The management account and delegated
    /// administrators may ask.
    ///
    /// # Errors
    /// The call failed.
    pub async fn delegates(&self, principal: &str) -> Read<Vec<String>> {
        let call = "organizations:ListDelegatedAdministrators";
        let pages = self.pages(call, |token| {
            let list = self.client.list_delegated_administrators().service_principal(principal);
            async move {
                let page =
                    list.set_next_token(token).send().await.map_err(|error| refused(call, &self.region, &error))?;
                Ok((page.delegated_administrators.unwrap_or_default(), page.next_token))
            }
        });
        Ok(pages.await?.into_iter().filter_map(|one| one.id).collect())
    }

    /// The whole tree.
    ///
    /// # Errors
    /// A call failed.
    pub async fn organization(&self, membership: &Membership) -> Read<Organization> {
        let root = self.root().await?;
        let turns = &Semaphore::new(LISTS_AT_ONCE);
        let mut organization = Organization {
            id: membership.id.clone(),
            management: membership.management.clone(),
            all_features: membership.all_features,
            root,
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        let mut reading: FuturesUnordered<_> = FuturesUnordered::new();
        reading.push(self.node(organization.root.id.clone(), turns));
        while let Some(node) = reading.next().await {
            let Node { parent, units, accounts } = node?;
            for unit in units.into_iter().filter_map(|unit| self::unit(unit, &parent)) {
                // An id that was seen is not read again, whatever moved meanwhile.
                if organization.units.insert(unit.id.clone(), unit.clone()).is_none() {
                    reading.push(self.node(unit.id, turns));
                }
            }
            for account in accounts.into_iter().filter_map(|account| self::account(account, &parent)) {
                organization.accounts.insert(account.id.clone(), account);
            }
        }
        Ok(organization)
    }

    async fn root(&self) -> Read<Root> {
        let answer = self.calling("organizations:ListRoots", || self.client.list_roots().send()).await?;
        let root = answer.roots.unwrap_or_default().into_iter().next();
        let Some(root) = root else {
            return Err(self.odd("organizations:ListRoots", "the organization has no root"));
        };
        let status = |kind: &organizations::types::PolicyTypeSummary| {
            Some((kind.r#type()?.as_str().to_owned(), kind.status()?.as_str().to_owned()))
        };
        let policy_types = root.policy_types().iter().filter_map(status).collect();
        Ok(Root { id: root.id.unwrap_or_default(), policy_types })
    }

    async fn node(&self, parent: String, turns: &Semaphore) -> Read<Node> {
        let units = "organizations:ListOrganizationalUnitsForParent";
        let accounts = "organizations:ListAccountsForParent";
        let units = self.pages(units, |token| {
            let list = self.client.list_organizational_units_for_parent().parent_id(&parent).set_next_token(token);
            async move {
                let _turn = turns.acquire().await;
                let page = list.send().await.map_err(|error| refused(units, &self.region, &error))?;
                Ok((page.organizational_units.unwrap_or_default(), page.next_token))
            }
        });
        let accounts = self.pages(accounts, |token| {
            let list = self.client.list_accounts_for_parent().parent_id(&parent).set_next_token(token);
            async move {
                let _turn = turns.acquire().await;
                let page = list.send().await.map_err(|error| refused(accounts, &self.region, &error))?;
                Ok((page.accounts.unwrap_or_default(), page.next_token))
            }
        });
        let (units, accounts) = try_join(units, accounts).await?;
        Ok(Node { parent, units, accounts })
    }

    /// Page after page. An empty page is not the last one: AWS says so of its lists.
    async fn pages<T, F>(&self, call: &str, page: impl Fn(Option<String>) -> F) -> Read<Vec<T>>
    where
        F: Future<Output = Read<(Vec<T>, Option<String>)>>,
    {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let (rows, next) = patiently(Patience::OF_READS, || page(token.clone())).await?;
            found.extend(rows);
            match next {
                None => return Ok(found),
                next if next == token => return Err(self.odd(call, "AWS gives the same page again and again")),
                next => token = next,
            }
        }
    }

    async fn calling<T, E, R, F>(&self, call: &str, send: impl Fn() -> F) -> Read<T>
    where
        F: Future<Output = Result<T, organizations::error::SdkError<E, R>>>,
        E: organizations::error::ProvideErrorMetadata
            + organizations::operation::RequestId
            + std::error::Error
            + 'static,
        R: std::fmt::Debug + 'static,
    {
        patiently(Patience::OF_READS, || async { send().await.map_err(|error| refused(call, &self.region, &error)) })
            .await
    }

    fn odd(&self, call: &str, message: &str) -> AwsRefusal {
        AwsRefusal {
            call: call.to_owned(),
            region: self.region.clone(),
            code: None,
            message: message.to_owned(),
            request_id: None,
        }
    }
}

fn unit(unit: organizations::types::OrganizationalUnit, parent: &str) -> Option<Unit> {
    Some(Unit { id: unit.id?, name: unit.name.unwrap_or_default(), parent: parent.to_owned() })
}

fn account(account: organizations::types::Account, parent: &str) -> Option<Account> {
    let state = account.state().map(|state| state.as_str().to_owned()).unwrap_or_default();
    Some(Account {
        id: account.id?,
        name: account.name.unwrap_or_default(),
        state: AccountState::from(state),
        parent: parent.to_owned(),
    })
}

/// Whether StackSets may work in the organization.
///
/// # Errors
/// The call failed.
pub async fn trusted_access(sdk: &SdkConfig, region: &str, call_as: CallAs) -> Read<TrustedAccess> {
    let client = aws_sdk_cloudformation::Client::new(&in_region(sdk, region));
    let answer = patiently(Patience::OF_READS, || async {
        let call = client.describe_organizations_access().call_as(call_as.into()).send().await;
        call.map_err(|error| refused("cloudformation:DescribeOrganizationsAccess", region, &error))
    });
    Ok(match answer.await?.status() {
        Some(OrganizationStatus::Enabled) => TrustedAccess::Enabled,
        Some(OrganizationStatus::Disabled) => TrustedAccess::Disabled,
        Some(OrganizationStatus::DisabledPermanently) => TrustedAccess::DisabledPermanently,
        _ => TrustedAccess::Unknown,
    })
}

/// Switches trusted access of StackSets on; again changes nothing. Only CloudFormation can do it: the same service
/// access given through AWS Organizations is not enough
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudformation.html>).
///
/// # Errors
/// The call failed.
pub async fn activate_trusted_access(sdk: &SdkConfig, region: &str) -> Read<()> {
    let client = aws_sdk_cloudformation::Client::new(&in_region(sdk, region));
    patiently(Patience::OF_READS, || async {
        let call = client.activate_organizations_access().send().await;
        call.map(drop).map_err(|error| refused("cloudformation:ActivateOrganizationsAccess", region, &error))
    })
    .await
}
