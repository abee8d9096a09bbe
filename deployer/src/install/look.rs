//! What is there now, and what the doctor says of it.

use futures_util::future::join_all;
use futures_util::join;

use crate::aws::{Clients, resilient};
use crate::display::Display;
use crate::names::Names;
use crate::observe::{
    AccountState, RegionState, StackState, Standing, Wanted, enabled_regions, open_regions, read, read_account,
};
use crate::session::Session;
use crate::settings::Settings;
use crate::stacks::settled;
use crate::templates::ArtifactName;

/// What was seen.
pub(crate) struct Looked {
    pub(crate) account: AccountState,
    pub(crate) regions: Vec<RegionState>,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) artifact: &'a ArtifactName,
    pub(crate) session: &'a Session,
}

/// Reads the account and every enabled Region side by side. An operation of ours that still runs is waited for: an
/// earlier run that was interrupted, for instance.
pub(crate) async fn look(look: Look<'_>, display: &Display) -> Looked {
    let sdk = resilient(&look.session.sdk);
    let (identity, settings) = (&look.session.identity, look.settings);
    display.say("looking at the account");
    let enabled = enabled_regions(&sdk, settings).await;
    let open = open_regions(settings, &enabled);
    let account = read_account(&sdk, identity, settings, enabled);
    let (account, regions) = join!(account, look_at(look, &open, display));
    Looked { account, regions }
}

/// Reads some Regions side by side.
pub(crate) async fn look_at(look: Look<'_>, regions: &[String], display: &Display) -> Vec<RegionState> {
    let sdk = resilient(&look.session.sdk);
    let (identity, settings) = (&look.session.identity, look.settings);
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let key = look.artifact.key(names);
    let wanted = Wanted { names, key: &key, delivery: settings.delivery };
    let one = |region: &String| {
        let clients = Clients::new(&sdk, region);
        async move {
            let seen = read(&clients, wanted).await;
            if wait(&clients, &seen, display).await { read(&clients, wanted).await } else { seen }
        }
    };
    join_all(regions.iter().map(one)).await
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
