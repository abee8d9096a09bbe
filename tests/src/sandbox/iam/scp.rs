//! What the service control policies of the organization say to people of its member accounts.
//!
//! The evaluator is the one that `deployer scp test` uses; an independent one checks it in the second opinions.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::sync::LazyLock;

use deployer::scp::language::{Context, Decision, Policy, Request, decide_chain, is_bound};

use super::context::with_global;
use crate::sandbox::organizations::{FULL_ACCESS, FULL_ACCESS_CONTENT, Store};
use crate::sandbox::state::{Place, State};

static FULL: LazyLock<Option<Policy>> = LazyLock::new(|| Policy::parse(FULL_ACCESS_CONTENT).ok());

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) place: &'a Place,
    /// The ARN of the user or session.
    pub(super) arn: &'a str,
    /// Whether CloudFormation asks with the permissions of whoever has called it.
    pub(super) by_service: bool,
}

/// The end of the sentence that AWS refuses a request with; nothing if the policies do not refuse it.
pub(super) fn objection(
    state: &State,
    asker: &Asker<'_>,
    (action, resource): (&str, &str),
    context: impl FnOnce() -> Context,
) -> Option<String> {
    let organization = state.organization.as_ref().filter(|organization| organization.has_policies_in_force())?;
    let account = &asker.place.account;
    let principal = principal_arn(state, asker.place, asker.arn);
    if *account == organization.management || !is_bound(&principal) {
        return None;
    }
    let levels = levels(organization, account)?;
    let context = with_global(context(), state, organization, asker.place, (&principal, asker.by_service));
    let request = Request { action: action.to_owned(), resource: resource.to_owned(), context };
    match decide_chain(&levels, &request) {
        Decision::Allowed { .. } => None,
        Decision::Denied { .. } => Some("with an explicit deny in a service control policy".to_owned()),
        Decision::NotAllowed { .. } => Some(format!("because no service control policy allows the {action} action")),
        // AWS knows everything about a request; the sandbox would rather refuse than guess.
        Decision::Undecided { why } => Some(format!(
            "because the sandbox cannot tell whether a service control policy denies the {action} action: {}",
            why.join("; ")
        )),
    }
}

/// What policies say without looking at conditions: the policies that have one are left out, as IAM's simulator does.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>
pub(super) fn simulated(state: &State, account: &str, action: &str, resource: &str) -> Option<bool> {
    let organization = state.organization.as_ref().filter(|organization| organization.has_policies_in_force())?;
    if account == organization.management || !organization.members.contains_key(account) {
        return None;
    }
    let Some(mut levels) = levels(organization, account) else { return Some(true) };
    let plain = |policy: &Policy| policy.statements.iter().all(|statement| statement.conditions.is_empty());
    for level in &mut levels {
        level.retain(|(_, policy)| plain(policy));
    }
    let request = Request { action: action.to_owned(), resource: resource.to_owned(), context: Context::default() };
    decide_chain(&levels, &request).is_allowed()
}

/// The policies from the root down to an account; nothing if they are all AWS's own, which allows everything.
fn levels(organization: &Store, account: &str) -> Option<Vec<Vec<(String, Policy)>>> {
    let chain = organization.chain(account);
    let attached = || chain.iter().map(|target| organization.attachments.get(target).into_iter().flatten());
    if attached().all(|mut ids| ids.all(|id| id == FULL_ACCESS)) {
        return None;
    }
    let policy = |id: &String| {
        let own = organization.policies.get(id).and_then(|policy| policy.parsed.clone());
        let found = if id == FULL_ACCESS { FULL.clone() } else { own };
        found.map(|policy| (id.clone(), policy))
    };
    Some(attached().map(|ids| ids.filter_map(policy).collect()).collect())
}

/// The ARN that `aws:PrincipalArn` has: of a session, that of its role.
pub(crate) fn principal_arn(state: &State, place: &Place, arn: &str) -> String {
    let Some((_, session)) = arn.split_once(":assumed-role/") else { return arn.to_owned() };
    let name = session.split('/').next().unwrap_or_default();
    let known = state.accounts.get(&place.account).and_then(|account| account.iam.get(name));
    known.map_or_else(|| place.iam_arn(&format!("role/{name}")), |role| role.arn.clone())
}
