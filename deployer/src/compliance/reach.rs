//! How an account is reached: with the caller's own credentials, or with a role in it.

mod assumed;
mod remembered;

use std::fmt;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;

use self::remembered::Remembered;
use crate::aws::{AwsRefusal, resilient};
use crate::session::{Session, in_region};

/// Makes an interceptor that sees every call to an account (first) and Region (second).
pub type Watch = Arc<dyn Fn(&str, &str) -> SharedInterceptor + Send + Sync>;

/// The ways to the accounts. Credentials of a role are had once for each account, and again before they end.
pub struct Reach {
    sdk: SdkConfig,
    account: String,
    partition: String,
    role: Option<String>,
    watch: Option<Watch>,
    sts: aws_sdk_sts::Client,
    assumed: Remembered,
}

/// The services of one account and Region that are read.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The configuration with the account's credentials, for clients of other services. They are not watched.
    pub sdk: SdkConfig,
    /// AWS Config.
    pub config: aws_sdk_config::Client,
    /// SageMaker.
    pub sagemaker: aws_sdk_sagemaker::Client,
}

/// Why an account cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// AWS refuses the role.
    #[error("role {role} cannot be assumed: {}", refusal.words())]
    Refused {
        /// The role's ARN.
        role: String,
        /// What AWS said.
        refusal: AwsRefusal,
    },
    /// The credentials are of another account, and no role is named.
    #[error("no role is named for it")]
    NoRole,
}

impl Reach {
    /// The caller's own account alone.
    pub(crate) fn own(session: &Session) -> Self {
        let sdk = resilient(&session.sdk);
        Self {
            sts: aws_sdk_sts::Client::new(&sdk),
            sdk,
            account: session.identity.account.clone(),
            partition: session.identity.partition().to_owned(),
            role: None,
            watch: None,
            assumed: Remembered::default(),
        }
    }

    /// The caller's own account with its credentials, and every other with the role of this name, with its path if it
    /// has one.
    pub(crate) fn with_role(session: &Session, role: &str) -> Self {
        Self { role: Some(role.trim_start_matches('/').to_owned()), ..Self::own(session) }
    }

    /// Lets every call of [`Clients::config`] and [`Clients::sagemaker`] be seen.
    #[must_use]
    pub fn watched(self, watch: Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// In words: `AWS Config of each account, as role Audit`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.role {
            None => "AWS Config of the account".to_owned(),
            Some(role) => format!("AWS Config of each account, as role {role}"),
        }
    }

    /// The account whose credentials are used.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.account
    }

    /// Clients for an account and Region.
    ///
    /// # Errors
    /// The role cannot be assumed, or none is named.
    pub async fn clients(&self, account: &str, region: &str) -> Result<Clients, Unreached> {
        let mut sdk = in_region(&self.sdk, region);
        if account != self.account {
            let provider = self.provider(account).await?;
            // The SDK's cache would keep the credentials of all accounts to the end.
            let own = IdentityCache::no_cache();
            sdk = sdk.into_builder().credentials_provider(provider).identity_cache(own).build();
        }
        let mut config = aws_sdk_config::config::Builder::from(&sdk);
        let mut sagemaker = aws_sdk_sagemaker::config::Builder::from(&sdk);
        if let Some(watch) = &self.watch {
            config.push_interceptor(watch(account, region));
            sagemaker.push_interceptor(watch(account, region));
        }
        Ok(Clients {
            account: account.to_owned(),
            region: region.to_owned(),
            config: aws_sdk_config::Client::from_conf(config.build()),
            sagemaker: aws_sdk_sagemaker::Client::from_conf(sagemaker.build()),
            sdk,
        })
    }

    /// The credentials of the role in an account. Regions of one account are read side by side: they wait for one call.
    async fn provider(&self, account: &str) -> Result<SharedCredentialsProvider, Unreached> {
        let Some(role) = &self.role else { return Err(Unreached::NoRole) };
        let cell = self.assumed.cell(account);
        let arn = format!("arn:{}:iam::{account}:role/{role}", self.partition);
        let first = || async {
            let assumed = assumed::Assumed::new(self.sts.clone(), &self.region(), &arn);
            let had = assumed.had().await;
            had.map_err(|refusal| Unreached::Refused { role: arn.clone(), refusal })?;
            Ok(SharedCredentialsProvider::new(assumed))
        };
        cell.get_or_init(first).await.clone()
    }

    /// The caller's configuration.
    pub(super) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The Region in which the caller was identified, and roles are assumed.
    pub(super) fn region(&self) -> String {
        self.sdk.region().map(ToString::to_string).unwrap_or_default()
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach").field("account", &self.account).field("role", &self.role).finish_non_exhaustive()
    }
}
