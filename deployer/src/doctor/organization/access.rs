//! Trusted access and delegated administrators.

use super::{Inside, Observed, Role, StackSetAccess};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::managed_pack::PRINCIPAL as PACKS;

/// How many delegated administrators StackSets may have
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html>).
const MOST_DELEGATES: usize = 5;

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    stack_sets(observed, inside, &mut notes);
    packs(observed, inside, &mut notes);
    delegates(inside, &mut notes);
    notes.done()
}

fn stack_sets(observed: &Observed, inside: &Inside, notes: &mut Notes) {
    let is_management = role(observed) == Some(Role::Management);
    match &inside.access {
        Err(refusal) => notes.unknown(topic::TRUSTED_ACCESS, refusal),
        Ok(StackSetAccess::Enabled) => notes.good(topic::TRUSTED_ACCESS, "StackSets may work in the organization"),
        Ok(StackSetAccess::Disabled) if observed.wishes.enable_trusted_access && is_management => notes.warning(
            topic::TRUSTED_ACCESS,
            "StackSets may not work in the organization yet",
            "nothing: install enables it first, as --enable-trusted-access says",
        ),
        Ok(StackSetAccess::Disabled) => notes.bad(
            topic::TRUSTED_ACCESS,
            "StackSets may not work in the organization: trusted access is off",
            if is_management {
                "deployer install --org --enable-trusted-access (only CloudFormation itself can enable it: \
                 aws cloudformation activate-organizations-access)"
            } else {
                "in the management account: aws cloudformation activate-organizations-access"
            },
        ),
        Ok(StackSetAccess::DisabledPermanently) => notes.bad(
            topic::TRUSTED_ACCESS,
            "AWS says that trusted access for StackSets is off for good (DISABLED_PERMANENTLY)",
            "ask AWS support; until then install account by account, without --org",
        ),
        Ok(StackSetAccess::Other) => notes.bad(
            topic::TRUSTED_ACCESS,
            "AWS describes trusted access for StackSets in a word that this version does not know",
            "look at it with: aws cloudformation describe-organizations-access; or use a newer deployer",
        ),
    }
}

/// `PutOrganizationConformancePack` enables it by itself, in the management account only.
fn packs(observed: &Observed, inside: &Inside, notes: &mut Notes) {
    if !observed.wishes.managed_pack {
        return;
    }
    match &inside.services {
        Err(refusal) => notes.unread(topic::PACK_ACCESS, refusal),
        Ok(services) if services.iter().any(|service| service == PACKS) => {
            notes.good(topic::PACK_ACCESS, "AWS Config may make packs in the organization's accounts");
        }
        Ok(_) if role(observed) == Some(Role::Management) => notes.warning(
            topic::PACK_ACCESS,
            format!("{PACKS} has no trusted access yet"),
            "nothing: AWS Config enables it with the first pack, for which the caller needs \
             organizations:EnableAWSServiceAccess",
        ),
        Ok(_) => notes.bad(
            topic::PACK_ACCESS,
            format!("{PACKS} has no trusted access, and only the management account can give it"),
            format!(
                "in the management account: aws organizations enable-aws-service-access --service-principal {PACKS}"
            ),
        ),
    }
}

fn delegates(inside: &Inside, notes: &mut Notes) {
    match &inside.delegates {
        Err(refusal) => notes.unread(topic::DELEGATES, refusal),
        Ok(delegates) if delegates.is_empty() => {
            notes.good(topic::DELEGATES, format!("no account but the management account (of {MOST_DELEGATES})"));
        }
        Ok(delegates) => notes.good(
            topic::DELEGATES,
            format!("they can deploy StackSets anywhere in the organization: {}", delegates.join(", ")),
        ),
    }
}

pub(super) fn role(observed: &Observed) -> Option<Role> {
    observed.membership.as_ref().ok()?.as_ref().map(|membership| membership.role)
}
