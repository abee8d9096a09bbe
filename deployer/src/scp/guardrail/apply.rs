//! Carrying the step out, and taking the guardrail away.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus};
use tokio::time::sleep;

use super::{Drift, EnableType, GuardrailStep};
use crate::apply::{Problem, deploy_stack};
use crate::aws::{AwsRefusal, Clients, refused};
use crate::names::Names;
use crate::observe::{Read, find_stack, identify_stack};
use crate::session::in_region;
use crate::stacks::{OnProgress, delete};

/// Between two looks at the root: `ListRoots` may be called once a second.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// Looks before a policy type that does not come is given up: some five minutes.
const LOOKS: u32 = 150;

/// Another change of the organization is on its way.
const BUSY: [&str; 2] = ["ConcurrentModificationException", "PolicyChangesInProgressException"];
/// Tries of a change before it is given up: some half a minute.
const TRIES: u32 = 15;

/// How removing the guardrail went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// The stack is gone, and with it the policies and their attachments.
    Gone,
    /// There was none.
    NotThere,
    /// There is a stack of that name that is not ours; it stays.
    NotOurs,
}

/// Carries the step out.
///
/// # Errors
/// What stopped it. What was done stays; the same command goes on with the rest.
pub async fn apply(step: &GuardrailStep, sdk: &SdkConfig, on: OnProgress<'_>) -> Result<(), Problem> {
    let clients = Clients::new(sdk, &step.region);
    if let Some(enable) = &step.policy_type {
        on("switching service control policies on", 0);
        switch_on(&in_region(sdk, &step.region), &step.region, enable).await?;
    }
    if let Some(first) = &step.remove
        && let Some(stack) = find_stack(&clients, &first.id).await?
        && stack.status != "DELETE_COMPLETE"
    {
        delete(&clients, &stack, on).await?;
    }
    if step.changes_stack() {
        deploy_stack(&clients, &step.deploy, on).await?;
    }
    mend(step, sdk, on).await?;
    Ok(())
}

/// Mends what somebody changed, through AWS Organizations itself. CloudFormation would not: an update compares the
/// template with the template before, and its handler attaches and detaches only what differs between the two
/// (<https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-organizations>). What is done here is what
/// the stack holds to be so anyway, so that stack and organization agree afterwards.
async fn mend(step: &GuardrailStep, sdk: &SdkConfig, on: OnProgress<'_>) -> Read<()> {
    let client = aws_sdk_organizations::Client::new(&in_region(sdk, &step.region));
    for drift in &step.drift {
        match drift {
            Drift::SwitchedOff { .. } => {}
            Drift::Detached { policy, id, target } => {
                on(&format!("attaching {policy}"), 0);
                let call = || client.attach_policy().policy_id(id).target_id(target).send();
                let refusal = |error| refused("organizations:AttachPolicy", &step.region, &error);
                // Attached already: a read was late, or somebody was faster.
                patiently(async || call().await.map(drop).map_err(refusal), &["DuplicatePolicyAttachmentException"])
                    .await?;
            }
            Drift::TextDiffers { policy, id } => {
                on(&format!("putting the text of {policy} back"), 0);
                let Some(text) = step.policies.iter().find(|one| one.name == *policy) else { continue };
                let call = || client.update_policy().policy_id(id).content(&text.content).send();
                let refusal = |error| refused("organizations:UpdatePolicy", &step.region, &error);
                patiently(async || call().await.map(drop).map_err(refusal), &[]).await?;
            }
        }
    }
    Ok(())
}

/// Tries again while AWS Organizations is busy with another change. What is in `fine` is as good as success.
async fn patiently(call: impl AsyncFn() -> Read<()>, fine: &[&str]) -> Read<()> {
    for _ in 1..TRIES {
        match call().await {
            Err(refusal) if refusal.code.as_deref().is_some_and(|code| fine.contains(&code)) => return Ok(()),
            Err(refusal) if refusal.code.as_deref().is_some_and(|code| BUSY.contains(&code)) => {
                sleep(BETWEEN_LOOKS).await;
            }
            end => return end,
        }
    }
    call().await
}

/// Deletes the stack. CloudFormation detaches the policies first; the policy type stays on.
///
/// # Errors
/// What stopped it.
pub async fn remove(sdk: &SdkConfig, names: Names<'_>, region: &str, on: OnProgress<'_>) -> Result<Removed, Problem> {
    let clients = Clients::new(sdk, region);
    let Some(stack) = identify_stack(&clients, &names.guardrail_stack()).await? else { return Ok(Removed::NotThere) };
    if !stack.is_ours() {
        return Ok(Removed::NotOurs);
    }
    delete(&clients, &stack, on).await?;
    Ok(Removed::Gone)
}

async fn switch_on(sdk: &SdkConfig, region: &str, enable: &EnableType) -> Read<()> {
    let client = aws_sdk_organizations::Client::new(sdk);
    for look in 0..LOOKS {
        if look == 0 && !enable.is_pending {
            let call = client.enable_policy_type().root_id(&enable.root).policy_type(PolicyType::ServiceControlPolicy);
            if let Err(error) = call.send().await {
                let refusal = refused("organizations:EnablePolicyType", region, &error);
                // On already, or another change is on its way: both are waited for.
                let known = ["PolicyTypeAlreadyEnabledException", "PolicyChangesInProgressException"];
                if !refusal.code.as_deref().is_some_and(|code| known.contains(&code)) {
                    return Err(refusal);
                }
            }
        }
        if is_on(&client, region, &enable.root).await? {
            return Ok(());
        }
        sleep(BETWEEN_LOOKS).await;
    }
    Err(AwsRefusal {
        call: "organizations:ListRoots".to_owned(),
        region: region.to_owned(),
        code: None,
        message: "service control policies were switched on, and AWS does not say that they are".to_owned(),
        request_id: None,
    })
}

async fn is_on(client: &aws_sdk_organizations::Client, region: &str, root: &str) -> Read<bool> {
    let mut pages = client.list_roots().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("organizations:ListRoots", region, &error))?;
        let of_root = page.roots().iter().filter(|found| found.id() == Some(root));
        if of_root.flat_map(aws_sdk_organizations::types::Root::policy_types).any(|one| {
            one.r#type() == Some(&PolicyType::ServiceControlPolicy) && one.status() == Some(&PolicyTypeStatus::Enabled)
        }) {
            return Ok(true);
        }
    }
    Ok(false)
}
