//! What the account still has room for in a Region.

use aws_sdk_cloudformation::types::{AccountLimit as StackLimit, StackStatus};
use aws_sdk_lambda::types::{AccountLimit, AccountUsage};

use super::Read;
use crate::aws::{Clients, refused};

/// With fewer stacks than this nobody comes near a limit: CloudFormation has never allowed fewer than 200.
const FEW_STACKS: usize = 150;

/// Lambda's quotas and what is used of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headroom {
    /// Bytes of function code, used.
    pub code_used: i64,
    /// Bytes of function code, allowed.
    pub code_limit: i64,
    /// Concurrent executions that are not reserved for other functions.
    pub unreserved_concurrency: i32,
}

/// Room for stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackRoom {
    /// Ours are there already: nobody counted.
    NotNeeded,
    /// Far from any limit.
    Plenty,
    /// So many are there, and so many may be, if CloudFormation says so.
    Counted {
        /// Stacks that are not deleted.
        used: usize,
        /// How many there may be.
        limit: Option<i32>,
    },
}

pub(super) async fn read(clients: &Clients) -> Read<Headroom> {
    let answer = clients.lambda.get_account_settings().send().await;
    let answer = answer.map_err(|error| refused("lambda:GetAccountSettings", &clients.region, &error))?;
    let (usage, limit) = (answer.account_usage(), answer.account_limit());
    Ok(Headroom {
        code_used: usage.map_or(0, AccountUsage::total_code_size),
        code_limit: limit.map_or(0, AccountLimit::total_code_size),
        unreserved_concurrency: limit.and_then(AccountLimit::unreserved_concurrent_executions).unwrap_or_default(),
    })
}

/// Counts stacks; the limit is asked for only where there are many.
pub(super) async fn stacks(clients: &Clients) -> Read<StackRoom> {
    let mut used = 0;
    let living = StackStatus::values().iter().filter(|status| **status != "DELETE_COMPLETE").map(|s| (*s).into());
    let list = clients.cloudformation.list_stacks().set_stack_status_filter(Some(living.collect()));
    let mut pages = list.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("cloudformation:ListStacks", &clients.region, &error))?;
        used += page.stack_summaries().len();
    }
    if used < FEW_STACKS {
        return Ok(StackRoom::Plenty);
    }
    let answer = clients.cloudformation.describe_account_limits().send().await;
    let answer = answer.map_err(|error| refused("cloudformation:DescribeAccountLimits", &clients.region, &error))?;
    let limit = answer.account_limits().iter().find(|limit| limit.name() == Some("StackLimit"));
    Ok(StackRoom::Counted { used, limit: limit.and_then(StackLimit::value) })
}
