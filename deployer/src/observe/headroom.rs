//! What the account still has room for in a Region.

use futures_util::try_join;

use super::Read;
use crate::aws::{Clients, refused};

/// Quotas and what is used of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headroom {
    /// Bytes of function code, used.
    pub code_used: i64,
    /// Bytes of function code, allowed.
    pub code_limit: i64,
    /// Concurrent executions that are not reserved for other functions.
    pub unreserved_concurrency: i32,
    /// Stacks, allowed; none if CloudFormation does not say.
    pub stack_limit: Option<i32>,
}

pub(super) async fn read(clients: &Clients) -> Read<Headroom> {
    let lambda = async {
        let answer = clients.lambda.get_account_settings().send().await;
        answer.map_err(|error| refused("lambda:GetAccountSettings", &clients.region, &error))
    };
    let cloudformation = async {
        let answer = clients.cloudformation.describe_account_limits().send().await;
        answer.map_err(|error| refused("cloudformation:DescribeAccountLimits", &clients.region, &error))
    };
    let (lambda, cloudformation) = try_join!(lambda, cloudformation)?;
    let stack_limit = cloudformation.account_limits().iter().find(|limit| limit.name() == Some("StackLimit"));
    Ok(Headroom {
        code_used: lambda.account_usage().map_or(0, |usage| usage.total_code_size()),
        code_limit: lambda.account_limit().map_or(0, |limit| limit.total_code_size()),
        unreserved_concurrency: lambda
            .account_limit()
            .and_then(|limit| limit.unreserved_concurrent_executions())
            .unwrap_or_default(),
        stack_limit: stack_limit.and_then(|limit| limit.value()),
    })
}
