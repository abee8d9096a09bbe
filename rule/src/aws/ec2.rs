//! Two calls of EC2 over the SDK's own runtime.
//!
//! The EC2 service crate doubles the time to build the workspace and needs 8 GB of memory for it (measured in
//! `docs/decisions/0002-ec2-without-its-crate.md`). Signing, credentials, retries, time-outs and connections are the
//! SDK's here too; only writing the query and reading the XML is ours.

mod answer;
mod endpoint;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::SigningRegion;

use self::answer::{Ec2Error, read_error as read_ec2_error, read_groups, read_regions};
use super::failure::read_error;
use super::meter::Meter;
use super::resilience::{retries, retry_partition, timeouts};
use crate::facts::SecurityGroups;
use crate::port::ReadError;

const API_VERSION: &str = "2016-11-15";
/// The most values of one filter (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>).
const FILTER_VALUES: usize = 200;

type Form = Vec<(String, String)>;
type Query = Operation<Form, String, Ec2Error>;

/// EC2 in one account and Region. Nothing is set up before the first call, because most checks need none.
#[derive(Debug)]
pub(super) struct Ec2 {
    sdk: SdkConfig,
    meter: Meter,
    groups: OnceLock<Query>,
    regions: OnceLock<Query>,
}

impl Ec2 {
    pub(super) fn new(sdk: &SdkConfig, meter: &Meter) -> Self {
        Self { sdk: sdk.clone(), meter: meter.clone(), groups: OnceLock::new(), regions: OnceLock::new() }
    }

    /// What the groups admit. Asked for by filter: a group that does not exist is then missing from the answer,
    /// while asking by id would refuse the whole call.
    pub(super) async fn security_groups(&self, ids: &BTreeSet<String>) -> Result<SecurityGroups, ReadError> {
        const OPERATION: &str = "DescribeSecurityGroups";
        let mut all = SecurityGroups::default();
        let ids: Vec<&String> = ids.iter().collect();
        for ids in ids.chunks(FILTER_VALUES) {
            let mut next_token: Option<String> = None;
            loop {
                let asked = next_token.clone();
                let mut form = vec![("Filter.1.Name".to_owned(), "group-id".to_owned())];
                form.extend(ids.iter().enumerate().map(|(n, id)| (format!("Filter.1.Value.{}", n + 1), (*id).clone())));
                form.extend(next_token.take().map(|token| ("NextToken".to_owned(), token)));
                let answer = self.call(OPERATION, &self.groups, form).await?;
                let unusable = |reason| ReadError::Unusable { operation: OPERATION, reason };
                let (groups, next) = read_groups(&answer).map_err(unusable)?;
                all.ingress.extend(groups);
                if next.is_some() && next == asked {
                    return Err(unusable("the next page is the same page again".to_owned()));
                }
                next_token = next;
                if next_token.is_none() {
                    break;
                }
            }
        }
        Ok(all)
    }

    /// The Regions that are enabled in the account.
    pub(super) async fn regions(&self) -> Result<Vec<String>, ReadError> {
        const OPERATION: &str = "DescribeRegions";
        let answer = self.call(OPERATION, &self.regions, Vec::new()).await?;
        read_regions(&answer).map_err(|reason| ReadError::Unusable { operation: OPERATION, reason })
    }

    async fn call(
        &self,
        operation: &'static str,
        query: &OnceLock<Query>,
        parameters: Form,
    ) -> Result<String, ReadError> {
        let query = if let Some(query) = query.get() {
            query
        } else {
            let no_answer = |reason| ReadError::NoAnswer { operation, reason };
            let built = self.query(operation).await.map_err(no_answer)?;
            query.get_or_init(|| built)
        };
        let mut form =
            vec![("Action".to_owned(), operation.to_owned()), ("Version".to_owned(), API_VERSION.to_owned())];
        form.extend(parameters);
        query.invoke(form).await.map_err(|error| read_error(operation, &error))
    }

    /// Puts the SDK's runtime together as its generated clients do.
    async fn query(&self, operation: &'static str) -> Result<Query, String> {
        let endpoint = endpoint::url(&self.sdk).await?;
        let region = self.sdk.region().cloned().ok_or("no Region is set")?;
        let credentials = self.sdk.credentials_provider().ok_or("no credentials are set")?;
        let mut settings = Layer::new("ec2");
        settings.store_put(SigningName::from_static("ec2"));
        settings.store_put(SigningRegion::from(region));
        settings.store_put(SigV4OperationSigningConfig {
            signing_options: SigningOptions::default(),
            ..Default::default()
        });
        settings.store_put(AuthSchemeOptionResolverParams::new(()));
        settings.store_put(retry_partition("ec2"));
        settings.store_put(ApiMetadata::new("ec2", env!("CARGO_PKG_VERSION")));
        let components = RuntimeComponentsBuilder::new("ec2")
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
                StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
            )))
            .with_identity_cache(Some(self.sdk.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build())))
            .with_identity_resolver(SCHEME_ID, credentials)
            .with_interceptor(SharedInterceptor::new(UserAgentInterceptor::new()))
            .with_interceptor(SharedInterceptor::new(InvocationIdInterceptor::new()))
            .with_interceptor(SharedInterceptor::new(RequestInfoInterceptor::new()))
            .with_http_client(self.sdk.http_client());
        Ok(Operation::builder()
            .service_name("ec2")
            .operation_name(operation)
            .endpoint_url(&endpoint)
            .standard_retry(&retries())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<Ec2Error>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Ec2Error>::new())
            .timeout_config(timeouts())
            .interceptor(self.meter.clone())
            .runtime_plugin(
                StaticRuntimePlugin::new().with_config(settings.freeze()).with_runtime_components(components),
            )
            .with_connection_poisoning()
            .serializer(request)
            .deserializer(answer)
            .build())
    }
}

fn request(form: Form) -> Result<HttpRequest, BoxError> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len())
        .body(SdkBody::from(body))?;
    Ok(request.try_into()?)
}

fn answer(response: &HttpResponse) -> Result<String, OrchestratorError<Ec2Error>> {
    let body = response.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(body).into_owned();
    if response.status().is_success() {
        Ok(text)
    } else {
        Err(OrchestratorError::operation(read_ec2_error(response.status().as_u16(), &text)))
    }
}
