//! `StackSets`, through the SDK: each behaviour that an installer has to live with.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    AccountFilterType, AutoDeployment, CallAs, Capability, DeploymentTargets, ManagedExecution, PermissionModels,
    RegionConcurrencyType, StackSetOperation, StackSetOperationPreferences, StackSetOperationResultSummary,
};
use guard_tests::sandbox::{Sandbox, StackSetView, StackSetsAccess, World};

use super::client::{ACCOUNT, REGION, sandbox};
use super::rust_sdk::{refusal, sdk};

mod artifact;
mod auto;
mod definitions;
mod deletions;
mod failures;
mod light;
mod order;
mod results;
mod tolerance;
mod updates;

/// Two member accounts of the unit `Prod`, and one of the unit below it.
pub(crate) const MEMBERS: [&str; 3] = ["200000000001", "200000000002", "200000000003"];
pub(crate) const FAR: &str = "us-east-1";
pub(crate) const SET: &str = "guard";

/// One log group: what it takes to see a stack.
pub(crate) const GROUP: &str = "Parameters: {Name: {Type: String, Default: /group}, Days: {Type: Number, Default: 30}}\n\
     Resources: {Group: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !Ref Name, RetentionInDays: !Ref Days}}}\n";

/// An organization with units and accounts in two Regions.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) root: String,
    pub(crate) prod: String,
    pub(crate) below: String,
}

impl Stage {
    /// Stacks take no time.
    pub(crate) async fn new() -> Self {
        let sandbox = sandbox().await;
        let world = sandbox.world();
        world.set_stack_delay(Duration::ZERO);
        let root = world.create_organization(ACCOUNT).unwrap();
        world.set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
        let prod = world.add_unit(&root, "Prod").unwrap();
        let below = world.add_unit(&prod, "Payments").unwrap();
        world.enable_region(ACCOUNT, FAR).unwrap();
        for (account, unit) in MEMBERS.iter().zip([&prod, &prod, &below]) {
            world.add_account(account).unwrap();
            world.enable_region(account, REGION).unwrap();
            world.enable_region(account, FAR).unwrap();
            world.join(account, unit).unwrap();
        }
        let client = Client::new(&sdk(&sandbox, ACCOUNT, REGION).await);
        Self { sandbox, client, root, prod, below }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub(crate) fn set(&self) -> StackSetView {
        self.world().stack_set(REGION, SET).unwrap()
    }

    /// A set of log groups, without automatic deployment, with operations that queue.
    pub(crate) async fn with_set(template: &str) -> Self {
        let stage = Self::new().await;
        create(&stage.client, template, false, true).await;
        stage
    }

    /// Deploys to a unit in both Regions, whatever fails, and waits.
    pub(crate) async fn deploy(&self, unit: &str) -> StackSetOperation {
        let asked = self.client.create_stack_instances().stack_set_name(SET).deployment_targets(units(&[unit]));
        let asked = asked.regions(REGION).regions(FAR).operation_preferences(all_at_once());
        let id = asked.send().await.unwrap().operation_id.unwrap();
        self.ended(&id).await
    }

    /// The operation once it has ended.
    pub(crate) async fn ended(&self, id: &str) -> StackSetOperation {
        for _ in 0..1000 {
            let operation = self.operation(id).await;
            if operation.end_timestamp.is_some() {
                return operation;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the operation does not end")
    }

    pub(crate) async fn operation(&self, id: &str) -> StackSetOperation {
        let asked = self.client.describe_stack_set_operation().stack_set_name(SET).operation_id(id);
        asked.send().await.unwrap().stack_set_operation.unwrap()
    }

    /// All results of an operation, page by page.
    pub(crate) async fn results(&self, id: &str) -> Vec<StackSetOperationResultSummary> {
        let asked = self.client.list_stack_set_operation_results().stack_set_name(SET).operation_id(id);
        asked.into_paginator().items().send().collect::<Result<_, _>>().await.unwrap()
    }
}

pub(crate) async fn create(client: &Client, template: &str, auto: bool, managed: bool) {
    definition(client, template, auto, managed).send().await.unwrap();
}

type CreateStackSet = aws_sdk_cloudformation::operation::create_stack_set::builders::CreateStackSetFluentBuilder;

/// What it takes to make a set.
pub(crate) fn definition(client: &Client, template: &str, auto: bool, managed: bool) -> CreateStackSet {
    let asked = client.create_stack_set().stack_set_name(SET).template_body(template);
    asked
        .permission_model(PermissionModels::ServiceManaged)
        .auto_deployment(auto_deployment(auto))
        .managed_execution(ManagedExecution::builder().active(managed).build())
        .capabilities(Capability::CapabilityNamedIam)
        .call_as(CallAs::SelfValue)
}

pub(crate) fn auto_deployment(on: bool) -> AutoDeployment {
    let asked = AutoDeployment::builder().enabled(on);
    if on { asked.retain_stacks_on_account_removal(false).build() } else { asked.build() }
}

pub(crate) fn units(ids: &[&str]) -> DeploymentTargets {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    DeploymentTargets::builder().set_organizational_unit_ids(Some(ids)).build()
}

pub(crate) fn accounts(unit: &str, accounts: &[&str], filter: AccountFilterType) -> DeploymentTargets {
    let accounts = accounts.iter().map(|id| (*id).to_owned()).collect();
    let asked = DeploymentTargets::builder().organizational_unit_ids(unit);
    asked.set_accounts(Some(accounts)).account_filter_type(filter).build()
}

pub(crate) fn all_at_once() -> StackSetOperationPreferences {
    StackSetOperationPreferences::builder()
        .failure_tolerance_percentage(100)
        .max_concurrent_percentage(100)
        .concurrency_mode(aws_sdk_cloudformation::types::ConcurrencyMode::SoftFailureTolerance)
        .region_concurrency_type(RegionConcurrencyType::Parallel)
        .build()
}

#[tokio::test]
async fn a_set_becomes_stacks_in_every_account_of_a_unit_but_never_in_the_management_account() {
    let stage = Stage::with_set(GROUP).await;
    let operation = stage.deploy(&stage.root).await;
    assert_eq!(operation.status.unwrap().as_str(), "SUCCEEDED");
    assert_eq!(operation.status_details.unwrap().failed_stack_instances_count, Some(0));
    let results = stage.results(operation.operation_id.as_deref().unwrap()).await;
    assert_eq!(results.len(), 6);
    assert!(results.iter().all(|result| result.organizational_unit_id.as_deref() == Some(&stage.root)));
    for account in MEMBERS {
        for region in [REGION, FAR] {
            let stacks = stage.world().stacks(account, region).unwrap();
            assert_eq!(stacks.len(), 1, "{account} {region}");
            assert_eq!(stacks[0].status, "CREATE_COMPLETE");
            assert!(stacks[0].name.starts_with("StackSet-guard-"), "{}", stacks[0].name);
            let shown = stage.client.describe_stack_instance().stack_set_name(SET);
            let shown = shown.stack_instance_account(account).stack_instance_region(region).send().await.unwrap();
            let shown = shown.stack_instance.unwrap();
            assert_eq!(shown.stack_id.as_deref(), Some(stacks[0].id.as_str()));
            assert_eq!(shown.status.unwrap().as_str(), "CURRENT");
            assert_eq!(shown.stack_instance_status.unwrap().detailed_status.unwrap().as_str(), "SUCCEEDED");
        }
    }
    assert_eq!(stage.world().stacks(ACCOUNT, REGION).unwrap(), []);
    let set = stage.client.describe_stack_set().stack_set_name(SET).send().await.unwrap().stack_set.unwrap();
    assert_eq!(set.template_body.as_deref(), Some(GROUP));
    assert_eq!(set.organizational_unit_ids.unwrap(), std::slice::from_ref(&stage.root));
    assert_eq!(set.regions.unwrap(), [REGION, FAR]);
    assert!(set.managed_execution.unwrap().active.unwrap());
    assert!(set.stack_set_arn.unwrap().starts_with("arn:aws:cloudformation:eu-west-1:111122223333:stackset/guard:"));
}

#[tokio::test]
async fn filters_take_accounts_out_of_units_or_all_but_them() {
    let stage = Stage::with_set(GROUP).await;
    let ask = |targets| {
        let asked = stage.client.create_stack_instances().stack_set_name(SET).regions(REGION);
        asked.deployment_targets(targets).operation_preferences(all_at_once()).send()
    };
    let canary = accounts(&stage.prod, &[MEMBERS[2], ACCOUNT], AccountFilterType::Intersection);
    let id = ask(canary).await.unwrap().operation_id.unwrap();
    stage.ended(&id).await;
    let deployed = || stage.set().instances.into_keys().map(|(account, _)| account).collect::<Vec<_>>();
    assert_eq!(deployed(), [MEMBERS[2]]);
    let most = accounts(&stage.prod, &[MEMBERS[0]], AccountFilterType::Difference);
    let id = ask(most).await.unwrap().operation_id.unwrap();
    let results = {
        stage.ended(&id).await;
        stage.results(&id).await
    };
    assert_eq!(deployed(), MEMBERS[1..]);
    let there = results.iter().find(|result| result.account.as_deref() == Some(MEMBERS[2])).unwrap();
    assert_eq!(there.status_reason.as_deref(), Some("No updates are to be performed."));
    let union = accounts(&stage.prod, &[MEMBERS[0]], AccountFilterType::Union);
    assert_eq!(refusal(ask(union).await).1, "UNION is not supported for create operations");
    let none = DeploymentTargets::builder().accounts(MEMBERS[0]).build();
    let message = "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target";
    assert_eq!(refusal(ask(none).await).1, message);
    let many: Vec<String> = (0..51).map(|at| format!("ou-abcd-{at:08}")).collect();
    let many = DeploymentTargets::builder().set_organizational_unit_ids(Some(many)).build();
    assert_eq!(refusal(ask(many).await).0, "ValidationError");
    assert_eq!(refusal(ask(units(&["ou-abcd-12345678"])).await).0, "ValidationError");
}

#[tokio::test]
async fn only_the_management_account_and_delegated_administrators_act_and_only_with_trusted_access() {
    let stage = Stage::new().await;
    let member = Client::new(&sdk(&stage.sandbox, MEMBERS[0], REGION).await);
    let own = definition(&member, GROUP, false, true);
    assert_eq!(
        refusal(own.clone().send().await),
        (
            "ValidationError".to_owned(),
            "You must be the management account or delegated admin account of an organization before operating a \
             SERVICE_MANAGED stack set"
                .to_owned()
        )
    );
    let delegated = own.call_as(CallAs::DelegatedAdmin);
    assert_eq!(refusal(delegated.clone().send().await).1, "Account used is not a delegated administrator");
    let wrong = definition(&stage.client, GROUP, false, true).call_as(CallAs::DelegatedAdmin).send().await;
    assert_eq!(refusal(wrong).1, "Account used is not a delegated administrator");
    let world = stage.world();
    world.delegate(MEMBERS[0], "member.org.stacksets.cloudformation.amazonaws.com").unwrap();
    world.set_stack_sets_access(StackSetsAccess::Disabled).unwrap();
    let message = "You must enable organizations access to operate a service managed stack set";
    assert_eq!(refusal(delegated.clone().send().await).1, message);
    world.set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
    delegated.send().await.unwrap();
    // It lives in the management account, and whoever acts for the organization sees it.
    let seen = member.describe_stack_set().stack_set_name(SET).call_as(CallAs::DelegatedAdmin).send().await.unwrap();
    assert!(seen.stack_set.unwrap().stack_set_arn.unwrap().contains(":111122223333:stackset/guard:"));
    assert_eq!(stage.client.list_stack_sets().send().await.unwrap().summaries().len(), 1);
    let unseen = member.describe_stack_set().stack_set_name(SET).send().await;
    assert_eq!(refusal(unseen), ("StackSetNotFoundException".to_owned(), "StackSet guard not found".to_owned()));
    assert_eq!(member.list_stack_sets().send().await.unwrap().summaries().len(), 0);
}
