//! What is there now, and what the doctor says of it.

use futures_util::future::join_all;
use futures_util::join;

use super::{Request, examine};
use crate::aws::{Clients, resilient};
use crate::doctor::Finding;
use crate::install::display::Display;
use crate::names::Names;
use crate::observe::{AccountState, RegionState, StackState, Standing, read};
use crate::session::Session;
use crate::stacks::settled;
use crate::templates::ArtifactName;

/// What was seen.
pub(super) struct Looked {
    pub(super) regions: Vec<RegionState>,
    pub(super) findings: Vec<Finding>,
}

/// Reads the account and every Region side by side. An operation of ours that still runs is waited for: an earlier run
/// that was interrupted, for instance.
pub(super) async fn look(request: &Request, session: &Session, artifact: &ArtifactName, display: &Display) -> Looked {
    let sdk = resilient(&session.sdk);
    let names = Names {
        prefix: &request.settings.prefix,
        account: &session.identity.account,
        partition: session.identity.partition(),
    };
    let key = artifact.key(names);
    let one = |region: &String| {
        let clients = Clients::new(&sdk, region);
        let key = key.as_str();
        async move {
            let seen = read(&clients, names, key).await;
            if wait(&clients, &seen, display).await { read(&clients, names, key).await } else { seen }
        }
    };
    display.say("looking at the account");
    let account = async {
        AccountState {
            account: session.identity.account.clone(),
            partition: session.identity.partition().to_owned(),
            caller: session.identity.arn.clone(),
            regions: Ok(vec![]),
            boundary: Ok(crate::observe::BoundaryState::NotWanted),
            roles: Ok(crate::observe::RolesQuota { used: 0, limit: 1 }),
            permissions: Ok(crate::observe::Simulation::Done(vec![])),
        }
    };
    let regions = join_all(session.regions.iter().map(one));
    let both = async { join!(account, regions) };
    let (account, regions): (AccountState, Vec<RegionState>) = display.beside(both).await;
    let findings = examine(&request.settings, &account, &regions, request.repair);
    Looked { regions, findings }
}

/// Waits for operations on our stacks; says whether there was any.
async fn wait(clients: &Clients, seen: &RegionState, display: &Display) -> bool {
    let mut has_waited = false;
    for stack in [&seen.artifacts, &seen.member] {
        let Ok(Some(stack)) = stack else { continue };
        if stack.is_ours() && stack.standing() == Standing::Busy {
            has_waited = true;
            display.say(&waiting(stack, &clients.region));
            // If it cannot be followed, the next look tells why.
            let _ = settled(clients, &stack.id, &|_, _| {}).await;
        }
    }
    has_waited
}

fn waiting(stack: &StackState, region: &str) -> String {
    format!("waiting for an earlier operation on stack {} in {region} ({})", stack.name, stack.status)
}
