//! The place that `scp test` is about: found in the organization, with everything above it.

use super::given::is_id;
use crate::aws::{AwsRefusal, resilient};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::organization;
use crate::organization::targets::{place, place_name};
use crate::scp::in_force::Reader;
use crate::session::Session;

/// A place and everything above it, ids and names, the root first.
pub(super) type Places = Vec<(String, String)>;

/// Finds a place by id, name or path.
///
/// # Errors
/// There is none, or more than one; it is the management account; the organization cannot be read.
pub(super) async fn find(name: &str, session: &Session, reader: &Reader) -> Result<Places, Failure> {
    let tree = organization::Reader::new(&resilient(&session.sdk));
    let Some(membership) = tree.membership().await? else {
        let message = format!("the account {} is in no organization", session.identity.account);
        return Err(Failure::usage(message).help("without --scp-target, policies are tested without AWS"));
    };
    if name == membership.management {
        return Err(fault(&format!("{name} is the management account, which no service control policy binds")));
    }
    match tree.organization(&membership).await {
        Ok(organization) => {
            let id = place(&organization, name).map_err(|why| fault(&why))?;
            let above = organization.ancestors(&id).into_iter().rev().map(str::to_owned).collect::<Vec<_>>();
            let ids = above.into_iter().chain([id]);
            Ok(ids.map(|id| (id.clone(), place_name(&organization, &id))).collect())
        }
        // Who may not read the tree can still climb it from an id.
        Err(refusal) if refusal.is_denied() && is_id(name) => reader.above(name).await.map_err(unknown),
        Err(refusal) => Err(refusal.into()),
    }
}

fn fault(why: &str) -> Failure {
    Failure::usage(format!("--scp-target: {why}"))
        .help("name the root, a unit (id, name or path) or a member account (id): deployer doctor --org shows them")
}

fn unknown(refusal: AwsRefusal) -> Failure {
    let codes = ["ChildNotFoundException", "TargetNotFoundException", "InvalidInputException"];
    let is_unknown = refusal.code.as_deref().is_some_and(|code| codes.contains(&code));
    let failure = Failure::from(refusal);
    if is_unknown { Failure { exit: Exit::Usage, ..failure } } else { failure }
}
