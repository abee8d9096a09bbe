//! AWS Organizations.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::error::{ProvideErrorMetadata, SdkError};

use guard_tests::sandbox::Sandbox;

use super::super::client::{ACCOUNT, OTHER, REGION, sandbox};
use super::{refusal, sdk};

mod access;
mod attachments;
mod deployed;
mod policies;
mod policy_stack;
mod service_control;
mod spec;
mod tree;
mod trust;

/// A third account, which administers for the organization.
pub(crate) const DELEGATE: &str = "777788889999";

pub(crate) const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sagemaker:CreateDomain","Resource":"*"}]}"#;

/// An organization: [`ACCOUNT`] manages it; [`OTHER`] is in `Prod/Payments`, [`DELEGATE`] in `Prod`.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: String,
    pub(crate) prod: String,
    pub(crate) payments: String,
    pub(crate) client: Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = sandbox().await;
        let world = sandbox.world();
        world.add_account(DELEGATE).unwrap();
        world.enable_region(DELEGATE, REGION).unwrap();
        let root = world.create_organization(ACCOUNT).unwrap();
        let prod = world.add_unit(&root, "Prod").unwrap();
        let payments = world.add_unit(&prod, "Payments").unwrap();
        world.join(OTHER, &payments).unwrap();
        world.join(DELEGATE, &prod).unwrap();
        let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
        Self { sandbox, root, prod, payments, client }
    }

    pub(crate) async fn of(&self, account: &str) -> Client {
        Client::new(&sdk(&self.sandbox, account, REGION).await)
    }

    pub(crate) async fn policy(&self, name: &str) -> String {
        let made = policy_call(&self.client, name, DENY).send().await.unwrap();
        made.policy().unwrap().policy_summary().unwrap().id().unwrap().to_owned()
    }
}

pub(crate) fn policy_call(
    client: &Client,
    name: &str,
    content: &str,
) -> aws_sdk_organizations::operation::create_policy::builders::CreatePolicyFluentBuilder {
    let call = client.create_policy().name(name).description("").content(content);
    call.r#type(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy)
}

/// The reason that an error of Organizations has beside its code.
pub(crate) fn reasoned<T, E: ProvideErrorMetadata + std::fmt::Debug>(
    outcome: Result<T, SdkError<E, aws_sdk_organizations::config::http::HttpResponse>>,
) -> (String, String) {
    let Err(error) = outcome else { panic!("not refused") };
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default().to_owned();
    let body = error.raw_response().and_then(|response| response.body().bytes()).unwrap_or_default();
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    (code, body["Reason"].as_str().unwrap_or_default().to_owned())
}
