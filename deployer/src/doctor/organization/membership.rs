//! Who calls, and what the caller's account is in its organization.

use super::{Observed, Role};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};

/// Where the only account is named that can help.
const ASK: &str = "run it there, or have it register this account as a delegated administrator of StackSets";

pub(super) fn findings(observed: &Observed) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    let caller = &observed.caller;
    notes
        .good(topic::IDENTITY, format!("{} in account {}, partition {}", caller.arn, caller.account, caller.partition));
    let membership = match &observed.membership {
        Err(refusal) => {
            notes.unknown(topic::ORGANIZATION, refusal);
            return notes.done();
        }
        Ok(None) => {
            notes.bad(
                topic::ORGANIZATION,
                format!("the account {} is in no organization", caller.account),
                "install into the account alone: leave --org out; or use credentials of the management account",
            );
            return notes.done();
        }
        Ok(Some(membership)) => membership,
    };
    let (id, management) = (&membership.id, &membership.management);
    if membership.all_features {
        notes.good(topic::ORGANIZATION, format!("{id}, managed by account {management}, with all features"));
    } else {
        notes.bad(
            topic::ORGANIZATION,
            format!("the organization {id} has consolidated billing alone: no StackSets and no policies work in it"),
            format!(
                "enable all features in account {management}: AWS Organizations, Settings, Begin process to enable \
                 all features"
            ),
        );
    }
    role(membership.role, &caller.account, management, &mut notes);
    notes.done()
}

fn role(role: Role, account: &str, management: &str, notes: &mut Notes) {
    match role {
        Role::Management => notes.good(topic::ADMINISTRATOR, "the caller's is the management account"),
        Role::DelegatedAdministrator => notes.good(
            topic::ADMINISTRATOR,
            format!("the account {account} is a delegated administrator of StackSets (CallAs=DELEGATED_ADMIN)"),
        ),
        Role::Member => notes.bad(
            topic::ADMINISTRATOR,
            format!("the account {account} is a plain member: the management account is {management}"),
            ASK,
        ),
        Role::Unknown => notes.bad(
            topic::ADMINISTRATOR,
            format!(
                "account {account} is a plain member, or may not see that it is a delegated administrator of StackSets: the \
                 management account {management} is needed"
            ),
            format!("allow organizations:ListDelegatedAdministrators; if it is none, {ASK}"),
        ),
    }
}
