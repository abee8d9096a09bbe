//! The role that `StackSets` work with in a member account. AWS makes it there by itself.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudFormationStackSetsOrgMemberServiceRolePolicy.html>

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use serde_json::json;

use crate::sandbox::iam::{self, Role};
use crate::sandbox::state::{Place, State};

/// The role's name: the same in all accounts of an organization.
fn name(state: &State) -> String {
    let organization = state.organization.as_ref().map(|organization| organization.id.as_str()).unwrap_or_default();
    let digest = Md5::digest(organization.as_bytes());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    format!("stacksets-exec-{digits}")
}

/// The ARN of the session in an account.
pub(super) fn session(state: &State, place: &Place) -> String {
    let (partition, account, name) = (place.partition(), &place.account, name(state));
    format!("arn:{partition}:sts::{account}:assumed-role/{name}/AWSCloudFormation")
}

/// Makes the role where it is missing.
pub(super) fn ensure(state: &mut State, place: &Place) {
    let name = name(state);
    let created = state.ambient.clock.now();
    let id = format!("AROA{}", state.ambient.random.upper(17));
    let trusted = place.iam_arn("root");
    if let Some(account) = state.accounts.get_mut(&place.account) {
        account.iam.entry(name.clone()).or_insert_with(|| Role {
            id,
            arn: place.iam_arn(&format!("role/{name}")),
            path: "/".to_owned(),
            created,
            description: None,
            session: 3600,
            trust: json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"},
            ]})
            .to_string(),
            policies: BTreeMap::new(),
            managed: vec![format!("arn:{}:iam::aws:policy/AdministratorAccess", place.partition())],
            boundary: None,
            tags: Vec::new(),
        });
    }
}

/// What is said if the role may not do something with a stack.
pub(super) fn denial(state: &State, place: &Place, stack: &str, action: &str) -> Option<String> {
    let resource = place.arn("cloudformation", &format!("stack/{stack}/*"));
    iam::denied_to_role(state, place, &session(state, place), (action, &resource))
}
