//! What is in the administrator account itself: the management account's stacks, and the artifacts.

use futures_util::future::join_all;
use futures_util::join;

use crate::aws::Clients;
use crate::digest::from_base64;
use crate::observe::{ObjectState, Read, StackState, Standing, artifact, find_stack, function};
use crate::organization::site::Site;
use crate::stack_set::StackSet;
use crate::status::organization::{Artifacts, OwnStack, OwnStackState};

/// The management account's stacks, if it is the one that asks.
pub(super) async fn management(site: &Site, regions: &[String]) -> Option<Vec<OwnStack>> {
    if !site.is_management() {
        return None;
    }
    let work = regions.iter().map(|region| async move {
        let clients = Clients::new(&site.sdk, region);
        OwnStack { region: region.clone(), state: own_stack(&clients, site).await }
    });
    Some(join_all(work).await)
}

async fn own_stack(clients: &Clients, site: &Site) -> Read<Option<OwnStackState>> {
    let names = site.names();
    let (stack_name, function_name) = (names.member_stack(), names.function());
    let (stack, runs) = join!(find_stack(clients, &stack_name), function::read(clients, &function_name));
    let Some(stack) = stack? else { return Ok(None) };
    let parameter = |name: &str| stack.parameters.get(name).cloned().unwrap_or_default();
    Ok(Some(OwnStackState {
        is_ours: stack.is_ours(),
        is_settled: stack.standing() == Standing::Settled,
        version: parameter("Version"),
        installed: parameter("ArtifactSha256"),
        runs: runs.map(|function| from_base64(&function?.code_sha256)),
        status: stack.status,
    }))
}

/// What the accounts of each Region install from.
pub(super) async fn artifacts(site: &Site, regions: &[String], set: Option<&StackSet>) -> Vec<Artifacts> {
    let work = regions.iter().map(|region| async move {
        let clients = Clients::new(&site.sdk, region);
        let names = site.names();
        let stack = find_stack(&clients, &names.artifact_stack()).await;
        let stack = stack.map(|stack| stack.is_some_and(|stack| StackState::is_ours(&stack)));
        let parameter = |name: &str| set.and_then(|set| set.parameters.get(name)).map(String::as_str);
        let key = match (parameter("Version"), parameter("ArtifactSha256"), parameter("Architecture")) {
            (Some(version), Some(sha256), Some(architecture)) => names.key(version, sha256, architecture),
            _ => String::new(),
        };
        let zip = artifact::read_object(&clients, &names.bucket(region), &key, names.account).await;
        let zip = zip.map(|object| key.is_empty() || matches!(object, ObjectState::Present { .. }));
        Artifacts { region: region.clone(), stack, zip }
    });
    join_all(work).await
}
