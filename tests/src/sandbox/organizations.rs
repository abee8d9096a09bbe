//! AWS Organizations: one organization at most, its tree, its policies, and whom it trusts.
//!
//! Of policies it has service control policies only. The API has no Region; whoever signs for one that the account has
//! is heard, because that is what clients do when their endpoint is set by hand.

use super::service::Service;

mod accounts;
mod attachments;
mod caller;
mod listing;
mod policies;
mod refusals;
mod store;
mod tags;
mod tree;
mod trust;

pub use store::{AccountState, StackSetsAccess};

pub(crate) use policies::FULL_ACCESS_CONTENT;
pub(crate) use refusals::unfit;
pub(crate) use store::{FULL_ACCESS, Moved, Policy, STACK_SETS, Store};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "organizations",
    model_text: include_str!("model/organizations.json"),
    operations: &[
        ("AttachPolicy", attachments::attach),
        ("CloseAccount", accounts::close),
        ("CreatePolicy", policies::create),
        ("DeletePolicy", policies::delete),
        ("DeregisterDelegatedAdministrator", trust::deregister),
        ("DescribeAccount", accounts::describe),
        ("DescribeOrganization", tree::describe_organization),
        ("DescribeOrganizationalUnit", tree::describe_unit),
        ("DescribePolicy", policies::describe),
        ("DetachPolicy", attachments::detach),
        ("DisableAWSServiceAccess", trust::disable),
        ("EnableAWSServiceAccess", trust::enable),
        ("EnablePolicyType", attachments::enable_type),
        ("ListAWSServiceAccessForOrganization", trust::list),
        ("ListAccounts", accounts::list),
        ("ListAccountsForParent", tree::list_accounts_for_parent),
        ("ListChildren", tree::list_children),
        ("ListDelegatedAdministrators", trust::list_delegates),
        ("ListDelegatedServicesForAccount", trust::list_delegated_services),
        ("ListOrganizationalUnitsForParent", tree::list_units),
        ("ListParents", tree::list_parents),
        ("ListPolicies", policies::list),
        ("ListPoliciesForTarget", attachments::list_for_target),
        ("ListRoots", tree::list_roots),
        ("ListTagsForResource", tags::list),
        ("ListTargetsForPolicy", attachments::list_targets),
        ("MoveAccount", accounts::move_to),
        ("RegisterDelegatedAdministrator", trust::register),
        ("TagResource", tags::add),
        ("UntagResource", tags::remove),
        ("UpdatePolicy", policies::update),
    ],
};
