//! Requests as AWS would put them to the policies.
//!
//! Of SageMaker's keys all are known: what a request does not set is not there. Of the global keys a role's own are
//! known; the others stay unknown, so that a policy that depends on them cannot be decided here.

use super::place::Place;
use crate::scp::language::{Context, Request};

/// Somebody who asks.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// The ARN of the role.
    pub(super) arn: String,
    /// Whether a service asks with the role's permissions: then more is unknown.
    pub(super) is_service: bool,
}

/// A role of the account in the place.
pub(super) fn role(partition: &str, place: &Place, path_and_name: &str) -> Who {
    Who { arn: format!("arn:{partition}:iam::{}:role/{path_and_name}", place.account), is_service: false }
}

/// A role that a break-glass pattern names: the pattern with its wildcards filled in.
pub(super) fn of_pattern(pattern: &str, place: &Place) -> Who {
    let mut parts: Vec<String> = pattern.splitn(6, ':').map(str::to_owned).collect();
    if let Some(account) = parts.get_mut(4)
        && account == "*"
    {
        account.clone_from(&place.account);
    }
    let arn = parts.join(":").replace('*', "example").replace('?', "x");
    Who { arn, is_service: false }
}

pub(super) fn request(who: &Who, action: &str, resource: String, keys: &[(&str, &str)], place: &Place) -> Request {
    let mut context = Context::default()
        .with_unknown("aws:")
        .with("aws:PrincipalArn", &who.arn)
        .with("aws:PrincipalAccount", account_of(&who.arn))
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true")
        .with("aws:ResourceAccount", &place.account);
    // IAM's Region is that of its endpoint.
    if !action.starts_with("iam:") {
        context = context.with("aws:RequestedRegion", &place.region);
    }
    if !who.is_service {
        context = context.with("aws:ViaAWSService", "false");
    }
    for (key, value) in keys {
        context = context.with(key, *value);
    }
    for (key, value) in &place.given {
        context = context.with(key, value);
    }
    Request { action: action.to_owned(), resource, context }
}

fn account_of(arn: &str) -> String {
    arn.split(':').nth(4).unwrap_or_default().to_owned()
}
