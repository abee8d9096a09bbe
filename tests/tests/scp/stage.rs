//! An organization: Prod with Payments in it, an account in each, and the management account.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_organizations::types::PolicyType;
use deployer::organization::{Account, AccountState, Organization, Root, Unit};
use guard_tests::sandbox::{Options, Sandbox};

pub(crate) const MANAGEMENT: &str = "111111111111";
pub(crate) const MEMBER: &str = "222222222222";
pub(crate) const REGION: &str = "eu-west-1";

/// The organization, and what talks to it as its administrator.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: String,
    pub(crate) prod: String,
    pub(crate) payments: String,
    pub(crate) sdk: SdkConfig,
    pub(crate) client: aws_sdk_organizations::Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let world = sandbox.world();
        for account in [MANAGEMENT, MEMBER] {
            world.add_account(account).unwrap();
            world.enable_region(account, REGION).unwrap();
        }
        let root = world.create_organization(MANAGEMENT).unwrap();
        let prod = world.add_unit(&root, "Prod").unwrap();
        let payments = world.add_unit(&prod, "Payments").unwrap();
        world.join(MEMBER, &payments).unwrap();
        world.set_stack_delay(Duration::ZERO);
        let loader = sandbox.sdk(MANAGEMENT, REGION).unwrap();
        let sdk = loader.retry_config(RetryConfig::disabled()).load().await;
        let client = aws_sdk_organizations::Client::new(&sdk);
        Self { sandbox, root, prod, payments, sdk, client }
    }

    /// Attaches a policy of this text.
    pub(crate) async fn attach(&self, name: &str, text: &str, target: &str) {
        let made = self.client.create_policy().name(name).description("").content(text);
        let made = made.r#type(PolicyType::ServiceControlPolicy).send().await.unwrap();
        let id = made.policy().unwrap().policy_summary().unwrap().id().unwrap().to_owned();
        self.client.attach_policy().policy_id(id).target_id(target).send().await.unwrap();
    }

    /// The organization as it would be read.
    pub(crate) fn organization(&self, policy_type: Option<&str>) -> Organization {
        let unit = |id: &str, name: &str, parent: &str| {
            (id.to_owned(), Unit { id: id.to_owned(), name: name.to_owned(), parent: parent.to_owned() })
        };
        let account = |id: &str, parent: &str| {
            let (name, state) = (format!("account {id}"), AccountState::Active);
            (id.to_owned(), Account { id: id.to_owned(), name, state, parent: parent.to_owned() })
        };
        let policy_types = policy_type.map(|status| ("SERVICE_CONTROL_POLICY".to_owned(), status.to_owned()));
        Organization {
            id: self.sandbox.world().organization_id().unwrap(),
            management: MANAGEMENT.to_owned(),
            all_features: true,
            root: Root { id: self.root.clone(), policy_types: policy_types.into_iter().collect() },
            units: BTreeMap::from([unit(&self.prod, "Prod", &self.root), unit(&self.payments, "Payments", &self.prod)]),
            accounts: BTreeMap::from([account(MANAGEMENT, &self.root), account(MEMBER, &self.payments)]),
        }
    }
}
