//! Credentials of a role. The SDK's own provider would tell of a refusal only as a chain of wrapped errors, in the call
//! that needs them first.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;

/// What the sessions are called in the logs of the accounts.
const SESSION: &str = "notebook-guard";
/// How long credentials have to hold still; a call may be repeated for minutes.
const LEFT: Duration = Duration::from_mins(5);

/// A role, and the credentials that were had last.
#[derive(Debug)]
pub(super) struct Assumed {
    sts: aws_sdk_sts::Client,
    region: String,
    role: String,
    last: Mutex<Option<Credentials>>,
}

impl Assumed {
    /// Asks in the Region of the client.
    pub(super) fn new(sts: aws_sdk_sts::Client, region: &str, role: &str) -> Self {
        Self { sts, region: region.to_owned(), role: role.to_owned(), last: Mutex::default() }
    }

    /// The credentials: those that were had before, if they last.
    pub(super) async fn had(&self) -> Read<Credentials> {
        let lasts = |credentials: &Credentials| credentials.expiry().is_none_or(|end| end > SystemTime::now() + LEFT);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(credentials) = last.filter(lasts) {
            return Ok(credentials);
        }
        let credentials = self.assume().await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials.clone());
        Ok(credentials)
    }

    async fn assume(&self) -> Read<Credentials> {
        let call = self.sts.assume_role().role_arn(&self.role).role_session_name(SESSION);
        let answer = call.send().await.map_err(|error| refused("sts:AssumeRole", &self.region, &error))?;
        let Some(had) = answer.credentials else {
            return Err(AwsRefusal {
                call: "sts:AssumeRole".to_owned(),
                region: self.region.clone(),
                code: None,
                message: "the answer has no credentials".to_owned(),
                request_id: None,
            });
        };
        let end = SystemTime::try_from(had.expiration).ok();
        Ok(Credentials::new(had.access_key_id, had.secret_access_key, Some(had.session_token), end, "assumed role"))
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let had = self.had();
        future::ProvideCredentials::new(async move { had.await.map_err(CredentialsError::provider_error) })
    }
}
